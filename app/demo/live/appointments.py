"""Today's appointments of the live day: those that there are; where there are none, some are booked at the desk."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from app.appointments.horizon import last_open_day
from app.appointments.queries.availability import FreeTime, Own, free_times
from app.appointments.rules import MEDICAL, Status, has_own_doctor
from app.appointments.service import booking, holds
from app.appointments.service.holds import Place
from app.demo.live.plan import Booked
from app.desk.queries.day_list import day_list
from app.kernel import clock, db, ids
from app.kernel.actor import Staff
from app.kernel.idempotency import IdempotencyRequest
from app.kernel.problems import Problem
from app.places.models import Unit
from app.registry.models import Person

WANTED = {"family-medicine": 20, "preventive": 5, "dental": 4}
"""How many are booked, by service."""
AHEAD = timedelta(minutes=MEDICAL.min_ahead_minutes + 1)


async def booked_today(reception: Staff, unit_id: UUID) -> list[Booked]:
    """The open appointments of today whose people haven't come, in order of their time."""
    async with db.reading() as session:
        lines = await day_list(session, reception, unit_id)
    return [
        Booked(line.folio, line.service, line.room if has_own_doctor(line.service) else None)
        for line in lines
        if line.status == Status.BOOKED and line.ticket_id is None and line.affected is None
    ]


async def book_today(reception: Staff, unit: Unit, people: Sequence[Person]) -> list[Person]:
    """Book the next free times of today for some of these people; returns the others. In the evening and on days on
    which the unit doesn't open there is none to book."""
    left = list(people)
    for service, wanted in WANTED.items():
        others, count = [], 0
        for person in left:
            if count < wanted and await _book_one(reception, unit, person, service):
                count += 1
            else:
                others.append(person)
        left = others
    return left


async def _book_one(reception: Staff, unit: Unit, person: Person, service: str) -> bool:
    try:
        async with db.transaction() as session:
            own = Own(person.room, person.shift, person.id) if has_own_doctor(service) else Own(person_id=person.id)
            times = await free_times(
                session,
                unit.id,
                service,
                clock.today(unit.timezone),
                own=own,
                last=last_open_day(unit.timezone),
                earliest=clock.now() + AHEAD,
            )
            free = next((time for time in times if time.is_mine or not has_own_doctor(service)), None)
            if free is None:
                return False
            place = _place(unit, service, free)
            held = await holds.hold(session, reception, person.id, place, _once())
            await booking.book(session, reception, person.id, held.value.id, _once())
    except Problem:  # they have an appointment already, or no rights any more
        return False
    return True


def _place(unit: Unit, service: str, free: FreeTime) -> Place:
    return Place(unit.id, service, free.room, free.start_at)


def _once() -> IdempotencyRequest:
    key = ids.new_id()
    return IdempotencyRequest(str(key), key.bytes)
