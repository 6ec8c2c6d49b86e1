"""People of the history with their clinics, and the demonstration staff."""

import random
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

ADULT, ELDERLY = 18, 60
QUIET_EVERY, QUIET = 7, 0.07
"""Every seventh clinic has low demand, so that some counts are suppressed."""
DAYS_OF_YEAR = 365.25


@dataclass(frozen=True, slots=True, eq=False)
class Clinic:
    """A unit: its demand and waits relative to others."""

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
        """Return the approximate age in years."""
        return (day - self.birth_on).days / DAYS_OF_YEAR


@dataclass(frozen=True, slots=True)
class StaffPool:
    """Demonstration staff by role."""

    receptionist: UUID
    officer: UUID
    supervisor: UUID


@dataclass(frozen=True, slots=True)
class Population:
    """People, clinics and staff."""

    people: list[Member]
    crew: StaffPool

    @property
    def clinics(self) -> list[Clinic]:
        """Return the clinics that people belong to."""
        return list(dict.fromkeys(member.clinic for member in self.people))


def clinic(rng: random.Random, number: int, unit_id: UUID, timezone: str) -> Clinic:
    """The clinic of this place in the list."""
    busy = QUIET if number % QUIET_EVERY == QUIET_EVERY - 1 else rng.lognormvariate(0, 0.35)
    return Clinic(unit_id, ZoneInfo(timezone), busy, rng.lognormvariate(0, 0.25))
