"""The roll-up: a batch of events moves transactions, tickets and their sums, all in the consumer's transaction.

Exact whatever the order, delay or repetition of events: transactions are merged by commutative operations and store
their event ids, and sums change by the delta between the contributions of the affected transactions before and after.
"""

from dataclasses import dataclass

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, positions
from app.kernel.consumers import CONSUMERS, advance, rewind
from app.places.rules import DEFAULT_ZONE
from app.savings import transactions
from app.savings.measures import MEASURES
from app.savings.statements import STATEMENTS

NAME = "savings"
TYPES = transactions.TYPES
_MADE = ("saving_step", "saving_pair", "saving_before", "saving_after")
_CREATE = (
    *(STATEMENTS.load("batch_table", variant=table, table=table) for table in _MADE),
    STATEMENTS.load("merge", variant="table", makes_table=True),
    STATEMENTS.load("ticket_contribution", variant="table", makes_table=True, sign=""),
    text(f"TRUNCATE {', '.join(_MADE)}, saving_merge, saving_ticket_contribution"),
)
_CAPTURE_PROFILES = STATEMENTS.load("profiles")
# In this order: what the events say and what was there before; then the change; then the difference it makes.
_READ = (
    STATEMENTS.load("steps"),
    text("ANALYZE saving_step (person_id, service, transaction_id, id)"),
    STATEMENTS.load("known_steps"),
    STATEMENTS.load("ticket_contribution", variant="before", makes_table=False, sign="-"),
    STATEMENTS.load("tickets"),
    STATEMENTS.load("pairs"),
    text("ANALYZE saving_pair"),
    STATEMENTS.load("pairs_of_changes"),
    STATEMENTS.load("before"),
)
_CHANGE = (
    STATEMENTS.load("merge", makes_table=False),
    STATEMENTS.load("after"),
    STATEMENTS.load("write"),
)
_ADD_UP = (
    STATEMENTS.load("cells", plain={name: one for name, one in MEASURES.items() if name != "people"}),
    text("DELETE FROM saving_cell WHERE transactions = 0"),
    STATEMENTS.load("ticket_contribution", variant="after", makes_table=False, sign=""),
    STATEMENTS.load("ticket_cells"),
    text("DELETE FROM saving_ticket_cell WHERE tickets = 0"),
    STATEMENTS.load("reason_cells"),
    text("DELETE FROM saving_reason_cell WHERE times = 0"),
)
SUM_TABLES = ("service_transaction", "ticket", "saving_cell", "saving_reason_cell", "saving_ticket_cell")
"""What is made of events alone. The registry's snapshots and the readings of access are observations of their own: a
rebuild leaves them."""
_CLEAR = tuple(text(f"DELETE FROM {table}") for table in SUM_TABLES)
_MISSING_EVENTS = STATEMENTS.load("missing_events")
# A row regardless of the order of its events.
_ROWS = {table: f"SELECT (to_jsonb(t) - 'event_ids')::text AS row FROM {table} t" for table in SUM_TABLES}
_REMEMBER = tuple(text(f"CREATE TEMP TABLE was_{table} ON COMMIT DROP AS {rows}") for table, rows in _ROWS.items())
_DIFFERENCES = {
    table: text(
        f"SELECT (SELECT count(*) FROM (SELECT row FROM was_{table} EXCEPT ALL {rows}) missing)"
        f" + (SELECT count(*) FROM ({rows} EXCEPT ALL SELECT row FROM was_{table}) new)"
    )
    for table, rows in _ROWS.items()
}


async def roll_up_batch(session: AsyncSession) -> None:
    """Roll up the events in `event_batch`, in the caller's transaction."""
    await _run(session, _CREATE)
    await _run(session, _READ)
    await session.execute(_CAPTURE_PROFILES, {"today": clock.today(DEFAULT_ZONE)})
    await _run(session, _CHANGE)
    await _run(session, _ADD_UP)


async def _run(session: AsyncSession, statements: tuple[TextClause, ...]) -> None:
    for statement in statements:
        await session.execute(statement)


class EventsMissing(Exception):  # noqa: N818 # says a state
    """The log lacks events that the sums were made of: a rebuild would lose transactions."""


async def rebuild(session: AsyncSession, batch: int | None = None) -> int:
    """Rebuild from the whole log in the caller's transaction; readers see the old sums until it commits. Returns how
    many events were read.

    Raises:
        EventsMissing: fewer would be read than are stored, or than the sums were made of. Nothing may be committed.
    """
    consumer = CONSUMERS[NAME]
    missing, stored = (await session.execute(_MISSING_EVENTS, {"types": list(consumer.types)})).one()
    if missing:
        raise EventsMissing(f"the sums were made of {missing} events that the event log no longer has.")
    await positions.assign_pending_positions()
    await rewind(consumer, session)
    await _run(session, _CLEAR)
    total = await catch_up(session, batch)
    if total < stored:
        raise EventsMissing(f"only {total} of the {stored} events stored could be read.")
    return total


async def catch_up(session: AsyncSession, batch: int | None = None) -> int:
    """Consume all that waits in the log, in the caller's transaction; returns how many events."""
    total = 0
    while step := await advance(CONSUMERS[NAME], session, batch=batch):
        total += step.events
    return total


@dataclass(frozen=True, slots=True)
class Checked:
    """How many events were read, and how many rows a rebuild would remove or add, by table."""

    events: int
    differences: dict[str, int]


async def check(session: AsyncSession, batch: int | None = None) -> Checked:
    """Catch up with the log, rebuild, and compare; everything is rolled back.

    Raises:
        EventsMissing: a rebuild would lose what the log no longer has.
    """
    await positions.assign_pending_positions()
    savepoint = await session.begin_nested()
    await catch_up(session, batch)
    await _run(session, _REMEMBER)
    events = await rebuild(session, batch)
    found = {table: int(await session.scalar(statement) or 0) for table, statement in _DIFFERENCES.items()}
    await savepoint.rollback()
    return Checked(events, {table: count for table, count in found.items() if count})
