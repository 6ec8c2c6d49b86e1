"""Schedules that would overlap are refused with what is in the way, and where."""

import random
from collections import Counter
from datetime import date, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Schedule
from app.appointments.problems import ScheduleOverlaps
from app.appointments.rules import overlaps
from app.appointments.service import schedules
from app.appointments.service.schedules import open_schedule
from app.kernel import ids
from app.kernel.i18n import use_language
from tests.appointments import factories
from tests.appointments.week import DAYS, FRIDAY, TEST, opened

pytestmark = pytest.mark.usefixtures("working_days")


async def test_an_overlapping_schedule_is_refused_with_what_is_in_the_way(session: AsyncSession) -> None:
    unit, schedule = await opened(session)
    wanted = Schedule(
        id=ids.new_id(), unit_id=unit.id, room=1, shift="M", service="dental", weekdays=[1, 3], starts=time(9),
        ends=time(11), slot_minutes=30, capacity=1, valid_from=FRIDAY,
    )  # fmt: skip
    with pytest.raises(ScheduleOverlaps) as refused:
        await open_schedule(session, TEST, wanted, horizon_days=DAYS)
    body = refused.value.body()
    assert (body["schedule"], body["room"]) == (str(schedule.id), 1)
    assert body["detail"] == (
        "Consultorio 1 atiende Medicina familiar: lunes, martes, miércoles, jueves, viernes, sábado y domingo"
        " de 8:00 a.m. a 10:00 a.m., desde el 6 de octubre de 2026. Dos citas suyas no pueden ser a la vez."
    )
    with use_language("en"):
        assert "Room 1 attends Family medicine: Monday, Tuesday" in refused.value.body()["detail"]


async def test_a_window_is_no_consulting_room(session: AsyncSession) -> None:
    unit, _schedule = await opened(session)
    window = {"unit_id": unit.id, "room": 1, "shift": "M", "service": "window", "weekdays": [1], "slot_minutes": 30}
    first = Schedule(id=ids.new_id(), starts=time(12), ends=time(13), capacity=1, valid_from=FRIDAY, **window)
    again = Schedule(id=ids.new_id(), starts=time(12), ends=time(14), capacity=1, valid_from=FRIDAY, **window)
    await open_schedule(session, TEST, first, horizon_days=DAYS)
    with pytest.raises(ScheduleOverlaps) as refused:
        await open_schedule(session, TEST, again, horizon_days=DAYS)
    assert refused.value.text().startswith("Ventanilla 1 atiende ")


async def test_the_database_refuses_what_the_rule_refuses(session: AsyncSession) -> None:
    """Whatever writes schedules, a room has one at a time; another room, hour, weekday or season is free."""
    unit = await factories.unit(session)
    await factories.room_of(session, unit)
    await factories.room_of(session, unit, 2)
    chance = random.Random(12)
    first = date(2027, 1, 4)
    seen: Counter[bool] = Counter()
    for _ in range(120):
        pair = [one_of(chance, unit.id, first) for _ in range(2)]
        patterns = [schedules._pattern(one) for one in pair]
        refused = False
        outer = await session.begin_nested()
        try:
            async with session.begin_nested():
                session.add_all(pair)
                await session.flush()
        except IntegrityError as error:
            refused = "ex_schedule_overlap" in str(error)
        await outer.rollback()
        assert refused == (pair[0].room == pair[1].room and overlaps(*patterns)), patterns
        seen[refused] += 1
    assert min(seen.values()) > 5, seen


def one_of(chance: random.Random, unit_id: UUID, first: date) -> Schedule:
    starts = chance.randrange(8 * 60, 12 * 60, 10)
    ends = starts + chance.randrange(10, 180, 10)
    begins = first + timedelta(days=chance.randrange(0, 30))
    return Schedule(
        id=ids.new_id(),
        unit_id=unit_id,
        room=chance.choice((1, 1, 2)),
        shift="M",
        service="family-medicine",
        weekdays=sorted(chance.sample(range(1, 8), chance.randint(1, 4))),
        starts=time(*divmod(starts, 60)),
        ends=time(*divmod(ends, 60)),
        slot_minutes=10,
        capacity=1,
        valid_from=begins,
        # The day before the first: ended before it began.
        valid_to=chance.choice((None, begins - timedelta(days=1), begins + timedelta(days=chance.randrange(0, 20)))),
    )
