"""Which questions a form's JSON Schema makes necessary, as conditions on other answers: `required`, `anyOf`, and `if`
with `then` of a schema, said in the words of `when` and `show_when`. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Conditions = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class AtLeastOne:
    """Questions of which one at least is answered while the conditions hold."""

    when: Conditions
    questions: tuple[str, ...]


def always_required(schema: Mapping[str, Any]) -> frozenset[str]:
    """The questions that are answered whatever else is."""
    return frozenset(schema.get("required", ()))


def required_when(schema: Mapping[str, Any], name: str) -> list[Conditions]:
    """The conditions of which any makes a question necessary."""
    return [when for when, then in _branches(schema) if name in then.get("required", ())]


def at_least_one(schema: Mapping[str, Any]) -> list[AtLeastOne]:
    """The questions of which any will do."""
    found = [({}, schema), *_branches(schema)]
    return [AtLeastOne(when, _any_of(part)) for when, part in found if _any_of(part)]


def _any_of(part: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(name) for option in part.get("anyOf", ()) for name in option.get("required", ()))


def _branches(schema: Mapping[str, Any]) -> Iterator[tuple[Conditions, Mapping[str, Any]]]:
    for part in schema.get("allOf", ()):
        asked = part.get("if", {}).get("properties", {})
        yield {name: _values(wanted) for name, wanted in asked.items()}, part.get("then", {})


def _values(wanted: Mapping[str, Any]) -> list[Any]:
    return [wanted["const"]] if "const" in wanted else list(wanted.get("enum", ()))
