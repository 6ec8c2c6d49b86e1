"""Stories of appointments: held and booked online or at a desk, moved, cancelled, kept or missed."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from app.appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentFeedbackGiven,
    AppointmentMoved,
    HoldReleased,
    SeatHeld,
)
from app.demo.history import plans
from app.demo.history.cast import Member
from app.demo.history.days import picker
from app.demo.history.desk import Turn, attend
from app.demo.history.log import after
from app.demo.history.telling import Teller, ids_of, measured
from app.desk.events import AppointmentMissed
from app.kernel.actor import Channel, Citizen, Staff
from app.kernel.clock import local_day

ONLINE_FIRST, ONLINE_LAST = 0.36, 0.68
"""Share booked online, at the beginning and at the end."""
BY_TELEPHONE = 0.3
NOT_BOOKED, GIVEN_BACK = 0.09, 0.4
MOVED, CANCELLED = 0.07, 0.08
MISSED, MISSED_PER_DAY = 0.09, 0.008
"""Nobody comes: more often, the longer ago it was booked."""
LONGEST_LEAD = 14
HOLD = timedelta(minutes=5)
MORNING = 0.62
FIRST_HOUR, NOON, LAST_HOUR = 8, 14, 20
REASONS = ("better", "another-time", "no-transport", "other")
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Booking:
    """An appointment as it stands."""

    id: UUID
    person: Member
    actor: Citizen | Staff
    service: str
    folio: str
    room: int
    start_at: datetime
    made_at: datetime
    version: int = 1

    @property
    def common(self) -> dict[str, Any]:
        """What every fact about it says."""
        return {"subject_id": self.id, **ids_of(self.person, self.service), "folio": self.folio}

    @property
    def when(self) -> dict[str, Any]:
        """Room, time and length."""
        return {"room": self.room, "start_at": self.start_at, "minutes": plans.SLOT_MINUTES[self.service]}


def tell_appointments(teller: Teller) -> None:
    """All of them."""
    day = teller.days((0.9, 1.1))
    service = picker(teller.rng, list(plans.APPOINTMENTS), list(plans.APPOINTMENTS.values()))
    for _ in range(teller.count(plans.APPOINTMENTS_A_YEAR)):
        booked = _book(teller, teller.anybody(), service(), day())
        if booked is not None:
            _what_became(teller, booked)


def _book(teller: Teller, person: Member, service: str, day: date) -> Booking | None:
    is_online = teller.chance(ONLINE_FIRST + (ONLINE_LAST - ONLINE_FIRST) * teller.span.progress(day))
    actor: Citizen | Staff = teller.visitor(person) if is_online else _desk(teller)
    at = teller.at_home(person.clinic, day) if is_online else teller.at_the_office(person.clinic, day)
    room = plans.ROOMS_FROM[service] + (teller.rng.randrange(4) if service == "family-medicine" else 0)
    start_at = _slot(teller, person, service, _day(at, person) + timedelta(days=teller.rng.randint(1, LONGEST_LEAD)))
    seconds = teller.seconds(actor, plans.APPOINTMENT_SECONDS) if isinstance(actor, Citizen) else 40.0
    hold_id = _hold(teller, person, service, actor, room, start_at, at, seconds / 2)
    made_at = after(at, seconds=seconds / 2)
    if isinstance(actor, Citizen) and teller.chance(NOT_BOOKED):
        if teller.chance(GIVEN_BACK):
            said = HoldReleased(subject_id=hold_id, person_id=person.id, seconds=_seen(actor, 8))
            teller.log.tell(made_at, actor, said)
        return None
    folio = teller.folio("C")
    made = Booking(teller.log.id_at(made_at), person, actor, service, folio, room, start_at, made_at)
    fact = AppointmentBooked(**made.common, **made.when, hold_id=hold_id, seconds=_seen(actor, seconds / 2))
    teller.log.tell(made_at, actor, fact)
    _ask(teller, made, made_at, plans.APPOINTMENT_WOULD_HAVE_VISITED)
    return made


def _day(moment: datetime, person: Member) -> date:
    return local_day(moment, person.clinic.zone.key)


def _desk(teller: Teller) -> Staff:
    return teller.receptionist(Channel.PHONE if teller.chance(BY_TELEPHONE) else Channel.DESK)


def _seen(actor: Citizen | Staff, seconds: float) -> float | None:
    return measured(actor, seconds) if isinstance(actor, Citizen) else None


def _slot(teller: Teller, person: Member, service: str, day: date) -> datetime:
    """A time of the unit's book, on that day or the first after it that it is open."""
    opens, closes = (FIRST_HOUR, NOON) if teller.chance(MORNING) else (NOON, LAST_HOUR)
    minutes = plans.SLOT_MINUTES[service]
    number = teller.rng.randrange((closes - opens) * 60 // minutes)
    midnight = datetime.combine(teller.span.next_open(day), time(0), person.clinic.zone)
    return midnight + timedelta(hours=opens, minutes=number * minutes)


def _hold(
    teller: Teller,
    person: Member,
    service: str,
    actor: Citizen | Staff,
    room: int,
    start_at: datetime,
    at: datetime,
    seconds: float,
) -> UUID:
    hold_id = teller.log.id_at(at)
    held = SeatHeld(
        subject_id=hold_id,
        **ids_of(person, service),  # type: ignore[arg-type] # ids and a name
        room=room,
        start_at=start_at,
        held_until=at + HOLD,
        seconds=_seen(actor, seconds),
    )
    teller.log.tell(at, actor, held)
    return hold_id


def _what_became(teller: Teller, booking: Booking) -> None:
    if teller.chance(MOVED):
        booking = _move(teller, booking)
    if teller.chance(CANCELLED) and _cancel(teller, booking):
        return
    lead = (booking.start_at - booking.made_at).total_seconds() / DAY_SECONDS
    if teller.chance(MISSED + MISSED_PER_DAY * lead):
        missed = AppointmentMissed(**booking.common, start_at=booking.start_at)
        teller.log.tell(after(booking.start_at, minutes=teller.rng.uniform(20, 40)), teller.receptionist(), missed)
        return
    arrived = after(booking.start_at, minutes=-teller.rng.uniform(2, 35))
    attend(teller, Turn(booking.person, booking.service, arrived, booking.id))


def _change_at(teller: Teller, booking: Booking) -> datetime | None:
    """An instant between its making and two hours before it."""
    left = (booking.start_at - booking.made_at).total_seconds() - 2 * 3600
    if left < DAY_SECONDS / 2:
        return None
    day = _day(booking.made_at + timedelta(seconds=teller.rng.uniform(0, left)), booking.person)
    at = teller.at_home(booking.person.clinic, day)
    return at if booking.made_at < at < booking.start_at - timedelta(hours=2) else None


def _move(teller: Teller, booking: Booking) -> Booking:
    at = _change_at(teller, booking)
    if at is None:
        return booking
    actor = teller.visitor(booking.person)
    later = _day(booking.start_at, booking.person) + timedelta(days=teller.rng.randint(1, 7))
    start_at = _slot(teller, booking.person, booking.service, later)
    seconds = teller.seconds(actor, plans.CHANGE_SECONDS)
    hold_id = _hold(teller, booking.person, booking.service, actor, booking.room, start_at, at, seconds / 2)
    moved_at = after(at, seconds=seconds / 2)
    moved = replace(booking, actor=actor, start_at=start_at, made_at=moved_at, version=booking.version + 1)
    fact = AppointmentMoved(
        **moved.common,
        **moved.when,
        from_room=booking.room,
        from_start_at=booking.start_at,
        version=moved.version,
        hold_id=hold_id,
        seconds=measured(actor, seconds / 2),
    )
    teller.log.tell(moved_at, actor, fact)
    return moved


def _cancel(teller: Teller, booking: Booking) -> bool:
    at = _change_at(teller, booking)
    if at is None:
        return False
    actor = teller.visitor(booking.person)
    fact = AppointmentCancelled(
        **booking.common,
        **booking.when,
        reason=teller.rng.choice(REASONS),
        version=booking.version + 1,
        seconds=measured(actor, teller.seconds(actor, plans.CHANGE_SECONDS)),
    )
    teller.log.tell(at, actor, fact)
    return True


def _ask(teller: Teller, booking: Booking, at: datetime, would_have_visited: float) -> None:
    if not isinstance(booking.actor, Citizen):
        return
    answers = teller.survey(booking.actor, would_have_visited)
    if answers is not None:
        said = AppointmentFeedbackGiven(**booking.common, **answers, seconds=6.0)
        teller.log.tell(after(at, seconds=teller.rng.uniform(5, 40)), booking.actor, said)
