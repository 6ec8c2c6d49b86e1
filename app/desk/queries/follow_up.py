"""Free times for a follow-up appointment: in the room that attended the person, some weeks ahead."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.horizon import last_open_day, opening_of
from app.appointments.queries.availability import Own, free_days, free_times
from app.appointments.queries.own import OwnAppointment, busy_times
from app.appointments.rules import policy_of
from app.appointments.service.eligibility import bookable_days, require_eligible
from app.desk.rules.follow_up import WEEKS, nearest_day
from app.kernel import clock
from app.kernel.actor import Staff


@dataclass(frozen=True, slots=True)
class Proposal:
    """The free time nearest to a number of weeks from today; None when there is none near. `opens_at`: from when on
    that day can be booked, where it can't be yet."""

    weeks: int
    start_at: datetime | None
    opens_at: datetime | None = None


async def follow_up_times(session: AsyncSession, actor: Staff, own: OwnAppointment) -> list[Proposal]:
    """A time for each of the usual numbers of weeks, in the same room and service, near the hour of the appointment.

    Raises:
        Problem: the first rule by which the person can't have the service.
    """
    await require_eligible(session, actor, own.person_id, own.unit_id, own.service)
    today, last = clock.today(own.timezone), last_open_day(own.timezone)
    room = Own(room=own.room, person_id=own.person_id, busy=await busy_times(session, own.person_id))
    earliest = clock.now() + timedelta(minutes=policy_of(own.service).min_ahead_minutes)
    days = await free_days(
        session, own.unit_id, own.service, own=room, first=today + timedelta(days=1), last=last, earliest=earliest
    )
    here = [one for one in days if one.mine]
    left, refusal = await bookable_days(session, own.person_id, own.unit_id, own.service, here)
    if refusal is not None:
        raise refusal
    found = []
    for weeks in WEEKS:
        wanted = today + timedelta(weeks=weeks)
        day = nearest_day([one.day for one in left], today, weeks)
        if day is not None:
            times = await free_times(session, own.unit_id, own.service, day, own=room, last=last, earliest=earliest)
            found.append(Proposal(weeks, _nearest([one.start_at for one in times if one.is_mine], own, day)))
        else:
            found.append(Proposal(weeks, None, opening_of(wanted, own.timezone) if wanted > last else None))
    return found


def _nearest(times: list[datetime], own: OwnAppointment, day: date) -> datetime | None:
    """Of the times of a day the one nearest to the hour of the appointment, by the unit's clock."""
    zone = ZoneInfo(own.timezone)
    hour = own.start_at.astimezone(zone).timetz().replace(tzinfo=None)
    wanted = datetime.combine(day, hour, zone)
    return min(times, key=lambda moment: (abs(moment - wanted), moment), default=None)
