"""When reminders of an appointment are due, by the clock of its unit. Pure.

The times before an appointment are divided among the moments: each is useful from when it is due until the next is.
"""

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.places.rules import SLEEPS, WAKES


class Moment(StrEnum):
    """When a reminder is sent, before the appointment."""

    DAYS_3 = "days-3"
    DAY_1 = "day-1"
    HOURS_3 = "hours-3"


BY_DEFAULT = frozenset({Moment.DAYS_3, Moment.DAY_1})
"""The moments of who chose none."""
LAST_CALL = time(20, 30)
"""To this time a moment at night moves back: what is due then has half an hour to leave before people sleep."""
DAYS = {Moment.DAYS_3: 3, Moment.DAY_1: 1}
HOURS = timedelta(hours=3)
UNRELIABLE_AFTER = 3
"""Messages in a row that a contact refused."""


class Decision(StrEnum):
    """What becomes of a reminder now."""

    SEND = "send"
    WAIT = "wait"
    """People sleep at the unit: it is sent when they wake, if it is still useful then."""
    DROP = "drop"


class Change(StrEnum):
    """Why an appointment isn't as a reminder said any more."""

    CANCELLED = "cancelled"
    MOVED = "moved"
    AFFECTED = "affected"
    """The clinic doesn't attend it."""
    ENDED = "ended"
    """Its time has come."""


def change_since(
    said: datetime, *, start_at: datetime, now: datetime, is_booked: bool, is_cancelled: bool, is_affected: bool
) -> Change | None:
    """What happened to an appointment that a reminder said is at a time; None: it stands."""
    if is_cancelled:
        return Change.CANCELLED
    if not is_booked or start_at <= now:
        return Change.ENDED
    if start_at != said:
        return Change.MOVED
    return Change.AFFECTED if is_affected else None


def is_waking(now: datetime, zone: str) -> bool:
    """Whether messages may be sent now, by the clock of a place."""
    return WAKES <= now.astimezone(ZoneInfo(zone)).time() < SLEEPS


def due_at(start_at: datetime, moment: Moment, zone: str) -> datetime:
    """When a reminder is due: the same time of day one or three days before, or three hours before. What would be at
    night is moved to the evening before it."""
    place = ZoneInfo(zone)
    if moment is Moment.HOURS_3:
        local = (start_at - HOURS).astimezone(place)
    else:
        local = start_at.astimezone(place) - timedelta(days=DAYS[moment])
    if local.time() < WAKES:
        local = _last_call(local - timedelta(days=1))
    elif local.time() >= SLEEPS:
        local = _last_call(local)
    return local.astimezone(start_at.tzinfo)


def _last_call(evening: datetime) -> datetime:
    return evening.replace(hour=LAST_CALL.hour, minute=LAST_CALL.minute, second=0, microsecond=0)


def useful_until(start_at: datetime, moment: Moment, zone: str) -> datetime:
    """Until when a reminder that is late is still sent: until the next is due, the last until the appointment."""
    later = [other for other in Moment if list(Moment).index(other) > list(Moment).index(moment)]
    return due_at(start_at, later[0], zone) if later else start_at


def decide(
    start_at: datetime, moment: Moment, zone: str, *, now: datetime, is_open: bool, changed_at: datetime
) -> Decision:
    """What becomes of a reminder now. `is_open`: it is booked for that time, and the clinic attends it. `changed_at`:
    when it was booked or moved to that time."""
    due, until = due_at(start_at, moment, zone), useful_until(start_at, moment, zone)
    if not is_open or changed_at > due or not due <= now < until:
        return Decision.DROP
    return Decision.SEND if is_waking(now, zone) else Decision.WAIT
