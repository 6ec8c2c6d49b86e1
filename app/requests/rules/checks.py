"""The automatic checks of a request and what they decide; answers that no approval could carry out; the documents that
are asked for, and why one doesn't serve. Pure.

What an effect could not be made with is refused at its field when answers are saved and when they are submitted, and
looked at again before an approval: what was accepted once may not hold any more, and then the officer is shown which
answer it is.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from app.catalog.definition import DocumentAsked, Eligibility, Service
from app.catalog.findings import sentence
from app.catalog.rules.conditions import holds
from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.eligibility.registry import Rule, rule_named
from app.kernel.i18n import N_, _
from app.kernel.parsing import iso_date
from app.kernel.problems import FieldError
from app.requests.rules.corrections import SAME, correction_errors
from app.requests.rules.kinship import ALREADY_MINE, kinship_errors

Conclusion = Literal["approve", "refuse", "refer"]
MAX_KEY_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Check:
    """A rule that was asked: its place in the service's list, what it found, and by which figures."""

    position: int
    rule: str
    outcome: Literal["pass", "fail", "unknown"]
    otherwise: Literal["refuse", "review"]
    finding: str
    values: dict[str, Any]

    def as_stored(self) -> dict[str, Any]:
        """Return it as stored with the request."""
        return {
            "position": self.position,
            "rule": self.rule,
            "outcome": self.outcome,
            "otherwise": self.otherwise,
            "finding": self.finding,
            "values": self.values,
        }


def _rule_of(asked: Eligibility) -> Rule:
    """The rule that a service asks.

    Raises:
        LookupError: there is none of that name; a published service names only rules that exist.
    """
    rule = rule_named(asked.rule)
    if rule is None:
        raise LookupError(f"a service asks for the rule {asked.rule!r}, which doesn't exist")
    return rule


def run_checks(service: Service, facts: Facts) -> list[Check]:
    """Every rule of the service that applies to these facts."""
    named = facts.named()
    made: list[Check] = []
    for position, one in enumerate(service.eligibility):
        if not holds(one.when, named):
            continue
        rule = _rule_of(one)
        verdict = rule.evaluate(facts, one.parameters)
        made.append(Check(position, one.rule, verdict.outcome, one.otherwise, verdict.finding, verdict.values))
    return made


BEFORE = frozenset({"today", "person", "family", "last_approved_on", "law"})
"""The facts that are known before anything is answered."""
OF_ANSWERS = frozenset(one.name for one in fields(Facts)) - BEFORE


class _NeedsAnswer(Exception):  # noqa: N818 # no error: it signals that a rule has to wait
    """A rule read an answer that isn't there yet."""


class _Unanswered(Facts):
    """The facts before the form: a rule that looks at an answer stops."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name in OF_ANSWERS:
            raise _NeedsAnswer
        return super().__getattribute__(name)


def checks_before(service: Service, facts: Facts) -> list[Check]:
    """What the rules find before anything is answered: those that look at no answer."""
    known = _Unanswered(**{name: getattr(facts, name) for name in BEFORE})
    age = {"_person_age": facts.person.age(facts.today)}
    made: list[Check] = []
    for position, one in enumerate(service.eligibility):
        rule = _rule_of(one)
        if not set(one.when) <= set(age) or not holds(one.when, age):
            continue
        try:
            verdict = rule.evaluate(known, one.parameters)
        except _NeedsAnswer:
            continue
        made.append(Check(position, one.rule, verdict.outcome, one.otherwise, verdict.finding, verdict.values))
    return made


def refused_before(service: Service, facts: Facts) -> list[Check]:
    """The checks by which a request would be refused whatever is answered."""
    checks = checks_before(service, facts)
    if conclude(service, checks) != "refuse":
        return []
    open_questions = [check for check in checks if check.outcome != "pass"]
    decisive = [check for check in open_questions if check.outcome == "fail" and check.otherwise == "refuse"]
    return decisive or open_questions


def conclude(service: Service, checks: Iterable[Check]) -> Conclusion:
    """Decide by rules alone; what they can't decide is referred to an officer where the service has one."""
    open_questions = [check for check in checks if check.outcome != "pass"]
    if any(check.outcome == "fail" and check.otherwise == "refuse" for check in open_questions):
        return "refuse"
    if service.decision.by == "officer":
        return "refer"
    if not open_questions:
        return "approve"
    return "refer" if service.workflow.allowed_transition("checking", "refer", "system") else "refuse"


