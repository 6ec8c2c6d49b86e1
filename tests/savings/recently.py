"""Times of events within the last weeks, in minutes from where the factories begin."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.kernel import clock
from app.places.rules import DEFAULT_ZONE
from tests.savings.factories import START


def minutes_until(moment: datetime) -> float:
    """From START, where the factories begin."""
    return (moment - START) / timedelta(minutes=1)


WHEN = clock.now().replace(microsecond=0) - timedelta(days=20)
RECENTLY, TOO_LONG_AGO = minutes_until(WHEN), minutes_until(WHEN - timedelta(days=400))
YEAR = WHEN.astimezone(ZoneInfo(DEFAULT_ZONE)).year
