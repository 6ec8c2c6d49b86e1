"""What a correction of a person's data changes, and which corrections can't be made. Pure.

The same checks run when the answers are saved, when they are submitted, when an officer previews an approval and when
the approval is carried out. Birth date and sex agree with the CURP, which is made from them: Instructivo Normativo para
la Asignación de la Clave Única de Registro de Población (DOF 2021-10-18).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.catalog.rules.eligibility.facts import Facts, PersonFacts
from app.kernel.i18n import N_
from app.kernel.parsing import iso_date
from app.kernel.problems import FieldError
from app.registry.identifiers import CURP_SEX, birth_date_of
from app.registry.names import LONGEST_NAME, NOT_A_NAME, clean_name, is_name

NAME, BIRTH, SEX, CURP, PLACE, NSS = "name", "birth_on", "sex", "curp", "birth_place", "nss"
BIRTH_PLACE = slice(11, 13)
"""Where a CURP says the state of birth."""
NAMES = ("given_names", "first_surname", "second_surname")
REMOVE = "remove_surname"
REMOVED = {
    "none": (),
    "first": ("first_surname",),
    "second": ("second_surname",),
    "both": ("first_surname", "second_surname"),
}
"""The surnames that each answer about `REMOVE` empties. An empty box means no change: only this removes a surname."""

NOTHING = N_("Escriba lo que está mal, o elija qué apellido hay que quitar.")
SAME = N_("El registro ya dice eso. Escriba cómo debe decir.")
TOO_LONG = N_("Ese texto es demasiado largo.")
BOTH_WAYS = N_("Escribió ese apellido y también eligió quitarlo: deje una de las dos cosas.")
FIRST_IS_EMPTY = N_(
    "Quien tiene un solo apellido lo lleva como primero: escríbalo en «Primer apellido» y quite el segundo."
)
NO_SUCH_DAY = N_("Esa fecha no existe; revise día, mes y año.")
NOT_BORN = N_("Esa fecha todavía no llega.")
BIRTH_NOT_CURP = N_(
    "La CURP del registro dice otra fecha de nacimiento. Si su CURP ya se corrigió, escriba también la nueva;"
    " si no, corríjala primero en el Registro Civil."
)
SEX_NOT_CURP = N_(
    "La CURP del registro dice otro sexo. Si su CURP ya se corrigió, escriba también la nueva;"
    " si no, corríjala primero en el Registro Civil."
)
CURP_NOT_BIRTH = N_("La CURP nueva dice otra fecha de nacimiento que la que escribió: revise las dos.")
CURP_NOT_SEX = N_("La CURP nueva dice otro sexo que el que eligió: revise los dos.")
SAME_PLACE = N_(
    "Esa CURP dice el mismo lugar de nacimiento que la del registro. Si el Registro Civil ya lo corrigió, escriba la"
    " CURP nueva que le dio."
)
SAME_NUMBER = N_("Ese es el número que ya tiene el registro. Escriba el otro.")


@dataclass(frozen=True, slots=True)
class Change:
    """A value of the registry before and after: dates as 1990-05-17; empty for a surname that isn't there."""

    field: str
    before: str
    after: str


def registered(person: PersonFacts) -> dict[str, str]:
    """What the registry says today of what can be corrected."""
    return {
        "given_names": person.given_names,
        "first_surname": person.first_surname,
        "second_surname": person.second_surname,
        BIRTH: person.birth_on.isoformat(),
        SEX: person.sex,
        CURP: person.curp,
    }


def corrected(answers: Mapping[str, Any]) -> dict[str, str]:
    """The values that the answers ask for, by field. A new CURP brings the birth date and the sex that it says."""
    about = answers.get("field")
    if about == NAME:
        new_values = {name: clean_name(str(answers[name])) for name in NAMES if answers.get(name)}
        return new_values | dict.fromkeys(_removed(answers), "")
    if about not in (BIRTH, SEX, CURP, PLACE):
        return {}
    new_values = {about: str(answers[about])} if about in (BIRTH, SEX) and answers.get(about) else {}
    curp = answers.get(CURP)
    if not curp:
        return new_values
    return {BIRTH: birth_date_of(str(curp)).isoformat(), SEX: str(curp)[CURP_SEX], CURP: str(curp)} | new_values


