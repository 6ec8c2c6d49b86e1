"""The forecast of a wait: longer with more people ahead, shorter with more counters, the same with the same seed."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk.rules import forecast as rules
from app.desk.rules.calibration import AS_SIMULATED, calibrated
from app.desk.rules.forecast import (
    DRAWS,
    Ahead,
    Expected,
    Forecast,
    Line,
    Observed,
    OpenCounter,
    TimeAtCounter,
    shrunk,
    simulate,
)
from tests.examples import examples

TIMES = st.builds(TimeAtCounter, st.floats(0.5, 3.5), st.floats(0.05, 0.8), st.floats(0, 0.3))
KEYS = st.integers(0, 2**64 - 1)
AHEAD = st.builds(Ahead, KEYS, TIMES)
EXPECTED = st.builds(Expected, KEYS, TIMES, st.floats(-10, 120))
COUNTERS = st.one_of(st.builds(OpenCounter, KEYS), st.builds(OpenCounter, KEYS, st.floats(0, 90), TIMES))
LINES = st.builds(
    Line,
    st.lists(COUNTERS, min_size=1, max_size=5),
    st.lists(AHEAD, max_size=10),
    st.lists(EXPECTED, max_size=4),
)
TEN = TimeAtCounter(math.log(10), 1e-9, 0.0)
SOME = examples(40)


def forecast(line: Line, seed: int = 0, draws: int = DRAWS) -> Forecast | None:
    """The forecast that nothing was learnt for."""
    simulated = simulate(line, seed, draws)
    return calibrated(simulated, AS_SIMULATED) if simulated is not None else None


@SOME
@given(line=LINES, one=AHEAD, at=st.integers(0, 10), seed=KEYS)
def test_one_more_person_ahead_never_makes_it_shorter(line: Line, one: Ahead, at: int, seed: int) -> None:
    longer = replace(line, ahead=[*line.ahead[:at], one, *line.ahead[at:]])
    assert (rules.waits(longer, seed, 60) >= rules.waits(line, seed, 60) - 1e-9).all()


@SOME
@given(line=LINES, one=EXPECTED, seed=KEYS)
def test_one_more_appointment_to_come_never_makes_it_shorter_than_all_who_come_before_it(
    line: Line, one: Expected, seed: int
) -> None:
    last = replace(one, due_in=max([one.due_in, *(person.due_in + 1 for person in line.expected)]))
    longer = replace(line, expected=[*line.expected, last])
    assert (rules.waits(longer, seed, 60) >= rules.waits(line, seed, 60) - 1e-9).all()


@SOME
@given(line=LINES, one=COUNTERS, seed=KEYS)
def test_one_more_counter_never_makes_it_longer(line: Line, one: OpenCounter, seed: int) -> None:
    shorter = replace(line, counters=[*line.counters, one])
    assert (rules.waits(shorter, seed, 60) <= rules.waits(line, seed, 60) + 1e-9).all()


@SOME
@given(line=LINES, seed=KEYS)
def test_the_range_is_in_order_and_the_same_with_the_same_seed(line: Line, seed: int) -> None:
    made = forecast(line, seed, 60)
    assert made is not None
    assert 0 <= made.low <= made.median <= made.high
    assert forecast(line, seed, 60) == made
    assert made.holds(made.low)
    assert not made.holds(made.high + 0.1)


def test_without_a_counter_there_is_none() -> None:
    assert forecast(Line([], [Ahead(1, TEN)])) is None


def test_two_counters_take_half_as_long() -> None:
    """Ten people of ten minutes each, and the moments between them."""
    line = Line([OpenCounter(1)], [Ahead(100 + n, TEN) for n in range(10)])
    made, halved = forecast(line), forecast(replace(line, counters=[OpenCounter(1), OpenCounter(2)]))
    assert made is not None
    assert halved is not None
    assert 85 <= made.low < 105 < made.high <= 130
    assert made.median / 2 == pytest.approx(halved.median, abs=3)


def test_a_counter_is_free_when_it_has_done_what_it_is_at() -> None:
    nearly, hardly = (forecast(Line([OpenCounter(1, busy, TEN)], [])) for busy in (9.0, 1.0))
    assert nearly is not None
    assert hardly is not None
    assert nearly.high <= 5 < 7 <= hardly.low
    endless = forecast(Line([OpenCounter(1, 60.0, TEN)], []))
    assert endless is not None
    assert endless.high > 30, "longer than all that was seen: it may be as long again"


def test_who_may_be_called_elsewhere_takes_less() -> None:
    windows = [OpenCounter(1), OpenCounter(2)]
    bound = forecast(Line(windows, [Ahead(2 + n, TEN, at=(1,)) for n in range(8)], at=(0,)))
    shared = forecast(Line(windows, [Ahead(2 + n, TEN) for n in range(8)], at=(0,)))
    alone = forecast(Line(windows, [Ahead(2 + n, TEN, at=(0,)) for n in range(8)], at=(0,)))
    assert bound is not None
    assert shared is not None
    assert alone is not None
    assert bound.high <= 2
    assert shared.median == pytest.approx(alone.median / 2, abs=3)


def test_a_paused_counter_comes_back() -> None:
    open_, paused = (forecast(Line([OpenCounter(1, is_paused=is_paused)], [])) for is_paused in (False, True))
    assert open_ is not None
    assert paused is not None
    assert open_.high <= 2 < 10 < paused.high


def test_an_appointment_counts_if_it_comes_before_the_turn() -> None:
    line = Line([OpenCounter(1)], [Ahead(2, TEN)], [Expected(3, TEN, due_in=200)])
    assert np.array_equal(rules.waits(line, 1, 200), rules.waits(replace(line, expected=()), 1, 200))
    soon = rules.waits(replace(line, expected=[Expected(3, TEN, due_in=0)]), 1, 2_000)
    assert float(np.mean(soon > 18)) == pytest.approx(rules.COME, abs=0.1)


@given(
    n=st.integers(0, 500),
    mean=st.floats(0, 4),
    variance=st.floats(0.01, 1),
    wide=st.floats(0, 4),
    many=st.integers(0, 900),
)
def test_few_observations_move_the_wider_ones_a_little(
    n: int, mean: float, variance: float, wide: float, many: int
) -> None:
    widest = Observed(many, wide, variance)
    far, near = shrunk([widest]), shrunk([widest, Observed(n, mean, variance)])
    assert min(far.mean, mean) - 1e-9 <= near.mean <= max(far.mean, mean) + 1e-9
    assert abs(near.mean - far.mean) <= abs(mean - far.mean) * n / (n + rules.OBSERVATIONS) + 1e-9
    more = shrunk([widest, Observed(n + 100, mean, variance)])
    assert abs(more.mean - mean) <= abs(near.mean - mean) + 1e-9
