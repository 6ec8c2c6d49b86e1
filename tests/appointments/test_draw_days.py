"""Which days of a schedule are drawn, when their registration opens, and which seats each draw has."""

from collections.abc import AsyncIterator
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.draws import open_draws
from app.appointments.queries.releases import next_releases
from app.appointments.release_models import Draw
from app.appointments.service import draws, schedules
from app.kernel import clock
from app.kernel.actor import System
from tests.appointments import factories
from tests.appointments.releasing import CLOSES, DAY, OPENS, PLAN, PUBLIC, opened


@pytest.fixture
async def at() -> AsyncIterator[Any]:
    with time_machine.travel(OPENS - timedelta(days=2), tick=False) as traveller:
        yield traveller


async def test_before_the_registration_opens_it_is_said_when(session: AsyncSession, at: Any) -> None:
    unit = await factories.unit(session)
    await opened(session, unit, PLAN, weekdays=[2], slot_minutes=120)
    today = clock.today(unit.timezone)
    (soon,) = await next_releases(session, unit.id, "family-medicine", today)
    assert (soon.at, soon.seats, soon.first_day, soon.is_draw) == (OPENS, 3, DAY, True)
    at.move_to(OPENS + timedelta(seconds=5))
    await draws.work_draws(session, unit.id)
    assert await next_releases(session, unit.id, "family-medicine", today) == []


@pytest.mark.parametrize(("late", "is_drawn"), [(timedelta(minutes=50), True), (timedelta(hours=2), False)])
async def test_a_day_that_a_new_schedule_opens_too_late_is_not_drawn(
    session: AsyncSession, at: Any, late: timedelta, is_drawn: bool
) -> None:
    """Ten hours would be left to register, or none: its seats are the public's at the published hour."""
    unit = await factories.unit(session)
    at.move_to(OPENS + late)
    await opened(session, unit, PLAN, weekdays=[2], slot_minutes=120, horizon_days=8)
    await draws.work_draws(session, unit.id)
    found = (await session.scalars(select(Draw.opens_at).where(Draw.unit_id == unit.id))).all()
    releases = await next_releases(session, unit.id, "family-medicine", clock.today(unit.timezone))
    assert (found, releases == []) == (([OPENS], True) if is_drawn else ([], False))
    if not is_drawn:
        (soon,) = releases
        assert (soon.at, soon.first_day, soon.is_draw) == (PUBLIC, DAY, False)


async def test_a_registration_that_opens_late_says_when_it_did(session: AsyncSession, at: Any) -> None:
    unit = await factories.unit(session)
    at.move_to(OPENS + timedelta(hours=3, seconds=20))
    plan = {"draw": PLAN["draw"] | {"closes": {"days": 6, "at": "20:00"}}}
    await opened(session, unit, plan, weekdays=[2], slot_minutes=120, horizon_days=8)
    await draws.work_draws(session, unit.id)
    (opens_at,) = (await session.scalars(select(Draw.opens_at).where(Draw.unit_id == unit.id))).all()
    assert opens_at == OPENS + timedelta(hours=3)


async def test_the_morning_and_the_afternoon_of_a_room_are_two_draws(session: AsyncSession, at: Any) -> None:
    """Each with the seats of its own hours, though both are of one room, service and day."""
    unit = await factories.unit(session)
    for starts, shift, capacity in ((time(8), "M", 1), (time(14), "V", 2)):
        ends = time(starts.hour + 4)
        await opened(
            session,
            unit,
            PLAN,
            weekdays=[2],
            slot_minutes=120,
            starts=starts,
            ends=ends,
            shift=shift,
            capacity=capacity,
        )
    at.move_to(OPENS + timedelta(seconds=5))
    await draws.work_draws(session, unit.id)
    wanted = select(Draw).where(Draw.unit_id == unit.id).order_by(Draw.shift)
    morning, afternoon = (await session.scalars(wanted)).all()
    assert (morning.seats, afternoon.seats) == (2, 4)
    assert [one.seats for one in await open_draws(session, unit.id, "family-medicine")] == [2, 4]
    at.move_to(CLOSES + timedelta(seconds=5))
    await draws.work_draws(session, unit.id)
    listed = "SELECT draw_id, min(start_at), count(*) FROM freed_seat GROUP BY draw_id ORDER BY 2"
    rows = (await session.execute(text(listed))).all()
    assert [(row[0], row[2]) for row in rows] == [(morning.id, 2), (afternoon.id, 4)]
    # What no one wanted is said to be the public's at its hour.
    (left,) = await next_releases(session, unit.id, "family-medicine", clock.today(unit.timezone))
    assert (left.at, left.seats, left.is_draw) == (PUBLIC, 6, False)


async def test_what_takes_the_place_of_a_schedule_has_its_seats_in_a_draw_of_its_own(
    session: AsyncSession, at: Any
) -> None:
    unit = await factories.unit(session)
    first = await opened(session, unit, PLAN, weekdays=[2], slot_minutes=120)
    at.move_to(OPENS + timedelta(seconds=5))
    await draws.work_draws(session, unit.id)
    await schedules.end_schedule(session, System("test"), first.id, OPENS.date(), version=1, horizon_days=12)
    second = await opened(
        session, unit, PLAN, weekdays=[2], slot_minutes=120, valid_from=OPENS.date() + timedelta(days=1)
    )
    await draws.work_draws(session, unit.id)
    found = {one.schedule_id: one.seats for one in await open_draws(session, unit.id, "family-medicine")}
    assert found == {second.id: 3}
    at.move_to(CLOSES + timedelta(seconds=5))
    await draws.work_draws(session, unit.id)
    drawn = dict((await session.execute(select(Draw.schedule_id, Draw.seats).where(Draw.unit_id == unit.id))).all())
    assert drawn == {first.id: 0, second.id: 3}
