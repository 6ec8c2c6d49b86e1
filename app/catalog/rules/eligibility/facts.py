"""Input of eligibility rules: the person as registered on a day, their family, and their answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.law.definitions import shipped
from app.law.rules import Law
from app.registry.rules import Period, age_on, contribution_weeks

LAW_1997 = date(1997, 7, 1)
"""The Ley del Seguro Social of 1995 took effect this day; who was affiliated before may choose the law of 1973."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A partial withdrawal for unemployment, and the weeks given up for it."""

    on_date: date
    weeks: int


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person of the registry. `periods` are of work; `continuation`, of modality 40, counts for weeks only.

    `in_force` counts every right to medical care, those through whom they depend on too; `covered_by_others`: those.
    `in_force_without_policies`: has other rights than those of a family policy. `is_pensioner`: has a pension today.
    `is_declared`: says who they are, and no one has compared it with a document.
    """

    birth_on: date
    curp: str = ""
    nss: str | None = None
    periods: tuple[Period, ...] = ()
    continuation: tuple[Period, ...] = ()
    last_daily_wage: Decimal | None = None
    withdrawals: tuple[Withdrawal, ...] = ()
    in_force: bool = False
    covered_by_others: bool = False
    is_pensioner: bool = False
    is_declared: bool = False
    in_force_without_policies: bool = False
    postal_code: str | None = None
    given_names: str = ""
    first_surname: str = ""
    second_surname: str = ""
    sex: str = ""

    def age(self, day: date) -> int:
        return age_on(self.birth_on, day)

    def works_on(self, day: date) -> bool:
        return self.works_since(day) is not None

    def works_since(self, day: date) -> date | None:
        """The first day of the earliest work that is open on this day; None for who doesn't work."""
        here = (p.starts_on for p in self.periods if p.starts_on <= day and (p.ends_on is None or p.ends_on >= day))
        return min(here, default=None)

    def last_day_worked(self, day: date) -> date | None:
        """The last day worked before this one; None for who works now, or never did."""
        if self.works_on(day):
            return None
        return max((p.ends_on for p in self.periods if p.ends_on is not None and p.ends_on < day), default=None)

    def first_day_worked(self) -> date | None:
        return min((p.starts_on for p in self.periods), default=None)

    def is_of_1973(self) -> bool:
        """Whether they were first affiliated under the law of 1973."""
        first = self.first_day_worked()
        return first is not None and first < LAW_1997

    def weeks(self, day: date) -> int:
        return contribution_weeks([*self.periods, *self.continuation], day, sum(one.weeks for one in self.withdrawals))


@dataclass(frozen=True, slots=True)
class Kin:
    """A dependant in force of the person. `is_protected`: a court ordered the registration."""

    curp: str
    kinship: str
    is_protected: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """A request as the rules see it. `relative` is the person whose CURP the answers name; None when unknown to us. In
    a registration that the relative asks for, it is the applicant themselves.

    `relative_birth_on` comes from that CURP itself: what rests on an age must not differ by whether the person is in
    the registry, or anyone could ask about anyone.
    `holder_side`: of a registration that the relative asks for, the same request as if the holder had filed it; None
    when the registry hasn't the holder. What rests on it is for staff: the applicant must learn nothing of the holder.
    `other_id`: the person of the registry whom the answers name. `other_folio`: their open request for the same.
    `is_operating`, `is_served` and `has_place` are about the unit asked for; None when none was.
    `law`: the figures of law, of which the rules take those in force on the day; those of the program's file where none
    are given.
    """

    today: date
    person: PersonFacts
    answers: Mapping[str, Any] = field(default_factory=dict)
    relative: PersonFacts | None = None
    relative_birth_on: date | None = None
    family: tuple[Kin, ...] = ()
    last_approved_on: date | None = None
    is_operating: bool | None = None
    is_served: bool | None = None
    has_place: bool | None = None
    address_changed: bool = False
    holder_side: "Facts | None" = None
    other_id: UUID | None = None
    other_folio: str | None = None
    law: Law = field(default_factory=shipped)

    def relative_age(self) -> int | None:
        """The age today of the person whose CURP the answers name; None when they name none."""
        return None if self.relative_birth_on is None else age_on(self.relative_birth_on, self.today)

    def named(self) -> dict[str, Any]:
        """Answers, and what conditions may ask besides: the names of `CONDITION_FACTS`."""
        age = self.relative_age()
        return {
            **self.answers,
            "_address_changed": self.address_changed,
            "_of_age_under_1973": self.person.is_of_1973()
            and self.person.age(self.today) >= self.law.count("pension-age-advanced", self.today),
            "_person_age": self.person.age(self.today),
            "_relative_adult": age is not None and age >= ADULT,
            "_relative_student_age": age is not None and age >= self.law.count("child-until", self.today),
        }


ADULT = 18
CONDITION_FACTS = frozenset(
    {"_address_changed", "_of_age_under_1973", "_person_age", "_relative_adult", "_relative_student_age"}
)
