"""Registrations of dependants that can't be, as the two CURPs alone show, before anything is submitted. Pure.

Only what the applicant knows is used: their own data, their own family and the CURP that they typed. Whether its person
is in the registry shows nowhere.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from app.catalog.rules.eligibility import Facts
from app.catalog.rules.eligibility.facts import ADULT
from app.kernel.i18n import N_
from app.kernel.parsing import iso_date
from app.kernel.problems import FieldError
from app.registry.rules import CHILDREN, Ages, age_on, last_day_covered
from app.requests.rules.corrections import Change

RELATIVE, KINSHIP = "dependant_curp", "kinship"
MARRIAGE_AGE = "marriage-age"
"""Both have reached the age to marry, without exceptions: Código Civil Federal, art. 148 (DOF 2019-06-03), a figure of
law. A partnership needs that nothing stands against marrying, so the same age is asked for; this part is a rule of the
agency."""

ONESELF = N_("Esa es su propia CURP: escriba la de la persona que quiere registrar.")
ALREADY_MINE = N_("Esa persona ya está registrada como beneficiaria suya.")
SPOUSE_TOO_YOUNG = N_(
    "Según esa CURP la persona todavía no tiene la edad para casarse (Código Civil Federal, art. 148)."
    " Revise la CURP y el parentesco."
)
PARTNER_TOO_YOUNG = N_(
    "Según esa CURP la persona todavía no tiene la edad para casarse, y no se le registra como pareja"
    " (Código Civil Federal, art. 148). Revise la CURP y el parentesco."
)
HOLDER_TOO_YOUNG = N_(
    "Usted todavía no tiene la edad para casarse (Código Civil Federal, art. 148):"
    " no puede registrar cónyuge ni pareja."
)
CHILD_NOT_YOUNGER = N_("Según las CURP, esa persona no nació después que usted: no puede ser su hija o hijo.")
PARENT_NOT_OLDER = N_("Según las CURP, esa persona no nació antes que usted: no puede ser su madre o padre.")


WARD_OF_AGE = N_("Según esa CURP la persona ya cumplió 18 años: nadie la tiene a su cuidado por resolución judicial.")

STUDIES_UNTIL = "studies_until"
STUDIES_OVER = N_("Los estudios ya terminaron ese día: escriba el último día que dice una constancia vigente.")


def situation_of(answers: Mapping[str, Any]) -> tuple[str | None, date | None]:
    """What extends the rights of a child, and until when the proof of studies does; answers to what isn't asked of this
    kinship or situation don't count."""
    situation = answers.get("situation") if answers.get(KINSHIP) in CHILDREN else None
    if situation not in ("studies", "disability"):
        return None, None
    until = answers.get(STUDIES_UNTIL) if situation == "studies" else None
    return str(situation), iso_date(str(until)) if until else None


OPEN_END = "open"
"""In place of a last day: the registration ends on none that is known."""


def registration(facts: Facts) -> tuple[Change, ...]:
    """What an approval would register: whom, in which kinship, from when and until when. For staff alone: it shows a
    name of the registry."""
    relative, kinship = facts.relative, str(facts.answers.get(KINSHIP, ""))
    if relative is None:
        return ()
    situation, studies_until = situation_of(facts.answers)
    ages = Ages(facts.law.count("child-until", facts.today), facts.law.count("student-until", facts.today))
    last = last_day_covered(
        kinship, relative.birth_on, ages, ends_on=None, situation=situation, studies_until=studies_until
    )
    names = (relative.given_names, relative.first_surname, relative.second_surname)
    return (
        Change("dependant", "", " ".join(filter(None, names))),
        Change(KINSHIP, "", kinship),
        Change("covered_from", "", facts.today.isoformat()),
        Change("covered_until", "", last.isoformat() if last is not None else OPEN_END),
    )


def studies_errors(facts: Facts) -> list[FieldError]:
    """Studies that ended extend nothing."""
    _situation, until = situation_of(facts.answers)
    return [FieldError(STUDIES_UNTIL, STUDIES_OVER)] if until is not None and until < facts.today else []


def kinship_errors(facts: Facts) -> list[FieldError]:
    """What stands against registering this person in this kinship, at the answer that has to change."""
    curp = facts.answers.get(RELATIVE)
    if not curp:
        return []
    current = facts.relative.curp if facts.relative is not None else str(curp)
    if facts.person.curp in (curp, current):
        return [FieldError(RELATIVE, ONESELF)]
    if any(kin.curp in (curp, current) for kin in facts.family):
        return [FieldError(RELATIVE, ALREADY_MINE)]
    born, check = facts.relative_birth_on, CHECKS.get(str(facts.answers.get(KINSHIP)))
    of_age = facts.law.count(MARRIAGE_AGE, facts.today)
    found = check(facts.person.birth_on, born, facts.today, of_age) if check is not None and born is not None else []
    return found or studies_errors(facts)


def _spouse(mine: date, theirs: date, today: date, of_age: int) -> list[FieldError]:
    return _couple(mine, theirs, today, of_age, SPOUSE_TOO_YOUNG)


def _partner(mine: date, theirs: date, today: date, of_age: int) -> list[FieldError]:
    return _couple(mine, theirs, today, of_age, PARTNER_TOO_YOUNG)


def _couple(mine: date, theirs: date, today: date, of_age: int, too_young: str) -> list[FieldError]:
    if age_on(theirs, today) < of_age:
        return [FieldError(RELATIVE, too_young)]
    return [FieldError(KINSHIP, HOLDER_TOO_YOUNG)] if age_on(mine, today) < of_age else []


def _child(mine: date, theirs: date, _today: date, _of_age: int) -> list[FieldError]:
    return [FieldError(RELATIVE, CHILD_NOT_YOUNGER)] if theirs <= mine else []


def _ward(_mine: date, theirs: date, today: date, _of_age: int) -> list[FieldError]:
    return [FieldError(RELATIVE, WARD_OF_AGE)] if age_on(theirs, today) >= ADULT else []


def _parent(mine: date, theirs: date, _today: date, _of_age: int) -> list[FieldError]:
    return [FieldError(RELATIVE, PARENT_NOT_OLDER)] if theirs >= mine else []


CHECKS: dict[str, Callable[[date, date, date, int], list[FieldError]]] = {
    "spouse": _spouse,
    "civil-union": _partner,
    "partner": _partner,
    "child": _child,
    "ward": _ward,
    "parent": _parent,
}
"""One for each kinship that a service file offers."""
