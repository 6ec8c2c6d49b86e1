"""The roll-up: a batch of events moves errands, tickets and their sums, all in the consumer's transaction.

Exact whatever the order, delay or repetition of events: errands are folded by operations that commute, know which
events they have, and sums move by the difference between what the touched errands gave before and give now.
"""

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, positions
from app.kernel.consumers import CONSUMERS, advance, rewind
from app.savings.sql import cells, errands, folding, reasons, steps, tickets

NAME = "savings"
SCRATCH = (
    steps.SCRATCH,
    folding.FOLD_SCRATCH,
    *errands.SCRATCH,
    errands.PAIRS_SCRATCH,
    cells.GIVES_SCRATCH,
    cells.NET_SCRATCH,
    tickets.TICKET_SCRATCH,
    reasons.REASON_SCRATCH,
)
_EMPTY = text(
    "TRUNCATE saving_step, saving_fold, saving_was, saving_now, saving_pair, saving_gives, saving_net,"
    " saving_ticket_gives, saving_reason_gives"
)
# In this order: what the events say and what was there before; then the change; then the difference it makes.
BEFORE = (
    steps.FILL,
    steps.ANALYZE,
    steps.DROP_KNOWN,
    tickets.TAKE_TICKETS_AWAY,
    tickets.ADD_TICKETS,
    errands.PAIRS,
    errands.ANALYZE_PAIRS,
    errands.CHANGES,
    errands.WAS,
)
CHANGE = (folding.FOLD, errands.NOW, errands.WRITE)
DIFFERENCE = (
    cells.TAKE_AWAY,
    cells.GIVE,
    cells.NET,
    cells.MOVE_CELLS,
    cells.DROP_EMPTY_CELLS,
    tickets.GIVE_TICKETS,
    tickets.MOVE_TICKET_CELLS,
    tickets.DROP_EMPTY_TICKET_CELLS,
    reasons.TAKE_REASONS_AWAY,
    reasons.GIVE_REASONS,
    reasons.MOVE_REASON_CELLS,
    reasons.DROP_EMPTY_REASONS,
)
# The registry's snapshots and the readings of access are observations of their own: a rebuild leaves them.
_FORGET = tuple(
    text(f"DELETE FROM {table}")
    for table in ("errand", "ticket", "saving_cell", "saving_reason_cell", "saving_ticket_cell")
)

_IN_THE_LOG = text(
    "SELECT (SELECT count(*) FROM (SELECT unnest(event_ids) AS id FROM errand"
    " UNION SELECT unnest(event_ids) FROM ticket) k WHERE NOT EXISTS (SELECT FROM event e WHERE e.id = k.id)),"
    " (SELECT count(*) FROM event WHERE type = ANY(:types))"
)


async def take(session: AsyncSession) -> None:
    """Roll up the events in `event_batch`, in the caller's transaction."""
    for statement in SCRATCH:
        await session.execute(statement)
    await session.execute(_EMPTY)
    await _run(session, BEFORE)
    await session.execute(folding.CAPTURE_PROFILES, {"today": clock.today(clock.CENTRE)})
    await _run(session, CHANGE)
    await _run(session, DIFFERENCE)


async def _run(session: AsyncSession, statements: tuple[TextClause, ...]) -> None:
    for statement in statements:
        await session.execute(statement)


class EventsMissing(Exception):  # noqa: N818 # says a state
    """The log can't give back what the sums hold: made again from it, they would lose transactions."""


async def rebuild(session: AsyncSession, batch: int | None = None) -> int:
    """Fold the whole log again in the caller's transaction; readers see the old sums until it commits. Returns how many
    events were read.

    Raises:
        EventsMissing: fewer would be read than are stored, or than the sums were made of. Nothing may be committed.
    """
    consumer = CONSUMERS[NAME]
    missing, stored = (await session.execute(_IN_THE_LOG, {"types": list(consumer.types)})).one()
    if missing:
        raise EventsMissing(f"the sums were made of {missing} events that the event log no longer has.")
    await positions.sequence_waiting()
    await rewind(consumer, session)
    await _run(session, _FORGET)
    total = await read_on(session, batch)
    if total < stored:
        raise EventsMissing(f"only {total} of the {stored} events stored could be read.")
    return total


async def read_on(session: AsyncSession, batch: int | None = None) -> int:
    """Take all that waits in the log, in the caller's transaction; returns how many events."""
    total = 0
    while step := await advance(CONSUMERS[NAME], session, batch=batch):
        total += step.events
    return total
