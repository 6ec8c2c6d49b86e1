"""Positions of the event log: each committed event gets the next number, from one sequencer at a time, without gaps.

An insert knows nothing of it. The sequencer numbers what it can see and hasn't numbered yet, so a transaction that
commits late is neither skipped nor waited for: its events get their position when they can be seen. What was seen the
last time is stored as PostgreSQL's own description of it (`pg_snapshot`): new are the transactions after it, and those
it says were still running. Two events of which one was there before the other began are numbered in that order.

Transaction ids mean something on one server only. Positions are data like any other: they are dumped, restored and
replicated with the log. On another server the sequencer compares the log with the positions once, whatever transaction
ids the events carry, and goes on.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import BigInteger, CheckConstraint, SmallInteger, Text, Uuid, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock
from app.kernel.db import Base, transaction
from app.kernel.statements import KERNEL

log = structlog.get_logger(__name__)

BATCH = 20_000
"""About how many events are numbered in one transaction; those of one transaction are never parted."""
MAX_SNAPSHOT_AGE = 10_000
"""Transactions without an event after which the snapshot is advanced anyway."""


class EventPosition(Base):
    """The position of an event. Above zero from the first event on; at and below zero is history written afterwards."""

    __tablename__ = "event_position"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID] = mapped_column(Uuid, unique=True)


class EventSequencer(Base):
    """The only row says what was numbered: the last position, and which transactions had been seen, on which server.
    The sequencer holds its lock."""

    __tablename__ = "event_sequencer"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger)
    snapshot: Mapped[str | None] = mapped_column(Text)
    origin: Mapped[str | None] = mapped_column(Text)
    updated_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which transactions had ended: all below `end`, but those `running`."""

    end: int
    running: tuple[int, ...] = ()

    @classmethod
    def parse(cls, written: str) -> "Snapshot":
        """From `xmin:xmax:xip,xip…`, as `pg_snapshot` is written."""
        _first, end, running = written.split(":")
        return cls(int(end), tuple(int(xid) for xid in running.split(",") if xid))

    def until(self, end: int) -> "Snapshot":
        """The part of it below this transaction."""
        return self if end >= self.end else Snapshot(end, tuple(xid for xid in self.running if xid < end))

    def __str__(self) -> str:
        return f"{min(self.running, default=self.end)}:{self.end}:{','.join(map(str, self.running))}"


_LOCK_OR_SKIP = KERNEL.load("positions/lock", variant="or_skip", waits=False)
_LOCK_OR_WAIT = KERNEL.load("positions/lock", variant="or_wait", waits=True)
_END_OF_CHUNK = KERNEL.load("positions/end_of_chunk")
_NUMBER_FRESH = KERNEL.load("positions/number", variant="fresh", only_fresh=True)
_NUMBER_ALL = KERNEL.load("positions/number", variant="all", only_fresh=False)
_SKIPPED = KERNEL.load("positions/skipped")
_MOVE = text(
    "UPDATE event_sequencer SET position = :position, snapshot = :snapshot, origin = :origin, updated_at = :now"
)
_NUMBER_HISTORY = KERNEL.load("positions/number_history")


@dataclass(frozen=True, slots=True)
class Assigned:
    """How many events got a position, and whether there are more."""

    count: int
    more: bool = False


async def assign_positions(session: AsyncSession, *, wait: bool = False) -> Assigned:
    """Number the committed events that have no position yet, a chunk of them.

    Waits for another sequencer only on request; otherwise returns at once.
    """
    state = (await session.execute(_LOCK_OR_WAIT if wait else _LOCK_OR_SKIP)).one_or_none()
    if state is None:
        return Assigned(0)
    now = Snapshot.parse(state.now)
    seen = Snapshot.parse(state.snapshot) if state.snapshot and state.origin == state.here else None
    if seen is None or seen.end > now.end:
        return await _take_over(session, state.position, state.here, known=state.snapshot is not None)
    end = await session.scalar(_END_OF_CHUNK, {"since": str(seen.end), "others": BATCH - 1})
    until = int(end) + 1 if end is not None else 2**63
    given = {"position": state.position, "since": str(seen.end), "until": str(until)}
    made = (await session.execute(_NUMBER_FRESH, given | {"running": [str(xid) for xid in seen.running]})).one()
    reached = Snapshot.parse(made.snapshot).until(until)
    if made.events or end is not None or reached.end - seen.end > MAX_SNAPSHOT_AGE:
        await _move(session, state.position + made.events, reached, state.here)
    return Assigned(made.events, end is not None)


