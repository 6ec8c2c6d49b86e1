"""Simulated appointments: held and booked online or at a desk, rescheduled, cancelled, attended or missed."""

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
from app.demo.history.days import weighted_sampler
from app.demo.history.desk import Coming, DueAt
from app.demo.history.log import after
from app.demo.history.population import Member
from app.demo.history.simulator import Simulator, ids_of, measured
from app.demo.history.ticket_log import DAY_END, DAY_END_JOB, attendance_of
from app.demo.history.wings import lateness
from app.desk.events import AppointmentMissed
from app.kernel.actor import Channel, Citizen, Staff
from app.kernel.clock import local_day

ONLINE_FIRST, ONLINE_LAST = 0.36, 0.68
"""Share booked online, at the beginning and at the end."""
BY_TELEPHONE = 0.3
NOT_BOOKED, RELEASED = 0.09, 0.4
MOVED, CANCELLED = 0.07, 0.08
MISSED, MISSED_PER_DAY = 0.09, 0.008
"""No-show rate, which grows with the lead time."""
MISSED_SEEN = 0.6
"""Of them are recorded on the doctor's list."""
LONGEST_LEAD = 14
HOLD = timedelta(minutes=5)
MORNING = 0.62
FIRST_HOUR, NOON, LAST_HOUR = 8, 14, 20
REASONS = ("better", "another-time", "no-transport", "other")
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Booking:
    """State of an appointment."""

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
        """Return the fields common to its events."""
        return {"subject_id": self.id, **ids_of(self.person, self.service), "folio": self.folio}

    @property
    def when(self) -> dict[str, Any]:
        """Return room, time and duration."""
        return {"room": self.room, "start_at": self.start_at, "minutes": plans.SLOT_MINUTES[self.service]}


def simulate_appointments(simulator: Simulator) -> None:
    """Simulate all appointments."""
    day = simulator.days((0.9, 1.1))
    service = weighted_sampler(simulator.rng, list(plans.APPOINTMENTS), list(plans.APPOINTMENTS.values()))
    for _ in range(simulator.count(plans.APPOINTMENTS_A_YEAR)):
        booked = _book(simulator, simulator.any_person(), service(), day())
        if booked is not None:
            _simulate_outcome(simulator, booked)


def _book(simulator: Simulator, person: Member, service: str, day: date) -> Booking | None:
    is_online = simulator.chance(ONLINE_FIRST + (ONLINE_LAST - ONLINE_FIRST) * simulator.span.progress(day))
    actor: Citizen | Staff = simulator.visitor(person) if is_online else _desk(simulator)
    at = simulator.at_home(person.clinic, day) if is_online else simulator.at_the_office(person.clinic, day)
    room = plans.ROOMS_FROM[service] + (simulator.rng.randrange(4) if service == "family-medicine" else 0)
    start_at = _slot(
        simulator, person, service, _day(at, person) + timedelta(days=simulator.rng.randint(1, LONGEST_LEAD))
    )
    seconds = simulator.seconds(actor, plans.APPOINTMENT_SECONDS) if isinstance(actor, Citizen) else 40.0
    hold_id = _hold(simulator, person, service, actor, room, start_at, at, seconds / 2)
    made_at = after(at, seconds=seconds / 2)
    if isinstance(actor, Citizen) and simulator.chance(NOT_BOOKED):
        if simulator.chance(RELEASED):
            event = HoldReleased(subject_id=hold_id, person_id=person.id, seconds=_seen(actor, 8))
            simulator.log.append(made_at, actor, event)
        return None
    folio = simulator.folio("C")
    made = Booking(simulator.log.id_at(made_at), person, actor, service, folio, room, start_at, made_at)
    fact = AppointmentBooked(**made.common, **made.when, hold_id=hold_id, seconds=_seen(actor, seconds / 2))
    simulator.log.append(made_at, actor, fact)
    _ask(simulator, made, made_at, plans.APPOINTMENT_WOULD_HAVE_VISITED)
    return made


def _day(moment: datetime, person: Member) -> date:
    return local_day(moment, person.clinic.zone.key)


def _desk(simulator: Simulator) -> Staff:
    return simulator.receptionist(Channel.PHONE if simulator.chance(BY_TELEPHONE) else Channel.DESK)


def _seen(actor: Citizen | Staff, seconds: float) -> float | None:
    return measured(actor, seconds) if isinstance(actor, Citizen) else None


