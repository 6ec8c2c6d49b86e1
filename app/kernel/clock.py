"""The only clock. Always aware, always UTC; a date exists only in a named zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

# Where nobody says where: the zone most of the country keeps.
CENTRE = "America/Mexico_City"


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def today(zone: str) -> date:
    """Today's date where the clock on the wall is that of `zone` (an IANA name)."""
    return now().astimezone(ZoneInfo(zone)).date()
