"""When rights are in force: Ley del Seguro Social, art. 109, with the weeks of art. 20."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.registry.rights import own_rights_from, rights_from
from app.registry.rules import (
    Conservation,
    InForce,
    Period,
    best_of,
    in_force,
    in_force_while,
    limit_until,
    merge_periods,
    weeks_of,
)

LAW = Conservation(needed=8, weeks=8)
CONSERVATION = timedelta(weeks=LAW.weeks)
DAYS = st.dates(date(2015, 1, 1), date(2027, 12, 31))
DAY = timedelta(days=1)


@st.composite
def period(draw: st.DrawFn) -> Period:
    starts = draw(DAYS)
    return Period(starts, draw(st.none() | st.integers(0, 400).map(lambda n: starts + n * DAY)))


PERIODS = st.lists(period(), max_size=6)


@given(PERIODS, DAYS)
def test_affiliated_days_are_those_of_a_period_and_the_order_does_not_matter(periods: list[Period], day: date) -> None:
    covered = any(one.starts_on <= day and (one.ends_on is None or day <= one.ends_on) for one in periods)
    found = in_force(periods, day, LAW)
    assert (found.reason == "affiliated") == covered
    assert in_force(reversed(periods), day, LAW) == found
    assert found.is_in_force == (found.reason in {"affiliated", "conserved"})


@given(PERIODS, DAYS)
def test_in_force_holds_to_the_day_it_says_and_not_beyond(periods: list[Period], day: date) -> None:
    found = in_force(periods, day, LAW)
    if found.is_in_force and found.until is not None:
        assert day <= found.until
        for between in (day, found.until, day + (found.until - day) // 2):
            assert in_force(periods, between, LAW).is_in_force
    if found.reason == "ended":
        assert found.until is not None
        assert found.until < day


@given(PERIODS, DAYS)
def test_a_conserved_day_is_within_eight_weeks_of_eight_uninterrupted_ones(periods: list[Period], day: date) -> None:
    found = in_force(periods, day, LAW)
    earned = any(
        one.ends_on is not None
        and one.ends_on < day <= one.ends_on + CONSERVATION
        and weeks_of((one.ends_on - one.starts_on).days + 1) >= 8
        for one in merge_periods(periods)
    )
    if found.reason != "affiliated":
        assert (found.reason == "conserved") == earned


@given(PERIODS)
def test_joined_periods_cover_the_same_days_without_touching(periods: list[Period]) -> None:
    whole = merge_periods(periods)
    for before, after in itertools.pairwise(whole):
        assert before.ends_on is not None
        assert before.ends_on + DAY < after.starts_on
    for one in periods:
        assert any(
            w.starts_on <= one.starts_on
            and (w.ends_on is None or (one.ends_on is not None and one.ends_on <= w.ends_on))
            for w in whole
        )


def test_the_eight_weeks_after_to_the_day() -> None:
    starts, ends = date(2026, 1, 1), date(2026, 2, 25)  # 56 days, both included
    assert (ends - starts + DAY) == timedelta(weeks=8)
    last = ends + CONSERVATION
    assert in_force([Period(starts, ends)], last, LAW).reason == "conserved"
    assert in_force([Period(starts, ends)], last + DAY, LAW).reason == "ended"
    assert in_force([Period(starts, ends)], starts - DAY, LAW).reason == "never"
    assert in_force([], starts, LAW).reason == "never"


@pytest.mark.parametrize(
    ("ends", "weeks", "reason"), [(date(2026, 2, 22), 8, "conserved"), (date(2026, 2, 21), 7, "ended")]
)
def test_a_rest_of_more_than_three_days_is_a_week(ends: date, weeks: int, reason: str) -> None:
    """53 days are eight weeks and 52 are seven (art. 20): the same count as anywhere else."""
    starts = date(2026, 1, 1)
    assert weeks_of((ends - starts).days + 1) == weeks
    assert in_force([Period(starts, ends)], ends + DAY, LAW).reason == reason


def test_two_employers_one_after_the_other_are_uninterrupted() -> None:
    first, second = Period(date(2026, 1, 1), date(2026, 1, 31)), Period(date(2026, 2, 1), date(2026, 2, 28))
    assert in_force([first, second], date(2026, 3, 15), LAW).reason == "conserved"
    gap = Period(date(2026, 2, 2), date(2026, 2, 28))
    assert in_force([first, gap], date(2026, 3, 15), LAW).reason == "ended"


def test_a_short_job_does_not_remove_what_a_long_one_conserved() -> None:
    long, short = Period(date(2025, 1, 1), date(2026, 1, 31)), Period(date(2026, 2, 10), date(2026, 2, 16))
    until = long.ends_on + CONSERVATION if long.ends_on else None
    assert in_force([long, short], date(2026, 2, 17), LAW) == InForce(True, until, "conserved")


# --- Two people ---------------------------------------------------------------------------------------------------


def sources(*whose: tuple[date | None, list[Period]]) -> list[list[object]]:
    """As the database gives them."""
    return [[_iso(last), _json(work), None, None] for last, work in whose]


def _json(periods: list[Period]) -> list[list[str | None]] | None:
    return [[_iso(one.starts_on), _iso(one.ends_on)] for one in periods] or None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def test_five_weeks_of_each_are_eight_of_neither() -> None:
    """The example of November 2026: mine and my spouse's, one after the other, conserved rights that no one had."""
    mine = [Period(date(2026, 1, 1), date(2026, 2, 4))]
    theirs = [Period(date(2026, 2, 5), date(2026, 3, 11))]
    day = date(2026, 3, 20)
    assert in_force([*mine, *theirs], day, LAW).reason == "conserved"  # what a union would say
    assert rights_from(sources((None, mine), (None, theirs)), day) == InForce(False, date(2026, 3, 11), "ended")


