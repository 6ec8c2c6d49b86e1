"""A person's own transactions, as the measurement has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.savings.measures import Correction, Outcome
from app.savings.models import ServiceTransaction
from app.savings.problems import TransactionUnknown
from app.savings.rules.statement import OwnTransaction
from app.savings.statements import STATEMENTS

SUMS = ("counted", "located", "metres", "seconds", "online", "observed", "visits")
MAX_OWN = 1_000
"""Transactions of a year that a statement is made of: nearly three a day."""
_OF_YEAR = STATEMENTS.load("own_transactions", variant="year", one=False, MAX_OWN=MAX_OWN)
_ONE = STATEMENTS.load("own_transactions", variant="one", one=True, MAX_OWN=1)


@dataclass(frozen=True, slots=True)
class Found:
    """A transaction, and the service by which it is stored: of a change of an appointment, the appointment's."""

    transaction: OwnTransaction
    person_id: UUID
    of_service: str


async def own_transactions(session: AsyncSession, person_id: UUID, year: int) -> list[OwnTransaction]:
    """What the person did online in a year, by the days of the units; newest first."""
    days = {"since": date(year, 1, 1), "until": date(year, 12, 31)}
    rows = (await session.execute(_OF_YEAR, {"person_id": person_id} | days)).all()
    return [_own(row) for row in rows]


async def own_transaction(session: AsyncSession, people: Sequence[UUID], transaction_id: UUID) -> Found:
    """One of what these people did online.

    Raises:
        TransactionUnknown: there is none, it isn't theirs or wasn't done online.
    """
    row = (await session.execute(_ONE, {"people": list(people), "id": transaction_id})).one_or_none()
    if row is None:
        raise TransactionUnknown
    return Found(_own(row), row.person_id, row.of_service)


async def first_year(session: AsyncSession, person_id: UUID) -> int | None:
    """The year of the person's first transaction; None if they have none."""
    first = select(func.min(ServiceTransaction.day)).where(ServiceTransaction.person_id == person_id)
    day: date | None = await session.scalar(first)
    return day.year if day is not None else None


def _own(row: Any) -> OwnTransaction:
    return OwnTransaction(
        id=row.id,
        service=row.service,
        day=row.day,
        at=row.at,
        timezone=row.timezone,
        unit_id=row.unit_id,
        outcome=Outcome(row.outcome),
        is_repeat=row.is_repeat,
        is_followed_by_visit=row.is_followed_by_visit,
        correction=Correction(row.correction) if row.correction else None,
        corrected_at=row.corrected_at,
        would_have_visited=row.would_have_visited,
        sums={name: int(getattr(row, name)) for name in SUMS},
    )


def unit_ids(transactions: Sequence[OwnTransaction]) -> set[UUID]:
    """The units that they are about."""
    return {one.unit_id for one in transactions if one.unit_id is not None}
