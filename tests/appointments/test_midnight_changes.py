"""A schedule that ends at midnight is corrected and ended as any other: its seats go, its people are notified."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Schedule
from app.appointments.rules import Pattern
from app.appointments.service import default_schedules
from app.appointments.service.schedules import correct_schedule, end_schedule
from app.appointments.statements import end_hour_sql
from app.places.models import Shift, Unit
from tests.appointments import factories
from tests.appointments.week import DAYS, FRIDAY, TEST, THURSDAY, happened
from tests.conftest import Database

MIDNIGHT = time.min
NIGHT: dict[str, Any] = {"starts": time(22), "ends": MIDNIGHT}


def at(day: date, hour: time, zone: str = factories.ZONE) -> datetime:
    return datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC)


async def night(session: AsyncSession, **where: Any) -> tuple[Unit, Schedule]:
    unit = await factories.unit(session, **where)
    made, _count = await factories.schedule(session, unit, **NIGHT, valid_from=THURSDAY, horizon_days=DAYS)
    return unit, made


async def left(session: AsyncSession, zone: str = factories.ZONE) -> dict[date, list[str]]:
    """The local hours of the seats that are free, by day."""
    rows = await session.execute(text("SELECT on_date, start_at FROM seat WHERE state = 'free' ORDER BY start_at"))
    days: dict[date, list[str]] = {}
    for day, start_at in rows.all():
        days.setdefault(day, []).append(f"{start_at.astimezone(ZoneInfo(zone)):%H:%M}")
    return days


@pytest.mark.parametrize(
    ("change", "hours"),
    [
        ({"ends": time(23)}, ["22:00", "22:30"]),
        ({"starts": time(23)}, ["23:00"]),
        ({"starts": time(21), "ends": time(22, 30)}, ["21:00", "21:30", "22:00"]),
        ({"slot_minutes": 60}, ["22:00", "23:00"]),
        ({"service": "dental"}, ["22:00", "22:30", "23:00", "23:30"]),
    ],
)
@pytest.mark.usefixtures("working_days")
async def test_other_hours_take_away_seats_and_notify(
    session: AsyncSession, change: Mapping[str, Any], hours: list[str]
) -> None:
    unit, schedule = await night(session)
    ana = await factories.person(session, unit)
    hit = await factories.booked(session, ana, factories.place(unit, at(FRIDAY, time(23, 30))))
    done = await correct_schedule(session, TEST, schedule.id, change, version=1, horizon_days=DAYS)
    assert done.removed > 0
    stays = change == {"starts": time(23)}
    assert [one.folio for one in done.affected] == ([] if stays else [hit.folio])
    assert [one["folio"] for one in await happened(session, "appointment.affected")] == [
        one.folio for one in done.affected
    ]
    assert (await left(session))[THURSDAY] == ([*hours, "23:30"] if stays else hours)


@pytest.mark.usefixtures("working_days")
async def test_hours_that_begin_to_end_at_midnight_keep_who_was_there(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    schedule, _count = await factories.schedule(
        session, unit, starts=time(22), ends=time(23), valid_from=THURSDAY, horizon_days=DAYS
    )
    ana = await factories.person(session, unit)
    await factories.booked(session, ana, factories.place(unit, at(FRIDAY, time(22, 30))))
    done = await correct_schedule(session, TEST, schedule.id, {"ends": MIDNIGHT}, version=1, horizon_days=DAYS)
    assert (done.removed, done.affected) == (0, [])
    assert (await left(session))[FRIDAY] == ["22:00", "23:00", "23:30"]


@pytest.mark.usefixtures("working_days")
async def test_fewer_weekdays_and_a_last_day(session: AsyncSession) -> None:
    unit, schedule = await night(session)
    ana = await factories.person(session, unit)
    hit = await factories.booked(session, ana, factories.place(unit, at(FRIDAY, time(23, 30))))
    fewer = await correct_schedule(
        session, TEST, schedule.id, {"weekdays": [1, 2, 3, 4, 6, 7]}, version=1, horizon_days=DAYS
    )
    assert (fewer.removed, [one.folio for one in fewer.affected]) == (3, [hit.folio])
    assert FRIDAY not in await left(session)
    ended = await end_schedule(session, TEST, schedule.id, THURSDAY, version=2, horizon_days=DAYS)
    assert ended.removed > 0
    assert set(await left(session)) == {THURSDAY}
    assert [one["folio"] for one in await happened(session, "appointment.affected")] == [hit.folio], "once"


@pytest.mark.parametrize(("now", "change_of_clock"), [((2026, 3, 5), (2026, 3, 8)), ((2026, 10, 29), (2026, 11, 1))])
async def test_on_the_days_on_which_clocks_change(
    session: AsyncSession, now: tuple[int, int, int], change_of_clock: tuple[int, int, int]
) -> None:
    zone, sunday = "America/Tijuana", date(*change_of_clock)
    with time_machine.travel(datetime(*now, 12, tzinfo=UTC), tick=False):
        unit = await factories.unit(session, timezone=zone)
        schedule, _count = await factories.schedule(
            session, unit, **NIGHT, valid_from=sunday - timedelta(days=1), horizon_days=DAYS
        )
        ana = await factories.person(session, unit)
        hit = await factories.booked(session, ana, factories.place(unit, at(sunday, time(23, 30), zone)))
        done = await correct_schedule(session, TEST, schedule.id, {"ends": time(23)}, version=1, horizon_days=DAYS)
        assert [one.folio for one in done.affected] == [hit.folio]
        days = await left(session, zone)
        assert days[sunday] == days[sunday - timedelta(days=1)] == ["22:00", "22:30"]


@pytest.mark.parametrize(
    ("starts", "ends", "opened"),
    [
        (time(14), MIDNIGHT, (time(14), time(20))),
        (time(14), time(18), (time(14), time(18))),
        (time(20), MIDNIGHT, None),
        (time(22), time(6), None),
    ],
)
@pytest.mark.usefixtures("working_days")
async def test_the_usual_schedule_of_a_shift_that_ends_with_its_day(
    session: AsyncSession, starts: time, ends: time, opened: tuple[time, time] | None
) -> None:
    unit = await factories.unit(session)
    await factories.room_of(session, unit)
    await session.execute(text("DELETE FROM shift WHERE unit_id = :id"), {"id": unit.id})
    session.add(Shift(unit_id=unit.id, code="V", starts=starts, ends=ends))
    await session.flush()
    await default_schedules.open_default_schedules(session, TEST, unit.id, horizon_days=DAYS)
    rows = await session.execute(text("SELECT starts, ends FROM schedule"))
    assert [tuple(row) for row in rows] == ([opened] if opened else [])


CLOCK = st.times().map(lambda hour: hour.replace(second=0, microsecond=0))


async def test_the_statements_and_the_rules_order_hours_alike(db: Database) -> None:
    asked = text(f"SELECT CAST(:hour AS time) < {end_hour_sql(':ends')}")
    hours = [time(hour, minute) for hour in (0, 1, 12, 22, 23) for minute in (0, 1, 30, 59)]
    async with db.transaction() as session:
        for hour in hours:
            for ends in hours:
                starts, last = Pattern.minutes(hour, ends)
                assert await session.scalar(asked, {"hour": hour, "ends": ends}) == (starts < last), (hour, ends)


@given(CLOCK, CLOCK)
def test_only_midnight_is_moved(starts: time, ends: time) -> None:
    first, last = Pattern.minutes(starts, ends)
    assert (first < last) == (starts < ends or ends == MIDNIGHT)
