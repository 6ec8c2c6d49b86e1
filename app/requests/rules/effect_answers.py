"""Answers that the effect of an approval could not be made with, by effect; amounts out of a rule's limits. Pure.

They are refused at their field when they are saved and when they are submitted, and looked at again before an approval:
what was accepted once may not hold any more, and then the officer is shown which answer it is.
"""

from collections.abc import Callable

from app.catalog.definition import Eligibility, Service
from app.catalog.findings import sentence
from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.eligibility.registry import rule_named
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


def _rules_of_amounts(service: Service) -> list[tuple[str, Eligibility]]:
    """The rules that judge an amount which the person chooses (they name it as their `field`) and would refuse by it.
    An answer that states a fact is none: who lives with whom can't be written otherwise."""
    amounts = {name for name, view in service.form.fields.items() if view.widget == "number"}
    named = [(str(one.parameters.get("field")), one) for one in service.eligibility if one.otherwise == "refuse"]
    return [(name, one) for name, one in named if name in amounts]


def limit_errors(service: Service, facts: Facts) -> list[FieldError]:
    """The amounts out of the limits of a rule, with those limits: the person can choose another where they would only
    get a refusal. What a rule can't judge is for who decides."""
    found = []
    for name, one in _rules_of_amounts(service):
        rule = rule_named(one.rule)
        if rule is None or facts.answers.get(name) is None:
            continue
        verdict = rule.evaluate(facts, one.parameters)
        if verdict.outcome == "fail":
            found.append(FieldError(name, f"{sentence(one, verdict.finding, verdict.values)}."))
    return found


def has_answer_checks(service: Service) -> bool:
    """Whether the answers are looked at by an effect of the service, by a rule of amounts, or by the day, before they
    are accepted."""
    has_days = any(view.latest is not None for view in service.form.fields.values())
    has_effects = any(name in ANSWER_CHECKS for name in service.result.effects)
    return has_days or has_effects or bool(_rules_of_amounts(service))


def _impossible(service: Service, facts: Facts) -> list[FieldError]:
    of_effects = [name for name in service.result.effects if name in ANSWER_CHECKS]
    return [*day_errors(service, facts), *(error for name in of_effects for error in ANSWER_CHECKS[name](facts))]


def answer_errors(service: Service, facts: Facts) -> list[FieldError]:
    """What stands in the answers against the service's effects, against the day, or against the limits of a rule."""
    return [*_impossible(service, facts), *limit_errors(service, facts)]


DONE_ALREADY = frozenset({SAME, ALREADY_MINE})
"""Worth telling who is about to ask for it. To an approval it is no obstacle that the registry says by now what was
asked for; of a registration that exists, the effect says more (`AlreadyDependant`)."""


def approval_errors(service: Service, facts: Facts) -> list[FieldError]:
    """Those of `answer_errors` that an approval can't be carried out with. The limits of a rule are none: who decides
    an appeal may find otherwise."""
    return [error for error in _impossible(service, facts) if error.message not in DONE_ALREADY]
