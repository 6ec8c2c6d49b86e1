"""Where an answer is read: the pieces of a period are all of it, once, and as coarse as they may be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.problems import Invalid
from app.savings.rules.metric_query import MetricQuery, PeriodType, Piece, plan

DAY = timedelta(days=1)
BEGINS: dict[PeriodType, Callable[[date], bool]] = {
    "D": lambda _day: True,
    "W": lambda day: day.weekday() == 0,
    "M": lambda day: day.day == 1,
}
days = st.dates(date(2023, 12, 1), date(2026, 2, 28))
periods = st.sampled_from([(), ("day",), ("week",), ("month",), ("quarter",), ("year",), ("service", "week")])


def grains(group_by: tuple[str, ...]) -> PeriodType:
    return "D" if "day" in group_by else "W" if "week" in group_by else "M"


@given(since=days, length=st.integers(0, 500), group_by=periods)
def test_the_pieces_are_the_whole_span_once(since: date, length: int, group_by: tuple[str, ...]) -> None:
    until = since + length * DAY
    pieces = plan(MetricQuery(since, until, group_by=group_by)).pieces
    assert pieces[0].since == since
    assert pieces[-1].until == until
    for one, next_ in pairwise(pieces):
        assert next_.since == one.until + DAY
    for piece in pieces:
        assert piece.since <= piece.until
        assert BEGINS[piece.period_type](piece.since)
        assert BEGINS[piece.period_type](piece.until + DAY)


@given(since=days, length=st.integers(0, 500), group_by=periods)
def test_what_is_read_by_day_holds_no_whole_period(since: date, length: int, group_by: tuple[str, ...]) -> None:
    until, coarsest = since + length * DAY, grains(group_by)
    for piece in plan(MetricQuery(since, until, group_by=group_by)).pieces:
        assert piece.period_type in {"D", coarsest}
        if piece.period_type == "D" != coarsest:
            whole = [day for day in within(piece) if BEGINS[coarsest](day)]
            ends = [day for day in within(piece) if BEGINS[coarsest](day + DAY)]
            assert not any(first < end for first in whole for end in ends)


def within(piece: Piece) -> list[date]:
    return [piece.since + number * DAY for number in range((piece.until - piece.since).days + 1)]


def test_a_year_by_week_is_weeks_and_the_days_around_them() -> None:
    asked = plan(MetricQuery(date(2025, 1, 1), date(2025, 12, 31), group_by=("week",)))
    assert asked.pieces == (
        Piece("D", date(2025, 1, 1), date(2025, 1, 5)),
        Piece("W", date(2025, 1, 6), date(2025, 12, 28)),
        Piece("D", date(2025, 12, 29), date(2025, 12, 31)),
    )


def test_units_and_segments_are_stored_by_month_alone() -> None:
    """Whole weeks are no months: neither is there a cell of a unit for them, nor one with a quality."""
    weeks = MetricQuery(date(2025, 1, 6), date(2025, 2, 2), group_by=("week",))
    for wrong in (replace(weeks, segment="sex"), replace(weeks, group_by=("week", "unit"))):
        with pytest.raises(Invalid):
            plan(wrong)


def test_a_segment_that_isnt_stored_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        plan(MetricQuery(date(2025, 1, 1), date(2025, 1, 31), segment="sex' OR true --"))
    assert [wrong.field for wrong in refused.value.fields] == ["segment"]
