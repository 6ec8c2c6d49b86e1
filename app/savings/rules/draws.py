"""Draws from the parameters' distributions: the same seed gives the same draws, whatever else is drawn beside them."""

from collections.abc import Iterable
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
