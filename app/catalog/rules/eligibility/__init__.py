"""Rules of eligibility by name: what a service file may ask of a person. Pure."""

from collections.abc import Iterable
from importlib import import_module

from app.catalog.rules.eligibility.facts import Facts, Kin, PersonFacts, Withdrawal
from app.catalog.rules.eligibility.registry import NO_FIGURE, RULES, Rule, Verdict, figures_in, rule_named

for _part in ("family", "pension", "places", "records", "work"):
    import_module(f"app.catalog.rules.eligibility.{_part}")

__all__ = [
    "NO_FIGURE",
    "RULES",
    "Facts",
    "Kin",
    "PersonFacts",
    "Rule",
    "Verdict",
    "Withdrawal",
    "figures_in",
    "rule_named",
    "rule_names",
]


def rule_names() -> Iterable[str]:
    """Every rule there is."""
    return sorted(RULES)
