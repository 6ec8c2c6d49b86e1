"""The only clock. Always aware, always UTC; a date exists only in a named zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

# Where nobody says where: the zone most of the country keeps.
CENTRE = "America/Mexico_City"


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