async def _take_over(session: AsyncSession, position: int, here: str, *, known: bool) -> Assigned:
    """The first time on this server: every event without a position gets one, whatever transaction it names."""
    made = (await session.execute(_NUMBER_ALL, {"position": position})).one()
    if known:
        log.warning("event_log_server_changed", position=position, unnumbered_events=made.events)
    await _move(session, position + made.events, Snapshot.parse(made.snapshot), here)
    return Assigned(made.events)


async def _move(session: AsyncSession, position: int, snapshot: Snapshot, origin: str) -> None:
    moved = {"position": position, "snapshot": str(snapshot), "origin": origin, "now": clock.now()}
    await session.execute(_MOVE, moved)


async def assign_pending_positions() -> int:
    """Number all that waits, in transactions of its own; returns how many events. For commands: it waits its turn."""
    total = 0
    while True:
        async with transaction() as session:
            numbered = await assign_positions(session, wait=True)
        total += numbered.count
        if not numbered.more:
            return total


async def rescan_positions() -> int:
    """Compare the whole log with the positions and number what was left out; returns how many events."""
    async with transaction() as session:
        state = (await session.execute(_LOCK_OR_WAIT)).one()
        return (await _take_over(session, state.position, state.here, known=False)).count


async def count_skipped_events(session: AsyncSession) -> int:
    """How many events have no position though the sequencer has passed them. Reads the whole log.

    None has, unless events were put into the log by hand, or the log alone was restored.
    """
    return int(await session.scalar(_SKIPPED) or 0)


async def assign_history_positions(session: AsyncSession, event_ids: list[UUID]) -> None:
    """Give events of the caller's transaction the positions before the first: consumers begin after them."""
    await session.execute(_LOCK_OR_WAIT)
    await session.execute(_NUMBER_HISTORY, {"ids": event_ids})


MOST_COUNTED = 10_000
"""Upper bound for counting events without a position."""


@dataclass(frozen=True, slots=True)
class ConsumerLag:
    """How far behind the slowest part of a consumer is: events of any type, and the age of the first of them."""

    name: str
    events: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LogLag:
    """The state of the log. `unnumbered`: committed events without a position, and `seconds` the age of the oldest.
    `horizon_seconds`: how long the oldest transaction that writes has been open, in the whole cluster; the log doesn't
    wait for it, but what it writes is not there yet, and nothing that ended after its beginning can be vacuumed."""

    position: int
    unnumbered: int
    seconds: float
    horizon_seconds: float
    consumers: tuple[ConsumerLag, ...]


_LOG = KERNEL.load("positions/log_lag", most=MOST_COUNTED)
_CONSUMERS = KERNEL.load("positions/consumer_lag")


async def log_lag(session: AsyncSession) -> LogLag:
    """How far behind the sequencer and each consumer are now."""
    now = clock.now()
    state = (await session.execute(_LOG)).one()
    unnumbered_seconds = max((now - state.oldest).total_seconds(), 0) if state.oldest else 0.0
    behind = []
    for row in (await session.execute(_CONSUMERS)).all():
        own = max((now - row.at).total_seconds(), 0) if row.at is not None else 0.0
        events = max(row.events, 0) + state.unnumbered
        behind.append(ConsumerLag(row.name, events, max(own, unnumbered_seconds)))
    return LogLag(state.position, state.unnumbered, unnumbered_seconds, max(float(state.horizon), 0), tuple(behind))