def test_a_short_job_of_mine_does_not_hide_what_my_holder_conserves() -> None:
    mine, theirs = [Period(date(2026, 2, 10), date(2026, 2, 16))], [Period(date(2025, 1, 1), date(2026, 1, 31))]
    day = date(2026, 3, 1)
    assert rights_from(sources((None, mine), (None, theirs)), day) == InForce(True, date(2026, 3, 28), "conserved")
    assert own_rights_from(sources((None, mine), (None, theirs)), day).reason == "ended"


@given(st.lists(st.tuples(st.none() | DAYS, PERIODS), min_size=1, max_size=4), DAYS)
def test_rights_are_the_best_of_each_persons(whose: list[tuple[date | None, list[Period]]], day: date) -> None:
    whose = [(last if last is None or last >= day else day, work) for last, work in whose]
    each = [limit_until(in_force(work, day, LAW), last) for last, work in whose]
    found = rights_from(sources(*whose), day)
    assert found == best_of(each) == best_of(reversed(each))
    assert found.is_in_force == any(one.is_in_force for one in each)
    for one in each:
        if one.is_in_force:
            assert found.until is None or (one.until is not None and one.until <= found.until)


@given(PERIODS, DAYS, DAYS)
def test_rights_through_a_holder_end_with_the_dependence(work: list[Period], day: date, last: date) -> None:
    own, had = in_force(work, day, LAW), limit_until(in_force(work, day, LAW), last)
    assert (own.is_in_force, own.reason) == (had.is_in_force, had.reason)
    if own.is_in_force:
        assert had.until == min(last, own.until or last)
    else:
        assert had == own


def test_no_one_to_depend_on_is_never() -> None:
    assert best_of([]) == InForce(False, None, "never")


# --- Pensions -----------------------------------------------------------------------------------------------------


@given(PERIODS, DAYS)
def test_a_pension_gives_rights_on_its_days_and_on_no_other(pensions: list[Period], day: date) -> None:
    found = in_force_while(pensions, day, "pensioner")
    paid = any(one.starts_on <= day and (one.ends_on is None or day <= one.ends_on) for one in pensions)
    assert found.is_in_force == paid == (found.reason == "pensioner")
    if paid and found.until is not None:
        assert in_force_while(pensions, found.until, "pensioner").is_in_force
        assert not in_force_while(pensions, found.until + DAY, "pensioner").is_in_force


def test_a_pension_outlasts_the_work_before_it() -> None:
    """LSS art. 84 II: years after the last day of work, the pensioner and who depends on them are covered."""
    work, pension = [Period(date(1990, 1, 1), date(2020, 3, 31))], [Period(date(2020, 4, 1), None)]
    own = [None, _json(work), _json(pension), None]
    day = date(2026, 11, 29)
    assert rights_from([own], day) == InForce(True, None, "pensioner")
    nothing = [None] * 4
    assert rights_from([nothing, own], day) == InForce(True, None, "pensioner")
    limited_to = ["2027-01-31", *own[1:]]
    assert rights_from([nothing, limited_to], day) == InForce(True, date(2027, 1, 31), "pensioner")
    over = [None, _json(work), _json([Period(date(2020, 4, 1), date(2026, 11, 28))]), None]
    assert rights_from([over], day) == InForce(False, date(2026, 11, 28), "ended")
