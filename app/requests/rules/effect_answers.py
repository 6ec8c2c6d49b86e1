"""Answers that the effect of an approval could not be made with, by effect. Pure.

They are refused at their field when they are saved and when they are submitted, and looked at again before an approval:
what was accepted once may not hold any more, and then the officer is shown which answer it is.
"""

from collections.abc import Callable

from app.catalog.definition import Service
from app.catalog.rules.eligibility import Facts
from app.kernel.i18n import N_
from app.kernel.parsing import iso_date
from app.kernel.problems import FieldError
from app.requests.rules.corrections import SAME, correction_errors
from app.requests.rules.kinship import ALREADY_MINE, kinship_errors

NOT_YET = N_("Ese día todavía no llega: escriba hoy o un día anterior.")
UNIT_CLOSED = N_("Esa clínica no está en operación. Elija otra.")


def unit_errors(facts: Facts) -> list[FieldError]:
    """Only a unit in operation can be chosen."""
    return [FieldError("unit_id", UNIT_CLOSED)] if facts.is_operating is False else []


ANSWER_CHECKS: dict[str, Callable[[Facts], list[FieldError]]] = {
    "add_dependant": kinship_errors,
    "assign_unit": unit_errors,
    "correct_person": correction_errors,
}


def day_errors(service: Service, facts: Facts) -> list[FieldError]:
    """The days that have not come yet, of fields that ask when something happened."""
    dated = [name for name, view in service.form.fields.items() if view.latest == "today" and facts.answers.get(name)]
    return [FieldError(name, NOT_YET) for name in dated if iso_date(str(facts.answers[name])) > facts.today]


def has_answer_checks(service: Service) -> bool:
    """Whether the answers are looked at by an effect of the service, or by the day, before they are accepted."""
    has_days = any(view.latest is not None for view in service.form.fields.values())
    return has_days or any(name in ANSWER_CHECKS for name in service.result.effects)


def answer_errors(service: Service, facts: Facts) -> list[FieldError]:
    """What stands in the answers against the service's effects, or against the day."""
    of_effects = [name for name in service.result.effects if name in ANSWER_CHECKS]
    return [*day_errors(service, facts), *(error for name in of_effects for error in ANSWER_CHECKS[name](facts))]


DONE_ALREADY = frozenset({SAME, ALREADY_MINE})
"""Worth telling who is about to ask for it. To an approval it is no obstacle that the registry says by now what was
asked for; of a registration that exists, the effect says more (`AlreadyDependant`)."""


def approval_errors(service: Service, facts: Facts) -> list[FieldError]:
    """Those of `answer_errors` that an approval can't be carried out with."""
    return [error for error in answer_errors(service, facts) if error.message not in DONE_ALREADY]
