"""Mean and variance from sums of whole numbers: how many observations, their sum and the sum of their squares."""

import math


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
