"""By what answers are grouped: periods and places, services, channels and segments of people; where periods begin and
end."""

from datetime import date, timedelta
from typing import Literal

PERIODS = ("day", "week", "month", "quarter", "year")
PLACES = ("region", "state", "unit")
SEGMENTS = ("device", "age", "sex", "rurality", "language")
Group = Literal[
    "day", "week", "month", "quarter", "year", "region", "state", "unit", "service", "channel", "device", "age", "sex",
    "rurality", "language", "weekday", "hour", "reason"
]  # fmt: skip
GROUPS = (*PERIODS, *PLACES, "service", "channel", *SEGMENTS)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}


def period_of(period: str, day: date) -> date:
    """The first day of the period (of PERIODS) that a day lies in."""
    if period == "day":
        return day
    if period == "week":
        return day - timedelta(days=day.weekday())
    months = MONTHS_OF[period]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def last_day_of(period: str, first: date) -> date:
    """The last day of the period (of PERIODS) that begins on a day."""
    if period in {"day", "week"}:
        return first + (WEEK if period == "week" else DAY) - DAY
    after = first
    for _month in range(MONTHS_OF[period]):
        after = month_after(after)
    return after - DAY


def month_after(day: date) -> date:
    """The first of the month after a day's."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def months_of(since: date, until: date) -> list[date]:
    """The first days of the months from one day to another."""
    found, month = [], since.replace(day=1)
    while month <= until:
        found.append(month)
        month = month_after(month)
    return found


def is_cut(group: str, key: date, since: date, until: date, today: date) -> bool:
    """Whether a period that begins on this day isn't whole in an answer: it began before the question's first day, ends
    after its last, or isn't over yet."""
    if group not in PERIODS:
        return False
    return key < since or last_day_of(group, key) > min(until, today - DAY)
