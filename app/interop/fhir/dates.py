"""Dates of FHIR searches: a prefix and a value of some precision, compared with instants. Pure.

A value without a time is a day, month or year of the unit whose time it is compared with, as days are everywhere in the
portal; one with a time has its zone, or is read by the unit's clock.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.kernel.parsing import FIRST_YEAR, LAST_YEAR, whole_number

_VALUE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?"
)
ONE_SECOND, ONE_MINUTE, ONE_DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
TENTH = 0.1
LAST_OFFSET = 14


class Prefix(StrEnum):
    """How a value is compared (R4, 3.1.1.4.5)."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    LT = "lt"
    GE = "ge"
    LE = "le"
    SA = "sa"
    EB = "eb"
    AP = "ap"


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant until before another."""

    first: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class DateTerm:
    """A prefix and what was written after it, by the clock of no place yet: `end` is exclusive."""

    prefix: Prefix
    first: datetime
    end: datetime

    def span(self, zone: str) -> Span:
        """What is meant by the clock of a place."""
        return Span(*(one if one.tzinfo else _at(one, zone) for one in (self.first, self.end)))

    def matches(self, instant: datetime, zone: str, now: datetime) -> bool:
        """Whether an instant at a place is what was asked for."""
        span = self.span(zone)
        match self.prefix:
            case Prefix.EQ:
                return span.first <= instant < span.end
            case Prefix.NE:
                return not span.first <= instant < span.end
            case Prefix.GT | Prefix.SA:
                return instant >= span.end
            case Prefix.LT | Prefix.EB:
                return instant < span.first
            case Prefix.GE:
                return instant >= span.first
            case Prefix.LE:
                return instant < span.end
        margin = abs(span.first - now) * TENTH
        return span.first - margin <= instant < span.end + margin


def parse_date_term(text: str) -> DateTerm:
    """What a date parameter says.

    Raises:
        ValueError: it isn't a date, or its year can't be meant.
    """
    prefix, written = Prefix.EQ, text
    if text[:2] in Prefix._value2member_map_:
        prefix, written = Prefix(text[:2]), text[2:]
    found = _VALUE.fullmatch(written.replace(" ", "+"))  # a plus sign that wasn't escaped arrives as a space
    if found is None:
        raise ValueError("not a date")
    first, end = _bounds(found)
    return DateTerm(prefix, first, end)


def _bounds(found: re.Match[str]) -> tuple[datetime, datetime]:
    year = whole_number(found[1], low=FIRST_YEAR, high=LAST_YEAR)
    if found[2] is None:
        return datetime(year, 1, 1), datetime(year + 1, 1, 1)  # noqa: DTZ001 # by the clock of a place: see `span`
    month = whole_number(found[2], low=1, high=12)
    if found[3] is None:
        first = date(year, month, 1)
        following = (first + timedelta(days=31)).replace(day=1)
        return _midnight(first), _midnight(following)
    day = date(year, month, whole_number(found[3], low=1, high=31))
    if found[4] is None:
        return _midnight(day), _midnight(day + ONE_DAY)
    hour, minute, second = (int(found[place] or 0) for place in (4, 5, 6))
    offset = None if found[7] is None else UTC if found[7] == "Z" else _offset(found[7])
    first_second = datetime(year, month, day.day, hour, minute, second, tzinfo=offset)
    return first_second, first_second + (ONE_SECOND if found[6] else ONE_MINUTE)


def _offset(text: str) -> timezone:
    hours, minutes = int(text[1:3]), int(text[4:])
    if hours > LAST_OFFSET or minutes >= 60:
        raise ValueError("not an offset")
    return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if text[0] == "-" else 1))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 # by the clock of a place: see `span`


def _at(written: datetime, zone: str) -> datetime:
    return written.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def bounds_of(terms: Sequence[DateTerm], zone: str, first: datetime, end: datetime) -> Span:
    """What is left of a span of time by these terms, at a place: they narrow it, but for `ne` and `ap`, which are
    looked at one by one (`matches`)."""
    for term in terms:
        span = term.span(zone)
        if term.prefix in (Prefix.EQ, Prefix.GE):
            first = max(first, span.first)
        if term.prefix in (Prefix.GT, Prefix.SA):
            first = max(first, span.end)
        if term.prefix in (Prefix.EQ, Prefix.LE):
            end = min(end, span.end)
        if term.prefix in (Prefix.LT, Prefix.EB):
            end = min(end, span.first)
    return Span(first, end)
