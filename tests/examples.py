"""How often a property is tried: in proportion to what it is worth, and less with the profile `fast`."""

from typing import Any

from hypothesis import settings

SUITE, FAST = 50, 15
"""The examples of a property with the two profiles of `tests/conftest.py`, when it has no number of its own."""


def examples(most: int, **given: Any) -> settings:
    """The settings of a property with this many examples in the whole suite."""
    return settings(max_examples=max(1, most * settings().max_examples // SUITE), **given)
