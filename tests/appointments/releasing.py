"""A schedule that releases its seats in waves or by draw."""

from datetime import time
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Schedule
from app.appointments.service import schedules
from app.kernel import clock, ids
from app.kernel.actor import System
from app.places.models import Unit
from tests.appointments import factories

HALVES = {"waves": [{"days": 7, "at": "07:00", "share": 50}, {"days": 1, "at": "18:00", "share": 50}]}


async def opened(
    session: AsyncSession, unit: Unit, release: dict[str, Any] | None, *, horizon_days: int = 12, **given: Any
) -> Schedule:
    await factories.room_of(session, unit)
    values = {
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "starts": time(8),
        "ends": time(14),
        "slot_minutes": 15,
        "capacity": 1,
        "valid_from": clock.today(unit.timezone),
    } | given
    made = Schedule(
        id=ids.new_id(), unit_id=unit.id, room=1, shift="M", service="family-medicine", release=release, **values
    )
    await schedules.open_schedule(session, System("test"), made, horizon_days=horizon_days)
    return made
