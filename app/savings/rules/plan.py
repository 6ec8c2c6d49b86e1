"""Which sums answer a question: the coarsest cells that still tell what is asked, so that the fewest are read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

Grain: TypeAlias = Literal["D", "W", "M"]
"""A day, a week from Monday to Sunday, or a month."""
Level: TypeAlias = Literal["R", "S", "U"]
DIMS = ("device", "age", "sex", "rurality", "language")
PERIODS = ("day", "week", "month", "quarter", "year")
PLACES = ("region", "state", "unit")
GROUPS = (*PERIODS, *PLACES, "service", "channel", *DIMS)
MOST_GROUPED = 3
MOST_DAYS = 3_660
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for: whole days from `since` to `until`, both included; empty means all. Of the further qualities
    (DIMS) at most one, `dim`, with its `values`."""

    since: date
    until: date
    services: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    unit: UUID | None = None
    channels: tuple[str, ...] = ()
    dim: str = ""
    values: tuple[str, ...] = ()
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a plan: cells of one grain over whole periods."""

    grain: Grain
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to read. `from_errands`: a unit's own errands, one by one, since its cells don't tell."""

    level: Level
    dim: str
    pieces: tuple[Piece, ...]
    from_errands: bool = False


class Refused(ValueError):  # noqa: N818 # says a state
    """The question can't be answered from what is kept: `field` and `code` say why."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code = field, code


def plan(question: Question) -> Plan:
    """Where to read the answer.

    Raises:
        Refused: dates out of order or too far apart, two further qualities at once, or one with parts of months.
    """
    _check(question)
    dim = _dim(question)
    pieces = tuple(_pieces(question.since, question.until, _coarsest(question.by)))
    by_month = all(piece.grain == "M" for piece in pieces)
    if question.unit is not None or "unit" in question.by:
        fine = bool(dim) or not by_month
        if fine and question.unit is None:
            raise Refused("by", "units-by-month")
        return Plan("U", dim, pieces, from_errands=fine)
    if dim and not by_month:
        raise Refused("since", "whole-months")
    return Plan("S" if question.states or "state" in question.by else "R", dim, pieces)


def _check(question: Question) -> None:
    if question.until < question.since:
        raise Refused("until", "dates-in-order")
    if (question.until - question.since).days > MOST_DAYS:
        raise Refused("until", "too-long")
    unknown = [name for name in question.by if name not in GROUPS]
    if unknown:
        raise Refused("by", "unknown-group")
    if len(question.by) > MOST_GROUPED or len(set(question.by)) < len(question.by):
        raise Refused("by", "too-many-groups")
    if len({"region", "state", "unit"} & set(question.by)) > 1 or len(set(PERIODS) & set(question.by)) > 1:
        raise Refused("by", "one-of-a-kind")


def _dim(question: Question) -> str:
    dims = {name for name in question.by if name in DIMS} | ({question.dim} if question.dim else set())
    if len(dims) > 1:
        raise Refused("by", "one-quality")
    if not dims <= {*DIMS}:
        raise Refused("dim", "not-by-that")
    return dims.pop() if dims else ""


def _coarsest(by: tuple[str, ...]) -> Grain:
    """The largest grain that tells the period grouped by: months make up quarters and years, weeks cross them."""
    return "D" if "day" in by else "W" if "week" in by else "M"


def _pieces(since: date, until: date, grain: Grain) -> Iterator[Piece]:
    """Whole periods of the grain, the days before and after them as days."""
    first, end = _first_whole(grain, since), _begin(grain, until + DAY) - DAY
    if grain == "D" or end < first:
        yield Piece("D", since, until)
        return
    if since < first:
        yield Piece("D", since, first - DAY)
    yield Piece(grain, first, end)
    if end < until:
        yield Piece("D", end + DAY, until)


def _begin(grain: Grain, day: date) -> date:
    """The first day of the period that a day lies in."""
    if grain == "D":
        return day
    return day.replace(day=1) if grain == "M" else day - timedelta(days=day.weekday())


def _first_whole(grain: Grain, day: date) -> date:
    """The first day, from this one on, that a period begins on."""
    begun = _begin(grain, day)
    if begun == day:
        return day
    return month_after(day) if grain == "M" else begun + WEEK


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
