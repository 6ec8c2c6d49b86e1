"""The query plan: the coarsest cells that answer a query, so that the fewest are read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

PeriodType: TypeAlias = Literal["D", "W", "M"]
"""A day, a week from Monday to Sunday, or a month."""
Geography: TypeAlias = Literal["R", "S", "U"]
SEGMENTS = ("device", "age", "sex", "rurality", "language")
PERIODS = ("day", "week", "month", "quarter", "year")
PLACES = ("region", "state", "unit")
GROUPS = (*PERIODS, *PLACES, "service", "channel", *SEGMENTS)
MAX_GROUPED = 3
MAX_DAYS = 3_660
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """What is asked for: whole days from `since` to `until`, both included; empty means all. Of the segments
    (DIMS) at most one, `segment`, with its `values`."""

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


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a plan: cells of one period_type over whole periods."""

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


class QueryUnsupported(ValueError):  # noqa: N818 # says a state
    """The query can't be answered from what is stored: `field` and `code` say why."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code = field, code


def plan(query: MetricQuery) -> Plan:
    """Where to read the answer.

    Raises:
        QueryUnsupported: dates out of order or too far apart, two segments at once, or one with parts of months.
    """
    _check(query)
    segment = _segment_of(query)
    pieces = tuple(_pieces(query.since, query.until, _coarsest(query.group_by)))
    by_month = all(piece.period_type == "M" for piece in pieces)
    if query.unit is not None or "unit" in query.group_by:
        fine = bool(segment) or not by_month
        if fine and query.unit is None:
            raise QueryUnsupported("group_by", "units-by-month")
        return Plan("U", segment, pieces, from_transactions=fine)
    if segment and not by_month:
        raise QueryUnsupported("since", "whole-months")
    return Plan("S" if query.states or "state" in query.group_by else "R", segment, pieces)


def _check(query: MetricQuery) -> None:
    if query.until < query.since:
        raise QueryUnsupported("until", "dates-in-order")
    if (query.until - query.since).days > MAX_DAYS:
        raise QueryUnsupported("until", "too-long")
    unknown = [name for name in query.group_by if name not in GROUPS]
    if unknown:
        raise QueryUnsupported("group_by", "unknown-group")
    if len(query.group_by) > MAX_GROUPED or len(set(query.group_by)) < len(query.group_by):
        raise QueryUnsupported("group_by", "too-many-groups")
    if len({"region", "state", "unit"} & set(query.group_by)) > 1 or len(set(PERIODS) & set(query.group_by)) > 1:
        raise QueryUnsupported("group_by", "one-of-a-kind")


def _segment_of(query: MetricQuery) -> str:
    segments = {name for name in query.group_by if name in SEGMENTS} | ({query.segment} if query.segment else set())
    if len(segments) > 1:
        raise QueryUnsupported("group_by", "one-quality")
    if not segments <= {*SEGMENTS}:
        raise QueryUnsupported("segment", "not-by-that")
    return segments.pop() if segments else ""


def _coarsest(group_by: tuple[str, ...]) -> PeriodType:
    """Return the largest period type that adds up to the period grouped by: months make up quarters and years, weeks
    cross them."""
    return "D" if "day" in group_by else "W" if "week" in group_by else "M"


def _pieces(since: date, until: date, period_type: PeriodType) -> Iterator[Piece]:
    """Whole periods of the period_type, the days before and after them as days."""
    first, end = _first_whole(period_type, since), _begin(period_type, until + DAY) - DAY
    if period_type == "D" or end < first:
        yield Piece("D", since, until)
        return
    if since < first:
        yield Piece("D", since, first - DAY)
    yield Piece(period_type, first, end)
    if end < until:
        yield Piece("D", end + DAY, until)


def _begin(period_type: PeriodType, day: date) -> date:
    """The first day of the period that a day lies in."""
    if period_type == "D":
        return day
    return day.replace(day=1) if period_type == "M" else day - timedelta(days=day.weekday())


def _first_whole(period_type: PeriodType, day: date) -> date:
    """The first day, from this one on, that a period begins on."""
    begun = _begin(period_type, day)
    if begun == day:
        return day
    return month_after(day) if period_type == "M" else begun + WEEK


def last_day_of(period: str, first: date) -> date:
    """The last day of the period (of PERIODS) that begins on a day."""
    if period in {"day", "week"}:
        return first + (WEEK if period == "week" else DAY) - DAY
    after = first
    for _month in range({"month": 1, "quarter": 3, "year": 12}[period]):
        after = month_after(after)
    return after - DAY


def period_of(period: str, day: date) -> date:
    """The first day of the period (of PERIODS) that a day lies in."""
    if period in {"day", "week"}:
        return _begin("W" if period == "week" else "D", day)
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def month_after(day: date) -> date:
    """The first of the month after a day's."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def is_cut(group: str, key: date, since: date, until: date, today: date) -> bool:
    """Whether a period that begins on this day isn't whole in an answer: it began before the question's first day, ends
    after its last, or isn't over yet."""
    if group not in PERIODS:
        return False
    return key < since or last_day_of(group, key) > min(until, today - DAY)
