"""Followers: listeners that read the event log from a kept position, in order, at least once.

A follower never skips a row committed late: it reads only below the oldest transaction still running
(`pg_snapshot_xmin`) and orders by (transaction id, event id). Its writes and its position commit together.
An event that keeps failing is parked with its reason, where staff can see it, and the rest goes on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Integer, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock, parking
from app.kernel.db import Base, attempt, transaction
from app.kernel.facts import Xid8

log = structlog.get_logger(__name__)

BATCH = 200
MAX_TRIES = 5
IDLE_SECONDS = 0.5
START_ID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Event:
    """One fact as a follower sees it."""

    id: UUID
    at: datetime
    type: str
    subject_id: UUID
    person_id: UUID | None
    unit_id: UUID | None
    actor_kind: str
    actor_id: UUID | None
    channel: str
    service: str | None
    service_version: int | None
    seconds: float | None
    device: str | None
    payload: dict[str, Any]


Handler = Callable[[AsyncSession, Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Follower:
    """A named listener and the types of events it wants."""

    name: str
    types: tuple[str, ...]
    handle: Handler


class FollowerRow(Base):
    """How far a follower has read."""

    __tablename__ = "follower"

    name: Mapped[str] = mapped_column(primary_key=True)
    xid: Mapped[str] = mapped_column(Xid8, server_default=text("'0'"))
    event_id: Mapped[UUID]
    tries: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    updated_at: Mapped[datetime]


FOLLOWERS: dict[str, Follower] = {}

_ENSURE = text(
    "INSERT INTO follower (name, event_id, updated_at) VALUES (:name, :start, :now) ON CONFLICT (name) DO NOTHING"
)
_LOCK = text("SELECT xid::text AS xid, event_id, tries FROM follower WHERE name = :name FOR UPDATE SKIP LOCKED")
_NEXT = text(
    "SELECT id, at, type, subject_id, person_id, unit_id, actor_kind, actor_id, channel, service, service_version,"
    " seconds, device, payload, xid::text AS xid FROM event"
    " WHERE (xid, id) > (CAST(:xid AS xid8), CAST(:event_id AS uuid))"
    " AND xid < pg_snapshot_xmin(pg_current_snapshot()) AND type = ANY(:types)"
    " ORDER BY xid, id LIMIT :batch"
)
_MOVE = text(
    "UPDATE follower SET xid = CAST(:xid AS xid8), event_id = :event_id, tries = :tries, updated_at = :now"
    " WHERE name = :name"
)
_AGAIN = text(
    "SELECT e.id, e.at, e.type, e.subject_id, e.person_id, e.unit_id, e.actor_kind, e.actor_id, e.channel, e.service,"
    " e.service_version, e.seconds, e.device, e.payload FROM parked_event p JOIN event e ON e.id = p.event_id"
    " WHERE p.follower = :name AND p.try_again ORDER BY e.id LIMIT :batch FOR UPDATE OF p SKIP LOCKED"
)


def follower(name: str, types: tuple[str, ...]) -> Callable[[Handler], Handler]:
    """Register a coroutine as the follower `name` of these types of events."""

    def register(handle: Handler) -> Handler:
        FOLLOWERS[name] = Follower(name, types, handle)
        return handle

    return register


async def advance(listener: Follower, session: AsyncSession) -> int:
    """Take the next events in the caller's transaction; returns how many were read.

    Zero means that nothing is waiting, or that another process is at it.
    """
    await session.execute(_ENSURE, {"name": listener.name, "start": START_ID, "now": clock.now()})
    at = (await session.execute(_LOCK, {"name": listener.name})).one_or_none()
    if at is None:
        return 0
    await _try_parked(listener, session)
    wanted = {"xid": at.xid, "event_id": at.event_id, "types": list(listener.types), "batch": BATCH}
    rows = (await session.execute(_NEXT, wanted)).all()
    position, tries = (at.xid, at.event_id), at.tries
    for row in rows:
        *values, xid = row
        event = Event(*values)
        reason = await _try(listener, session, event)
        if reason is not None and tries + 1 < MAX_TRIES:
            tries += 1
            break
        if reason is not None:
            await parking.park(session, listener.name, event.id, reason)
        position, tries = (xid, event.id), 0
    if rows:
        moved = {"xid": position[0], "event_id": position[1], "tries": tries, "name": listener.name}
        await session.execute(_MOVE, moved | {"now": clock.now()})
    return len(rows)


async def _try(listener: Follower, session: AsyncSession, event: Event) -> str | None:
    try:
        async with attempt(session):
            await listener.handle(session, event)
    except Exception as error:  # whatever fails is retried, then parked: nothing is lost
        log.warning("follower_failed", follower=listener.name, event_id=str(event.id), exc_info=True)
        return f"{type(error).__name__}: {error}"[:1000]
    return None


async def _try_parked(listener: Follower, session: AsyncSession) -> None:
    """Events that staff asked to try again; one that fails is parked anew with its new reason."""
    for row in (await session.execute(_AGAIN, {"name": listener.name, "batch": BATCH})).all():
        event = Event(*row)
        reason = await _try(listener, session, event)
        if reason is None:
            await parking.unpark(session, listener.name, event.id)
        else:
            await parking.park(session, listener.name, event.id, reason)


async def catch_up() -> int:
    """Let every follower take what is waiting; returns how many events were read in all."""
    total = 0
    for listener in FOLLOWERS.values():
        while True:
            async with transaction() as session:
                read = await advance(listener, session)
            total += read
            if read < BATCH:
                break
    return total


async def run(stop: asyncio.Event) -> None:
    """Follow the log until told to stop. A database that is away is waited for."""
    while not stop.is_set():
        try:
            busy = await catch_up() > 0
        except Exception:  # the database may come back; the log has kept everything
            log.warning("followers_waiting", exc_info=True)
            busy = False
        if not busy:
            await _sleep(stop, IDLE_SECONDS)


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
