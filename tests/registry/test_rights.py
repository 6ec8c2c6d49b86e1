"""When rights are in force: Ley del Seguro Social, art. 109."""

import itertools
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.registry.rules import CONSERVATION, Period, in_force, joined

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
    found = in_force(periods, day)
    assert (found.reason == "affiliated") == covered
    assert in_force(reversed(periods), day) == found
    assert found.is_in_force == (found.reason in {"affiliated", "conserved"})


@given(PERIODS, DAYS)
def test_in_force_holds_to_the_day_it_says_and_not_beyond(periods: list[Period], day: date) -> None:
    found = in_force(periods, day)
    if found.is_in_force and found.until is not None:
        assert day <= found.until
        for between in (day, found.until, day + (found.until - day) // 2):
            assert in_force(periods, between).is_in_force


@given(PERIODS)
def test_joined_periods_cover_the_same_days_without_touching(periods: list[Period]) -> None:
    whole = joined(periods)
    for before, after in itertools.pairwise(whole):
        assert before.ends_on is not None
        assert before.ends_on + DAY < after.starts_on
    for one in periods:
        assert any(
            w.starts_on <= one.starts_on
            and (w.ends_on is None or (one.ends_on is not None and one.ends_on <= w.ends_on))
            for w in whole
        )


def test_the_eight_weeks_to_the_day() -> None:
    starts, ends = date(2026, 1, 1), date(2026, 2, 25)  # 56 days, both included
    assert (ends - starts + DAY) == timedelta(weeks=8)
    last = ends + CONSERVATION
    assert in_force([Period(starts, ends)], last).reason == "conserved"
    assert in_force([Period(starts, ends)], last + DAY).reason == "ended"
    assert in_force([Period(starts, ends - DAY)], ends + DAY).reason == "ended"
    assert in_force([Period(starts, ends)], starts - DAY).reason == "never"
    assert in_force([], starts).reason == "never"


def test_two_employers_one_after_the_other_are_uninterrupted() -> None:
    first, second = Period(date(2026, 1, 1), date(2026, 1, 31)), Period(date(2026, 2, 1), date(2026, 2, 28))
    assert in_force([first, second], date(2026, 3, 15)).reason == "conserved"
    gap = Period(date(2026, 2, 2), date(2026, 2, 28))
    assert in_force([first, gap], date(2026, 3, 15)).reason == "ended"
