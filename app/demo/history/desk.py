"""People at the desks: who comes when, with an appointment or without one; and abandoned online sessions."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.demo.history.days import weighted_sampler
from app.demo.history.plans import LEFT_A_YEAR, PLANS, WALK_INS, WALK_INS_A_YEAR
from app.demo.history.population import Member
from app.demo.history.simulator import Simulator
from app.identity.events import SessionAbandoned
from app.kernel.actor import Anonymous, Channel, Citizen

ANONYMOUS, SERVICE_STATED = 0.35, 0.55
SECONDS_OF_A_LOOK = 45


@dataclass(frozen=True, slots=True)
class DueAt:
    """The appointment that a person comes for."""

    id: UUID
    folio: str
    room: int
    start_at: datetime


@dataclass(frozen=True, slots=True)
class Coming:
    """A person at a desk, and when they arrive."""

    person: Member
    service: str
    at: datetime
    appointment: DueAt | None = None

    @property
    def on(self) -> datetime:
        """The instant whose day and half of the day it belongs to."""
        return self.appointment.start_at if self.appointment is not None else self.at


def simulate_walk_ins(simulator: Simulator) -> None:
    """Send people without an appointment: fewer over the year."""
    day, service = (
        simulator.days((1.2, 0.85), offices=True),
        weighted_sampler(simulator.rng, list(WALK_INS), list(WALK_INS.values())),
    )
    for _ in range(simulator.count(WALK_INS_A_YEAR)):
        walk_in(simulator, simulator.any_person(), service(), day())


def walk_in(simulator: Simulator, person: Member, service: str, day: date) -> None:
    """Send one of them, that day or the next the clinic is open."""
    simulator.coming.append(Coming(person, service, simulator.at_the_office(person.clinic, day)))


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
