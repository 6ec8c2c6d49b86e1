"""Registrations of dependants that can't be, as the two CURPs alone show, before anything is submitted. Pure.

Only what the applicant knows is used: their own data, their own family and the CURP that they typed. Whether its person
is in the registry shows nowhere.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from app.catalog.rules.eligibility.facts import ADULT, Facts, PersonFacts
from app.kernel.i18n import N_
from app.kernel.parsing import iso_date
from app.kernel.problems import FieldError
from app.registry.identifiers import CURP_LENGTH, birth_date_of
from app.registry.rules import CHILDREN, Ages, age_on, last_day_covered
from app.requests.rules.corrections import Change

RELATIVE, KINSHIP = "dependant_curp", "kinship"
ASKED_BY, BY_HOLDER, BY_RELATIVE, HOLDER = "asked_by", "holder", "relative", "holder"
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
UNDER_AGE = N_(
    "Para pedir usted su registro necesita tener 18 años cumplidos; antes lo pide la persona asegurada o pensionada."
)
WARD_DOES_NOT_ASK = N_("A una niña, niño o adolescente lo registra quien lo tiene a su cuidado: elija otro parentesco.")
ONESELF_AS_HOLDER = N_("Ese dato es de usted: escriba el NSS o la CURP de la persona asegurada o pensionada.")
DATES_DO_NOT_FIT = N_(
    "Según las CURP, las fechas de nacimiento no son posibles para ese parentesco. Revise los dos datos."
)
WARD_OF_AGE = N_("Según esa CURP la persona ya cumplió 18 años: nadie la tiene a su cuidado por resolución judicial.")

STUDIES_UNTIL = "studies_until"
STUDIES_OVER = N_("Los estudios ya terminaron ese día: escriba el último día que dice una constancia vigente.")


def is_asked_by_relative(answers: Mapping[str, Any]) -> bool:
    """Whether who is to be registered asks for it themselves; services and versions without the question: no."""
    return answers.get(ASKED_BY) == BY_RELATIVE


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
    """What an approval would register: whom, in which kinship, from when and until when; with whom, where the relative
    asks for it. For staff alone: it shows a name of the registry."""
    if is_asked_by_relative(facts.answers):
        side = facts.holder_side
        return (Change("holder", "", _full_name(side.person)), *registration(side)) if side is not None else ()
    relative, kinship = facts.relative, str(facts.answers.get(KINSHIP, ""))
    if relative is None:
        return ()
    situation, studies_until = situation_of(facts.answers)
    ages = Ages(facts.law.count("child-until", facts.today), facts.law.count("student-until", facts.today))
    last = last_day_covered(
        kinship, relative.birth_on, ages, ends_on=None, situation=situation, studies_until=studies_until
    )
    return (
        Change("dependant", "", _full_name(relative)),
        Change(KINSHIP, "", kinship),
        Change("covered_from", "", facts.today.isoformat()),
        Change("covered_until", "", last.isoformat() if last is not None else OPEN_END),
    )


def _full_name(person: PersonFacts) -> str:
    return " ".join(filter(None, (person.given_names, person.first_surname, person.second_surname)))


def studies_errors(facts: Facts) -> list[FieldError]:
    """Studies that ended extend nothing."""
    _situation, until = situation_of(facts.answers)
    return (
        [FieldError(STUDIES_UNTIL, STUDIES_OVER, "studies_over")] if until is not None and until < facts.today else []
    )


def kinship_errors(facts: Facts) -> list[FieldError]:
    """What stands against registering this person in this kinship, at the answer that has to change."""
    if is_asked_by_relative(facts.answers):
        return _errors_of_relative(facts)
    curp = facts.answers.get(RELATIVE)
    if not curp:
        return []
    current = facts.relative.curp if facts.relative is not None else str(curp)
    if facts.person.curp in (curp, current):
        return [FieldError(RELATIVE, ONESELF, "oneself")]
    if any(kin.curp in (curp, current) for kin in facts.family):
        return [FieldError(RELATIVE, ALREADY_MINE, "already_mine")]
    born, check = facts.relative_birth_on, CHECKS.get(str(facts.answers.get(KINSHIP)))
    of_age = facts.law.count(MARRIAGE_AGE, facts.today)
    found = check(facts.person.birth_on, born, facts.today, of_age) if check is not None and born is not None else []
    return found or studies_errors(facts)


def _errors_of_relative(facts: Facts) -> list[FieldError]:
    """The same for who asks to be registered: by their own data and what they typed, never by the holder's."""
    if facts.person.age(facts.today) < ADULT:
        return [FieldError(ASKED_BY, UNDER_AGE, "under_age")]
    kinship, named = str(facts.answers.get(KINSHIP)), str(facts.answers.get(HOLDER, ""))
    if kinship == "ward":
        return [FieldError(KINSHIP, WARD_DOES_NOT_ASK, "ward_does_not_ask")]
    own = {facts.person.curp, facts.person.nss}
    if named in own or (facts.holder_side is not None and facts.holder_side.person.curp in own):
        return [FieldError(HOLDER, ONESELF_AS_HOLDER, "oneself_as_holder")]
    born, check = _birth_on(named), CHECKS.get(kinship)
    if born is not None and check is not None:
        of_age = facts.law.count(MARRIAGE_AGE, facts.today)
        if check(born, facts.person.birth_on, facts.today, of_age):
            return [FieldError(HOLDER, DATES_DO_NOT_FIT, "dates_do_not_fit")]
    return studies_errors(facts)


def _birth_on(named: str) -> date | None:
    """The birth date inside a CURP; None for a social-security number."""
    try:
        return birth_date_of(named) if len(named) == CURP_LENGTH else None
    except ValueError:
        return None


def _spouse(mine: date, theirs: date, today: date, of_age: int) -> list[FieldError]:
    return _couple(mine, theirs, today, of_age, SPOUSE_TOO_YOUNG)


def _partner(mine: date, theirs: date, today: date, of_age: int) -> list[FieldError]:
    return _couple(mine, theirs, today, of_age, PARTNER_TOO_YOUNG)


def _couple(mine: date, theirs: date, today: date, of_age: int, too_young: str) -> list[FieldError]:
    if age_on(theirs, today) < of_age:
        return [FieldError(RELATIVE, too_young, "too_young")]
    return [FieldError(KINSHIP, HOLDER_TOO_YOUNG, "holder_too_young")] if age_on(mine, today) < of_age else []


def _child(mine: date, theirs: date, _today: date, _of_age: int) -> list[FieldError]:
    return [FieldError(RELATIVE, CHILD_NOT_YOUNGER, "child_not_younger")] if theirs <= mine else []


def _ward(_mine: date, theirs: date, today: date, _of_age: int) -> list[FieldError]:
    return [FieldError(RELATIVE, WARD_OF_AGE, "ward_of_age")] if age_on(theirs, today) >= ADULT else []


def _parent(mine: date, theirs: date, _today: date, _of_age: int) -> list[FieldError]:
    return [FieldError(RELATIVE, PARENT_NOT_OLDER, "parent_not_older")] if theirs >= mine else []


CHECKS: dict[str, Callable[[date, date, date, int], list[FieldError]]] = {
    "spouse": _spouse,
    "civil-union": _partner,
    "partner": _partner,
    "child": _child,
    "ward": _ward,
    "parent": _parent,
}
"""One for each kinship that a service file offers."""
