"""Contribution days and weeks, against a count of days one by one. Ley del Seguro Social, art. 20."""

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.registry.rules import Period, contribution_days, contribution_weeks, weeks_of

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
DAYS = st.dates(date(2019, 12, 1), date(2025, 3, 31))


@st.composite
def period(draw: st.DrawFn) -> Period:
    starts = draw(DAYS)
    return Period(starts, draw(st.none() | st.integers(0, 500).map(lambda n: starts + n * DAY)))


PERIODS = st.lists(period(), max_size=6)


def day_by_day(periods: Iterable[Period], first: date, last: date) -> set[date]:
    """Each day between two with an affiliation, gone through one by one."""
    return {
        day
        for n in range((last - first).days + 1)
        for day in [first + n * DAY]
        if any(one.starts_on <= day and (one.ends_on is None or day <= one.ends_on) for one in periods)
    }


@given(PERIODS, DAYS, DAYS)
def test_days_are_those_of_the_calendar_overlaps_once_and_gaps_not_at_all(
    periods: list[Period], first: date, last: date
) -> None:
    assert contribution_days(periods, first, last) == len(day_by_day(periods, first, last))


@given(PERIODS, DAYS, st.randoms())
def test_the_order_of_periods_does_not_matter(periods: list[Period], last: date, chance: Random) -> None:
    mixed = list(periods)
    chance.shuffle(mixed)
    assert contribution_weeks(mixed, last) == contribution_weeks(periods, last)


@given(PERIODS, st.data(), DAYS)
def test_a_period_written_as_two_counts_the_same(periods: list[Period], data: st.DataObject, last: date) -> None:
    assume(periods)
    whole = periods[0]
    cut = whole.starts_on + data.draw(st.integers(0, 600)) * DAY
    assume(whole.ends_on is None or cut < whole.ends_on)
    pieces = [Period(whole.starts_on, cut), Period(cut + DAY, whole.ends_on), *periods[1:]]
    first = date(2019, 12, 1)
    assert contribution_days(pieces, first, last) == contribution_days(periods, first, last)


@given(PERIODS, period(), DAYS, DAYS)
def test_more_work_and_later_days_never_make_fewer(periods: list[Period], more: Period, one: date, other: date) -> None:
    early, late = sorted((one, other))
    days = contribution_days(periods, date.min, early)
    assert days <= contribution_days(periods, date.min, late) <= days + (late - early).days
    assert days <= contribution_days([*periods, more], date.min, early)


@given(PERIODS, DAYS, DAYS)
def test_two_halves_of_a_time_are_the_whole(periods: list[Period], one: date, other: date) -> None:
    first, last = sorted((one, other))
    middle = first + (last - first) // 2
    halves = contribution_days(periods, first, middle), contribution_days(periods, middle + DAY, last)
    assert sum(halves) == contribution_days(periods, first, last)


@pytest.mark.parametrize(
    ("periods", "days"),
    [
        ([], 0),
        ([(date(2024, 2, 28), date(2024, 3, 1))], 3),
        ([(date(2023, 2, 28), date(2023, 3, 1))], 2),
        ([(date(2024, 1, 1), date(2024, 12, 31))], 366),
        ([(date(2023, 1, 1), date(2023, 12, 31))], 365),
        ([(date(2024, 1, 1), date(2024, 1, 1))], 1),
        ([(date(2024, 1, 1), date(2024, 1, 10)), (date(2024, 1, 1), date(2024, 1, 10))], 10),
        ([(date(2024, 1, 1), date(2024, 1, 10)), (date(2024, 1, 5), date(2024, 1, 14))], 14),
        ([(date(2024, 1, 1), date(2024, 1, 31)), (date(2024, 1, 5), date(2024, 1, 6))], 31),
        ([(date(2024, 1, 1), date(2024, 1, 10)), (date(2024, 1, 12), date(2024, 1, 14))], 13),
        ([(date(2024, 12, 30), None)], 2),
        ([(date(2024, 12, 30), None), (date(2024, 12, 1), date(2024, 12, 2))], 4),
        ([(date(2025, 1, 1), None)], 0),
    ],
)
def test_days_of_known_calendars(periods: list[tuple[date, date | None]], days: int) -> None:
    made = [Period(*one) for one in periods]
    assert contribution_days(made, date(2020, 1, 1), date(2024, 12, 31)) == days


def test_a_time_that_ends_before_it_begins_has_no_days() -> None:
    assert contribution_days([Period(date(2020, 1, 1), None)], date(2024, 1, 2), date(2024, 1, 1)) == 0


@pytest.mark.parametrize(
    ("days", "weeks"),
    [
        (0, 0), (1, 0), (3, 0), (4, 1), (6, 1), (7, 1), (10, 1), (11, 2), (13, 2), (14, 2),
        (365, 52), (366, 52), (364 + 3, 52), (364 + 4, 53), (-1, 0), (-5, 0), (-700, 0),
    ],
)  # fmt: skip
def test_a_remainder_of_more_than_three_days_is_another_week(days: int, weeks: int) -> None:
    assert weeks_of(days) == weeks


@given(st.integers(0, 40_000))
def test_weeks_stay_within_half_a_week_of_the_days_and_never_shrink(days: int) -> None:
    assert -3 <= weeks_of(days) * 7 - days <= 3
    assert 0 <= weeks_of(days + 1) - weeks_of(days) <= 1


@given(PERIODS, DAYS, st.integers(0, 400))
def test_withdrawn_weeks_are_taken_off_and_no_one_owes_weeks(periods: list[Period], last: date, taken: int) -> None:
    days = len(day_by_day(periods, date(2019, 12, 1), last))
    assert contribution_weeks(periods, last) == weeks_of(days)
    assert contribution_weeks(periods, last, taken) == max(0, weeks_of(days) - taken)


def test_the_remainder_is_of_all_days_together_not_of_each_employer() -> None:
    ten_times_three_days = [Period(date(2024, month, 1), date(2024, month, 3)) for month in range(1, 11)]
    assert contribution_weeks(ten_times_three_days, date(2024, 12, 31)) == weeks_of(30) == 4
