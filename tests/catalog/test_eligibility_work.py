"""Who qualifies, by work and contributions: each rule at its boundaries, with the figures of the service files."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.rules.eligibility.facts import Facts, Withdrawal
from tests.catalog.rule_cases import DAY, TODAY, ask, of_service, outcome, wage, who, withdrew, worker

START = date(2015, 1, 1)
YESTERDAY, TOMORROW = TODAY - DAY, TODAY + DAY
UMA, MINIMUM = Decimal("117.31"), Decimal("315.04")
CAP = Decimal("2932.75")


def weeks(count: int, ends_on: date, days: int = 0) -> tuple[date, date]:
    """Return weeks and days of work that end on a day."""
    return ends_on - timedelta(weeks=count, days=days) + DAY, ends_on


# Rights and work


@pytest.mark.parametrize(
    ("worked", "works"),
    [
        ((START, None), True),
        ((START, TODAY), True),
        ((START, YESTERDAY), False),
        ((TODAY, None), True),
        ((TOMORROW, None), False),
        (None, False),
    ],
)
def test_working_counts_both_days_of_a_period(worked: tuple[date, date | None] | None, works: bool) -> None:
    facts = worker(*([worked] if worked else []))
    assert outcome("works_now", facts) == ("pass" if works else "fail")
    assert outcome("has_left_work", facts) == ("fail" if works else "pass")
    assert outcome("not_insured", facts) == ("fail" if works else "pass")


def test_rights_come_from_the_registry() -> None:
    insured, conserved = worker((START, None), in_force=True), worker((START, YESTERDAY), in_force=True)
    assert [outcome("rights_in_force", facts) for facts in (insured, conserved, worker())] == ["pass", "pass", "fail"]
    # Conserved rights are insurance as well, though the work is over.
    assert [outcome("not_insured", facts) for facts in (insured, conserved, worker())] == ["fail", "fail", "pass"]


# Unemployment


@pytest.mark.parametrize(
    ("worked", "expected", "days"),
    [
        ([(START, TODAY - 45 * DAY)], "fail", 45),
        ([(START, TODAY - 46 * DAY)], "pass", 46),
        ([(START, TODAY - 47 * DAY)], "pass", 47),
        ([(START, TODAY - 400 * DAY), (TODAY - 50 * DAY, TODAY - 45 * DAY)], "fail", 45),
        ([(START, TODAY - 46 * DAY), (TOMORROW, None)], "pass", 46),
        ([(START, None)], "fail", None),
        ([], "fail", None),
    ],
)
def test_46_days_without_work(worked: list[tuple[date, date | None]], expected: str, days: int | None) -> None:
    found = of_service("unemployment", "days_without_work", worker(*worked))
    assert (found.outcome, found.values.get("days"), found.values["needed"]) == (expected, days, 46)


@pytest.mark.parametrize(
    ("on_date", "today", "expected"),
    [
        (date(2021, 11, 26), TODAY, "fail"),
        (date(2021, 11, 25), TODAY, "pass"),
        (date(2021, 11, 24), TODAY, "pass"),
        (date(2020, 2, 29), date(2025, 2, 28), "fail"),
        (date(2020, 2, 29), date(2025, 3, 1), "pass"),
        (date(2019, 2, 28), date(2024, 2, 28), "pass"),
        (date(2019, 3, 1), date(2024, 2, 29), "fail"),
    ],
)
def test_one_withdrawal_in_five_years(on_date: date, today: date, expected: str) -> None:
    assert of_service("unemployment", "no_withdrawal_within", withdrew(on_date, today)).outcome == expected


def test_the_last_of_several_withdrawals_counts() -> None:
    both = (Withdrawal(date(2022, 1, 1), 5), Withdrawal(date(2010, 1, 1), 5))
    assert of_service("unemployment", "no_withdrawal_within", worker(withdrawals=both)).outcome == "fail"
    assert of_service("unemployment", "no_withdrawal_within", worker()).outcome == "pass"


THREE_YEARS, FIVE_YEARS = date(2023, 11, 25), date(2021, 11, 25)


@pytest.mark.parametrize(
    ("first", "days", "expected"),
    [
        (THREE_YEARS, 104 * 7, "pass"),
        (THREE_YEARS, 103 * 7 + 4, "pass"),
        (THREE_YEARS, 103 * 7 + 3, "fail"),
        (THREE_YEARS + DAY, 104 * 7, "fail"),
        (FIVE_YEARS, 1, "pass"),
        (FIVE_YEARS + DAY, 1, "fail"),
        (FIVE_YEARS + DAY, 104 * 7, "pass"),
    ],
)
def test_weeks_in_a_young_account_or_an_old_one(first: date, days: int, expected: str) -> None:
    facts = worker((first, first + (days - 1) * DAY))
    assert of_service("unemployment", "weeks_or_account", facts).outcome == expected


def test_weeks_given_up_do_not_count_and_who_never_worked_has_no_account() -> None:
    worked = (THREE_YEARS, THREE_YEARS + (105 * 7 - 1) * DAY)
    one = worker(worked, withdrawals=(Withdrawal(THREE_YEARS, 1),))
    two = worker(worked, withdrawals=(Withdrawal(THREE_YEARS, 1), Withdrawal(THREE_YEARS, 1)))
    found = [of_service("unemployment", "weeks_or_account", facts).outcome for facts in (one, two, worker())]
    assert found == ["pass", "fail", "fail"]


# Modality 40


@pytest.mark.parametrize(
    ("left_on", "today", "expected"),
    [
        (date(2021, 11, 26), TODAY, "pass"),
        (date(2021, 11, 25), TODAY, "pass"),
        (date(2021, 11, 24), TODAY, "fail"),
        (date(2020, 2, 29), date(2025, 2, 28), "pass"),
        (date(2020, 2, 29), date(2025, 3, 1), "fail"),
        # From 28 February 2019 five years are over on 28 February 2024, not a day later because the year is long.
        (date(2019, 2, 28), date(2024, 2, 28), "pass"),
        (date(2019, 2, 28), date(2024, 2, 29), "fail"),
    ],
)
def test_work_was_left_within_five_years(left_on: date, today: date, expected: str) -> None:
    assert of_service("modality-40", "left_within", worker((START, left_on), today=today)).outcome == expected


def test_who_works_or_never_worked_has_not_left() -> None:
    assert of_service("modality-40", "left_within", worker((START, None))).outcome == "fail"
    assert of_service("modality-40", "left_within", worker()).outcome == "fail"


@pytest.mark.parametrize(
    ("worked", "expected", "count"),
    [
        ([weeks(52, YESTERDAY)], "pass", 52),
        ([weeks(51, YESTERDAY, days=4)], "pass", 52),
        ([weeks(51, YESTERDAY, days=3)], "fail", 51),
        ([weeks(30, YESTERDAY), weeks(30, YESTERDAY)], "fail", 30),
        ([weeks(26, YESTERDAY), weeks(26, YESTERDAY - 900 * DAY)], "pass", 52),
        # Five years before leaving, not before the request.
        ([weeks(52, TODAY - 4 * 366 * DAY)], "pass", 52),
        ([weeks(1, YESTERDAY), weeks(600, YESTERDAY - 1900 * DAY)], "fail", 1),
        ([weeks(52, TODAY)], "pass", 52),
        ([], "fail", 0),
    ],
)
def test_exactly_52_weeks_in_the_five_years_before_leaving(
    worked: list[tuple[date, date | None]], expected: str, count: int
) -> None:
    found = of_service("modality-40", "weeks_within", worker(*worked))
    assert (found.outcome, found.values["weeks"]) == (expected, count)


def test_the_five_years_before_leaving_are_whole_and_no_longer() -> None:
    left_on = date(2024, 2, 29)
    inside, across = (date(2019, 3, 1), date(2019, 3, 3)), (date(2019, 2, 28), date(2019, 3, 2))
    last = (left_on, left_on)
    # Four days are a week: the last one and three from 1 March 2019 on. 28 February 2019 is a day too early.
    assert ask("weeks_within", worker(last, inside), weeks=1, years=5).outcome == "pass"
    assert ask("weeks_within", worker(last, across), weeks=1, years=5).outcome == "fail"


@pytest.mark.parametrize(
    ("chosen", "last", "expected"),
    [
        (float(CAP), None, "pass"),
        (2932.76, None, "fail"),
        (315.04, None, "pass"),
        (315.03, None, "fail"),
        (315.08, None, "pass"),  # no whole multiple of 0.01 in floating point
        (800, "800.00", "pass"),
        (799.99, "800.00", "fail"),
        (800.01, "800.00", "pass"),
        (315.04, "200.00", "pass"),
        (2932.75, "5000.00", "pass"),
        (2932.74, "5000.00", "fail"),
        (500.123, None, "unknown"),
        (float("nan"), None, "unknown"),
        (float("inf"), None, "unknown"),
        ("mucho", None, "unknown"),
        (None, None, "unknown"),
    ],
)
def test_the_wage_is_between_the_last_one_and_25_uma(chosen: object, last: str | None, expected: str) -> None:
    assert of_service("modality-40", "wage_between", wage(chosen, last)).outcome == expected


def test_the_limits_of_the_wage_are_stored_as_the_reason() -> None:
    found = of_service("modality-40", "wage_between", wage(10, "400.00"))
    assert found.values == {"chosen": "10", "least": "400.00", "most": str(CAP)}
    assert UMA * 25 == CAP
    nothing = Facts(today=TODAY, person=who())
    assert of_service("modality-40", "wage_between", nothing).outcome == "unknown"


@given(st.integers(1, 1_000_000), st.none() | st.integers(1, 1_000_000))
def test_every_wage_in_whole_cents_is_validated_and_only_by_its_limits(chosen: int, last: int | None) -> None:
    cents, before = Decimal(chosen) / 100, None if last is None else Decimal(last) / 100
    least = min(max(MINIMUM, before or MINIMUM), CAP)
    found = of_service("modality-40", "wage_between", wage(float(cents), None if before is None else str(before)))
    assert found.outcome == ("pass" if least <= cents <= CAP else "fail")


# Pension


@pytest.mark.parametrize(
    ("birth_on", "pension", "expected"),
    [
        (date(1966, 11, 26), "advanced-age", "fail"),
        (date(1966, 11, 25), "advanced-age", "pass"),
        (date(1966, 11, 25), "old-age", "fail"),
        (date(1961, 11, 26), "old-age", "fail"),
        (date(1961, 11, 25), "old-age", "pass"),
        (date(1961, 11, 24), "old-age", "pass"),
    ],
)
def test_the_age_of_each_pension(birth_on: date, pension: str, expected: str) -> None:
    facts = Facts(today=TODAY, person=who(birth_on), answers={"pension": pension})
    assert of_service("pension", "pension_age", facts).outcome == expected


@pytest.mark.parametrize(
    ("year", "needed"),
    [(2021, 750), (2024, 825), (2025, 850), (2026, 875), (2030, 975), (2031, 1000), (2040, 1000)],
)
def test_the_weeks_of_a_pension_grow_to_a_thousand(year: int, needed: int) -> None:
    today = date(year, 11, 25)
    enough = worker((date(1997, 7, 1), date(1997, 7, 1) + (needed * 7 - 1) * DAY), today=today)
    short = worker((date(1997, 7, 1), date(1997, 7, 1) + (needed * 7 - 5) * DAY), today=today)
    found = of_service("pension", "weeks_for_pension", enough)
    assert (found.outcome, found.values) == ("pass", {"weeks": needed, "needed": needed, "law": "1997"})
    assert of_service("pension", "weeks_for_pension", short).outcome == "fail"


@pytest.mark.parametrize(
    ("first", "law", "needed"),
    [
        (date(1997, 6, 30), "1973", 500),
        (date(1997, 7, 1), "1997", 875),
        (date(1997, 7, 2), "1997", 875),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_the_law_is_that_of_the_first_day_worked(first: date, law: str, needed: int, order: int) -> None:
    worked = [(first, first), weeks(needed - 1, date(2020, 12, 31), days=2)][::order]
    one_day_less = [(first, first), weeks(needed - 1, date(2020, 12, 31), days=1)][::order]
    has = of_service("pension", "weeks_for_pension", worker(*worked))
    assert (has.values["law"], has.values["needed"], has.outcome) == (law, needed, "fail")
    more = [(first, first), weeks(needed - 1, date(2020, 12, 31), days=3)][::order]
    assert of_service("pension", "weeks_for_pension", worker(*more)).outcome == "pass"
    assert of_service("pension", "weeks_for_pension", worker(*one_day_less)).outcome == "fail"


def test_who_never_worked_has_no_pension() -> None:
    assert of_service("pension", "weeks_for_pension", worker()).values == {"weeks": 0, "needed": 875, "law": "1997"}
