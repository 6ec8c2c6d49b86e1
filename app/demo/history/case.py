"""A simulated request and the current instant of its simulation."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.catalog.definition import Service
from app.demo.history.log import after
from app.demo.history.plans import Plan
from app.demo.history.population import Member
from app.demo.history.simulator import Simulator, measured
from app.kernel.actor import Actor, Citizen, System
from app.kernel.clock import local_day
from app.requests.rules import clock as legal

RULES, KEEPER = System("rules"), System("history")


@dataclass(slots=True)
class Case:
    """A request and the current instant of its simulation."""

    simulator: Simulator
    service: Service
    plan: Plan
    person: Member
    actor: Citizen
    at: datetime
    common: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.common = {
            "subject_id": self.simulator.log.id_at(self.at),
            "person_id": self.person.id,
            "unit_id": self.person.clinic.id,
            "service": self.service.id,
            "service_version": self.service.version,
            "folio": self.simulator.folio("S"),
        }

    @property
    def day(self) -> date:
        """The day in the clinic's time zone."""
        return local_day(self.at, self.person.clinic.zone.key)

    def step(self, kind: type, seconds: float, **more: Any) -> None:
        """Record an event of the person after a number of active seconds."""
        self.at = after(self.at, seconds=seconds + 0.5)
        event = kind(**self.common, **more, seconds=measured(self.actor, seconds) if seconds else None)
        self.simulator.log.append(self.at, self.actor, event)

    def append_event(self, actor: Actor, kind: type, **more: Any) -> None:
        """Record an event of another actor, a moment later."""
        self.at = after(self.at, seconds=0.15)
        self.simulator.log.append(self.at, actor, kind(**self.common, **more))

    def due_on(self, working_days: int) -> date:
        """Return the day that number of working days from today."""
        return legal.add_working_days(self.day, working_days, self.simulator.span.rest)
