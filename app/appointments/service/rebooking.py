"""Offer another time to who has an appointment that a closure hits: chosen by `rebooking`, held, recorded.

The seat of an offer is held by the offer itself (`holder_id`, `hold_id`), so the holds that its person makes meanwhile
don't release it, and no one else can take it until `held_until`. A deadline needs no job: when it is over the seat can
be had, and what is left of the offer is that its person is rung.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import rules
from app.appointments.horizon import horizon_parameters
from app.appointments.models import RebookingOffer
from app.appointments.queries.own import busy_times
from app.appointments.rebooking import Hit, OpenSeat, Placement, answer_before, earliest, place, terms_of
from app.appointments.service.eligibility import days_with_service, other_units
from app.appointments.statements import STATEMENTS
from app.kernel import clock, ids
from app.places.queries import unit_by_id

_HITS = STATEMENTS.load("rebooking/hits")
_TOUCH = STATEMENTS.load("rebooking/touch")
_OPEN_SEATS = STATEMENTS.load("rebooking/open_seats")
_HOLD_SEAT = STATEMENTS.load("rebooking/hold_seat")
_WITHDRAW = STATEMENTS.load("rebooking/withdraw")
WITHIN_DAYS = 7


@dataclass(frozen=True, slots=True)
class Offered:
    """What a hit appointment's person is offered, and until when they are asked."""

    offer_id: UUID
    appointment_id: UUID
    person_id: UUID
    folio: str
    version: int
    service: str
    room: int
    start_at: datetime
    reply_by: datetime
    held_until: datetime | None
    placement: Placement

    @property
    def answer_before(self) -> datetime | None:
        """By when the person is asked to answer; None where they are rung at once."""
        return answer_before(self.reply_by, clock.now())

    @property
    def facts(self) -> list[Any]:
        """What a preview shows of it: whom it hits, as they are now, and where they would go."""
        seat = self.placement.seat
        where = [str(seat.unit_id), seat.room, seat.start_at.isoformat()] if seat else None
        return [self.folio, self.version, where]


async def offer_times(
    session: AsyncSession, cause_id: UUID, unit_id: UUID, appointments: Collection[UUID]
) -> dict[UUID, Offered]:
    """Hold a time for each of these appointments, who has the earlier one first; those without a seat choose one
    themselves. The appointments are locked and marked, and their former times closed."""
    if not appointments:
        return {}
    now = clock.now()
    rows = (await session.execute(_HITS, {"unit_id": unit_id, "appointments": list(appointments)})).all()
    await session.execute(_TOUCH, {"unit_id": unit_id, "appointments": [row.id for row in rows]})
    hits = [await _hit(session, row) for row in rows]
    seats = {seat.key: seat for seat in await _open_seats(session, hits, now)}
    by_id = {row.id: row for row in rows}
    made: dict[UUID, Offered] = {}
    while len(made) < len(hits):
        left = [hit for hit in hits if hit.id not in made]
        for placement in place(left, seats.values(), now):
            offered = _offered(by_id[placement.hit.id], placement, now)
            if placement.seat is not None:
                del seats[placement.seat.key]
                if not await _hold(session, offered, placement.seat, now):
                    break  # someone took it this moment: what is left is placed again
            made[placement.hit.id] = offered
    session.add_all([_row(one, unit_id, cause_id, now) for one in made.values()])
    await session.flush()
    return made


async def _hit(session: AsyncSession, row: Any) -> Hit:
    policy = rules.policy_of(row.service)
    can_move = not (policy.own_unit and row.assigned_unit_id != row.unit_id)
    first = clock.local_day(row.start_at, row.timezone)
    days = [first + timedelta(days=number) for number in range(WITHIN_DAYS + 1)]
    allowed = await days_with_service(session, row.person_id, row.unit_id, row.service, days, moving=row.id)
    return Hit(
        row.id,
        row.person_id,
        row.unit_id,
        row.service,
        row.room,
        row.shift,
        row.start_at,
        row.folio,
        frozenset(allowed),
        await busy_times(session, row.person_id, row.id),
        can_move,
    )


async def _open_seats(session: AsyncSession, hits: Sequence[Hit], now: datetime) -> list[OpenSeat]:
    found: list[OpenSeat] = []
    for service in sorted({hit.service for hit in hits}):
        of_it = [hit for hit in hits if hit.service == service]
        unit = await unit_by_id(session, of_it[0].unit_id)
        first, last = min(one.start_at for one in of_it), max(one.start_at for one in of_it)
        others = await other_units(session, unit, service)
        params = horizon_parameters() | {
            "units": [unit.id, *(one.id for one in others)],
            "service": service,
            "first": clock.local_day(first, unit.timezone) - timedelta(days=1),  # another unit may have another zone
            "last": clock.local_day(last, unit.timezone) + timedelta(days=WITHIN_DAYS + 1),
            "earliest": earliest(first, now),
            "latest": last + timedelta(days=WITHIN_DAYS),
            "shifts": sorted({one.shift for one in of_it}),
            "now": now,
        }
        found += [OpenSeat(*row) for row in await session.execute(_OPEN_SEATS, params)]
    return found


def _offered(row: Any, placement: Placement, now: datetime) -> Offered:
    seat = placement.seat
    terms = terms_of(now, row.start_at, seat.start_at if seat else None)
    return Offered(
        ids.new_id(),
        row.id,
        row.person_id,
        row.folio,
        row.version,
        row.service,
        row.room,
        row.start_at,
        terms.reply_by,
        terms.held_until,
        placement,
    )


async def _hold(session: AsyncSession, offered: Offered, seat: OpenSeat, now: datetime) -> bool:
    params = {
        "offer_id": offered.offer_id,
        "unit_id": seat.unit_id,
        "room": seat.room,
        "start_at": seat.start_at,
        "seat": seat.seat,
        "held_until": offered.held_until,
        "now": now,
    }
    return (await session.execute(_HOLD_SEAT, params)).one_or_none() is not None


def _row(offered: Offered, unit_id: UUID, cause_id: UUID, now: datetime) -> RebookingOffer:
    seat, tier = offered.placement.seat, offered.placement.tier
    return RebookingOffer(
        id=offered.offer_id,
        unit_id=unit_id,
        appointment_id=offered.appointment_id,
        person_id=offered.person_id,
        cause_id=cause_id,
        room=offered.room,
        start_at=offered.start_at,
        tier=tier.value if tier else None,
        to_unit_id=seat.unit_id if seat else None,
        to_room=seat.room if seat else None,
        to_start_at=seat.start_at if seat else None,
        to_seat=seat.seat if seat else None,
        to_minutes=seat.minutes if seat else None,
        reply_by=offered.reply_by,
        held_until=offered.held_until,
        created_at=now,
    )


async def withdraw_offers(session: AsyncSession, appointments: Collection[UUID]) -> None:
    """Take back what was offered to these appointments: they stand again, or get another offer."""
    if appointments:
        await session.execute(_WITHDRAW, {"appointments": list(appointments), "now": clock.now()})


def event_fields(offered: Offered | None) -> Mapping[str, Any]:
    """What the event of an affected appointment says of its offer."""
    if offered is None:
        return {}
    seat = offered.placement.seat
    return {
        "offer_id": offered.offer_id,
        "offered_unit_id": seat.unit_id if seat else None,
        "offered_room": seat.room if seat else None,
        "offered_start_at": seat.start_at if seat else None,
        "reply_by": offered.reply_by,
    }
