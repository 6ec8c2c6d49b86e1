"""Schedules that would overlap are refused with what is in the way, and where."""

from datetime import time

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import service
from app.appointments.models import Schedule
from app.appointments.problems import ScheduleOverlaps
from app.kernel import ids
from app.kernel.i18n import use_language
from tests.appointments.week import DAYS, FRIDAY, TEST, opened

pytestmark = pytest.mark.usefixtures("working_days")


async def test_an_overlapping_schedule_is_refused_with_what_is_in_the_way(session: AsyncSession) -> None:
    unit, schedule = await opened(session)
    wanted = Schedule(
        id=ids.new_id(), unit_id=unit.id, room=1, shift="M", service="dental", weekdays=[1, 3], starts=time(9),
        ends=time(11), slot_minutes=30, capacity=1, valid_from=FRIDAY,
    )  # fmt: skip
    with pytest.raises(ScheduleOverlaps) as refused:
        await service.open_schedule(session, TEST, wanted, horizon_days=DAYS)
    body = refused.value.body()
    assert (body["schedule"], body["room"]) == (str(schedule.id), 1)
    assert body["detail"] == (
        "El consultorio 1 atiende Medicina familiar: lunes, martes, miércoles, jueves, viernes, sábado y domingo"
        " de 8:00 a.m. a 10:00 a.m., desde el 6 de octubre de 2026. Dos citas suyas no pueden ser a la vez."
    )
    with use_language("en"):
        assert "Room 1 attends Family medicine: Monday, Tuesday" in refused.value.body()["detail"]
