"""Calibration of forecasts: how far the simulated range of a wait has to reach, on each side of its middle, to hold
what it promises at a unit and for a service, by the waits that were scored there.

Split conformal prediction with a score for each side, as in conformalised quantile regression (Romano, Patterson and
Candès, NeurIPS 2019, arXiv:1905.03222): the score of a wait is the least factor of that half of its range that would
have held it, and the 90th percentile of the scores is the factor for the waits to come, so that one in ten is below the
range and one in ten above. Conditions at a clinic change, and scores aren't exchangeable over time: those of the last
three months are used, counted again each night (Gibbs and Candès, "Adaptive conformal inference under distribution
shift", NeurIPS 2021, arXiv:2106.00170, adapt one quantile level at each step instead). Where few were scored, the
factors of the unit and service are shrunk to those of the service, and these to those of all.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.desk.rules.forecast import Forecast, SimulatedRange

SHARE = 0.9
"""Of the waits, how many have to be within each side of the range."""
OBSERVATIONS = 50
"""As many scored waits as what was seen more widely counts for."""
NARROWEST = 0.5
"""Minutes that half of a range has at least, when its reach is compared."""
LEAST, MOST = 0.3, 3.0
"""Between these a factor stays, whatever was scored."""
MARGIN = 1e-6
"""What a factor needs beyond the one at which the whole minutes of a range begin to hold a wait."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Factors of the two halves of a simulated range."""

    below: float = 1.0
    above: float = 1.0


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of `n` waits: their percentile on each side."""

    n: int
    below: float
    above: float


AS_SIMULATED = Reach()


def needed_reach(simulated: SimulatedRange, waited: float) -> Reach:
    """The score of a wait: the least factors with which the range holds it, zero on the side where it isn't."""
    below = (simulated.median - math.floor(waited) - 1) / _half(simulated.median - simulated.low)
    above = (math.ceil(waited) - 1 - simulated.median) / _half(simulated.high - simulated.median)
    return Reach(max(0.0, below + MARGIN), max(0.0, above + MARGIN))


def scored(reaches: Sequence[Reach]) -> Scored:
    """What was needed of some waits, of which there is one at least."""
    place = math.ceil(SHARE * len(reaches)) - 1
    below, above = (sorted(side)[place] for side in ([one.below for one in reaches], [one.above for one in reaches]))
    return Scored(len(reaches), below, above)


def shrunk_reach(levels: Sequence[Scored]) -> Reach:
    """Combine what was scored from the widest level to the nearest."""
    below, above = AS_SIMULATED.below, AS_SIMULATED.above
    for level in levels:
        own = level.n / (level.n + OBSERVATIONS)
        below, above = own * level.below + (1 - own) * below, own * level.above + (1 - own) * above
    return Reach(_bounded(below), _bounded(above))


def calibrated(simulated: SimulatedRange, reach: Reach) -> Forecast:
    """The forecast in whole minutes: the simulated middle, and as far from it on each side as the factors say."""
    low = simulated.median - reach.below * _half(simulated.median - simulated.low)
    high = simulated.median + reach.above * _half(simulated.high - simulated.median)
    return Forecast(max(0, math.floor(low)), round(simulated.median), math.ceil(high))


def _half(minutes: float) -> float:
    return max(minutes, NARROWEST)


def _bounded(factor: float) -> float:
    return min(max(factor, LEAST), MOST)
