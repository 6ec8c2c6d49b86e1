"""The times offered instead of one that the clinic can't attend: the one that is held, and the nearest others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.appointments.horizon import last_open_day
from app.appointments.queries import availability
from app.appointments.queries.own import OwnAppointment
from app.appointments.queries.rebooking import OpenOffer, open_offer
from app.appointments.service.eligibility import days_with_service
from app.appointments.service.reschedule import NewTime
from app.kernel import clock
from app.kernel.parsing import iso_instant, whole_number

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

HELD = "held"
"""In a form: the time that is held."""
MORE = 3
"""How many other times the page names; all of them are a link further."""
SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OfferedTimes:
    """What the page of an affected appointment offers: the held time, where it still is, and the nearest others."""

    offer: OpenOffer
    others: tuple[tuple[int, datetime], ...]

    @property
    def facts(self) -> list[object]:
        """What the page shows of it."""
        return [self.offer.id, self.offer.is_held]


async def offered_times(tx: AsyncSession, own: OwnAppointment) -> OfferedTimes | None:
    """The times to choose among; None where nothing was offered to this appointment or nothing hits it any more."""
    offer = await open_offer(tx, own.unit_id, own.id) if own.affected else None
    if offer is None:
        return None
    if own.is_left_behind:
        return OfferedTimes(offer, ())
    wanted = max(own.start_at, clock.now() + SOON)
    found = await availability.nearest_free(
        tx, own.unit_id, own.service, wanted, own.person_id, last=last_open_day(own.timezone), count=MORE * 2
    )
    times = [(one["room"], iso_instant(one["start_at"])) for one in found]
    days = {clock.local_day(start_at, own.timezone) for _room, start_at in times}
    allowed = await days_with_service(tx, own.person_id, own.unit_id, own.service, sorted(days), moving=own.id)
    left = [
        (room, start_at)
        for room, start_at in times
        if start_at >= wanted and clock.local_day(start_at, own.timezone) in allowed
    ]
    return OfferedTimes(offer, tuple(left[:MORE]))


def chosen_time(value: str) -> NewTime:
    """The time of a choice other than the held one.

    Raises:
        ValueError: it is none.
    """
    room, _sep, moment = value.partition("@")
    return NewTime(whole_number(room, low=1, high=999), iso_instant(moment))
