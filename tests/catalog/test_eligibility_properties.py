"""What holds of every rule about work, who asks and whenever: nothing turns around as time or weeks go on."""

import json
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.catalog.findings import sentence
from app.catalog.rules.eligibility.facts import Facts, PersonFacts, Withdrawal
from app.catalog.rules.eligibility.registry import RULES
from app.registry.rules import Period
from tests.catalog.rule_cases import ADULT, DAY, SERVICES, of_service, who, worker

DAYS = st.dates(date(1990, 1, 1), date(2031, 12, 31))
LATER = st.integers(1, 3000)


@st.composite
def ended(draw: st.DrawFn) -> Period:
    starts = draw(st.dates(date(1985, 1, 1), date(2030, 12, 31)))
    return Period(starts, starts + draw(st.integers(0, 4000)) * DAY)


@st.composite
def requests(draw: st.DrawFn) -> Facts:
    """A request by someone whose work, if there was any, is over on the day of the request."""
    periods = tuple(draw(st.lists(ended(), max_size=5)))
    last = max((one.ends_on for one in periods if one.ends_on is not None), default=date(1990, 1, 1))
    taken = draw(st.lists(st.builds(Withdrawal, DAYS, st.integers(0, 300)), max_size=3))
    person = PersonFacts(birth_on=ADULT, periods=periods, withdrawals=tuple(taken))
    return Facts(today=last + draw(LATER) * DAY, person=person)


def passes(service: str, rule: str, facts: Facts) -> bool:
    return of_service(service, rule, facts).outcome == "pass"


def on(facts: Facts, days_later: int) -> Facts:
    return replace(facts, today=facts.today + timedelta(days=days_later))


@given(requests(), LATER)
def test_time_without_work_only_helps_a_withdrawal(facts: Facts, later: int) -> None:
    rules = ("days_without_work", "no_withdrawal_within", "weeks_or_account")
    known = replace(facts, person=replace(facts.person, withdrawals=tuple(_before(facts))))
    for rule in rules:
        if passes("unemployment", rule, known):
            assert passes("unemployment", rule, on(known, later)), rule


def _before(facts: Facts) -> list[Withdrawal]:
    return [one for one in facts.person.withdrawals if one.on_date <= facts.today]


@given(requests(), LATER)
def test_time_only_removes_modality_40(facts: Facts, later: int) -> None:
    if not passes("modality-40", "left_within", facts):
        assert not passes("modality-40", "left_within", on(facts, later))
    # The weeks before leaving stay what they are.
    assert passes("modality-40", "weeks_within", facts) == passes("modality-40", "weeks_within", on(facts, later))


@given(requests(), ended())
def test_more_work_never_removes_a_pension_or_an_account(facts: Facts, more: Period) -> None:
    richer = replace(facts, person=replace(facts.person, periods=(*facts.person.periods, more)))
    for service, rule in (("pension", "weeks_for_pension"), ("unemployment", "weeks_or_account")):
        if passes(service, rule, facts):
            assert passes(service, rule, richer)


@given(requests(), st.integers(1, 2000))
def test_weeks_given_up_never_help(facts: Facts, given_up: int) -> None:
    taken = (*facts.person.withdrawals, Withdrawal(date(2000, 1, 1), given_up))
    poorer = replace(facts, person=replace(facts.person, withdrawals=taken))
    for service, rule in (("pension", "weeks_for_pension"), ("unemployment", "weeks_or_account")):
        assert passes(service, rule, facts) or not passes(service, rule, poorer)


@given(st.integers(21, 60), st.integers(21, 60))
def test_the_weeks_asked_for_never_shrink_and_never_pass_a_thousand(one: int, other: int) -> None:
    early, late = sorted((one, other))
    needed = [
        of_service("pension", "weeks_for_pension", worker(today=date(2000 + year, 6, 1))).values["needed"]
        for year in (early, late)
    ]
    assert 750 <= needed[0] <= needed[1] <= 1000
    assert needed[1] - needed[0] <= 25 * (late - early)


@given(requests(), st.randoms())
def test_the_order_in_which_work_was_written_down_does_not_matter(facts: Facts, chance: Random) -> None:
    periods = list(facts.person.periods)
    chance.shuffle(periods)
    mixed = replace(facts, person=replace(facts.person, periods=tuple(periods)))
    for service in SERVICES.values():
        for one in service.eligibility:
            assert of_service(service.id, one.rule, mixed) == of_service(service.id, one.rule, facts)


@given(requests(), st.dictionaries(st.sampled_from(["kinship", "daily_wage", "field"]), st.text(max_size=8)))
def test_every_rule_answers_any_facts_and_its_reason_is_stored(facts: Facts, answers: dict[str, str]) -> None:
    asked = replace(facts, answers=answers, relative=who(date(2020, 1, 1)), relative_birth_on=date(2020, 1, 1))
    for service in SERVICES.values():
        for one in service.eligibility:
            found = of_service(service.id, one.rule, asked)
            assert found.outcome in ("pass", "fail", "unknown")
            assert json.loads(json.dumps(found.values)) == found.values
            assert "%(" not in sentence(one, found.finding, found.values)


def test_every_rule_says_what_it_asks() -> None:
    assert all(rule.function.__doc__ for rule in RULES.values())
