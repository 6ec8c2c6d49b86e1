"""The only clock. Always aware, always UTC; a date exists only in a named zone: the unit's, where there is a unit."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, cast, func

# Where nobody says where: the zone most of the country keeps.
DEFAULT_ZONE = "America/Mexico_City"


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def local_day(instant: datetime, zone: str) -> date:
    """The calendar day of an instant where the clock on the wall is that of `zone` (an IANA name)."""
    return instant.astimezone(ZoneInfo(zone)).date()


def today(zone: str) -> date:
    """Today's date where the clock on the wall is that of `zone`."""
    return local_day(now(), zone)


def local_day_sql(instant: str, zone: str) -> str:
    """The same in SQL: the day of an expression of type timestamptz in the zone that another expression names."""
    return f"(({instant}) AT TIME ZONE {zone})::date"


def local_day_column(instant: Any, zone: Any) -> ColumnElement[date]:
    """The same as an expression of SQLAlchemy."""
    return cast(func.timezone(zone, instant), Date)


def dates_in_progress() -> list[date]:
    """Every date that it is somewhere on Earth now, earliest first: bounds for what each zone then decides exactly."""
    return sorted({local_day(now() + timedelta(hours=hours), "UTC") for hours in (-12, 0, 14)})
