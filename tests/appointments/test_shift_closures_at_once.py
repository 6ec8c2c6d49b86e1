"""Closing a shift while people book, cancel, move and answer at the same moment: committed, on several connections."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Seat
from app.appointments.queries.own import own_appointment
from app.appointments.queries.rebooking import people_of_closure
from app.appointments.service import reschedule
from app.appointments.service.closures import Closed
from app.appointments.service.reschedule import NewTime
from app.kernel import clock
from app.kernel.db import transaction
from app.kernel.problems import Problem, Stale
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories as places
from tests.appointments.absence import accept, booked, close, held_seats
from tests.appointments.week import DAYS, FRIDAY, MONDAY, THURSDAY, at, happened, opened
from tests.conftest import Database
from tests.waiting import until_a_session_waits

pytestmark = pytest.mark.usefixtures("working_days")


@dataclass(frozen=True)
class Rush:
    """Room 2 with fourteen appointments on Thursday and six people who want one; room 3 is free."""

    unit: Unit
    people: list[tuple[Person, str]]
    late: list[Person]
    times: list[datetime]

    async def act(self, number: int) -> None:
        """One cancels, one moves, one waits; the last six book."""
        await asyncio.sleep(0.003 * (number % 7))
        with suppress(Problem):
            async with transaction() as session:
                if number >= len(self.people):
                    who = self.late[number - len(self.people)]
                    await places.booked(session, who, places.place(self.unit, self.times[number], room=2))
                    return
                who, folio = self.people[number]
                if number % 3 == 0:
                    await reschedule.cancel(session, places.citizen(who), folio, "other", places.once())
                elif number % 3 == 1:
                    to = NewTime(3, self.times[number])
                    await reschedule.move(session, places.citizen(who), folio, to, places.once())

    async def shut(self, wait: float) -> Closed:
        await asyncio.sleep(wait)
        async with transaction() as session:
            return await close(session, self.unit, room=2)

    async def answer(self, number: int, person_id: UUID, folio: str) -> None:
        with suppress(Problem):
            async with transaction() as session:
                who = await session.get_one(Person, person_id)
                if number % 4 == 3:
                    await reschedule.cancel(session, places.citizen(who), folio, "other", places.once())
                else:
                    await accept(session, who, folio)


TWO_IN_ONE = """
    SELECT room, start_at, seat FROM appointment WHERE status = 'booked' GROUP BY 1, 2, 3 HAVING count(*) > 1
"""
WITHOUT_A_SEAT = """
    SELECT folio FROM appointment a WHERE status = 'booked' AND NOT EXISTS (SELECT 1 FROM seat s
        WHERE s.appointment_id = a.id AND (s.room, s.start_at, s.seat) = (a.room, a.start_at, a.seat))
"""


async def test_closing_while_people_book_cancel_and_move_hits_each_once_and_gives_no_seat_twice(db: Database) -> None:
    """Twenty people act on a room while it is closed, twice, and those who were offered a time answer twice at once."""
    async with transaction() as session:
        unit, _schedule = await opened(session)
        hours: dict[str, Any] = {"starts": time(8), "ends": time(13), "slot_minutes": 15, "horizon_days": DAYS}
        for room in (2, 3):
            await places.schedule(session, unit, room=room, **hours)
        times = [at(THURSDAY, 8) + timedelta(minutes=15 * n) for n in range(20)]
        people = await booked(session, unit, *times[:14], room=2)
        rush = Rush(unit, people, [await places.person(session, unit) for _ in range(6)], times)
    closing = [asyncio.create_task(rush.shut(wait)) for wait in (0.005, 0.006)]
    await asyncio.gather(*[rush.act(number) for number in range(20)])
    closed = [await one for one in closing]
    async with transaction() as session:
        hit = [row for one in closed for row in await people_of_closure(session, one.id)]
        assert len({row.folio for row in hit}) == len(hit) >= 5, "each was hit once"
        assert len(await happened(session, "appointment.affected")) == len(hit)
        assert await held_seats(session) == sum(row.is_held for row in hit)
    await asyncio.gather(*[rush.answer(n, row.person_id, row.folio) for n, row in enumerate(hit) for _ in range(2)])
    async with transaction() as session:
        assert (await session.execute(text(TWO_IN_ONE))).all() == []
        assert (await session.execute(text(WITHOUT_A_SEAT))).all() == []
        still = [row for one in closed for row in await people_of_closure(session, one.id)]
        assert {row.folio for row in still} == {row.folio for row in hit}
        assert [row.folio for row in still if row.answer is None] == []
        assert await held_seats(session) == 0, "no seat is left held for an offer that was answered"


async def test_a_change_that_waited_for_a_closure_is_refused_as_out_of_date(db: Database) -> None:
    """It began before the offer was made, so it can't end it: it has to see it first."""
    async with transaction() as session:
        unit, _schedule = await opened(session)
        ((ana, folio),) = await booked(session, unit, at(THURSDAY, 8))
    is_closed, go_on = asyncio.Event(), asyncio.Event()

    async def shut() -> Closed:
        async with transaction() as session:
            closed = await close(session, unit)
            is_closed.set()
            await go_on.wait()
            return closed

    async def give_up() -> None:
        await is_closed.wait()
        asyncio.get_running_loop().call_later(0.3, go_on.set)
        async with transaction() as session:
            await reschedule.cancel(session, places.citizen(ana), folio, "other", places.once())

    done = await asyncio.gather(shut(), give_up(), return_exceptions=True)
    assert isinstance(done[1], Stale)
    async with transaction() as session:
        own = await own_appointment(session, places.citizen(ana), folio)
        assert (own.status, own.version, await held_seats(session)) == ("booked", 2, 1)


