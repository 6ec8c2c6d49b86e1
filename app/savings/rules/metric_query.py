"""What can be asked of a metric, and where the answer is read: the coarsest cells that answer it, so that the fewest
are read, or the public release.

Public answers are computed from the blocks that were released (`rules.disclosure`), so a public query is what blocks
can answer: whole months that have ended, by period, service and one dimension more, never two of those crossed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias
from uuid import UUID

from app.savings.problems import unsupported
from app.savings.rules.families import Family
from app.savings.rules.groups import DAY, GROUPS, PERIODS, PLACES, SEGMENTS, last_day_of, month_after, period_of
from app.savings.rules.metrics import Metric
from app.savings.rules.parameters import FIRST_YEAR, LAST_YEAR

PeriodType: TypeAlias = Literal["D", "W", "M"]
"""A day, a week from Monday to Sunday, or a month."""
PERIOD_OF: dict[PeriodType, str] = {"D": "day", "W": "week", "M": "month"}
Geography: TypeAlias = Literal["R", "S", "U"]
"""Regions of the country, states, or units."""
MAX_GROUPED = 3
MAX_DAYS = 3_660
STORED_BY_MONTH = ("tickets", "mix", "reasons")
"""Sources of metrics that have no days and weeks."""
FINER_THAN_MONTHS = ("day", "week", "weekday", "hour")


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """What is asked for: whole days from `since` to `until`, both included; empty means all. Of the segments at most
    one, `segment`, with its `segment_values`."""

    since: date
    until: date
    services: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    unit: UUID | None = None
    channels: tuple[str, ...] = ()
    segment: str = ""
    segment_values: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()

    @property
    def is_by_unit(self) -> bool:
        return self.unit is not None or "unit" in self.group_by

    @property
    def is_of_whole_months(self) -> bool:
        """Whether it asks from the first of a month to the last of one."""
        return self.since.day == 1 and month_after(self.until) == self.until + DAY

    @property
    def geography(self) -> Geography:
        """The coarsest geography that answers the query's places."""
        if self.is_by_unit:
            return "U"
        return "S" if self.states or "state" in self.group_by else "R"


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a plan: cells of one period type over whole periods."""

    period_type: PeriodType
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to read. `from_transactions`: a unit's own transactions, one by one, where its cells don't suffice."""

    geography: Geography
    segment: str
    pieces: tuple[Piece, ...]
    from_transactions: bool = False


def check(metric: Metric, query: MetricQuery) -> None:
    """Check a query against a metric.

    Raises:
        Invalid: dates out of order or too far apart, groups that aren't stored or that exclude each other, or, of what
        is read from the cells of transactions, no plan.
    """
    for field, day in (("since", query.since), ("until", query.until)):
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise unsupported(field, "out-of-reach")
    if any(name not in metric.groups for name in query.group_by):
        raise unsupported("group_by", "not-by-that")
    if query.segment_values and not query.segment:
        raise unsupported("segment", "value-of-what")
    if metric.source in {"savings", "transactions"}:
        plan(query)
    else:
        _check_shape(query)
        _check_filters(metric, query)
    if {"weekday", "hour"} & set(query.group_by) and query.unit is None:
        raise unsupported("group_by", "needs-unit")


def _check_shape(query: MetricQuery) -> None:
    if query.until < query.since:
        raise unsupported("until", "dates-in-order")
    if (query.until - query.since).days > MAX_DAYS:
        raise unsupported("until", "too-long")
    if len(query.group_by) > MAX_GROUPED or len(set(query.group_by)) < len(query.group_by):
        raise unsupported("group_by", "too-many-groups")
    if any(len(set(kinds) & set(query.group_by)) > 1 for kinds in (PLACES, PERIODS)):
        raise unsupported("group_by", "one-of-a-kind")