def _slot(simulator: Simulator, person: Member, service: str, day: date) -> datetime:
    """Return a slot of the unit on that day or the next open one."""
    opens, closes = (FIRST_HOUR, NOON) if simulator.chance(MORNING) else (NOON, LAST_HOUR)
    minutes = plans.SLOT_MINUTES[service]
    number = simulator.rng.randrange((closes - opens) * 60 // minutes)
    midnight = datetime.combine(simulator.span.next_open(day), time(0), person.clinic.zone)
    return midnight + timedelta(hours=opens, minutes=number * minutes)


def _hold(
    simulator: Simulator,
    person: Member,
    service: str,
    actor: Citizen | Staff,
    room: int,
    start_at: datetime,
    at: datetime,
    seconds: float,
) -> UUID:
    hold_id = simulator.log.id_at(at)
    held = SeatHeld(
        subject_id=hold_id,
        **ids_of(person, service),  # type: ignore[arg-type] # ids and a name
        room=room,
        start_at=start_at,
        held_until=at + HOLD,
        seconds=_seen(actor, seconds),
    )
    simulator.log.append(at, actor, held)
    return hold_id


def _simulate_outcome(simulator: Simulator, booking: Booking) -> None:
    if simulator.chance(MOVED):
        booking = _move(simulator, booking)
    if simulator.chance(CANCELLED) and _cancel(simulator, booking):
        return
    lead = (booking.start_at - booking.made_at).total_seconds() / DAY_SECONDS
    due = DueAt(booking.id, booking.folio, booking.room, booking.start_at)
    if simulator.chance(MISSED + MISSED_PER_DAY * lead):
        _miss(simulator, Coming(booking.person, booking.service, booking.start_at, due), due)
        return
    arrived = after(booking.start_at, minutes=lateness(simulator.rng))
    simulator.coming.append(Coming(booking.person, booking.service, arrived, due))


def _miss(simulator: Simulator, expected: Coming, due: DueAt) -> None:
    """Record who never came: the doctor's list does after a while, or else the end of the day."""
    missed = AppointmentMissed(**attendance_of(expected, due))
    if simulator.chance(MISSED_SEEN):
        simulator.log.append(
            after(due.start_at, minutes=simulator.rng.uniform(20, 40)), simulator.receptionist(), missed
        )
        return
    if due.start_at >= simulator.log.until:
        return
    zone = expected.person.clinic.zone
    midnight = datetime.combine(local_day(due.start_at, zone.key), time(0), zone)
    simulator.log.append(simulator.log.in_time(after(midnight, minutes=DAY_END_JOB)), DAY_END, missed)


def _change_at(simulator: Simulator, booking: Booking) -> datetime | None:
    """Return an instant between the booking and two hours before the appointment."""
    left = (booking.start_at - booking.made_at).total_seconds() - 2 * 3600
    if left < DAY_SECONDS / 2:
        return None
    day = _day(booking.made_at + timedelta(seconds=simulator.rng.uniform(0, left)), booking.person)
    at = simulator.at_home(booking.person.clinic, day)
    return at if booking.made_at < at < booking.start_at - timedelta(hours=2) else None


def _move(simulator: Simulator, booking: Booking) -> Booking:
    at = _change_at(simulator, booking)
    if at is None:
        return booking
    actor = simulator.visitor(booking.person)
    later = _day(booking.start_at, booking.person) + timedelta(days=simulator.rng.randint(1, 7))
    start_at = _slot(simulator, booking.person, booking.service, later)
    seconds = simulator.seconds(actor, plans.CHANGE_SECONDS)
    hold_id = _hold(simulator, booking.person, booking.service, actor, booking.room, start_at, at, seconds / 2)
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
    simulator.log.append(moved_at, actor, fact)
    return moved


def _cancel(simulator: Simulator, booking: Booking) -> bool:
    at = _change_at(simulator, booking)
    if at is None:
        return False
    actor = simulator.visitor(booking.person)
    fact = AppointmentCancelled(
        **booking.common,
        **booking.when,
        reason=simulator.rng.choice(REASONS),
        version=booking.version + 1,
        seconds=measured(actor, simulator.seconds(actor, plans.CHANGE_SECONDS)),
    )
    simulator.log.append(at, actor, fact)
    return True


def _ask(simulator: Simulator, booking: Booking, at: datetime, would_have_visited: float) -> None:
    if not isinstance(booking.actor, Citizen):
        return
    answers = simulator.survey(booking.actor, would_have_visited)
    if answers is not None:
        event = AppointmentFeedbackGiven(**booking.common, **answers, seconds=6.0)
        simulator.log.append(after(at, seconds=simulator.rng.uniform(5, 40)), booking.actor, event)
