"""What the board of a waiting room shows: numbers and counters, never a person or a service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.models import DeskQueue
from app.desk.rules.turns import TurnPolicy
from app.desk.schemas.board import BoardOut
from app.desk.statements import BOARD, BOARD_UNITS
from app.kernel import clock
from app.kernel.db import Db
from app.kernel.ids import uuid7_at
from app.kernel.problems import NotFound

LEAST_CALLS, MOST_CALLS = 5, 100
RECENT = timedelta(minutes=10)
"""The board shows the calls of these minutes, at least the last five, so that none passes unseen when many come at
once."""
MOST_MISSED = timedelta(hours=2)
"""How far back a board that was cut off is sent what it missed."""
OVERLAP = timedelta(minutes=1)
"""Longer than a call's transaction may last: one that had begun when a state was read, and committed after it, is among
what was missed since that state."""
A_DAY = timedelta(days=1)


async def board_of(db: Db, unit_id: UUID, *, since: datetime | None = None) -> BoardOut:
    """The board of a unit now, with all calls since an instant: of the last minutes, if none is given.

    Raises:
        NotFound: no such unit.
    """
    now = clock.now()
    asked = {
        "unit_id": unit_id,
        "now": now,
        "since": min(now - RECENT, since or now),
        "first_id": uuid7_at(now - A_DAY),
        "least": LEAST_CALLS,
        "most": MOST_CALLS,
    }
    found = (await db.execute(BOARD, asked)).one_or_none()
    if found is None:
        raise NotFound
    return BoardOut(
        unit_id=unit_id,
        clues=found.clues,
        unit_name=found.name,
        timezone=found.timezone,
        on_date=found.on_date,
        calls=found.calls,
        waiting=found.waiting,
        counters_open=found.counters_open,
    )


def missed_since(read_at: datetime, now: datetime) -> datetime | None:
    """Return since when a client lacks calls whose last state was read then; None when the usual ones are enough."""
    since = max(read_at - OVERLAP, now - MOST_MISSED)
    return since if since < now - RECENT else None


@dataclass(frozen=True, slots=True)
class PublishedOrder:
    """By which terms the queues of these letters are called."""

    letters: tuple[str, ...]
    policy: TurnPolicy


async def published_order(session: AsyncSession, unit_id: UUID) -> list[PublishedOrder]:
    """The terms of a unit's queues; those with the same terms together."""
    rows: Sequence[Any] = (
        await session.scalars(select(DeskQueue).where(DeskQueue.unit_id == unit_id).order_by(DeskQueue.letter))
    ).all()
    by_policy: dict[TurnPolicy, list[str]] = {}
    for row in rows:
        by_policy.setdefault(policy_of_queue(row), []).append(row.letter)
    return [PublishedOrder(tuple(letters), policy) for policy, letters in by_policy.items()] or [
        PublishedOrder((), TurnPolicy())
    ]


def policy_of_queue(row: Any) -> TurnPolicy:
    """The terms of a row of `desk_queue`."""
    return TurnPolicy(
        tolerance=row.tolerance,
        walk_in_offset=row.walk_in_offset,
        protected=row.protected,
        appointment_target=row.appointment_target,
        walk_in_target=row.walk_in_target,
        grace=row.grace,
    )


async def units_with_desk(session: AsyncSession) -> list[Any]:
    """Units in operation that have a desk, by name."""
    return list((await session.execute(BOARD_UNITS)).all())
