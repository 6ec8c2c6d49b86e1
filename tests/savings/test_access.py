"""How far off appointments are is read once a day, for every unit at once."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Schedule
from app.appointments.queries.availability import third_next, third_next_by_unit
from app.kernel import clock, ids
from app.kernel.actor import Anonymous
from app.places.models import Unit
from app.savings.jobs import read_access
from app.savings.models import AccessReading
from app.savings.rules.metric_query import MetricQuery
from app.savings.service import metrics
from tests.appointments import factories


async def offer(session: AsyncSession, at: Unit, *, days: list[int], service: str = "family-medicine") -> None:
    """A unit that gives a service, with free seats these days from today."""
    start, today = time(15), clock.today(factories.ZONE)
    room = 1 if service == "family-medicine" else 2
    await factories.room_of(session, at, room)
    session.add(
        Schedule(
            id=ids.new_id(), unit_id=at.id, room=room, shift="M", service=service, weekdays=[1, 2, 3, 4, 5],
            starts=start, ends=start.replace(hour=start.hour + 2), slot_minutes=15, capacity=1, valid_from=today,
            valid_to=None,
        )
    )  # fmt: skip
    for number, day in enumerate(days):
        moment = datetime.combine(today + timedelta(days=day), start, UTC) + timedelta(minutes=15 * number)
        await factories.seats(session, at, start_at=moment, service=service, room=room)


async def stored(session: AsyncSession) -> dict[tuple[object, str], int | None]:
    rows = (await session.scalars(select(AccessReading))).all()
    return {(row.unit_id, row.service): row.days for row in rows}


async def test_the_third_next_time_of_every_unit(session: AsyncSession) -> None:
    near, far, full = [await factories.unit(session) for _unit in range(3)]
    await offer(session, near, days=[2, 3, 5, 9])
    await offer(session, near, days=[7, 7, 7], service="dental")
    await offer(session, far, days=[20, 21, 22])
    await offer(session, full, days=[1, 2])
    assert await read_access(session) == 4
    assert await stored(session) == {
        (near.id, "family-medicine"): 5, (near.id, "dental"): 7, (far.id, "family-medicine"): 22,
        (full.id, "family-medicine"): None,
    }  # fmt: skip
    for one in await third_next_by_unit(session):
        asked = {"today": one.on_date, "last": date.max, "earliest": clock.now() + timedelta(minutes=30)}
        third = await third_next(session, one.unit_id, one.service, **asked)  # type: ignore[arg-type]
        assert (third is None) == (one.days is None)


async def test_the_first_reading_of_a_day_stays(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    await offer(session, unit, days=[2, 3, 5])
    assert await read_access(session) == 1
    await factories.seats(session, unit, count=3, room=2)
    assert await read_access(session) == 0
    assert list((await stored(session)).values()) == [5]


async def test_readings_by_service_and_place(session: AsyncSession) -> None:
    near, far = await factories.unit(session), await factories.unit(session)
    await offer(session, near, days=[4, 4, 4])
    await offer(session, far, days=[8, 8, 8])
    await read_access(session)
    today = clock.today(factories.ZONE)
    here = MetricQuery(today, today, group_by=("service",))
    table = await metrics.table(session, Anonymous(), "third-next-available", here)
    assert [(row.keys, row.value, row.n) for row in table.rows] == [(("family-medicine",), 6.0, 2)]
    by_unit = await metrics.table(session, Anonymous(), "third-next-available", replace(here, group_by=("unit",)))
    assert {row.keys[0]: row.value for row in by_unit.rows} == {str(near.id): 4.0, str(far.id): 8.0}
    only = await metrics.table(
        session, Anonymous(), "third-next-available", replace(here, unit=far.id, group_by=("state", "day"))
    )
    assert [(row.keys, row.value) for row in only.rows] == [(("DF", today), 8.0)]
