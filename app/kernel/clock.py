"""The single source of the current time. Instants are aware and in UTC; a date needs a named zone, usually the
unit's."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Time, cast, func


def now() -> datetime:
    """Return the current instant in UTC."""
    return datetime.now(UTC)


def local_day(instant: datetime, zone: str) -> date:
    """Return the calendar date of an instant in `zone` (an IANA name)."""
    return instant.astimezone(ZoneInfo(zone)).date()


def today(zone: str) -> date:
    """Return today's date in `zone`."""
    return local_day(now(), zone)


def local_day_sql(instant: str, zone: str) -> str:
    """Return `local_day` as SQL, for a timestamptz expression and an expression that yields the zone."""
    return f"(({instant}) AT TIME ZONE {zone})::date"


def local_day_column(instant: Any, zone: Any) -> ColumnElement[date]:
    """Return `local_day` as a SQLAlchemy expression."""
    return cast(func.timezone(zone, instant), Date)


def local_time_column(instant: Any, zone: Any) -> ColumnElement[time]:
    """Return the time of day of an instant in `zone` as a SQLAlchemy expression."""
    return cast(func.timezone(zone, instant), Time)


def dates_in_progress() -> list[date]:
    """Return every date currently in progress on Earth, earliest first: bounds for a filter that each zone then
    narrows."""
    return sorted({local_day(now() + timedelta(hours=hours), "UTC") for hours in (-12, 0, 14)})
