"""Days of the history and their load. Pure."""

import random
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from typing import TypeVar

Thing = TypeVar("Thing")

MONTHS = 12
FIRST_DAYS, FIRST_DAYS_FACTOR = 5, 1.3
WEEKDAYS = (1.2, 1.05, 1.0, 0.95, 0.85, 0.42, 0.38)
"""Monday to Sunday; offices are closed at weekends."""
SATURDAY = 5
HOLIDAY = 0.4
SEASON = {1: 1.12, 2: 1.05, 4: 0.94, 7: 0.92, 8: 1.05, 12: 0.85}
YEAR_END = 0.45
"""From 16 December, when the posadas begin, to the end of the year."""


@dataclass(frozen=True)
class Span:
    """An inclusive range of days, and the holidays around it."""

    since: date
    until: date
    rest: frozenset[date]

    @cached_property
    def days(self) -> list[date]:
        """Return every day in it."""
        return [self.since + timedelta(days=n) for n in range((self.until - self.since).days + 1)]

    def progress(self, day: date) -> float:
        """Return the relative position of a day: 0 at the beginning, 1 at the end."""
        return min(1.0, max(0.0, (day - self.since).days / max(1, len(self.days) - 1)))

    def is_open(self, day: date) -> bool:
        """Return whether offices are open."""
        return day.weekday() < SATURDAY and day not in self.rest

    def next_open(self, day: date) -> date:
        """Return the day itself, or the next one on which offices are open."""
        while not self.is_open(day):
            day += timedelta(days=1)
        return day


def year_before(today: date, days: int | None = None) -> tuple[date, date]:
    """Return twelve whole months and the current one until yesterday; at most the last `days` of them."""
    months = today.year * 12 + today.month - 1 - MONTHS
    since, until = date(months // 12, months % 12 + 1, 1), today - timedelta(days=1)
    if days is not None:
        since = max(since, until - timedelta(days=days - 1))
    return since, until


def demand_factor(span: Span, day: date) -> float:
    """Return the relative load of a day by weekday, season and day of month; about 1."""
    weekday = HOLIDAY if day in span.rest else WEEKDAYS[day.weekday()]
    season = YEAR_END if (day.month, day.day) >= (12, 16) else SEASON.get(day.month, 1.0)
    return weekday * season * (FIRST_DAYS_FACTOR if day.day <= FIRST_DAYS else 1.0)


def day_sampler(rng: random.Random, span: Span, growth: tuple[float, float], *, offices: bool) -> Callable[[], date]:
    """Return a sampler of days by load; `growth` is the level at the beginning and at the end."""

    def weight(day: date) -> float:
        if offices and not span.is_open(day):
            return 0.0
        return demand_factor(span, day) * (growth[0] + (growth[1] - growth[0]) * span.progress(day))

    return weighted_sampler(rng, span.days, [weight(day) for day in span.days])


def weighted_sampler(rng: random.Random, things: Sequence[Thing], weights: Sequence[float]) -> Callable[[], Thing]:
    """Return a sampler of these things by weight."""
    sums = list(accumulate(weights))
    last = len(sums) - 1
    return lambda: things[min(last, bisect(sums, rng.random() * sums[-1]))]
