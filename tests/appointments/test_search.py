"""Finding a time: my room first, then my clinic; and when there is nothing, why and what else."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.horizon import last_open_day
from app.appointments.queries import availability, unavailability
from app.appointments.queries.availability import Own
from app.appointments.service import reschedule
from app.kernel import clock
from app.places.models import Unit
from tests.appointments import factories

DENTAL, FAMILY = "dental", "family-medicine"
FAR = date(2999, 1, 1)


async def why(session: AsyncSession, unit: Unit) -> unavailability.Unavailability:
    today = clock.today(unit.timezone)
    return await unavailability.explain_unavailability(
        session, unit.id, FAMILY, today=today, last=last_open_day(unit.timezone)
    )


async def days(session: AsyncSession, unit: Unit, own: Own) -> list[availability.FreeDay]:
    first = clock.today(unit.timezone)
    return await availability.free_days(
        session, unit.id, FAMILY, own=own, first=first, last=first + timedelta(days=30), earliest=clock.now()
    )


async def test_my_room_comes_first_and_then_the_lowest(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    for room in (1, 2, 3):
        await factories.seats(session, unit, room=room, count=2)
    start = factories.tomorrow()
    mine = await availability.free_times(
        session, unit.id, FAMILY, local(start, unit), own=Own(2, "M"), last=FAR, earliest=clock.now()
    )
    assert [(t.start_at, t.room, t.is_mine, t.seats) for t in mine] == [
        (start, 2, True, 3),
        (start + timedelta(minutes=15), 2, True, 3),
    ]
    ana = await factories.person(session, unit)
    await factories.held(session, factories.citizen(ana), ana, factories.place(unit, start, room=2))
    mine = await availability.free_times(
        session, unit.id, FAMILY, local(start, unit), own=Own(2, "M"), last=FAR, earliest=clock.now()
    )
    assert [(t.room, t.is_mine) for t in mine] == [(1, False), (2, True)]


def local(moment: datetime, unit: Unit) -> date:
    return moment.astimezone(ZoneInfo(unit.timezone)).date()


async def test_the_first_of_each_day_and_the_first_that_is_mine(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    start = factories.tomorrow()
    await factories.seats(session, unit, room=1, count=1)
    await factories.seats(session, unit, room=2, count=1, start_at=start + timedelta(minutes=30))
    await factories.seats(session, unit, room=1, count=1, start_at=start + timedelta(days=2))
    found = await days(session, unit, Own(2, "M"))
    assert [(d.seats, d.first_at, d.first_mine_at) for d in found] == [
        (2, start, start + timedelta(minutes=30)),
        (1, start + timedelta(days=2), None),
    ]


async def test_third_next_available_counts_what_can_be_had(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    today = clock.today(unit.timezone)
    times = await factories.seats(session, unit, count=4)
    now = clock.now()
    assert await availability.third_next(session, unit.id, FAMILY, today=today, last=FAR, earliest=now) == times[2]
    ana = await factories.person(session, unit)
    await factories.booked(session, ana, factories.place(unit, times[0]))
    assert await availability.third_next(session, unit.id, FAMILY, today=today, last=FAR, earliest=now) == times[3]
    assert await availability.third_next(session, unit.id, DENTAL, today=today, last=FAR, earliest=now) is None


async def test_a_freed_seat_rests_before_it_is_offered(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    (start,) = await factories.seats(session, unit)
    booked = await factories.booked(session, ana, factories.place(unit, start))
    await reschedule.cancel(session, factories.citizen(ana), booked.folio, "other", factories.once(), version=1)
    assert await days(session, unit, Own(1, "M")) == []
    await factories.schedule(
        session, unit, room=2, horizon_days=0, valid_from=clock.today(unit.timezone) - timedelta(days=9)
    )
    await session.execute(text("DELETE FROM seat WHERE room = 2"))
    reason = await why(session, unit)
    assert reason.reason == "release-delay"
    assert reason.next_free_at is not None
    await session.execute(text("UPDATE seat SET free_from = now() - interval '1 second'"))
    assert [d.first_at for d in await days(session, unit, Own(1, "M"))] == [start]


async def test_when_nothing_is_free_it_says_why_and_what_else(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    nothing = await why(session, unit)
    assert (nothing.reason, nothing.rooms, nothing.next_day, nothing.opens_at) == ("no-schedule", 0, None, None)
    assert nothing.walk_in_from == time(8)
    today = clock.today(unit.timezone)
    await factories.schedule(session, unit, valid_from=today - timedelta(days=9), horizon_days=0)
    await session.execute(text("DELETE FROM seat"))
    assert (await why(session, unit)).reason == "closed"
    ana = await factories.person(session, unit)
    (start,) = await factories.seats(session, unit, room=2)
    await factories.booked(session, ana, factories.place(unit, start, room=2))
    assert (await why(session, unit)).reason == "full"


async def test_the_nearest_times_are_offered_instead(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    times = await factories.seats(session, unit, count=6)
    near = await availability.nearest_free(
        session, unit.id, FAMILY, times[2], factories.unknown_id(), last=FAR, count=3
    )
    assert near[0]["start_at"] == times[2].isoformat()
    assert {one["start_at"] for one in near[1:]} == {times[1].isoformat(), times[3].isoformat()}
