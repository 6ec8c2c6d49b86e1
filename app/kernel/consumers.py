"""Event consumers: they read the event log in order, at least once, and commit their writes together with their
position.

A consumer is called with a few events at a time, or with a table of thousands (`in_sql`). It can be partitioned by a
hash of its key: each partition has its own position and is processed by one process at a time, so that events of one
key stay in order. A failing event is isolated by bisection and retried, then moved to the dead letters with its reason;
processing continues after it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import BigInteger, Integer, SmallInteger, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock, dead_letters
from app.kernel.db import Base, rows_written, savepoint
from app.kernel.db_errors import is_disconnect, is_retryable
from app.kernel.statements import KERNEL

log = structlog.get_logger(__name__)

BATCH, SQL_BATCH = 200, 20_000
MAX_ATTEMPTS = 5
FIRST_WAIT = timedelta(seconds=0.25)

Key = Literal["person", "subject"]
# The last byte of our ids is random. PostgreSQL's own hash functions may change between releases.
_KEYS: dict[Key | Literal[""], str] = {
    "": "",  # one partition
    "person": "coalesce(e.person_id, e.subject_id)",
    "subject": "e.subject_id",
}


@dataclass(frozen=True, slots=True)
class Event:
    """An event as passed to consumers."""

    position: int
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
BatchHandler = Callable[[AsyncSession, Sequence[Event]], Awaitable[None]]
SqlHandler = Callable[[AsyncSession], Awaitable[None]]
AnyHandler = TypeVar("AnyHandler", Handler, BatchHandler, SqlHandler)
Register = Callable[[AnyHandler], AnyHandler]


@dataclass(frozen=True, slots=True)
class EventConsumer:
    """A named reader of the log, with the event types it subscribes to. `handle` receives them in order; with `in_sql`
    it receives none and reads the temporary table `event_batch`."""

    name: str
    types: tuple[str, ...]
    handle: BatchHandler
    in_sql: bool = False
    key: Key = "person"
    partitions: int = 1

    @property
    def batch(self) -> int:
        return SQL_BATCH if self.in_sql else BATCH


class EventConsumerRow(Base):
    """Position of one partition of a consumer. While it is being repartitioned, no partition reads beyond `stop_at`."""

    __tablename__ = "event_consumer"

    name: Mapped[str] = mapped_column(primary_key=True)
    partition: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    partitions: Mapped[int] = mapped_column(SmallInteger)
    position: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    stop_at: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    retry_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


CONSUMERS: dict[str, EventConsumer] = {}


def consumer(name: str, types: tuple[str, ...], *, key: Key = "person", partitions: int = 1) -> Register[Handler]:
    """Register a coroutine that is called once per event."""

    def register(handle: Handler) -> Handler:
        async def each(session: AsyncSession, events: Sequence[Event]) -> None:
            for event in events:
                await handle(session, event)

        CONSUMERS[name] = EventConsumer(name, types, each, key=key, partitions=partitions)
        return handle

    return register


def batch_consumer(
    name: str, types: tuple[str, ...], *, key: Key = "person", partitions: int = 1
) -> Register[BatchHandler]:
    """Register a coroutine that is called with a batch of events."""

    def register(handle: BatchHandler) -> BatchHandler:
        CONSUMERS[name] = EventConsumer(name, types, handle, key=key, partitions=partitions)
        return handle

    return register


def sql_consumer(name: str, types: tuple[str, ...]) -> Register[SqlHandler]:
    """Register a coroutine that processes thousands of events in SQL, reading the table `event_batch`."""

    def register(handle: SqlHandler) -> SqlHandler:
        async def all_at_once(session: AsyncSession, _none: Sequence[Event]) -> None:
            await handle(session)

        CONSUMERS[name] = EventConsumer(name, types, all_at_once, in_sql=True)
        return handle

    return register


_LOCK = KERNEL.load("consumers/lock")
_MOVE = KERNEL.load("consumers/move")
_REWIND = KERNEL.load("consumers/rewind")
# Only the position was written: after a crash the events would merely be read again.
_NOT_DURABLE = text("SET LOCAL synchronous_commit = off")
_READ = {key: KERNEL.load("consumers/read", variant=key, key=expression) for key, expression in _KEYS.items()}
BATCH_TABLE = text("CREATE TEMP TABLE IF NOT EXISTS event_batch (LIKE event, position bigint) ON COMMIT DELETE ROWS")
_EMPTY = text("DELETE FROM event_batch")
_LOAD = KERNEL.load("consumers/load_batch")
_ANALYZE = text("ANALYZE event_batch (type, subject_id)")
_RETRIES = {key: KERNEL.load("consumers/retries", variant=key, key=expression) for key, expression in _KEYS.items()}
_EVENT_AT = text("SELECT event_id FROM event_position WHERE position = :position")


class HandlerFailed(Exception):  # noqa: N818 # says what happened
    """A handler raised an exception, which is the cause of this one."""


@dataclass(slots=True)
class Step:
    """Result of one transaction of a partition. `more`: events are pending. `failed`: an event failed and will be
    retried."""

    events: int = 0
    more: bool = False
    failed: bool = False

    def __bool__(self) -> bool:
        return self.events > 0 or self.more or self.failed


@dataclass(slots=True)
class PartitionReader:
    """Reads and processes the events of one partition, in a transaction that has locked its row."""

    consumer: EventConsumer
    session: AsyncSession
    number: int
    partitions: int

    async def process(self, after: int, until: int) -> int:
        """Process the events of a range of positions, all or none; return how many.

        Raises:
            HandlerFailed: the handler failed on one of them. Its writes were rolled back.
        """
        given = self._given() | {"after": after, "until": until}
        if self.consumer.in_sql:
            await self.session.execute(BATCH_TABLE)
            await self.session.execute(_EMPTY)
            events, count = [], await rows_written(self.session, _LOAD, given)
            if count:
                await self.session.execute(_ANALYZE)
        else:
            events = [Event(*row) for row in (await self.session.execute(_READ[self._key()], given)).all()]
            count = len(events)
        if count:
            await self._call_handler(events)
        return count

    async def _call_handler(self, events: list[Event]) -> None:
        try:
            async with savepoint(self.session):
                await self.consumer.handle(self.session, events)
        except Exception as error:
            if isinstance(error, DBAPIError) and (is_disconnect(error) or is_retryable(error)):
                raise  # the database failed, not the event: the batch is retried
            raise HandlerFailed from error

    async def process_retries(self) -> None:
        """Process dead letters that staff asked to retry, one by one; one that fails again gets its new reason."""
        name = self.consumer.name
        given = self._given() | {"name": name, "batch": BATCH}
        for row in (await self.session.execute(_RETRIES[self._key()], given)).all():
            try:
                await self.process(row.position - 1, row.position)
            except HandlerFailed as failed:
                await dead_letters.add(self.session, name, row.event_id, _reason(failed))
            else:
                await dead_letters.remove(self.session, name, row.event_id)

    async def dead_letter(self, position: int, failed: HandlerFailed) -> None:
        """Move the event at this position to the dead letters, with its reason."""
        event_id = await self.session.scalar(_EVENT_AT, {"position": position})
        await dead_letters.add(self.session, self.consumer.name, event_id, _reason(failed))

    async def save_position(self, position: int, attempts: int) -> None:
        """Save the position of this partition."""
        wait = clock.now() + FIRST_WAIT * 2**attempts if attempts else None
        moved = {"position": position, "attempts": attempts, "retry_at": wait, "now": clock.now()}
        await self.session.execute(_MOVE, moved | {"name": self.consumer.name, "partition": self.number})

    def _given(self) -> dict[str, Any]:
        part = {"partitions": self.partitions, "partition": self.number} if self.partitions > 1 else {}
        return {"types": list(self.consumer.types), **part}

    def _key(self) -> Key | Literal[""]:
        return self.consumer.key if self.partitions > 1 else ""


def _reason(failed: HandlerFailed) -> str:
    return f"{type(failed.__cause__).__name__}: {failed.__cause__}"[:1000]


async def advance(consumer: EventConsumer, session: AsyncSession, partition: int = 0, batch: int | None = None) -> Step:
    """Process the next events of a partition in the caller's transaction.

    Does nothing when no events are pending or another process has locked the partition.
    """
    row = (await session.execute(_LOCK, {"name": consumer.name, "partition": partition})).one_or_none()
    if row is None:
        return Step()
    part = PartitionReader(consumer, session, partition, row.partitions)
    if row.has_retries:
        await part.process_retries()
    end = row.last if row.stop_at is None else min(row.last, row.stop_at)
    until = min(row.position + (batch or consumer.batch) * row.partitions, end)
    if until <= row.position:
        return Step()
    step = await _process_range(part, row.position, until, row.attempts)
    if not step.events and not row.has_retries:
        await session.execute(_NOT_DURABLE)
    step.more = step.more and until < end
    return step


async def _process_range(part: PartitionReader, position: int, until: int, attempts: int) -> Step:
    """Process a range of positions, isolating a failing event by bisection."""
    step = Step(more=True)
    size = 1 if attempts else until - position
    while position < until:
        reached = min(position + size, until)
        try:
            step.events += await part.process(position, reached)
        except HandlerFailed as failed:
            log.warning(
                "consumer_handler_failed", consumer=part.consumer.name, position=reached, exc_info=failed.__cause__
            )
            if reached - position > 1:
                size = (reached - position) // 2
                continue
            attempts += 1
            if attempts < MAX_ATTEMPTS:
                await part.save_position(position, attempts)
                return Step(step.events, failed=True)
            await part.dead_letter(reached, failed)
            step.events += 1
        if attempts or size == 1:
            size = until - reached
        position, attempts = reached, 0
    await part.save_position(position, 0)
    return step


async def rewind(consumer: EventConsumer, session: AsyncSession) -> None:
    """Reset a consumer to the beginning of the log, in the caller's transaction; wait for the process that has it."""
    await session.execute(_REWIND, {"name": consumer.name, "now": clock.now()})
