"""The metrics there are: what each is a share or a mean of, in what unit, by what it can be grouped, who may see it.

All are derived from sums: a mean with its normal interval, a share with Wilson's.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.savings.rules.moments import standard_error
from app.savings.rules.parameters import FIRST_YEAR, LAST_YEAR
from app.savings.rules.plan import (
    GROUPS,
    MAX_DAYS,
    MAX_GROUPED,
    PERIODS,
    PLACES,
    MetricQuery,
    QueryUnsupported,
    month_after,
)

Source = Literal["savings", "transactions", "tickets", "mix", "access", "reasons"]
Kind = Literal["share", "mean", "count", "drawn"]
MONTHLY = ("month", "quarter", "year")
BY_TICKET = (*MONTHLY, *PLACES, "service", "weekday", "hour")
BY_MIX = (*MONTHLY, *PLACES, "service")
BY_REASON = (*MONTHLY, "region", "state", "service", "reason")
BY_ACCESS = (*PERIODS, *PLACES, "service")
WHOLE_MONTHS: tuple[Source, ...] = ("tickets", "mix", "reasons")
"""Sources that are stored by month."""

Z = 1.6448536269514722
"""How many standard errors a 90 % interval reaches on each side."""


@dataclass(frozen=True, slots=True)
class Metric:
    """`of` is summed over `over`: a share of it, or its mean; `squares` is the sum of the squares of what is averaged.
    `scale` turns a sum into the unit. `floor` and `ceiling` are the ends of what it can be."""

    id: str
    unit: str
    source: Source
    kind: Kind
    groups: tuple[str, ...]
    of: str = ""
    over: tuple[str, ...] = ()
    squares: str = ""
    scale: float = 1.0
    floor: float | None = 0.0
    ceiling: float | None = None
    is_public: bool = True


def _share(name: str, source: Source, groups: tuple[str, ...], of: str, *over: str, is_public: bool = True) -> Metric:
    return Metric(name, "share", source, "share", groups, of, over, ceiling=1.0, is_public=is_public)


_ALL = (
    Metric("savings", "h", "savings", "drawn", GROUPS, floor=None),
    Metric("savings-money", "MXN", "savings", "drawn", GROUPS, floor=None),
    Metric("savings-time-value", "MXN", "savings", "drawn", GROUPS, floor=None),
    _share("take-up", "mix", BY_MIX, "online", "online", "phone", "in_person"),
    _share("completion", "transactions", GROUPS, "completed", "started"),
    Metric("time-to-decide", "h", "transactions", "mean", GROUPS, "decide_hours", ("decided",), "decide_hours_sq"),
    _share("late", "transactions", GROUPS, "late", "decided"),
    Metric("third-next-available", "days", "access", "mean", BY_ACCESS, "days", ("readings",), "days_sq"),
    _share("no-show", "transactions", GROUPS, "missed", "missed", "attended"),
    Metric("wait", "min", "tickets", "mean", BY_TICKET, "wait_seconds", ("waited",), "wait_seconds_sq", scale=60.0),
    Metric(
        *("attention", "min", "tickets", "mean", BY_TICKET, "service_seconds", ("attended",), "service_seconds_sq"),
        scale=60.0,
    ),
    _share("gave-up", "tickets", BY_TICKET, "gave_up", "tickets"),
    Metric(
        *("satisfaction", "points", "transactions", "mean", GROUPS, "rating", ("rated",), "rating_sq"),
        floor=1.0,
        ceiling=5.0,
    ),
    _share("would-have-visited", "transactions", GROUPS, "would_have_visited", "asked"),
    Metric("refusal-reasons", "times", "reasons", "count", BY_REASON, "times", ("times",), is_public=False),
    _share("refusal-shares", "reasons", BY_REASON, "times", "all_times", is_public=False),
    Metric("cost-per-transaction", "MXN", "mix", "drawn", BY_MIX),
)
METRICS: dict[str, Metric] = {metric.id: metric for metric in _ALL}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 90 % interval; None where there are no observations."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def estimate(metric: Metric, sums: Mapping[str, float]) -> Estimate:
    """A metric of a group, from its sums."""
    n = int(sum(sums[name] for name in metric.over))
    if metric.kind == "count":
        return Estimate(float(sums[metric.of]), None, None, n)
    if n == 0:
        return Estimate(None, None, None, 0)
    if metric.kind == "share":
        return share(int(sums[metric.of]), n)
    made = mean(int(sums[metric.of]), int(sums[metric.squares]), n, metric.scale)
    return Estimate(made.value, _within(metric, made.low), _within(metric, made.high), n)


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


def _within(metric: Metric, end: float | None) -> float | None:
    if end is None:
        return None
    end = max(end, metric.floor) if metric.floor is not None else end
    return min(end, metric.ceiling) if metric.ceiling is not None else end


def check(metric: Metric, query: MetricQuery) -> None:
    """Check a query against a metric. Those stored by transaction are checked further by the plan of their cells.

    Raises:
        QueryUnsupported: it isn't stored by that group or segment, or not for parts of months.
    """
    for field, day in (("since", query.since), ("until", query.until)):
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise QueryUnsupported(field, "out-of-reach")
    if any(name not in metric.groups for name in query.group_by):
        raise QueryUnsupported("group_by", "not-by-that")
    if query.segment_values and not query.segment:
        raise QueryUnsupported("segment", "value-of-what")
    if metric.source not in {"savings", "transactions"}:
        _check_shape(query)
        _check_filters(metric, query)
    if {"weekday", "hour"} & set(query.group_by) and query.unit is None:
        raise QueryUnsupported("group_by", "needs-unit")


def _check_shape(query: MetricQuery) -> None:
    if query.until < query.since:
        raise QueryUnsupported("until", "dates-in-order")
    if (query.until - query.since).days > MAX_DAYS:
        raise QueryUnsupported("until", "too-long")
    if len(query.group_by) > MAX_GROUPED or len(set(query.group_by)) < len(query.group_by):
        raise QueryUnsupported("group_by", "too-many-groups")
    if any(len(set(kinds) & set(query.group_by)) > 1 for kinds in (PLACES, PERIODS)):
        raise QueryUnsupported("group_by", "one-of-a-kind")


def _check_filters(metric: Metric, query: MetricQuery) -> None:
    if query.channels:
        raise QueryUnsupported("channel", "not-by-that")
    if query.segment:
        raise QueryUnsupported("segment", "not-by-that")
    if metric.source == "reasons" and query.unit is not None:
        raise QueryUnsupported("unit", "not-by-that")
    if metric.source in WHOLE_MONTHS and not is_whole_months(query):
        raise QueryUnsupported("since", "available-by-month")


def is_whole_months(query: MetricQuery) -> bool:
    """Whether it asks from the first of a month to the last of one."""
    return query.since.day == 1 and month_after(query.until).toordinal() - query.until.toordinal() == 1
