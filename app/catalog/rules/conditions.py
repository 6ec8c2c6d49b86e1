"""`when` and `show_when`: every named fact has one of the values listed. Pure."""

from collections.abc import Mapping
from typing import Any


def holds(conditions: Mapping[str, list[Any]], facts: Mapping[str, Any]) -> bool:
    """Whether every condition holds; no condition always does. True and 1 are not the same answer."""
    return all(
        any(type(facts.get(name)) is type(value) and facts.get(name) == value for value in allowed)
        for name, allowed in conditions.items()
    )
