"""Uncertainty: 90 % intervals of means and shares, from sums of whole numbers, and of results, from draws.

Draws are from the parameters' distributions: the same seed gives the same draws, whatever else is drawn beside them.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from app.savings.rules.parameters import Parameter

Floats: TypeAlias = NDArray[np.float64]
Drawn: TypeAlias = dict[str, Floats]
"""Draws by the id of their parameter; all of one length."""

DRAWS = 2_000
SEED = 20_260_101
LOW, MIDDLE, HIGH = 5.0, 50.0, 95.0
"""Percentiles of a 90 % interval and its median."""
SHOWN_DRAWS = 100_000
"""Enough for the percentiles of a share to be right to its second decimal."""
MAX_ENDS = 10_000
"""Parameters whose percentiles a process caches: a few hundred bytes each."""
PERT_WEIGHT = 4.0
"""How many times the mode counts as much as an end (Malcolm et al., Operations Research 1959;7:646)."""


def draw(parameter: Parameter, count: int = DRAWS, seed: int = SEED) -> Floats:
    """`count` values of a parameter, in its unit. A normal is truncated at zero: no wait is negative."""
    generator = np.random.default_rng([seed, crc32(parameter.id.encode())])
    if parameter.distribution == "pert":
        return _pert(generator, parameter, count)
    if parameter.distribution == "beta":
        return generator.beta(parameter.value, _number(parameter.high), count)
    if parameter.distribution == "normal":
        return np.maximum(generator.normal(parameter.value, _number(parameter.high), count), 0.0)
    return np.full(count, parameter.value)


def _pert(generator: np.random.Generator, parameter: Parameter, count: int) -> Floats:
    low, mode, high = _number(parameter.low), parameter.value, _number(parameter.high)
    width = high - low
    alpha = 1 + PERT_WEIGHT * (mode - low) / width
    beta = 1 + PERT_WEIGHT * (high - mode) / width
    return low + width * generator.beta(alpha, beta, count)


def _number(value: float | None) -> float:
    if value is None:
        raise ValueError("an end of the distribution is missing: see validate_parameter")
    return value


def draw_all(parameters: Iterable[Parameter], count: int = DRAWS, seed: int = SEED) -> Drawn:
    """Draws of every parameter."""
    return {parameter.id: draw(parameter, count, seed) for parameter in parameters}


@lru_cache(maxsize=MAX_ENDS)
def ends(parameter: Parameter, seed: int) -> tuple[float, float, float]:
    """The 5th percentile, the median and the 95th: the same parameter and seed always have the same."""
    low, middle, high = np.percentile(draw(parameter, DRAWS, seed), [LOW, MIDDLE, HIGH])
    return float(low), float(middle), float(high)


@lru_cache(maxsize=MAX_ENDS)
def exact_ends(parameter: Parameter) -> tuple[float, float]:
    """The 5th percentile and the 95th to two digits or more, for people: of many more draws than a report takes."""
    low, high = np.percentile(draw(parameter, SHOWN_DRAWS), [LOW, HIGH])
    return float(low), float(high)


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