async def test_one_seat_and_two_closures_at_once(db: Database) -> None:
    """Two rooms close at the same moment, and a third has one free seat: one of the two gets it."""
    async with transaction() as session:
        unit = await places.unit(session)
        for room in (1, 2, 3):
            await places.room_of(session, unit, room)
            await places.seats(session, unit, room=room, start_at=at(THURSDAY, 8))
        await booked(session, unit, at(THURSDAY, 8), room=1)
        await booked(session, unit, at(THURSDAY, 8), room=2)

    async def shut(room: int) -> Closed:
        async with transaction() as session:
            return await close(session, unit, room=room)

    closed = await asyncio.gather(shut(1), shut(2))
    offered = [one.placement.seat.key for each in closed for one in each.offers if one.placement.seat]
    assert len(offered) == len(set(offered)) == 1
    async with transaction() as session:
        held = await session.scalars(Seat.__table__.select().with_only_columns(Seat.room).where(Seat.state == "held"))
        assert held.all() == [3]


@pytest.mark.parametrize("accepts_first", [True, False])
async def test_accepting_late_and_booking_another_at_once_is_one_appointment(db: Database, accepts_first: bool) -> None:
    soon = clock.now() + timedelta(hours=1)
    async with transaction() as session:
        unit = await places.unit(session)
        await places.room_of(session, unit)
        await places.seats(session, unit, start_at=soon)
        await places.seats(session, unit, start_at=soon + timedelta(days=2), count=2)
        ((ana, folio),) = await booked(session, unit, soon)
        await close(session, unit, MONDAY)
    is_written = asyncio.Event()

    async def accepts(session: AsyncSession) -> None:
        await accept(session, ana, folio)

    async def books(session: AsyncSession) -> None:
        await places.booked(session, ana, places.place(unit, soon + timedelta(days=2, minutes=15)))

    async def begins(act: Callable[[AsyncSession], Awaitable[None]]) -> None:
        async with transaction() as session:
            await act(session)
            is_written.set()
            await until_a_session_waits(db)

    async def follows(act: Callable[[AsyncSession], Awaitable[None]]) -> None:
        await is_written.wait()
        async with transaction() as session:
            await act(session)

    first, second = (accepts, books) if accepts_first else (books, accepts)
    with time_machine.travel(soon + timedelta(hours=3), tick=True):
        done = await asyncio.gather(begins(first), follows(second), return_exceptions=True)
    assert done[0] is None
    assert isinstance(done[1], Problem), done
    async with transaction() as session:
        live = text("SELECT count(*) FROM appointment WHERE status = 'booked' AND start_at > :soon")
        assert await session.scalar(live, {"soon": soon}) == 1


async def test_accepting_while_another_closure_hits_the_offered_time_locks_in_its_order(db: Database) -> None:
    """A closure locks appointments before their offers."""
    async with transaction() as session:
        unit, _schedule = await opened(session)
        ((ana, folio),) = await booked(session, unit, at(THURSDAY, 8))
        await close(session, unit)
    is_locked = asyncio.Event()

    async def shut() -> Closed:
        async with transaction() as session:
            await session.execute(text("SELECT FROM appointment FOR UPDATE"))
            is_locked.set()
            await until_a_session_waits(db)
            return await close(session, unit, FRIDAY)

    async def answers() -> None:
        await is_locked.wait()
        with suppress(Problem):
            async with transaction() as session:
                await accept(session, ana, folio)

    closed, _answered = await asyncio.gather(shut(), answers())
    assert [one.folio for one in closed.offers] == [folio]
