"""Who is in the history: people with their clinics, and the staff of the demonstration."""

import random
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

ADULT, ELDERLY = 18, 60
QUIET_EVERY, QUIET = 7, 0.07
"""Every seventh clinic has hardly any visits, so that there are counts too small to show."""
DAYS_OF_YEAR = 365.25


@dataclass(frozen=True, slots=True, eq=False)
class Clinic:
    """A unit: how much comes in, and how long one waits, against the others'."""

    id: UUID
    zone: ZoneInfo
    busy: float
    slow: float


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A person; `holder_id` acts for a child."""

    id: UUID
    clinic: Clinic
    birth_on: date
    holder_id: UUID | None

    def age(self, day: date) -> float:
        """In years, near enough."""
        return (day - self.birth_on).days / DAYS_OF_YEAR


@dataclass(frozen=True, slots=True)
class StaffPool:
    """Staff of the demonstration, by what they do."""

    receptionist: UUID
    officer: UUID
    supervisor: UUID


@dataclass(frozen=True, slots=True)
class Population:
    """All of them."""

    people: list[Member]
    crew: StaffPool

    @property
    def clinics(self) -> list[Clinic]:
        """Clinics somebody belongs to."""
        return list(dict.fromkeys(member.clinic for member in self.people))


def clinic(rng: random.Random, number: int, unit_id: UUID, timezone: str) -> Clinic:
    """The clinic of this place in the list."""
    busy = QUIET if number % QUIET_EVERY == QUIET_EVERY - 1 else rng.lognormvariate(0, 0.35)
    return Clinic(unit_id, ZoneInfo(timezone), busy, rng.lognormvariate(0, 0.25))
