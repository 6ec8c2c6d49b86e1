"""The roll-up: a batch of events moves transactions, tickets and their sums, all in the consumer's transaction.

Exact whatever the order, delay or repetition of events: transactions are merged by commutative operations and store
their event ids, and sums change by the delta between the contributions of the affected transactions before and after.
"""

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, positions
from app.kernel.consumers import CONSUMERS, advance, rewind
from app.places.rules import DEFAULT_ZONE
from app.savings.sql import cells, merge, reasons, steps, tickets, transactions

NAME = "savings"
SCRATCH = (
    steps.SCRATCH,
    merge.MERGE_SCRATCH,
    *transactions.SCRATCH,
    transactions.PAIRS_SCRATCH,
    cells.CONTRIBUTION_SCRATCH,
    cells.DELTA_SCRATCH,
    tickets.TICKET_SCRATCH,
    reasons.REASON_SCRATCH,
)
_EMPTY = text(
    "TRUNCATE saving_step, saving_merge, saving_before, saving_after, saving_pair, saving_contribution, saving_delta,"
    " saving_ticket_contribution, saving_reason_contribution"
)
# In this order: what the events say and what was there before; then the change; then the difference it makes.
LOAD = (
    steps.FILL,
    steps.ANALYZE,
    steps.DROP_DUPLICATES,
    tickets.RETRACT_TICKETS,
    tickets.ADD_TICKETS,
    transactions.PAIRS,
    transactions.ANALYZE_PAIRS,
    transactions.CHANGES,
    transactions.BEFORE,
)
MERGE = (merge.MERGE, transactions.AFTER, transactions.WRITE)
APPLY = (
    cells.RETRACT,
    cells.CONTRIBUTE,
    cells.DELTA,
    cells.APPLY_CELLS,
    cells.DROP_EMPTY_CELLS,
    tickets.CONTRIBUTE_TICKETS,
    tickets.APPLY_TICKET_CELLS,
    tickets.DROP_EMPTY_TICKET_CELLS,
    reasons.RETRACT_REASONS,
    reasons.CONTRIBUTE_REASONS,
    reasons.APPLY_REASON_CELLS,
    reasons.DROP_EMPTY_REASONS,
)
# The registry's snapshots and the readings of access are observations of their own: a rebuild leaves them.
_CLEAR = tuple(
    text(f"DELETE FROM {table}")
    for table in ("service_transaction", "ticket", "saving_cell", "saving_reason_cell", "saving_ticket_cell")
)

_EVENTS_STORED = text(
    "SELECT (SELECT count(*) FROM (SELECT unnest(event_ids) AS id FROM service_transaction"
    " UNION SELECT unnest(event_ids) FROM ticket) k WHERE NOT EXISTS (SELECT FROM event e WHERE e.id = k.id)),"
    " (SELECT count(*) FROM event WHERE type = ANY(:types))"
)


async def roll_up_batch(session: AsyncSession) -> None:
    """Roll up the events in `event_batch`, in the caller's transaction."""
    for statement in SCRATCH:
        await session.execute(statement)
    await session.execute(_EMPTY)
    await _run(session, LOAD)
    await session.execute(merge.CAPTURE_PROFILES, {"today": clock.today(DEFAULT_ZONE)})
    await _run(session, MERGE)
    await _run(session, APPLY)


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
    missing, stored = (await session.execute(_EVENTS_STORED, {"types": list(consumer.types)})).one()
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