def changes(facts: Facts) -> tuple[Change, ...]:
    """What an approval would change: only values that differ from the registry's."""
    now = registered(facts.person)
    new_values = corrected(facts.answers)
    return tuple(
        Change(name, now[name], new_values[name]) for name in now if new_values.get(name, now[name]) != now[name]
    )


def correction_errors(facts: Facts) -> list[FieldError]:
    """What stands against the correction, at the answer that has to change; none for answers that can be approved."""
    about = facts.answers.get("field")
    if about == NAME:
        return _name_errors(facts)
    checks = {BIRTH: _birth_errors, SEX: _sex_errors, CURP: _new_curp_errors, PLACE: _place_errors, NSS: _number_errors}
    return checks[about](facts) if about in checks else []


def _removed(answers: Mapping[str, Any]) -> tuple[str, ...]:
    return REMOVED.get(str(answers.get(REMOVE, "none")), ())


def _name_errors(facts: Facts) -> list[FieldError]:
    answers = facts.answers
    typed = [name for name in NAMES if answers.get(name)]
    if not typed and not _removed(answers):
        return [FieldError(NAMES[0], NOTHING, "nothing")]
    found = [FieldError(name, BOTH_WAYS, "both_ways") for name in typed if name in _removed(answers)]
    for name in typed:
        text = clean_name(str(answers[name]))
        if len(text) > LONGEST_NAME:
            found.append(FieldError(name, TOO_LONG, "too_long"))
        elif not is_name(text):
            found.append(FieldError(name, NOT_A_NAME, "not_a_name"))
    if found:
        return found
    if not changes(facts):
        return [FieldError(typed[0] if typed else REMOVE, SAME, "same")]
    whole = registered(facts.person) | corrected(answers)
    if whole["second_surname"] and not whole["first_surname"]:
        return [FieldError(REMOVE if _removed(answers) else "second_surname", FIRST_IS_EMPTY, "first_is_empty")]
    return []


def _birth_errors(facts: Facts) -> list[FieldError]:
    given = facts.answers.get(BIRTH)
    if not given:
        return []  # the form asks for it
    try:
        born = iso_date(str(given))
    except ValueError:
        return [FieldError(BIRTH, NO_SUCH_DAY, "no_such_day")]
    if born > facts.today:
        return [FieldError(BIRTH, NOT_BORN, "not_born")]
    return _curp_errors(facts, BIRTH, born.isoformat(), BIRTH_NOT_CURP, CURP_NOT_BIRTH)


def _sex_errors(facts: Facts) -> list[FieldError]:
    given = facts.answers.get(SEX)
    return _curp_errors(facts, SEX, str(given), SEX_NOT_CURP, CURP_NOT_SEX) if given else []


def _new_curp_errors(facts: Facts) -> list[FieldError]:
    given = facts.answers.get(CURP)
    return [FieldError(CURP, SAME, "same")] if given and str(given) == facts.person.curp else []


def _place_errors(facts: Facts) -> list[FieldError]:
    """The registry has the place of birth as a part of the CURP: the one that corrects it says another."""
    given = facts.answers.get(CURP)
    if given and str(given)[BIRTH_PLACE] == facts.person.curp[BIRTH_PLACE]:
        return [FieldError(CURP, SAME_PLACE, "same_place")]
    return []


def _number_errors(facts: Facts) -> list[FieldError]:
    """Two numbers are two; the rest is for the affiliation area, by documents."""
    answers = facts.answers
    is_same = answers.get("nss_problem") == "duplicate" and answers.get("other_nss") == facts.person.nss
    return [FieldError("other_nss", SAME_NUMBER, "same_number")] if is_same and facts.person.nss else []


def _curp_errors(facts: Facts, about: str, given: str, not_known: str, not_new: str) -> list[FieldError]:
    """Whether the value agrees with the new CURP, or with the registry's where none is given."""
    new = facts.answers.get(CURP)
    in_curp = inside(str(new or facts.person.curp))
    if in_curp is not None and in_curp[about] != given:
        return [FieldError(CURP, not_new, "not_new") if new else FieldError(about, not_known, "not_known")]
    return [] if changes(facts) else [FieldError(about, SAME, "same")]


def inside(curp: str) -> dict[str, str] | None:
    """The birth date and the sex that a CURP says; None for one of old records that can't be read."""
    try:
        return {BIRTH: birth_date_of(curp).isoformat(), SEX: curp[CURP_SEX]}
    except (ValueError, IndexError):
        return None
