"""Bulk followers: listeners that take events by the thousand, as rows of one table, in statements of their own.

Like the followers of `follow`, they read the log from a kept position that can't skip a row committed late, and what
they write commits together with the position. An event that can't be taken is found by halving the batch, then parked
with its reason; the rest goes on.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, parking
from app.kernel.db import attempt, transaction
from app.kernel.db_errors import is_disconnect, is_retryable

log = structlog.get_logger(__name__)

BATCH = 20_000
IDLE_SECONDS = 2.0
START_ID = UUID(int=0)

TakeBatch = Callable[[AsyncSession], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class BulkFollower:
    """A named listener, the types of events it wants, and what it does with the rows of `bulk_event`."""

    name: str
    types: tuple[str, ...]
    take: TakeBatch


BULK_FOLLOWERS: dict[str, BulkFollower] = {}

_ENSURE = text(
    "INSERT INTO follower (name, event_id, updated_at) VALUES (:name, :start, :now) ON CONFLICT (name) DO NOTHING"
)
_LOCK = text("SELECT xid::text AS xid, event_id FROM follower WHERE name = :name FOR UPDATE SKIP LOCKED")
_SCRATCH = text("CREATE TEMP TABLE IF NOT EXISTS bulk_event (LIKE event) ON COMMIT DELETE ROWS")
_EMPTY = text("DELETE FROM bulk_event")
_LOAD = text(
    "INSERT INTO bulk_event SELECT * FROM event"
    " WHERE (xid, id) > (CAST(:xid AS xid8), CAST(:event_id AS uuid))"
    " AND xid < pg_snapshot_xmin(pg_current_snapshot()) AND type = ANY(:types)"
    " ORDER BY xid, id LIMIT :batch"
)
_LOAD_PARKED = text(
    "INSERT INTO bulk_event SELECT e.* FROM parked_event p JOIN event e ON e.id = p.event_id"
    " WHERE p.follower = :name AND p.try_again ORDER BY e.id LIMIT 1"
)
_ANALYZE = text("ANALYZE bulk_event (type, subject_id)")
_LAST = text("SELECT xid::text AS xid, id FROM bulk_event ORDER BY bulk_event.xid DESC, id DESC LIMIT 1")
_COUNT = text("SELECT count(*) FROM bulk_event")
_MOVE = text("UPDATE follower SET xid = CAST(:xid AS xid8), event_id = :event_id, updated_at = :now WHERE name = :name")
_REWIND = text("UPDATE follower SET xid = '0', event_id = :start, updated_at = :now WHERE name = :name")


def bulk_follower(name: str, types: tuple[str, ...]) -> Callable[[TakeBatch], TakeBatch]:
    """Register a coroutine as the bulk follower `name` of these types of events."""

    def register(take: TakeBatch) -> TakeBatch:
        BULK_FOLLOWERS[name] = BulkFollower(name, types, take)
        return take

    return register


async def advance(listener: BulkFollower, session: AsyncSession, batch: int = BATCH) -> int:
    """Take the next events in the caller's transaction; returns how many were read.

    Zero means that nothing is waiting, or that another process is at it.
    """
    await session.execute(_ENSURE, {"name": listener.name, "start": START_ID, "now": clock.now()})
    at = (await session.execute(_LOCK, {"name": listener.name})).one_or_none()
    if at is None:
        return 0
    await session.execute(_SCRATCH)
    await _take_parked(listener, session)
    return await _take_next(listener, session, {"xid": at.xid, "event_id": at.event_id}, batch)


async def _take_next(listener: BulkFollower, session: AsyncSession, at: dict[str, Any], batch: int) -> int:
    read = await _load(session, _LOAD, at | {"types": list(listener.types), "batch": batch})
    if not read:
        return 0
    last = (await session.execute(_LAST)).one()
    reason = await _try(listener, session)
    if reason is not None and read > 1:
        return await _take_next(listener, session, at, max(1, read // 2))
    if reason is not None:
        await parking.park(session, listener.name, last.id, reason)
    moved = {"xid": last.xid, "event_id": last.id, "now": clock.now(), "name": listener.name}
    await session.execute(_MOVE, moved)
    return read


async def _take_parked(listener: BulkFollower, session: AsyncSession) -> None:
    """Events that staff asked to try again, one by one; one that fails is parked anew with its new reason."""
    while await _load(session, _LOAD_PARKED, {"name": listener.name}):
        event_id = (await session.execute(_LAST)).one().id
        reason = await _try(listener, session)
        if reason is None:
            await parking.unpark(session, listener.name, event_id)
        else:
            await parking.park(session, listener.name, event_id, reason)


async def _load(session: AsyncSession, statement: Any, parameters: dict[str, Any]) -> int:
    await session.execute(_EMPTY)
    await session.execute(statement, parameters)
    await session.execute(_ANALYZE)
    return int(await session.scalar(_COUNT) or 0)


async def _try(listener: BulkFollower, session: AsyncSession) -> str | None:
    try:
        async with attempt(session):
            await listener.take(session)
    except Exception as error:  # whatever fails is found by halving, then parked: nothing is lost
        if isinstance(error, DBAPIError) and (is_disconnect(error) or is_retryable(error)):
            raise  # the database's trouble, not the event's: the batch is taken again
        log.warning("bulk_follower_failed", follower=listener.name, error=type(error).__name__)
        return f"{type(error).__name__}: {error}"[:1000]
    return None


async def rewind(listener: BulkFollower, session: AsyncSession) -> None:
    """Back to the beginning of the log, in the caller's transaction: waits for who is at it."""
    await session.execute(_ENSURE, {"name": listener.name, "start": START_ID, "now": clock.now()})
    await session.execute(_REWIND, {"name": listener.name, "start": START_ID, "now": clock.now()})


async def run(stop: asyncio.Event) -> None:
    """Follow the log until told to stop. A database that is away is waited for."""
    while not stop.is_set():
        try:
            busy = await catch_up() > 0
        except Exception:  # the database may come back; the log has kept everything
            log.warning("bulk_followers_waiting", exc_info=True)
            busy = False
        if not busy:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)


async def catch_up(batch: int = BATCH) -> int:
    """Let every bulk follower take what is waiting; returns how many events were read in all."""
    total = 0
    for listener in BULK_FOLLOWERS.values():
        while True:
            async with transaction() as session:
                read = await advance(listener, session, batch)
            total += read
            if read == 0:
                break
    return total
