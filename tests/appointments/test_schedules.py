"""Schedules: seats over the days ahead, made once; closures that say whom they hit; hours by the clinic's own clock."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.problems import ScheduleEmpty, ScheduleOverlaps, UnitNotManaged
from app.appointments.service import closures, generation, reschedule, schedules
from app.appointments.service.closures import reopen
from app.kernel import clock
from app.kernel.actor import Actor, Role, System
from app.places.models import Unit
from tests.appointments import factories

TEST = System("test")


async def ask(session: AsyncSession, question: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await session.execute(text(question))]


async def seats(session: AsyncSession) -> dict[str, int]:
    return {str(s): int(n) for s, n in await ask(session, "SELECT state, count(*) FROM seat GROUP BY state")}


async def test_seats_of_the_days_ahead_and_a_second_time_none(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    tomorrow = clock.today(unit.timezone) + timedelta(days=1)
    _made, count = await factories.schedule(session, unit, valid_from=tomorrow, horizon_days=3, capacity=2)
    days = await ask(session, "SELECT on_date, count(*) FROM seat GROUP BY 1 ORDER BY 1")
    assert all(number == 8 for _day, number in days)  # two hours, half an hour each, two at once
    assert count == sum(number for _day, number in days)
    assert await generation.generate_slots(session, horizon_days=3, unit_id=unit.id) == 0
    assert await generation.generate_slots(session, horizon_days=4, unit_id=unit.id) in {0, 8}  # a holiday has none


@pytest.mark.parametrize("zone", ["America/Tijuana", "America/Mexico_City", "America/Cancun", "America/Hermosillo"])
async def test_hours_are_the_clinic_s_own_also_when_clocks_change(session: AsyncSession, zone: str) -> None:
    # Tijuana follows the United States: on 2026-11-01 its clocks go back.
    with time_machine.travel(datetime(2026, 10, 30, 12, tzinfo=UTC), tick=False):
        unit = await factories.unit(session, timezone=zone)
        await factories.schedule(session, unit, horizon_days=4, valid_from=date(2026, 10, 31))
    for start_at, on_date in await ask(session, "SELECT start_at, on_date FROM seat"):
        local = start_at.astimezone(ZoneInfo(zone))
        assert local.date() == on_date
        assert time(8) <= local.time() < time(10)
    days = await ask(session, "SELECT on_date, count(*) FROM seat GROUP BY 1 ORDER BY 1")
    assert days == [(date(2026, 10, 31) + timedelta(days=n), 4) for n in range(4)]


async def test_holidays_of_the_law_and_of_the_agency_are_left_out(session: AsyncSession) -> None:
    with time_machine.travel(datetime(2026, 12, 23, 12, tzinfo=UTC), tick=False):
        unit = await factories.unit(session)
        await session.execute(
            text("INSERT INTO holiday (id, on_date, name) VALUES (gen_random_uuid(), '2026-12-26', 'Agencia')")
        )
        await factories.schedule(session, unit, horizon_days=4, valid_from=date(2026, 12, 24))
    days = [row[0].day for row in await ask(session, "SELECT DISTINCT on_date FROM seat ORDER BY 1")]
    assert days == [24, 27]


async def test_a_room_has_one_use_at_a_time(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    await factories.schedule(session, unit)
    with pytest.raises(ScheduleOverlaps):
        await factories.schedule(session, unit, starts=time(9), ends=time(11))
    await factories.schedule(session, unit, starts=time(10), ends=time(11))
    await factories.schedule(session, unit, room=2)


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.OFFICER, Role.ANALYST])
async def test_only_supervisors_and_administrators_of_the_unit_run_it(session: AsyncSession, role: Role) -> None:
    unit, other = await factories.unit(session), await factories.unit(session)
    ana = await factories.person(session, unit)
    refused: list[Actor] = [
        factories.staff(role, unit),
        factories.staff(Role.SUPERVISOR, other),
        factories.citizen(ana),
    ]
    for actor in refused:
        with pytest.raises(UnitNotManaged):
            await factories.schedule(session, unit, actor=actor)
    await factories.schedule(session, unit, actor=factories.staff(Role.SUPERVISOR, unit))


async def close(session: AsyncSession, unit: Unit, *, room: int | None = None, hours: int = 24) -> closures.Closed:
    start = factories.tomorrow(0)
    return await closures.close(
        session,
        TEST,
        unit_id=unit.id,
        room=room,
        shift=None,
        starts_at=start,
        ends_at=start + timedelta(hours=hours),
        reason="training",
    )


async def test_closing_lists_whom_it_hits_and_keeps_them(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana, eva = await factories.person(session, unit), await factories.person(session, unit)
    times = await factories.seats(session, unit, count=3)
    booked = await factories.booked(session, ana, factories.place(unit, times[0]))
    await factories.held(session, factories.citizen(eva), eva, factories.place(unit, times[1]))
    closed = await close(session, unit)
    assert [hit.folio for hit in closed.affected] == [booked.folio]
    assert await seats(session) == {"booked": 1, "closed": 2}
    # What the closure hit, once cancelled, does not come back while the clinic is closed.
    await reschedule.cancel(session, factories.citizen(ana), booked.folio, "other", factories.once(), version=1)
    assert (await seats(session)).get("free", 0) == 0
    await reopen(session, TEST, closed.id)
    assert await seats(session) == {"free": 3}


async def test_two_closures_that_overlap_open_with_the_last(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    await factories.seats(session, unit, count=2)
    await factories.seats(session, unit, room=2, count=2)
    await factories.room_of(session, unit)
    whole, room = await close(session, unit), await close(session, unit, room=1)
    await reopen(session, TEST, whole.id)
    assert await ask(session, "SELECT room, state FROM seat GROUP BY 1, 2 ORDER BY 1") == [(1, "closed"), (2, "free")]
    await reopen(session, TEST, room.id)
    assert await seats(session) == {"free": 4}


async def test_seats_made_under_a_closure_are_closed(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    closed = await close(session, unit, hours=24 * 20)
    await factories.schedule(session, unit, valid_from=factories.tomorrow().date() + timedelta(days=2), horizon_days=6)
    assert set(await seats(session)) == {"closed"}
    await reopen(session, TEST, closed.id)
    assert set(await seats(session)) == {"free"}


async def test_a_schedule_that_would_give_no_time_is_refused(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    with pytest.raises(ScheduleEmpty):
        await factories.schedule(session, unit, starts=time(12), ends=time(12, 10), slot_minutes=15)
    assert await session.scalar(text("SELECT count(*) FROM schedule")) == 0
    made, _count = await factories.schedule(session, unit, starts=time(12), ends=time(13), slot_minutes=15)
    with pytest.raises(ScheduleEmpty):
        await schedules.correct_schedule(session, TEST, made.id, {"slot_minutes": 90}, version=1, horizon_days=3)
