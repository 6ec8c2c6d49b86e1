"""Shared state of the simulation: random numbers, population, log, hours of use and durations."""

import random
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from app.demo.history.days import Span, day_sampler, weighted_sampler
from app.demo.history.log import Log
from app.demo.history.plans import ANSWERS, BY_API, DEVICES, DISPLEASED, DOES_NOT_KNOW, PLEASED
from app.demo.history.population import ADULT, ELDERLY, Clinic, Member, Population
from app.kernel.actor import Assurance, Channel, Citizen, Device, Role, Staff

if TYPE_CHECKING:
    from app.demo.history.desk import Coming
    from app.demo.history.ticket_log import RecordedTicket

ONLINE = (3, 2, 1, 1, 1, 2, 5, 12, 20, 26, 27, 24, 20, 17, 15, 14, 13, 13, 14, 17, 20, 18, 12, 6)
OFFICE = (0, 0, 0, 0, 0, 0, 0, 0, 24, 21, 17, 13, 10, 8, 7, 6, 5, 4, 3)
"""Visits by hour from midnight: offices are busiest in the morning."""
CHILDREN_COME, ELDERLY_COME = 0.8, 1.2
SPREAD = 0.55
"""Sigma of the lognormal that active seconds are drawn from."""
LONGEST = 2_400.0
SLOWER_ON_A_PHONE = 1.15


class Survey(TypedDict):
    """Answers to the survey."""

    would_have_visited: bool | None
    satisfaction: int | None


class Simulator:
    """Draws everything from one seed in a fixed order, so that runs are reproducible."""

    def __init__(self, rng: random.Random, population: Population, span: Span, log: Log) -> None:
        self.rng, self.population, self.span, self.log = rng, population, span, log
        self.online_hour = weighted_sampler(rng, range(len(ONLINE)), ONLINE)
        self.office_hour = weighted_sampler(rng, range(len(OFFICE)), OFFICE)
        self.device = weighted_sampler(rng, [Device(name) for name in DEVICES], list(DEVICES.values()))
        self.any_person = self._people(population.people)
        self.an_adult = self._people([person for person in population.people if person.age(span.until) >= ADULT])
        self._folios = 0
        self.coming: list[Coming] = []
        """Who comes to a desk, until the desks are simulated."""
        self.tickets: list[RecordedTicket] = []

    def _people(self, people: Sequence[Member]) -> Callable[[], Member]:
        return weighted_sampler(self.rng, people, [person.clinic.busy * self._comes(person) for person in people])

    def _comes(self, person: Member) -> float:
        age = person.age(self.span.until)
        return CHILDREN_COME if age < ADULT else ELDERLY_COME if age >= ELDERLY else 1.0

    def days(self, growth: tuple[float, float], *, offices: bool = False) -> Callable[[], date]:
        """A draw of days; see `day_sampler`."""
        return day_sampler(self.rng, self.span, growth, offices=offices)

    def count(self, a_year: float) -> int:
        """Return the number of occurrences for a rate per person and year."""
        return round(len(self.population.people) * a_year * len(self.span.days) / 365)

    def chance(self, share: float) -> bool:
        """Return True with this probability."""
        return self.rng.random() < share

    def about(self, median: float, spread: float = SPREAD) -> float:
        """Return a duration around a median, never negative, with a long tail."""
        return self.rng.lognormvariate(0, spread) * median

    def seconds(self, visitor: Citizen, median: float) -> float:
        """Active seconds of a transaction."""
        slower = SLOWER_ON_A_PHONE if visitor.device is Device.PHONE else 1.0
        return min(LONGEST, max(4.0, self.about(median * slower)))

    def at(self, clinic: Clinic, day: date, hour: int) -> datetime:
        """Return an instant within that hour in the clinic's time zone."""
        moment = time(hour, self.rng.randrange(60), self.rng.randrange(60), self.rng.randrange(1000) * 1000)
        return datetime.combine(day, moment, clinic.zone)

    def at_the_office(self, clinic: Clinic, day: date) -> datetime:
        """Return an instant of opening hours, that day or the next the clinic is open."""
        return self.at(clinic, self.span.next_open(day), self.office_hour())

    def at_home(self, clinic: Clinic, day: date) -> datetime:
        """Return an instant at which people are online."""
        return self.at(clinic, day, self.online_hour())

    def visitor(self, person: Member) -> Citizen:
        """Return the person online, or who acts for them."""
        acting = person.holder_id or person.id
        if self.chance(BY_API):
            return Citizen(acting, Channel.API, device=Device.PROGRAM, assurance=Assurance.FULL)
        return Citizen(acting, Channel.WEB, device=self.device(), assurance=Assurance.FULL)

    def receptionist(self, channel: Channel = Channel.DESK) -> Staff:
        """Return who serves at the desk or on the telephone."""
        return Staff(self.population.crew.receptionist, Role.RECEPTIONIST, None, channel)

    def officer(self) -> Staff:
        """Return who decides."""
        return Staff(self.population.crew.officer, Role.OFFICER, None)

    def supervisor(self) -> Staff:
        """Return who decides appeals."""
        return Staff(self.population.crew.supervisor, Role.SUPERVISOR, None)

    def folio(self, prefix: str) -> str:
        """Return an impossible folio: O isn't in the alphabet, so no page opens it."""
        self._folios += 1
        return f"{prefix}-DEMO-{self._folios:06d}"

    def survey(self, visitor: Citizen, would_have_visited: float, *, is_pleased: bool = True) -> Survey | None:
        """Record the survey answers of some people; most don't answer."""
        if visitor.channel is not Channel.WEB or not self.chance(ANSWERS):
            return None
        weights = PLEASED if is_pleased else DISPLEASED
        answer = None if self.chance(DOES_NOT_KNOW) else self.chance(would_have_visited)
        return Survey(would_have_visited=answer, satisfaction=self.rng.choices(range(1, 6), weights)[0])


def measured(visitor: Citizen, seconds: float) -> float | None:
    """Return seconds as the portal records them: nothing is measured over the API."""
    return round(seconds, 1) if visitor.channel is Channel.WEB else None


def ids_of(person: Member, service: str) -> dict[str, UUID | str]:
    """What every fact about a person's transaction says."""
    return {"person_id": person.id, "unit_id": person.clinic.id, "service": service}
