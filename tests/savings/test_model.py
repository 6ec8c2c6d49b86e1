"""The model of what is saved: laws that must hold whatever the figures are."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.savings.problems import ParameterMissing, PriceIndexUnknown
from app.savings.rules import model
from app.savings.rules.model import COUNTS, Feature, tornado
from app.savings.rules.parameters import Baseline, Parameter, Place, factor, validate_parameter
from app.savings.rules.uncertainty import draw, draw_all, ends, intervals
from tests.examples import examples
from tests.savings.factories import parameter, parameters

KINDS = {"weeks": "certificate", "pension": "procedure-with-visits"}
BASELINE = Baseline(1, parameters(spread=0.5), KINDS)
FEATURES = (Feature("weeks", Place("oriente")), Feature("pension", Place("sureste")))
DRAWN = draw_all(BASELINE.parameters.values(), 200, 1)
WORTH = model.worth(BASELINE, FEATURES, DRAWN, 2026)

count = st.integers(0, 10_000)
counts = st.lists(count, min_size=len(COUNTS) * 2, max_size=len(COUNTS) * 2).map(
    lambda values: np.array(values, dtype=float).reshape(1, 2, len(COUNTS))
)


def saved(of: np.ndarray) -> model.SavingsDraws:
    return model.savings_draws(of, WORTH)


@examples(40)
@given(counts, counts)
def test_a_period_split_in_two_adds_up_in_every_draw(first: np.ndarray, second: np.ndarray) -> None:
    whole = saved(first + second)
    for side in ("minutes", "mxn", "value_mxn"):
        parts = getattr(saved(first), side) + getattr(saved(second), side)
        assert np.allclose(getattr(whole, side), parts)


@examples(40)
@given(counts, st.sampled_from(["seconds", "unobserved", "visits"]), st.integers(1, 5_000))
def test_a_failure_never_raises_what_is_saved(before: np.ndarray, what: str, more: int) -> None:
    """A transaction that came to nothing adds time online or a visit, and nothing that may save."""
    after = before.copy()
    after[0, 0, COUNTS.index(what)] += more
    assert (saved(after).minutes < saved(before).minutes).all()
    assert (saved(after).mxn <= saved(before).mxn).all()


@examples(40)
@given(counts)
def test_time_and_money_stay_apart(of: np.ndarray) -> None:
    """The value of time follows the hours alone, and the money is as it is without it."""
    one = saved(of)
    assert np.allclose(one.value_mxn, one.minutes / 60 * WORTH.value_of_hour)
    assert np.allclose(one.mxn, one.sides["in_person_mxn"] - one.sides["online_mxn"])


def test_groups_of_few_features_come_out_as_if_all_were_multiplied() -> None:
    """States, each with its own figures, are multiplied one by one; the sum of all is not."""
    places = [Place(f"S{n}") for n in range(6)]
    features = tuple(Feature(service, place) for place in places for service in KINDS)
    worth = model.worth(BASELINE, features, DRAWN, 2026)
    of = np.zeros((6, 12, len(COUNTS)))
    for group in range(5):  # the sixth has nothing
        of[group, 2 * group : 2 * group + 2] = np.arange(12).reshape(2, 6) + group
    apart, whole = model.savings_draws(of, worth), model.savings_draws(of.sum(axis=0, keepdims=True), worth)
    assert np.allclose(apart.minutes.sum(axis=0), whole.minutes[0])
    assert np.allclose(apart.mxn.sum(axis=0), whole.mxn[0])
    assert (apart.minutes[5] == 0).all()


def test_the_worked_formula() -> None:
    """One counted certificate with two minutes online, by the formula of the method."""
    fixed = Baseline(1, parameters(), KINDS)
    feature = (Feature("weeks", Place("")),)
    worth = model.worth(fixed, feature, draw_all(fixed.parameters.values(), 1, 1), 2025)
    found = model.savings_draws(np.array([[[1, 0, 0, 120, 0, 0]]], dtype=float), worth)
    assert found.minutes[0, 0] == pytest.approx(0.5 * (1.5 * (60 + 45 + 10) + 30) - 2)
    assert found.mxn[0, 0] == pytest.approx(0.5 * (1.5 * 30 + 10) - 2 * 0.05)


def test_a_known_distance_takes_the_place_of_the_assumed_way() -> None:
    fixed = Baseline(1, parameters(), KINDS)
    worth = model.worth(fixed, (Feature("weeks", Place("")),), draw_all(fixed.parameters.values(), 1, 1), 2025)
    found = model.savings_draws(np.array([[[1, 1, 5_000, 0, 0, 0]]], dtype=float), worth)
    way = 20 + 2 * 5 / 15 * 60
    assert found.minutes[0, 0] == pytest.approx(0.5 * (1.5 * (way + 45 + 10) + 30))


@pytest.mark.parametrize(
    ("rows", "service", "place", "value"),
    [
        ([], "weeks", "UNIT", 45.0),
        ([("", "oriente", 50.0)], "weeks", "UNIT", 50.0),
        ([("", "oriente", 50.0), ("", "PL", 51.0)], "weeks", "UNIT", 51.0),
        ([("", "UNIT", 52.0), ("certificate", "", 53.0)], "weeks", "UNIT", 53.0),
        ([("certificate", "", 53.0), ("weeks", "", 54.0)], "weeks", "UNIT", 54.0),
        ([("weeks", "", 54.0), ("weeks", "UNIT", 55.0)], "weeks", "UNIT", 55.0),
        ([("weeks", "UNIT", 55.0)], "pension", "UNIT", 45.0),
    ],
)
def test_the_narrowest_row_counts(
    rows: Sequence[tuple[str, str, float]], service: str, place: str, value: float
) -> None:
    narrower = [parameter("wait_minutes", amount, scope=scope, place=where) for scope, where, amount in rows]
    found = Baseline(1, [*parameters(), *narrower], KINDS).find(
        "wait_minutes", service, Place(place, ("PL", "oriente"))
    )
    assert found.value == value


def test_what_is_missing_is_named() -> None:
    without = [row for row in parameters() if row.key != "fare"]
    with pytest.raises(ParameterMissing) as missing:
        model.parameters_used(Baseline(1, without, KINDS), FEATURES)
    assert missing.value.values == {"key": "fare", "service": "weeks"}
    with pytest.raises(PriceIndexUnknown) as unknown:
        model.worth(BASELINE, FEATURES, DRAWN, 2030)
    assert unknown.value.values == {"year": 2030}


def test_prices_go_there_and_back() -> None:
    index = BASELINE.inpc()
    assert factor(index, 2024, 2026) * factor(index, 2026, 2024) == pytest.approx(1)
    assert factor(index, None, 2026) == 1
    earlier = model.savings_draws(np.ones((1, 2, len(COUNTS))), model.worth(BASELINE, FEATURES, DRAWN, 2025))
    later = model.savings_draws(np.ones((1, 2, len(COUNTS))), WORTH)
    assert np.allclose(later.mxn, earlier.mxn * 145 / 140)
    assert np.allclose(later.minutes, earlier.minutes)


def test_draws_are_the_same_whatever_is_drawn_beside_them() -> None:
    alone = draw(parameter("fare", 30, spread=0.5), 50, 9)
    together = draw_all(BASELINE.parameters.values(), 50, 9)
    assert np.array_equal(alone, together[parameter("fare", 30, spread=0.5).id])
    assert not np.array_equal(alone, draw(parameter("fare", 30, spread=0.5), 50, 10))


@examples(40)
@given(st.floats(0.1, 100), st.floats(0.01, 0.99))
def test_a_pert_stays_between_its_ends_with_the_mean_of_its_formula(value: float, spread: float) -> None:
    row = parameter("wait_minutes", value, spread=spread)
    drawn = draw(row, 4_000, 5)
    assert row.low is not None
    assert row.high is not None
    assert row.low <= drawn.min() <= drawn.max() <= row.high
    assert drawn.mean() == pytest.approx((row.low + 4 * value + row.high) / 6, rel=0.05)


def test_the_tornado_moves_one_figure_at_a_time() -> None:
    """As if all were worked out for each figure again. The bars come by size; a fixed figure has none; the largest is
    one the model multiplies the most with."""
    special = [
        parameter("wait_minutes", 50, spread=0.4, scope="pension"),
        parameter("fare", 9, spread=0.2, place="oriente"),
    ]
    baseline = Baseline(1, [*parameters(spread=0.5), *special, parameter("copies", 8, scope="weeks")], KINDS)
    of = np.array([[1_000, 300, 900_000, 200_000, 30, 4], [700, 0, 0, 90_000, 1, 2]], dtype=float)
    drawn = draw_all(baseline.parameters.values(), 1, 1)
    bars = tornado(model.worth(baseline, FEATURES, drawn, 2026), of, 1)
    used = model.parameters_used(baseline, FEATURES)
    moving = [f for f in used if f.distribution != "fixed"]
    for at, column in (("at_low", 0), ("at_high", 2)):
        reported = {bar.parameter.id: getattr(bar, at) for bar in bars}
        assert reported == pytest.approx({f.id: hours_with(baseline, of, used, f, column) for f in moving})
    assert [bar.swing for bar in bars] == sorted((bar.swing for bar in bars), reverse=True)
    assert bars[0].parameter.key == "would_have_visited"
    assert {bar.parameter.key for bar in bars if bar.swing == 0} >= {"fare", "copies"}


def test_sums_that_cancel_out_leave_the_tornado_at_zero() -> None:
    """A centre of 1e-13 hours below zero is nothing but the rounding of sums, and is written as 0, never as -0."""
    baseline = Baseline(1, parameters(spread=0.5), KINDS)
    of = np.zeros((2, len(COUNTS)))
    of[0, 0] = -1e-13
    worth = model.worth(baseline, FEATURES, draw_all(baseline.parameters.values(), 1, 1), 2026)
    assert {str(bar.at_middle) for bar in tornado(worth, of, 1)} == {"0.0"}


def hours_with(baseline: Baseline, of: np.ndarray, used: list[Parameter], moved: Parameter, column: int) -> float:
    """Hours saved with one figure at an end of its interval and the rest at their medians."""
    drawn = {f.id: np.array([ends(f, 1)[column if f is moved else 1]]) for f in used}
    worth = model.worth(baseline, FEATURES, drawn, 2026)
    return float(model.savings_draws(of[np.newaxis], worth).hours[0, 0])


def test_an_interval_holds_nine_draws_in_ten() -> None:
    found = intervals(np.arange(1_001, dtype=float).reshape(1, -1))[0]
    assert (found.low, found.median, found.high) == (50, 500, 950)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": "weather"}, "unknown-key"),
        ({"unit": "h"}, "wrong-unit"),
        ({"price_year": None}, "money-has-a-year"),
        ({"source": " "}, "no-source"),
        ({"distribution": "pert"}, "pert-order"),
        ({"distribution": "pert", "low": 40.0, "high": 20.0}, "pert-order"),
        ({"distribution": "normal"}, "normal"),
        ({"distribution": "beta", "high": 3.0}, "beta"),
        ({"value": -1.0}, "negative"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(change: dict[str, object], code: str) -> None:
    from dataclasses import replace

    row = replace(parameter("fare", 30), **change)  # type: ignore[arg-type] # each case breaks one field
    assert code in [found for _field, found in validate_parameter(row)]
