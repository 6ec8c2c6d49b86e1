"""Registry of eligibility rules. A rule is a function of facts; its keyword-only arguments are its parameters."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, create_model

from app.catalog.rules.eligibility.facts import Facts
from app.law.rules import FigureUnknown, resolve_parameters

NO_FIGURE = "no_figure"
"""The finding of a rule that needs a figure of law which isn't in force on the day."""
Outcome = Literal["pass", "fail", "unknown"]
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of a rule. `values` are the values it compared, as plain JSON: stored with the request as its reason.

    `finding` says which fact it is, where an outcome may rest on several: a person without days out of work may work
    today or never have worked. Its sentence is looked up by it; it is the outcome itself where there is only one.
    """

    outcome: Outcome
    values: dict[str, Any] = field(default_factory=dict)
    finding: str = ""

    def __post_init__(self) -> None:
        if not self.finding:
            object.__setattr__(self, "finding", self.outcome)

    @classmethod
    def of(cls, holds: bool, **values: Any) -> "Verdict":
        return cls("pass" if holds else "fail", values)


def figures_in(sentence: str) -> frozenset[str]:
    """The names of the figures that a sentence shows."""
    return frozenset(PLACEHOLDER.findall(sentence))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, the model of its parameters, and what it says when it doesn't hold.

    `label` names a refusal by it in lists and counts. `findings` has the sentence (in Spanish, to be translated) of
    every finding but «pass»; None where only the service file can word it. A rule that `concerns_others` answers from
    the registry about another person than the applicant: only staff are shown what it found.
    """

    name: str
    function: Callable[..., Verdict]
    parameters: type[BaseModel]
    label: str
    findings: Mapping[str, str | None]
    concerns_others: bool

    def evaluate(self, facts: Facts, parameters: dict[str, Any]) -> Verdict:
        """Evaluate the rule with the figures of law in force on the day of the facts; the outcome is `unknown` if one
        is missing."""
        try:
            values = resolve_parameters(parameters, lambda name: facts.law.value(name, facts.today))
        except FigureUnknown as unknown:
            return Verdict("unknown", {"figure": unknown.name}, NO_FIGURE)
        given = self.parameters.model_validate(values)
        return self.function(facts, **{name: getattr(given, name) for name in self.parameters.model_fields})


RULES: dict[str, Rule] = {}
Function = Callable[..., Verdict]


def rule(label: str, *, concerns_others: bool = False, **findings: str | None) -> Callable[[Function], Function]:
    """Register a function as the rule of its name, with the sentences of its findings."""

    def register(function: Function) -> Function:
        arguments = [a for a in inspect.signature(function).parameters.values() if a.kind is a.KEYWORD_ONLY]
        fields: dict[str, Any] = {
            a.name: (a.annotation, ... if a.default is inspect.Parameter.empty else a.default) for a in arguments
        }
        name = function.__name__
        model = create_model(f"Parameters_{name}", __config__=ConfigDict(extra="forbid"), **fields)
        RULES[name] = Rule(name, function, model, label, findings, concerns_others)
        return function

    return register


def rule_named(name: str) -> Rule | None:
    """The rule of this name."""
    return RULES.get(name)


def rule_names() -> list[str]:
    """Every rule there is."""
    return sorted(RULES)
