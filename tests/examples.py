"""How many examples a property is tried with: as many as it is worth, and in proportion with the profile `fast`."""

from typing import Any

from hypothesis import settings

SUITE, FAST = 50, 15
"""How many each property has with the two profiles of `tests/conftest.py`, when it says no other number."""


def examples(most: int, **given: Any) -> settings:
    """The settings of a property with this many examples in the whole suite."""
    return settings(max_examples=max(1, most * settings.default.max_examples // SUITE), **given)
