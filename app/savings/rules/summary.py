"""From draws to results: a median with its 90 % interval, and which parameters widen it."""

from dataclasses import dataclass

import numpy as np

from app.savings.rules.draws import HIGH, LOW, MIDDLE, Floats
from app.savings.rules.parameters import Parameter

NOISE = 1e-9
"""Hours and pesos below it are rounding: the smallest amount that is observed is a second."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A median, the ends of its 90 % interval and the mean, in the unit of what was drawn. With parameters long to the
    right the median lies below the mean: one is as often too low as too high, the other is right on average."""

    median: float
    low: float
    high: float
    mean: float

    @property
    def width(self) -> float:
        return self.high - self.low


def intervals(drawn: Floats) -> list[Interval]:
    """One a row of (groups, draws)."""
    low, middle, high = np.percentile(drawn, [LOW, MIDDLE, HIGH], axis=1)
    columns = zip(middle, low, high, drawn.mean(axis=1), strict=True)
    return [Interval(*(without_noise(float(value)) for value in column)) for column in columns]


def without_noise(value: float) -> float:
    """The value, or 0 for what is nothing but the rounding of sums that cancel out; never -0."""
    return 0.0 if abs(value) < NOISE else value


@dataclass(frozen=True, slots=True)
class Bar:
    """How far the result goes when one parameter goes from its 5th to its 95th percentile and the rest in the
    middle."""

    parameter: Parameter
    at_low: float
    at_high: float
    at_middle: float
    """With every parameter at its median: the same for all bars."""

    @property
    def swing(self) -> float:
        return abs(self.at_high - self.at_low)
