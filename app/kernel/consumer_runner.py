"""Run event consumers: set up their partitions, assign positions to new events, and process what is pending."""

import asyncio
import random
from collections.abc import Iterable
from contextlib import suppress

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, positions
from app.kernel.consumers import CONSUMERS, EventConsumer, Step, advance
from app.kernel.db import transaction
from app.kernel.statements import KERNEL

log = structlog.get_logger(__name__)

IDLE_SECONDS, SQL_IDLE_SECONDS = 0.5, 2.0
# Two processes that start at once must not partition a consumer differently. An arbitrary constant.
ADVISORY_LOCK = 7_365_002

_PREPARING = text("SELECT pg_advisory_xact_lock(:key)")
_LAYOUT = "SELECT partition, partitions, position, stop_at FROM event_consumer WHERE name = :name ORDER BY partition"
_SEEN_LAYOUT, _LOCKED_LAYOUT = text(_LAYOUT), text(f"{_LAYOUT} FOR UPDATE")
_ADD = KERNEL.load("consumers/add_partitions")
_STOP_AT = text("UPDATE event_consumer SET stop_at = CAST(:stop_at AS bigint), updated_at = :now WHERE name = :name")
_REMOVE = text("DELETE FROM event_consumer WHERE name = :name")
_BEHIND = KERNEL.load("consumers/behind")
_PARTITIONS = text("SELECT partition FROM event_consumer WHERE name = :name ORDER BY partition")
_AHEAD = KERNEL.load("consumers/ahead")
_REPAIR = KERNEL.load("consumers/repair")


async def prepare(session: AsyncSession, consumer: EventConsumer) -> bool:
    """Partition a consumer as configured; return whether it is done.

    Partitions are replaced only once all have reached the same position: until then each stops at the position of the
    furthest one, in every process, and the caller retries later.
    """
    name = {"name": consumer.name, "now": clock.now()}
    rows = (await session.execute(_SEEN_LAYOUT, name)).all()
    if len(rows) == consumer.partitions and all(row.stop_at is None for row in rows):
        return True
    await session.execute(_PREPARING, {"key": ADVISORY_LOCK})
    rows = (await session.execute(_LOCKED_LAYOUT, name)).all()
    foremost = max((row.position for row in rows), default=0)
    if len(rows) == consumer.partitions:
        await session.execute(_STOP_AT, name | {"stop_at": None})
    elif all(row.position == foremost for row in rows):
        await session.execute(_REMOVE, name)
        await session.execute(_ADD, name | {"partitions": consumer.partitions, "position": foremost})
        log.info("consumer_partitioned", consumer=consumer.name, partitions=consumer.partitions, position=foremost)
    else:
        await session.execute(_STOP_AT, name | {"stop_at": foremost})
        return False
    return True


async def positions_ahead_of_log(session: AsyncSession) -> list[str]:
    """Describe the consumers whose position is beyond the end of the log."""
    found = (await session.execute(_AHEAD)).all()
    return [f"{row.name} has read to {row.position}, the event log ends at {row.last}" for row in found]


async def repair_positions(session: AsyncSession) -> int:
    """Reset consumers whose position is beyond the end of the log; return how many partitions.

    They would skip the next events. This happens after a partial restore.
    """
    repaired = (await session.execute(_REPAIR, {"now": clock.now()})).all()
    for row in repaired:
        log.error("consumer_position_ahead_of_log", **row._mapping)  # the documented way
    return len(repaired)


async def run(stop: asyncio.Event) -> None:
    """Assign positions and consume events until stopped; wait while the database is unavailable.

    SQL consumers have a loop of their own, so that the others don't wait for long statements.
    """
    in_sql = [consumer for consumer in CONSUMERS.values() if consumer.in_sql]
    others = [consumer for consumer in CONSUMERS.values() if not consumer.in_sql]
    await asyncio.gather(_run(others, IDLE_SECONDS, stop), _run(in_sql, SQL_IDLE_SECONDS, stop))


async def _run(consumers: list[EventConsumer], idle_seconds: float, stop: asyncio.Event) -> None:
    waiting = list(consumers)
    while not stop.is_set():
        try:
            waiting = await _prepare_all(waiting)
            busy = await _take_turns(consumers, stop)
        except Exception:  # the database may come back; the log has everything
            log.warning("consumers_error", exc_info=True)
            busy = False
        if not busy:
            with suppress(TimeoutError):
                async with asyncio.timeout(idle_seconds):
                    await stop.wait()


async def _prepare_all(consumers: Iterable[EventConsumer]) -> list[EventConsumer]:
    """Prepare these consumers; return those that aren't ready yet."""
    left = list(consumers)
    if left:
        async with transaction() as session:
            await repair_positions(session)
            left = [consumer for consumer in left if not await prepare(session, consumer)]
    return left


async def _take_turns(consumers: list[EventConsumer], stop: asyncio.Event) -> bool:
    """Assign positions, then process a batch of every partition that is behind; return whether anything was done."""
    async with transaction() as session:
        busy = (await positions.assign_positions(session)).count > 0
    async with transaction() as session:
        given = {"names": [consumer.name for consumer in consumers], "now": clock.now()}
        behind = list((await session.execute(_BEHIND, given)).all())
    random.shuffle(behind)  # processes that share a consumer begin with different parts
    for name, partition in behind:
        if stop.is_set():
            break
        step = await _step(CONSUMERS[name], partition)
        busy = bool(step) or busy
    return busy


async def _step(consumer: EventConsumer, partition: int, batch: int | None = None) -> Step:
    try:
        async with transaction() as session:
            return await advance(consumer, session, partition, batch)
    except Exception:  # this partition is retried; the others continue
        log.warning("consumer_error", consumer=consumer.name, partition=partition, exc_info=True)
        return Step()


async def catch_up(*names: str, batch: int | None = None) -> int:
    """Run every consumer, or those named, until nothing is pending; return the number of events read."""
    chosen = [consumer for consumer in CONSUMERS.values() if not names or consumer.name in names]
    await positions.assign_pending_positions()
    total = 0
    unequal: list[EventConsumer] | None = None
    while unequal is None or unequal:
        unequal = await _prepare_all(chosen)
        for consumer in chosen:
            total += await _drain(consumer, batch)
    return total


async def _drain(consumer: EventConsumer, batch: int | None) -> int:
    async with transaction() as session:
        parts = (await session.scalars(_PARTITIONS, {"name": consumer.name})).all()
    total = 0
    for partition in parts:
        more = True
        while more:
            async with transaction() as session:
                step = await advance(consumer, session, partition, batch)
            total += step.events
            more = step.more
    return total
