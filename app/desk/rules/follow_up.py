"""When a follow-up appointment is proposed: some weeks ahead, on the day nearest to that. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta

WEEKS = (1, 2, 4, 8)
"""How far ahead a follow-up is proposed: what doctors write most on the slip («regrese en dos semanas»)."""
SLACK = timedelta(days=6)
"""How far from its week a day may be: the next week is another choice."""


def nearest_day(days: Iterable[date], today: date, weeks: int) -> date | None:
    """Of these days the one nearest to a number of weeks from today, the earlier of two; None when none is near."""
    wanted = today + timedelta(weeks=weeks)
    near = [day for day in days if day > today and abs(day - wanted) <= SLACK]
    return min(near, key=lambda day: (abs(day - wanted), day), default=None)
