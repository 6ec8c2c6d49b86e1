"""Follow-up appointments: the day nearest to some weeks ahead; a time of the same room, for who was attended."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.problems import AlreadyBooked, SlotTaken
from app.appointments.queries.own import OwnAppointment, own_appointment
from app.desk.problems import NotAttendedYet
from app.desk.queries.follow_up import follow_up_times
from app.desk.rules.follow_up import SLACK, WEEKS, nearest_day
from app.desk.service.attendance import record_attended
from app.desk.service.follow_up import book_follow_up
from app.kernel import clock
from app.kernel.problems import NotFound
from tests.appointments import factories as places
from tests.desk.factories import Clinic, clinic
from tests.requests import steps

TODAY = date(2026, 11, 30)
DAYS = st.lists(st.integers(-5, 80).map(lambda n: TODAY + timedelta(days=n)), max_size=30)


@given(DAYS, st.sampled_from(WEEKS))
def test_the_day_is_the_nearest_to_its_week_and_never_of_another(days: list[date], weeks: int) -> None:
    found = nearest_day(days, TODAY, weeks)
    wanted = TODAY + timedelta(weeks=weeks)
    near = [day for day in days if day > TODAY and abs(day - wanted) <= SLACK]
    if found is None:
        assert near == []
        return
    assert found in near
    assert all(abs(found - wanted) <= abs(day - wanted) for day in near)
    assert found <= wanted or wanted - (found - wanted) not in near, "the earlier of two as near"


@dataclass
class Attended:
    """A person who was attended today in room 1, at eleven."""

    session: AsyncSession
    here: Clinic
    own: OwnAppointment

    async def free(self, days: int, hour: int = 11, room: int = 1) -> datetime:
        """A free time, some days ahead."""
        day = clock.today(places.ZONE) + timedelta(days=days)
        local = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(places.ZONE))
        moment = local.astimezone(clock.now().tzinfo)
        await places.seats(self.session, self.here.unit, room=room, start_at=moment)
        return moment

    async def proposed(self) -> dict[int, datetime | None]:
        return {one.weeks: one.start_at for one in await follow_up_times(self.session, self.here.desk, self.own)}


@pytest.fixture
async def seen(session: AsyncSession) -> AsyncIterator[Attended]:
    with time_machine.travel(steps.noon(clock.today(places.ZONE)), tick=True):
        here = await clinic(session)
        who = await places.person(session, here.unit)
        start_at = clock.now() + timedelta(minutes=45)
        await places.seats(session, here.unit, start_at=start_at)
        made = await places.booked(session, who, places.place(here.unit, start_at))
        with time_machine.travel(start_at, tick=True):
            attended = await record_attended(session, here.desk, made.folio)
        yield Attended(session, here, attended)


async def test_each_week_has_its_nearest_day_and_hour_in_the_same_room(seen: Attended) -> None:
    assert await seen.proposed() == dict.fromkeys(WEEKS)
    await seen.free(7, room=2)
    early, near = await seen.free(6, 8), await seen.free(6, 13)
    later = await seen.free(16)
    assert await seen.proposed() == {1: near, 2: later, 4: None, 8: None}
    assert early < near


async def test_a_day_that_cannot_be_booked_yet_says_from_when(seen: Attended) -> None:
    await seen.free(56)
    found = (await follow_up_times(seen.session, seen.here.desk, seen.own))[-1]
    assert (found.weeks, found.start_at) == (8, None)
    assert found.opens_at is not None
    assert clock.local_day(found.opens_at, places.ZONE) == clock.today(places.ZONE) + timedelta(days=56 - 30)


async def test_it_is_booked_at_the_desk_for_the_person(seen: Attended) -> None:
    moment = await seen.free(14)
    made = await book_follow_up(seen.session, seen.here.desk, seen.own.folio, moment, places.once())
    assert (made.room, made.start_at, made.person_id) == (1, moment, seen.own.person_id)
    assert (await own_appointment(seen.session, seen.here.desk, made.folio)).channel == "desk"
    with pytest.raises(AlreadyBooked):
        await follow_up_times(seen.session, seen.here.desk, seen.own)
    with pytest.raises(AlreadyBooked):
        await book_follow_up(seen.session, seen.here.desk, seen.own.folio, await seen.free(28), places.once())


async def test_a_time_that_is_taken_is_refused(seen: Attended) -> None:
    moment = await seen.free(14)
    await seen.session.execute(text("DELETE FROM seat WHERE start_at = :at"), {"at": moment})
    with pytest.raises(SlotTaken):
        await book_follow_up(seen.session, seen.here.desk, seen.own.folio, moment, places.once())


async def test_only_for_who_was_attended_and_by_staff_of_the_unit(seen: Attended) -> None:
    moment = await seen.free(14)
    other = (await clinic(seen.session)).desk
    with pytest.raises(NotFound):
        await book_follow_up(seen.session, other, seen.own.folio, moment, places.once())
    await seen.session.execute(text("UPDATE appointment SET status = 'missed'"))
    with pytest.raises(NotAttendedYet):
        await book_follow_up(seen.session, seen.here.desk, seen.own.folio, moment, places.once())
