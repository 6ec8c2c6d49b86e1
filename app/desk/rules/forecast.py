"""How long a ticket will wait: the queue ahead of it, played through some hundred times with times at the counter drawn
from what was seen there.

Who is ahead is known; how long each takes isn't. In every draw the people ahead go to the counter that is free first,
those with an appointment who haven't come yet come around their time if they come, and the wait is that until a counter
is free for the ticket. Each person and counter has random numbers of their own, so that one more person ahead, or one
counter less, never makes the wait shorter, in any draw.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DRAWS = 400
LOW, MEDIAN, HIGH = 0.1, 0.5, 0.9
"""The range holds four waits of five."""
OBSERVATIONS = 20
"""As many tickets as what is seen more widely counts for."""
PAUSE_MINUTES = 0.7
"""From the end of a service, or from the arrival at an idle counter, to the next call; on average."""
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
    """A counter that may call the ticket. `busy_for`: minutes since it called the one it has, which takes `with_`."""

    key: int
    busy_for: float | None = None
    with_: TimeAtCounter | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """Someone who waits and is called before. `share`: of the open counters that attend them, how many attend the
    ticket's service: the others take nothing from it."""

    key: int
    takes: TimeAtCounter
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Expected:
    """Someone whose appointment is before the ticket's turn and who hasn't come yet; `due_in` minutes."""

    key: int
    takes: TimeAtCounter
    due_in: float


@dataclass(frozen=True, slots=True)
class Line:
    """What is known when a ticket is given. `ahead` is in the order of call."""

    counters: Sequence[OpenCounter]
    ahead: Sequence[Ahead]
    expected: Sequence[Expected] = ()


@dataclass(frozen=True, slots=True)
class Forecast:
    """The wait until the call, in whole minutes: four of five are from `low` to `high`."""

    low: int
    median: int
    high: int

    def holds(self, minutes: float) -> bool:
        """Return whether a wait is in the range."""
        return self.low <= minutes <= self.high


def forecast(line: Line, seed: int = 0, draws: int = DRAWS) -> Forecast | None:
    """Return the forecast of a ticket that stands behind this line; None if no counter attends it. The same line and
    seed give the same one."""
    if not line.counters:
        return None
    low, median, high = np.quantile(waits(line, seed, draws), (LOW, MEDIAN, HIGH))
    return Forecast(math.floor(low), round(median), math.ceil(high))


def waits(line: Line, seed: int, draws: int) -> Floats:
    """Return the wait in each draw, in minutes."""
    free = np.stack([_free_in(counter, seed, draws) for counter in line.counters], axis=1)
    each, pace = np.arange(draws), _random(seed, 0).standard_normal(draws)
    for one in line.ahead:
        random = _random(seed, one.key)
        takes = _minutes(one.takes, random, pace)
        first = free.argmin(axis=1)
        free[each, first] += np.where(random.random(draws) < one.share, takes, 0.0)
    for person in sorted(line.expected, key=lambda one: (one.due_in, one.key)):
        random = _random(seed, person.key)
        takes = _minutes(person.takes, random, pace)
        comes_in = person.due_in - COMES_BEFORE + COMES_SPREAD * random.standard_normal(draws)
        first = free.argmin(axis=1)
        is_before = (random.random(draws) < COME) & (comes_in <= free[each, first])
        free[each, first] += np.where(is_before, takes, 0.0)
    least: Floats = free.min(axis=1)
    return least


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
    pause = random.exponential(PAUSE_MINUTES, draws)
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
