"""Offers of freed appointments, as staff of the unit see them; and what they are made from."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries import freed
from app.desk.rules.offers import SOON, Freed, FreedTime, WalkIn
from app.desk.rules.turns import Arrival, Turn, TurnPolicy
from app.desk.statements import STATEMENTS
from app.kernel import clock
from app.kernel.problems import NotFound

_OFFERS = STATEMENTS.load("offers")
_WAITING = STATEMENTS.load("walk_ins_waiting")


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer: which ticket, its person's name if they are known, which time, why that is free, and which of those
    without an appointment the ticket was (`place`)."""

    id: UUID
    unit_id: UUID
    ticket_id: UUID
    number: str
    service: str
    person_id: UUID | None
    full_name: str | None
    room: int
    start_at: datetime
    minutes: int
    freed: str
    place: int
    status: str
    made_at: datetime
    answered_at: datetime | None
    appointment_folio: str | None
    timezone: str


async def open_offers(session: AsyncSession, unit_id: UUID) -> list[OfferView]:
    """Those without an answer, by time. The caller has checked who asks."""
    return [OfferView(*row) for row in await session.execute(_OFFERS, {"unit_id": unit_id, "id": None})]


async def offer_view(session: AsyncSession, unit_id: UUID, offer_id: UUID) -> OfferView:
    """One of them, answered or not. The caller has checked who asks.

    Raises:
        NotFound: no such offer there.
    """
    row = (await session.execute(_OFFERS, {"unit_id": unit_id, "id": offer_id})).one_or_none()
    if row is None:
        raise NotFound
    return OfferView(*row)


async def freed_at(session: AsyncSession, unit_id: UUID) -> list[FreedTime]:
    """The freed times of a unit that are near enough to be offered."""
    rows = await freed.freed_times(session, unit_id, clock.now() + SOON)
    return [FreedTime(row.service, row.room, row.start_at, row.seat, row.minutes, Freed(row.freed)) for row in rows]


async def walk_ins_at(session: AsyncSession, unit_id: UUID) -> tuple[list[WalkIn], dict[UUID, str], dict[UUID, UUID]]:
    """The tickets that wait at a unit without an appointment, their numbers as they are called, and of whom they are
    as far as it is known."""
    rows = (await session.execute(_WAITING, {"unit_id": unit_id, "now": clock.now()})).all()
    tickets = [
        WalkIn(
            row.id,
            row.service,
            row.number,
            Arrival(row.arrived_at, is_protected=row.is_protected),
            Turn(row.rank_at, row.first_at),
            TurnPolicy(
                row.tolerance,
                row.walk_in_offset,
                row.protected,
                row.appointment_target,
                row.walk_in_target,
                row.grace,
            ),
            row.room,
            is_known=row.person_id is not None,
            has_appointment=row.has_appointment,
        )
        for row in rows
    ]
    people = {row.id: row.person_id for row in rows if row.person_id is not None}
    return tickets, {row.id: row.printed for row in rows}, people
