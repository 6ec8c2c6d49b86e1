"""The register of rules. A rule is a function of facts; its keyword-only arguments are its parameters in the file."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, create_model

from app.catalog.rules.eligibility.facts import Facts

Outcome = Literal["pass", "fail", "unknown"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule found. `values` are the figures it compared, as plain JSON: kept with the request as its reason."""

    outcome: Outcome
    values: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, holds: bool, **values: Any) -> "Verdict":
        return cls("pass" if holds else "fail", values)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and the model of its parameters."""

    name: str
    function: Callable[..., Verdict]
    parameters: type[BaseModel]

    def judge(self, facts: Facts, parameters: dict[str, Any]) -> Verdict:
        given = self.parameters.model_validate(parameters)
        return self.function(facts, **{name: getattr(given, name) for name in self.parameters.model_fields})


RULES: dict[str, Rule] = {}


def rule(function: Callable[..., Verdict]) -> Callable[..., Verdict]:
    """Register a function as the rule of its name."""
    arguments = [a for a in inspect.signature(function).parameters.values() if a.kind is a.KEYWORD_ONLY]
    fields: dict[str, Any] = {
        a.name: (a.annotation, ... if a.default is inspect.Parameter.empty else a.default) for a in arguments
    }
    model = create_model(f"Parameters_{function.__name__}", __config__=ConfigDict(extra="forbid"), **fields)
    RULES[function.__name__] = Rule(function.__name__, function, model)
    return function


def rule_named(name: str) -> Rule | None:
    """The rule of this name."""
    return RULES.get(name)
