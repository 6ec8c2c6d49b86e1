"""Numbers with their 90 % intervals: means and shares from sums of whole numbers, medians from draws."""

import math
from dataclasses import dataclass

import numpy as np

from app.savings.rules.draws import HIGH, LOW, MIDDLE, Floats

Z = 1.6448536269514722
"""How many standard errors a 90 % interval reaches on each side."""
NOISE = 1e-9
"""Hours and pesos below it are rounding: the smallest amount that is observed is a second."""


class SumsDisagree(ValueError):  # noqa: N818 # says a state
    """The squares can't be of the observations that were summed: they are too small, or of others."""


def variance(n: int, total: int, squares: int) -> float:
    """The variance of the observations, as estimated from a sample of them (divided by n - 1).

    Whole numbers are never rounded, so a negative result isn't an accident of the arithmetic: by the inequality of
    Cauchy and Schwarz `n * squares` is at least `total` squared when all three are of the same observations.

    Raises:
        SumsDisagree: they are not of the same observations. ValueError: fewer than two observations.
    """
    if n < 2:
        raise ValueError("the variance of fewer than two observations")
    spread = n * squares - total * total
    if spread < 0:
        raise SumsDisagree(f"{n} observations with the sum {total} can't have {squares} as the sum of their squares")
    return spread / (n * (n - 1))


def standard_error(n: int, total: int, squares: int) -> float:
    """Of the mean.

    Raises:
        SumsDisagree; ValueError: fewer than two observations.
    """
    return math.sqrt(variance(n, total, squares) / n)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 90 % interval; None where there are no observations."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def share(yes: int, n: int) -> Estimate:
    """A share with Wilson's interval (JASA 1927;22:209): within 0 and 1, and there even of none and of all."""
    p = yes / n
    spread = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    middle, shrink = p + Z * Z / (2 * n), 1 + Z * Z / n
    # Rounding must not leave the share itself outside.
    return Estimate(p, max(0.0, min(p, (middle - spread) / shrink)), min(1.0, max(p, (middle + spread) / shrink)), n)


def mean(total: int, squares: int, n: int, scale: float = 1.0) -> Estimate:
    """A mean with the normal interval of a mean; of one observation there is none.

    Raises:
        SumsDisagree: the squares are not those of the observations.
    """
    value = total / n
    if n == 1:
        return Estimate(value / scale, None, None, 1)
    error = Z * standard_error(n, total, squares)
    return Estimate(value / scale, (value - error) / scale, (value + error) / scale, n)


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
