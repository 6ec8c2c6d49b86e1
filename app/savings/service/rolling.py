"""The roll-up: a batch of events moves errands, tickets and their sums, all in the follower's transaction.

Exact whatever the order, delay or repetition of events: errands are folded by operations that commute, know which
events they have, and sums move by the difference between what the touched errands gave before and give now.
"""

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import bulk, clock
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


async def take(session: AsyncSession) -> None:
    """Roll up the events in `bulk_event`, in the caller's transaction."""
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


async def rebuild(session: AsyncSession, batch: int = bulk.BATCH) -> int:
    """Fold the whole log anew in the caller's transaction; readers see the old sums until it commits. Returns how many
    events were read."""
    follower = bulk.BULK_FOLLOWERS[NAME]
    await bulk.rewind(follower, session)
    await _run(session, _FORGET)
    total = 0
    while read := await bulk.advance(follower, session, batch):
        total += read
    return total
