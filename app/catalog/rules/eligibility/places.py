"""Rules about clinics."""

from datetime import timedelta

from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.eligibility.naming import Verdict, rule


@rule
def postal_code_served(facts: Facts) -> Verdict:
    """The unit asked for serves the postal code given; unknown where the agency hasn't said which it serves."""
    return Verdict("unknown") if facts.is_served is None else Verdict.of(facts.is_served)


@rule
def room_with_place(facts: Facts) -> Verdict:
    """A room of the unit and shift asked for takes more people."""
    return Verdict("unknown") if facts.has_place is None else Verdict.of(facts.has_place)


@rule
def not_changed_within(facts: Facts, *, days: int) -> Verdict:
    """The same service wasn't given in so many days, unless the address changed since."""
    last = facts.last_approved_on
    recent = last is not None and facts.today - last < timedelta(days=days)
    return Verdict.of(not recent or facts.address_changed, last=last.isoformat() if last else None, days=days)