def _check_filters(metric: Metric, query: MetricQuery) -> None:
    if query.channels:
        raise unsupported("channel", "not-by-that")
    if query.segment:
        raise unsupported("segment", "not-by-that")
    if metric.source == "reasons" and query.unit is not None:
        raise unsupported("unit", "not-by-that")
    if metric.source in STORED_BY_MONTH and not query.is_of_whole_months:
        raise unsupported("since", "available-by-month")


def plan(query: MetricQuery) -> Plan:
    """Which cells of transactions answer a query.

    Raises:
        Invalid: dates out of order or too far apart, two segments at once, or one with parts of months.
    """
    if any(name not in GROUPS for name in query.group_by):
        raise unsupported("group_by", "unknown-group")
    _check_shape(query)
    segment = _segment_of(query)
    pieces = tuple(_pieces(query.since, query.until, _coarsest(query.group_by)))
    by_month = all(piece.period_type == "M" for piece in pieces)
    fine = bool(segment) or not by_month
    if query.is_by_unit:
        if fine and query.unit is None:
            raise unsupported("group_by", "units-by-month")
        return Plan("U", segment, pieces, from_transactions=fine)
    if segment and not by_month:
        raise unsupported("since", "whole-months")
    return Plan(query.geography, segment, pieces)


def _segment_of(query: MetricQuery) -> str:
    segments = {name for name in query.group_by if name in SEGMENTS} | ({query.segment} if query.segment else set())
    if len(segments) > 1:
        raise unsupported("group_by", "one-quality")
    if not segments <= {*SEGMENTS}:
        raise unsupported("segment", "not-by-that")
    return segments.pop() if segments else ""


def _coarsest(group_by: tuple[str, ...]) -> PeriodType:
    """Return the largest period type that adds up to the period grouped by: months make up quarters and years, weeks
    cross them."""
    return "D" if "day" in group_by else "W" if "week" in group_by else "M"


def _pieces(since: date, until: date, period_type: PeriodType) -> Iterator[Piece]:
    """Whole periods of the period type, the days before and after them as days."""
    period = PERIOD_OF[period_type]
    begun = period_of(period, since)
    first = since if begun == since else last_day_of(period, begun) + DAY
    end = period_of(period, until + DAY) - DAY
    if period_type == "D" or end < first:
        yield Piece("D", since, until)
        return
    if since < first:
        yield Piece("D", since, first - DAY)
    yield Piece(period_type, first, end)
    if end < until:
        yield Piece("D", end + DAY, until)


def released_dimension(query: MetricQuery, family: Family, today: date) -> str:
    """The dimension of the released blocks that answer a query.

    Raises:
        Invalid: the query isn't public.
    """
    if set(FINER_THAN_MONTHS) & set(query.group_by):
        raise unsupported("group_by", "public-by-month")
    if not query.is_of_whole_months or query.until >= today:
        raise unsupported("until", "public-whole-months")
    used = _dimensions(query)
    if len(used) > 1:
        raise unsupported("group_by", "public-one-thing")
    dimension = used.pop() if used else "place"
    if query.is_by_unit:
        if family.of != "tickets":
            raise unsupported("unit" if query.unit is not None else "group_by", "public-no-units")
        return "unit"
    if dimension not in family.dimensions:
        raise unsupported("group_by", "not-by-that")
    return dimension


def _dimensions(query: MetricQuery) -> set[str]:
    """What is grouped or filtered by, besides periods and services."""
    used = {"place" for name in query.group_by if name in PLACES}
    if query.states or query.regions or query.unit is not None:
        used.add("place")
    if query.channels or "channel" in query.group_by:
        used.add("channel")
    used |= {name for name in query.group_by if name in SEGMENTS}
    return used | ({query.segment} if query.segment else set())


def pins(query: MetricQuery, group_by: tuple[str, ...]) -> tuple[bool, bool]:
    """Whether groups by these keys are of certain services, and of certain places, channels or qualities: then what was
    released only together with others isn't in them."""
    filters = (query.states, query.regions, query.channels, query.segment_values, query.unit)
    return bool(query.services) or "service" in group_by, any(filters) or bool({*group_by} - {"service", *PERIODS})
