"""The booking horizon at a unit: the last day that can be booked, and when the next one opens."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.appointments import rules
from app.appointments.settings import booking_settings
from app.kernel import clock


def last_open_day(zone: str, now: datetime | None = None) -> date:
    """The last day that can be booked at a unit whose clock is that of `zone`."""
    now = now or clock.now()
    terms = booking_settings()
    local = now.astimezone(ZoneInfo(zone)).time()
    return rules.last_open_day(
        clock.local_day(now, zone), local, days=terms.horizon_days, opens_at=terms.booking_opens_at
    )


def opening_of(day: date, zone: str) -> datetime:
    """The instant from which a day can be booked at a unit of that zone."""
    terms = booking_settings()
    local = rules.opening_of(day, days=terms.horizon_days, opens_at=terms.booking_opens_at)
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(clock.now().tzinfo)


def last_open_day_sql(now: str, zone: str) -> str:
    """`last_open_day` in SQL, of expressions, with the parameters of `horizon_parameters`."""
    today = clock.local_day_sql(now, zone)
    is_early = f"CAST({now} AT TIME ZONE {zone} AS time) < CAST(:opens_at AS time)"
    return f"({today} + CAST(:horizon_days AS integer) - CASE WHEN {is_early} THEN 1 ELSE 0 END)"


def horizon_parameters() -> dict[str, object]:
    """Return the parameters of `last_open_day_sql`."""
    terms = booking_settings()
    return {"horizon_days": terms.horizon_days, "opens_at": terms.booking_opens_at}
