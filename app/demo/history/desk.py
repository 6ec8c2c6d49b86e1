"""Simulated tickets with their waits, of people with and without an appointment; and abandoned online sessions."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.demo.history.days import FIRST_DAYS, weighted_sampler
from app.demo.history.log import after
from app.demo.history.plans import LEFT_A_YEAR, PLANS, WALK_INS, WALK_INS_A_YEAR
from app.demo.history.population import Member
from app.demo.history.simulator import Simulator, ids_of
from app.desk.events import TicketArrived, TicketCalled, TicketLeft, TicketServed
from app.identity.events import SessionAbandoned
from app.kernel.actor import Anonymous, Channel, Citizen

WAIT_BY_HOUR = {8: 52, 9: 58, 10: 47, 11: 38, 12: 30, 13: 25, 14: 22, 15: 20, 16: 18, 17: 15, 18: 14, 19: 12}
"""Median wait without an appointment, in minutes."""
WAIT_BOOKED = 0.5
"""Share of that wait with an appointment."""
WAIT_FIRST_DAYS = 1.35
WAIT_SPREAD = 0.6
PATIENCE_MINUTES, PATIENCE_SPREAD = 170, 0.5
ATTENTION_MINUTES = {"family-medicine": 14, "dental": 24, "preventive": 17, "window": 9, "vigencia": 6, "weeks": 7}
ATTENTION_OTHERS = 13
REDIRECTED = 0.03
RECORDED_LATE = 0.03
"""Tickets of a desk that was offline for a while."""
ANONYMOUS, SERVICE_STATED = 0.35, 0.55
SECONDS_OF_A_LOOK = 45


@dataclass(frozen=True, slots=True)
class Turn:
    """A visit to a desk."""

    person: Member
    service: str
    arrived: datetime
    appointment_id: UUID | None = None


def simulate_walk_ins(simulator: Simulator) -> None:
    """Simulate people without an appointment: fewer over the year."""
    day, service = (
        simulator.days((1.2, 0.85), offices=True),
        weighted_sampler(simulator.rng, list(WALK_INS), list(WALK_INS.values())),
    )
    for _ in range(simulator.count(WALK_INS_A_YEAR)):
        walk_in(simulator, simulator.any_person(), service(), day())


def walk_in(simulator: Simulator, person: Member, service: str, day: date) -> None:
    """Simulate one of them, that day or the next the clinic is open."""
    attend(simulator, Turn(person, service, simulator.at_the_office(person.clinic, day)))


def attend(simulator: Simulator, turn: Turn) -> None:
    """Simulate the events of a ticket: arrived, called, served, left; or gave up waiting."""
    late = simulator.rng.uniform(20, 180) if simulator.chance(RECORDED_LATE) else 0.0
    ticket_id, staff = simulator.log.id_at(turn.arrived), simulator.receptionist()
    common = {"subject_id": ticket_id, **ids_of(turn.person, turn.service)}

    def append(kind: type, happened: datetime, **more: object) -> None:
        simulator.log.append(after(happened, minutes=late), staff, kind(**common, happened_at=happened, **more))

    is_walk_in = turn.appointment_id is None
    append(TicketArrived, turn.arrived, appointment_id=turn.appointment_id, walk_in=is_walk_in)
    wait, patience = _wait(simulator, turn), simulator.about(PATIENCE_MINUTES, PATIENCE_SPREAD)
    if wait > patience:
        append(TicketLeft, after(turn.arrived, minutes=patience), outcome="gave-up")
        return
    called = after(turn.arrived, minutes=wait)
    served = after(called, seconds=simulator.rng.uniform(15, 90))
    attention = simulator.about(ATTENTION_MINUTES.get(turn.service, ATTENTION_OTHERS), 0.45)
    outcome = "redirected" if is_walk_in and simulator.chance(REDIRECTED) else "done"
    append(TicketCalled, called, window=simulator.rng.randint(1, 4))
    append(TicketServed, served)
    append(TicketLeft, after(served, minutes=attention), outcome=outcome)


def _wait(simulator: Simulator, turn: Turn) -> float:
    at = turn.arrived
    median = WAIT_BY_HOUR.get(at.hour, min(WAIT_BY_HOUR.values())) * turn.person.clinic.slow
    if at.day <= FIRST_DAYS:
        median *= WAIT_FIRST_DAYS
    return simulator.about(median if turn.appointment_id is None else median * WAIT_BOOKED, WAIT_SPREAD)


def simulate_remaining_visits(simulator: Simulator) -> None:
    """Simulate people who browsed the pages and left."""
    day = simulator.days((0.7, 1.3))
    service = weighted_sampler(simulator.rng, list(PLANS), [plan.share for plan in PLANS.values()])
    for _ in range(simulator.count(LEFT_A_YEAR)):
        person = simulator.an_adult()
        at = simulator.at_home(person.clinic, day())
        is_known = not simulator.chance(ANONYMOUS)
        device = simulator.device()
        actor = Citizen(person.id, Channel.WEB, device=device) if is_known else Anonymous(Channel.WEB, device=device)
        left = SessionAbandoned(
            subject_id=simulator.log.id_at(at),
            person_id=person.id if is_known else None,
            service=service() if simulator.chance(SERVICE_STATED) else None,
            seconds=round(max(1.0, simulator.about(SECONDS_OF_A_LOOK, 0.9)), 1),
        )
        simulator.log.append(at, actor, left)
