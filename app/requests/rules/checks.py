"""The automatic checks of a request, what they decide, and the documents it needs. Pure."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from app.catalog.definition import DocumentAsked, Service
from app.catalog.rules.conditions import holds
from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.eligibility.registry import rule_named

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


def run_checks(service: Service, facts: Facts) -> list[Check]:
    """Every rule of the service that applies to these facts."""
    named = facts.named()
    made: list[Check] = []
    for position, one in enumerate(service.eligibility):
        if not holds(one.when, named):
            continue
        rule = rule_named(one.rule)
        assert rule is not None, "a published service names rules that exist"
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
        rule = rule_named(one.rule)
        assert rule is not None, "a published service names rules that exist"
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


def documents_missing(service: Service, facts: Facts, there: Collection[str]) -> list[DocumentAsked]:
    """Those needed that aren't there."""
    return [needed for needed in documents_asked(service, facts) if needed.required and needed.kind not in there]


def duplicate_key(service: Service, answers: Mapping[str, Any]) -> str:
    """What makes two open requests of a person for a service different things. Long texts are compared word by word,
    whatever their spaces and capitals, and make a digest: an index takes no more than some 2,700 bytes."""
    parts = [_part(service, name, answers) for name in service.duplicates_by]
    key = "|".join(parts)
    return key if len(key) <= MAX_KEY_LENGTH else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def _part(service: Service, name: str, answers: Mapping[str, Any]) -> str:
    text = str(answers.get(name, ""))
    is_long = name in service.form.fields and service.form.fields[name].widget == "textarea"
    return " ".join(text.casefold().split()) if is_long else text
