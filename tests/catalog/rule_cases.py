"""Facts for one rule, and what the rule says of them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.catalog.loader import load_services
from app.catalog.rules.eligibility.facts import Facts, Kin, PersonFacts, Withdrawal
from app.catalog.rules.eligibility.registry import Verdict, rule_named
from app.registry.rules import Period

TODAY = date(2026, 11, 25)
DAY = timedelta(days=1)
ADULT = date(1980, 6, 15)
SERVICES = load_services()

"""A property is right or wrong however busy the machine is."""


def ask(name: str, facts: Facts, **parameters: Any) -> Verdict:
    """The verdict of a rule, by its name, as a service file asks for it."""
    rule = rule_named(name)
    assert rule is not None
    return rule.evaluate(facts, parameters)


def outcome(name: str, facts: Facts, **parameters: Any) -> str:
    return ask(name, facts, **parameters).outcome


def who(birth_on: date = ADULT, *worked: tuple[date, date | None], **about: Any) -> PersonFacts:
    """A person with periods of work, each with both its days."""
    return PersonFacts(birth_on=birth_on, periods=tuple(Period(*days) for days in worked), **about)


def worker(*worked: tuple[date, date | None], today: date = TODAY, **about: Any) -> Facts:
    """A request by someone who worked on those days."""
    return Facts(today=today, person=who(ADULT, *worked, **about))


def withdrew(on_date: date, today: date) -> Facts:
    return worker(today=today, withdrawals=(Withdrawal(on_date, 10),))


def child(birth_on: date, today: date = TODAY, **answers: Any) -> Facts:
    """A request about a child born on a day."""
    return Facts(
        today=today,
        person=who(),
        relative=who(birth_on),
        relative_birth_on=birth_on,
        answers={"kinship": "child", **answers},
    )


def family(*kin: Kin, **answers: Any) -> Facts:
    return Facts(today=TODAY, person=who(), family=kin, answers=answers)


def wage(chosen: object, last: str | None = None) -> Facts:
    person = who(last_daily_wage=None if last is None else Decimal(last))
    return Facts(today=TODAY, person=person, answers={"daily_wage": chosen})


def of_service(service: str, rule: str, facts: Facts) -> Verdict:
    """The verdict of a rule with the parameters a real service gives it."""
    (parameters,) = (one.parameters for one in SERVICES[service].eligibility if one.rule == rule)
    return ask(rule, facts, **parameters)