def refusing(checks: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the stored checks that made the rules refuse it: with one that refuses by itself, every other that
    failed is a ground as well, those too that would only have gone to an officer; but for what the registry knows of
    another person, which the applicant must not learn."""
    open_questions = [one for one in checks if one["outcome"] != "pass"]
    failed = [one for one in open_questions if one["outcome"] == "fail" and not concerns_others(one["rule"])]
    is_decisive = any(one["otherwise"] == "refuse" for one in failed)
    return failed if is_decisive else open_questions


def concerns_others(name: str) -> bool:
    """Whether a rule of this name answers from what the registry knows of another person."""
    rule = rule_named(name)
    return rule is not None and rule.concerns_others


def documents_asked(service: Service, facts: Facts) -> list[DocumentAsked]:
    """The documents these facts call for, the optional ones too."""
    named = facts.named()
    return [needed for needed in service.documents if holds(needed.when, named)]


MISSING_DOCUMENT = N_("Falta este documento.")


def documents_missing(service: Service, facts: Facts, there: Collection[str]) -> list[DocumentAsked]:
    """Those needed that aren't there."""
    return [needed for needed in documents_asked(service, facts) if needed.required and needed.kind not in there]


def duplicate_key(service: Service, answers: Mapping[str, Any]) -> str:
    """What makes two open requests of a person for a service different things. Long texts are compared word by word,
    whatever their spaces and capitals, and make a digest: an index takes no more than some 2,700 bytes."""
    # What separates the parts is marked inside them: answers that differ never make the same key.
    parts = [_part(service, name, answers).replace("\\", "\\\\").replace("|", "\\|") for name in service.duplicates_by]
    key = "|".join(parts)
    return key if len(key) <= MAX_KEY_LENGTH else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def _part(service: Service, name: str, answers: Mapping[str, Any]) -> str:
    text = str(answers.get(name, ""))
    is_long = name in service.form.fields and service.form.fields[name].widget == "textarea"
    return " ".join(text.casefold().split()) if is_long else text


NOT_YET = N_("Ese día todavía no llega: escriba hoy o un día anterior.")
UNIT_CLOSED = N_("Esa clínica no está en operación. Elija otra.")


def unit_errors(facts: Facts) -> list[FieldError]:
    """Only a unit in operation can be chosen."""
    return [FieldError("unit_id", UNIT_CLOSED, "unit_closed")] if facts.is_operating is False else []


ANSWER_CHECKS: dict[str, Callable[[Facts], list[FieldError]]] = {
    "add_dependant": kinship_errors,
    "assign_unit": unit_errors,
    "correct_person": correction_errors,
}


def day_errors(service: Service, facts: Facts) -> list[FieldError]:
    """The days that have not come yet, of fields that ask when something happened."""
    dated = [name for name, view in service.form.fields.items() if view.latest == "today" and facts.answers.get(name)]
    return [FieldError(name, NOT_YET, "not_yet") for name in dated if iso_date(str(facts.answers[name])) > facts.today]


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
            found.append(FieldError(name, f"{sentence(one, verdict.finding, verdict.values)}.", "rule_failed"))
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


def needs_registry(service: Service) -> bool:
    """Whether deciding a request looks at more of the registry than at the row of its person: a rule of eligibility,
    an effect, or a document that is asked for by a fact does."""
    is_by_fact = any(name.startswith("_") for needed in service.documents for name in needed.when)
    return bool(service.eligibility or service.result.effects) or is_by_fact


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


REASONS = {
    "unreadable": N_("No se lee bien: tome la foto con más luz y sin reflejos."),
    "cut": N_("Le falta una parte: deben verse las cuatro esquinas y todas las páginas."),
    "another": N_("No es el documento que se pidió."),
    "somebody-else": N_("Es de otra persona."),
    "expired": N_("Ya no está vigente."),
    "altered": N_("Tiene tachaduras o enmendaduras."),
}


def words(because: str | None, more: str) -> str:
    """A reason of the list, what the officer adds, or both; empty when there is neither."""
    return " ".join(part for part in (_(REASONS[because]) if because else "", more.strip()) if part)
