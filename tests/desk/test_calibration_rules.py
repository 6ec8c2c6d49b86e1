"""Calibration: the least reach that holds a wait, the share that it holds, and how few scores move it."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk.rules import calibration as rules
from app.desk.rules.calibration import AS_SIMULATED, Reach, Scored, calibrated, needed_reach, scored, shrunk_reach
from app.desk.rules.forecast import SimulatedRange
from tests.examples import examples

MINUTES = st.floats(0, 240)
RANGES = st.tuples(MINUTES, MINUTES, MINUTES).map(lambda three: SimulatedRange(*sorted(three)))
FACTORS = st.floats(0, 3)
REACHES = st.builds(Reach, FACTORS, FACTORS)
LEVELS = st.lists(st.builds(Scored, st.integers(1, 900), FACTORS, FACTORS), max_size=3)
SOME = examples(40)
CONTINUOUS = 10_000
"""Minutes of a simulated year, so that whole minutes don't count."""


@SOME
@given(simulated=RANGES, waited=MINUTES)
def test_a_range_with_the_reach_that_a_wait_needed_holds_it_and_with_less_it_does_not(
    simulated: SimulatedRange, waited: float
) -> None:
    needed = needed_reach(simulated, waited)
    assert calibrated(simulated, needed).holds(waited)
    for side in ("below", "above"):
        factor = getattr(needed, side)
        if factor > 2 * rules.MARGIN:
            less = {"below": 3.0, "above": 3.0} | {side: factor - 2 * rules.MARGIN}
            assert not calibrated(simulated, Reach(**less)).holds(waited), side


@SOME
@given(simulated=RANGES, reach=REACHES, more=FACTORS)
def test_a_range_is_in_order_and_a_longer_reach_holds_all_that_a_shorter_one_held(
    simulated: SimulatedRange, reach: Reach, more: float
) -> None:
    made = calibrated(simulated, reach)
    assert 0 <= made.low <= made.median <= made.high
    assert made.median == calibrated(simulated, AS_SIMULATED).median
    wider = calibrated(simulated, Reach(reach.below + more, reach.above + more))
    assert wider.low <= made.low
    assert made.high <= wider.high


@SOME
@given(levels=LEVELS, near=st.builds(Scored, st.integers(1, 900), FACTORS, FACTORS))
def test_few_scores_move_the_wider_level_a_little_and_no_reach_is_absurd(levels: list[Scored], near: Scored) -> None:
    far, moved = shrunk_reach(levels), shrunk_reach([*levels, near])
    assert rules.LEAST <= moved.below <= rules.MOST
    assert rules.LEAST <= moved.above <= rules.MOST
    own = near.n / (near.n + rules.OBSERVATIONS)
    if rules.LEAST < far.below < rules.MOST:
        assert abs(moved.below - far.below) <= abs(near.below - far.below) * own + 1e-9
    closer = shrunk_reach([*levels, Scored(10**9, near.below, near.above)])
    assert closer.below == pytest.approx(min(max(near.below, rules.LEAST), rules.MOST), abs=1e-4)


def test_without_scores_a_range_is_as_it_was_simulated() -> None:
    assert shrunk_reach([]) == AS_SIMULATED
    made = calibrated(SimulatedRange(4.2, 9.6, 20.1), AS_SIMULATED)
    assert (made.low, made.median, made.high) == (4, 10, 21)


@pytest.mark.parametrize("spread", [0.4, 1.0, 2.5])
def test_what_was_scored_gives_the_waits_to_come_the_share_that_is_promised(spread: float) -> None:
    """Waits that vary more or less than was simulated, and more to one side: one in ten falls on each."""
    rng = random.Random(14)
    simulated = SimulatedRange(CONTINUOUS - 1_000, CONTINUOUS, CONTINUOUS + 1_000)

    def waits(count: int) -> list[float]:
        each = [rng.gauss(0, 1) for _ in range(count)]
        return [CONTINUOUS + 780 * spread * one * (1.4 if one > 0 else 0.8) for one in each]

    level = scored([needed_reach(simulated, waited) for waited in waits(4_000)])
    made = calibrated(simulated, Reach(level.below, level.above))
    new = waits(4_000)
    assert sum(waited < made.low for waited in new) / len(new) == pytest.approx(0.1, abs=0.02)
    assert sum(waited > made.high for waited in new) / len(new) == pytest.approx(0.1, abs=0.02)


@SOME
@given(st.lists(REACHES, min_size=1, max_size=40))
def test_a_level_has_the_least_factors_that_nine_waits_of_ten_needed_no_more_than(reaches: list[Reach]) -> None:
    level = scored(reaches)
    enough = math.ceil(rules.SHARE * len(reaches))
    assert level.n == len(reaches)
    assert sum(one.below <= level.below for one in reaches) >= enough
    assert sum(one.below < level.below for one in reaches) < enough
    assert sum(one.above <= level.above for one in reaches) >= enough
    assert sum(one.above < level.above for one in reaches) < enough
