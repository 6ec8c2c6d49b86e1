"""Which seats are released when: each in one wave, spread over the day, and what a release may be."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.appointments.release import (
    DrawPlan,
    Limits,
    Moment,
    Release,
    Wave,
    Waves,
    batches_of,
    release_errors,
    release_of,
    to_store,
    wave_of,
)
from tests.examples import examples

LIMITS = Limits(30, time(7), time(8))
DAYS = st.dates(date(2024, 1, 1), date(2040, 12, 31))


HOURS = st.times(time(6), time(22)).map(lambda at: at.replace(second=0, microsecond=0))


@st.composite
def waves(draw: st.DrawFn) -> Waves:
    cuts = sorted(draw(st.sets(st.integers(1, 99), max_size=5)))
    shares = [after - before for before, after in zip([0, *cuts], [*cuts, 100], strict=True)]
    moments = draw(
        st.lists(
            st.builds(
                Moment,
                st.integers(1, 29),
                st.times(time(6), time(22)).map(lambda at: at.replace(second=0, microsecond=0)),
            ),
            min_size=len(shares),
            max_size=len(shares),
            unique=True,
        )
    )
    return Waves(tuple(Wave(moment, share) for moment, share in zip(moments, shares, strict=True)))


@given(DAYS, st.integers(0, 400), waves())
@examples(40)
def test_each_seat_is_in_one_wave_and_the_waves_add_up_to_the_day(day: date, seats: int, release: Waves) -> None:
    batches = batches_of(day, seats, release)
    assert sum(one.seats for one in batches) == seats
    assert [one.wave for one in batches] == [*range(1, len(release.waves) + 1)]
    chosen = Counter(wave_of(number, day, release) for number in range(seats))
    assert {one.wave: one.seats for one in batches if one.seats} == dict(chosen)


@given(DAYS, st.integers(0, 300), waves())
@examples(40)
def test_any_hundred_seats_in_a_row_have_the_shares_exactly(day: date, first: int, release: Waves) -> None:
    chosen = Counter(wave_of(number, day, release) for number in range(first, first + 100))
    assert [chosen[index] for index in range(1, len(release.waves) + 1)] == [one.share for one in release.waves]


@given(DAYS, st.integers(10, 100), st.integers(1, 99))
@examples(40)
def test_the_seats_of_a_wave_lie_all_over_the_day(day: date, seats: int, share: int) -> None:
    halves = Waves((Wave(Moment(9, time(8)), share), Wave(Moment(2, time(8)), 100 - share)))
    for first in range(seats - 10):  # in any ten seats in a row within three of the share
        got = sum(wave_of(number, day, halves) == 1 for number in range(first, first + 10))
        assert abs(got - share / 10) < 3


def test_no_hour_is_always_in_the_last_wave() -> None:
    halves = Waves((Wave(Moment(9, time(8)), 50), Wave(Moment(2, time(8)), 50)))
    mondays = [date(2026, 11, 2) + timedelta(weeks=week) for week in range(12)]
    assert {wave_of(0, day, halves) for day in mondays} == {1, 2}


@given(waves())
@examples(40)
def test_a_release_is_stored_in_the_order_of_its_moments(release: Waves) -> None:
    stored = release_of(to_store(release))
    assert isinstance(stored, Waves)
    day = date(2026, 11, 30)
    assert [one.moment.on(day) for one in stored.waves] == sorted(one.moment.on(day) for one in release.waves)
    assert set(stored.waves) == set(release.waves)
    assert to_store(stored) == to_store(release)
    assert not list(release_errors(stored, LIMITS))


def moment(days: int, at: int) -> Moment:
    return Moment(days, time(at))


@pytest.mark.parametrize(
    ("release", "fields"),
    [
        (None, []),
        (Waves((Wave(moment(3, 8), 100),)), []),
        (Waves(()), ["release.waves", "release.waves"]),
        (Waves((Wave(moment(3, 8), 60), Wave(moment(2, 8), 60))), ["release.waves"]),
        (Waves((Wave(moment(3, 8), 100), Wave(moment(2, 8), 0))), ["release.waves"]),
        (Waves((Wave(moment(3, 8), 50), Wave(moment(3, 8), 50))), ["release.waves"]),
        (Waves((Wave(moment(3, 5), 50), Wave(moment(2, 23), 50))), ["release.waves.0.at", "release.waves.1.at"]),
        (Waves((Wave(moment(31, 8), 100),)), ["release.waves.0.days"]),
        (Waves((Wave(moment(30, 6), 100),)), ["release.waves.0.at"]),
        (Waves((Wave(moment(30, 7), 100),)), []),
        (Waves((Wave(moment(0, 8), 100),)), ["release.waves.0.at"]),
        (Waves((Wave(moment(0, 7), 100),)), []),
        (DrawPlan(moment(5, 8), moment(5, 20), moment(4, 8)), []),
        (DrawPlan(moment(5, 9), moment(5, 20), moment(4, 8)), ["release.draw.closes.days"]),
        (DrawPlan(moment(5, 8), moment(5, 20), moment(4, 7)), ["release.draw.public.days"]),
        (DrawPlan(moment(5, 8), moment(6, 20), moment(4, 9)), ["release.draw.closes.days"]),
        (DrawPlan(moment(5, 8), moment(3, 23), moment(1, 9)), ["release.draw.closes.at"]),
    ],
)
def test_what_a_release_may_be(release: Release, fields: list[str]) -> None:
    assert [one.field for one in release_errors(release, LIMITS)] == fields


def test_a_moment_is_by_the_clock_of_the_unit_also_when_clocks_change() -> None:
    eight = Moment(1, time(8))  # Tijuana goes back on 2026-11-01
    assert eight.instant(date(2026, 11, 1), "America/Tijuana") == datetime(2026, 10, 31, 15, tzinfo=UTC)
    assert eight.instant(date(2026, 11, 2), "America/Tijuana") == datetime(2026, 11, 1, 16, tzinfo=UTC)
    assert eight.instant(date(2026, 11, 2), "America/Mexico_City") == datetime(2026, 11, 1, 14, tzinfo=UTC)
