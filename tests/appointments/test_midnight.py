"""A schedule that ends at midnight: its last time is on the same day at the unit, and the next day's are apart."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Schedule
from app.appointments.problems import ScheduleOverlaps
from app.appointments.rules import Pattern, has_times, overlaps
from app.appointments.service.schedules import open_schedule
from app.kernel import ids
from app.kernel.parsing import clock_end
from tests.appointments import factories
from tests.appointments.week import DAYS, FRIDAY, TEST
from tests.conftest import Database

HOURS = st.times().map(lambda hour: hour.replace(second=0, microsecond=0))


def schedule(unit_id: object, starts: time, ends: time, *, room: int = 1) -> Schedule:
    return Schedule(
        id=ids.new_id(), unit_id=unit_id, room=room, shift="V", service="dental", weekdays=[*range(1, 8)],
        starts=starts, ends=ends, slot_minutes=30, capacity=1, valid_from=FRIDAY,
    )  # fmt: skip


@given(HOURS, HOURS)
def test_an_end_is_after_midnight_and_is_read_back(starts: time, ends: time) -> None:
    first, last = Pattern.minutes(starts, ends)
    assert 0 <= first < 24 * 60
    assert 0 < last <= 24 * 60
    assert time(last // 60 % 24, last % 60) == ends


@given(HOURS, st.integers(5, 240))
def test_one_that_ends_at_midnight_overlaps_none_of_the_next_day(starts: time, length: int) -> None:
    first, last = Pattern.minutes(starts, time.min)
    late = Pattern((1,), first, last, FRIDAY, None)
    assert not overlaps(late, Pattern((2,), 0, first or 1, FRIDAY, None))
    assert has_times(late, length) == (24 * 60 - first >= length)


@pytest.mark.parametrize("typed", ["24:00", "24", "12:00 a.m.", "12 AM", "00:00", "0:00"])
def test_midnight_as_people_write_it(typed: str) -> None:
    assert clock_end(typed) == time.min


@pytest.mark.parametrize("zone", ["America/Mexico_City", "America/Tijuana", "America/Ojinaga"])
@pytest.mark.usefixtures("working_days")
async def test_the_last_time_begins_before_midnight_of_its_day(session: AsyncSession, zone: str) -> None:
    unit = await factories.unit(session)
    unit.timezone = zone
    await factories.room_of(session, unit)
    await open_schedule(session, TEST, schedule(unit.id, time(22), time.min), horizon_days=DAYS)
    rows = (await session.execute(text("SELECT start_at, on_date FROM seat ORDER BY start_at"))).all()
    days = {row.on_date for row in rows}
    assert rows
    for day in days:
        local = [row.start_at.astimezone(ZoneInfo(zone)) for row in rows if row.on_date == day]
        assert [moment.time() for moment in local] == [time(22), time(22, 30), time(23), time(23, 30)]
        assert {moment.date() for moment in local} == {day}
        ends = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))
        assert local[-1] + timedelta(minutes=30) == ends


@pytest.mark.usefixtures("working_days")
async def test_what_overlaps_it_is_refused_and_the_morning_after_is_not(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    await factories.room_of(session, unit)
    await open_schedule(session, TEST, schedule(unit.id, time(22), time.min), horizon_days=DAYS)
    with pytest.raises(ScheduleOverlaps) as refused:
        await open_schedule(session, TEST, schedule(unit.id, time(23), time.min), horizon_days=DAYS)
    assert "de 10:00 p.m. a 12:00 a.m." in refused.value.text()
    await open_schedule(session, TEST, schedule(unit.id, time.min, time(2)), horizon_days=DAYS)


async def test_the_database_refuses_an_overlap_until_midnight(db: Database) -> None:
    async with db.transaction() as session:
        unit = await factories.unit(session)
        await factories.room_of(session, unit)
        session.add(schedule(unit.id, time(22), time.min))
    with pytest.raises(IntegrityError, match="ex_schedule_overlap"):
        async with db.transaction() as session:
            session.add(schedule(unit.id, time(23), time(23, 30)))
