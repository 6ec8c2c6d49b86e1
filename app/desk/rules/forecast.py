"""How long a ticket will wait: the queue ahead of it, played through some hundred times with times at the counter drawn
from what was seen there.

Who is ahead is known; how long each takes isn't. In every draw the people ahead go to the counter that is free first,
those with an appointment who haven't come yet come around their time if they come, and the wait is that until a counter
is free for the ticket. Each person and counter has random numbers of their own: among people whom any of the counters
may call, one more ahead or one counter less never makes the wait shorter, in any draw.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DRAWS = 400
LOW, MEDIAN, HIGH = 0.1, 0.5, 0.9
"""The simulated range holds four draws of five."""
OBSERVATIONS = 20
"""As many tickets as what is seen more widely counts for."""
PAUSE_MINUTES = 0.3
"""From the end of a service, or from the arrival at an idle counter, to the next call; on average."""
BACK_MINUTES = 8.0
"""Until a counter that is paused goes on calling; on average."""
PACE = 0.1
"""How much faster or slower than usual everybody at the unit is on a day: a standard deviation, in logarithms."""
COME = 0.85
"""How many of those with an appointment today who haven't come yet will come."""
COMES_BEFORE, COMES_SPREAD = 5.0, 8.0
"""How long before their time people check in, and how much that varies, in minutes."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Times at the counter that were seen: how many, mean and variance of the logarithm of minutes."""

    n: int
    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class TimeAtCounter:
    """A log-normal distribution of minutes; `error` is the standard error of its mean."""

    mean: float
    variance: float
    error: float


UNSEEN = Observed(OBSERVATIONS, math.log(9), 0.3)
"""Before anything was seen: nine minutes in the middle. Our own assumption."""


def shrunk(levels: Sequence[Observed]) -> TimeAtCounter:
    """Combine what was seen from the widest to the nearest: few observations nearby move what is seen more widely only
    a little, and many take its place."""
    mean, variance, nearest = UNSEEN.mean, UNSEEN.variance, 0
    for level in levels:
        own = level.n / (level.n + OBSERVATIONS)
        mean, variance = own * level.mean + (1 - own) * mean, own * level.variance + (1 - own) * variance
        nearest = level.n
    return TimeAtCounter(mean, variance, math.sqrt(variance / (nearest + OBSERVATIONS)))


@dataclass(frozen=True, slots=True)
class OpenCounter:
    """A counter that calls. `busy_for`: minutes since it called the ticket it has, which takes `with_`. `is_paused`: it
    calls no one for a while."""

    key: int
    busy_for: float | None = None
    with_: TimeAtCounter | None = None
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Ahead:
    """Someone who waits and is called before. `at`: the only counters that may call them, by their places in the line;
    None for any."""

    key: int
    takes: TimeAtCounter
    at: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """Someone whose appointment is before the ticket's turn and who hasn't come yet; `due_in` minutes."""

    key: int
    takes: TimeAtCounter
    due_in: float
    at: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What is known when a ticket is given. `ahead` is in the order of call. `at`: the only counters that may call the
    ticket; the others attend people who could have taken one of these."""

    counters: Sequence[OpenCounter]
    ahead: Sequence[Ahead]
    expected: Sequence[Expected] = ()
    at: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class SimulatedRange:
    """The tenth, half and ninetieth percentile of the waits of all draws, in minutes."""

    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The wait until the call, in whole minutes: four of five are from `low` to `high`."""

    low: int
    median: int
    high: int

    def holds(self, minutes: float) -> bool:
        """Return whether a wait is in the range."""
        return self.low <= minutes <= self.high


def simulate(line: Line, seed: int = 0, draws: int = DRAWS) -> SimulatedRange | None:
    """Return the range of a ticket that stands behind this line; None if no counter attends it. The same line and seed
    give the same one."""
    if not line.counters:
        return None
    low, median, high = np.quantile(waits(line, seed, draws), (LOW, MEDIAN, HIGH)).tolist()
    return SimulatedRange(low, median, high)


def waits(line: Line, seed: int, draws: int) -> Floats:
    """Return the wait in each draw, in minutes."""
    free = np.stack([_free_in(counter, seed, draws) for counter in line.counters], axis=1)
    each, pace = np.arange(draws), _random(seed, 0).standard_normal(draws)
    for one in line.ahead:
        free[each, _first(free, one.at)] += _minutes(one.takes, _random(seed, one.key), pace)
    for person in sorted(line.expected, key=lambda one: (one.due_in, one.key)):
        random = _random(seed, person.key)
        takes = _minutes(person.takes, random, pace)
        comes_in = person.due_in - COMES_BEFORE + COMES_SPREAD * random.standard_normal(draws)
        is_before = (random.random(draws) < COME) & (comes_in <= free[each, _first(free, line.at)])
        free[each, _first(free, person.at)] += np.where(is_before, takes, 0.0)
    least: Floats = free[each, _first(free, line.at)]
    return least


def _first(free: Floats, at: tuple[int, ...] | None) -> NDArray[np.intp]:
    """The counter that is free first in each draw, of these."""
    if at is None:
        at = tuple(range(free.shape[1]))
    first: NDArray[np.intp] = np.array(at)[free[:, at].argmin(axis=1)]
    return first


def _random(seed: int, key: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=np.array([seed & _WORD, key & _WORD], np.uint64)))


_WORD = 2**64 - 1


def _minutes(takes: TimeAtCounter, random: np.random.Generator, pace: Floats) -> Floats:
    """Minutes at the counter, and until its next call. How far today is from the mean is common to all of a draw."""
    shift = pace * math.hypot(takes.error, PACE)
    times: Floats = np.exp(takes.mean + shift + math.sqrt(takes.variance) * random.standard_normal(len(pace)))
    return times + random.exponential(PAUSE_MINUTES, len(pace))


def _free_in(counter: OpenCounter, seed: int, draws: int) -> Floats:
    """Minutes until a counter calls the next: of what the ticket it has may take, what is longer than it has taken."""
    random = _random(seed, counter.key)
    pause = random.exponential(BACK_MINUTES if counter.is_paused else PAUSE_MINUTES, draws)
    if counter.busy_for is None or counter.with_ is None:
        return pause
    deviation = math.sqrt(counter.with_.variance + counter.with_.error**2 + PACE**2)
    times = np.sort(random.lognormal(counter.with_.mean, deviation, 4 * draws))
    longer = times[times.searchsorted(counter.busy_for) :]
    if len(longer) < draws // 10:
        # Longer than nearly all that was seen: it may be as long again.
        return pause + counter.busy_for * random.random(draws)
    rest: Floats = pause + random.choice(longer, draws) - counter.busy_for
    return rest
