"""What a supervisor sees: who serves, who waits, the waits of the day, and the rates of appointments."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.service.generation import purge_past
from app.desk.queries.supervision import Attendance, overview_of, rates_of
from app.desk.rules.tickets import LeftBecause
from app.desk.service import calls, departures
from app.desk.service.tickets import TicketRef
from app.kernel.actor import Role, Staff
from app.kernel.problems import NotFound
from tests.appointments import factories as places
from tests.desk.factories import SERVICE, Clinic, clinic, open_all, walk_in

NINE = datetime(2026, 10, 7, 15, tzinfo=UTC)
"""At the unit; a Wednesday."""


def boss(here: Clinic) -> Staff:
    return places.staff(Role.SUPERVISOR, here.unit)


async def test_who_serves_who_waits_and_how_long(session: AsyncSession) -> None:
    with time_machine.travel(NINE, tick=False) as traveller:
        here = await clinic(session, 2)
        await open_all(session, here)
        for _ in range(5):
            await walk_in(session, here)
            traveller.shift(timedelta(minutes=1))
        traveller.move_to(NINE + timedelta(minutes=10))
        first = await calls.call_next(session, here.desk.staff_id, "a")
        await calls.serve(session, here.desk, TicketRef(first.unit_id, first.id))
        traveller.move_to(NINE + timedelta(minutes=20))
        second = await calls.call_next(session, here.staff[1].staff_id, "b")
        await departures.leave(session, here.staff[1], TicketRef(second.unit_id, second.id), LeftBecause.GAVE_UP)
        traveller.move_to(NINE + timedelta(minutes=30))
        seen = await overview_of(session, boss(here), here.unit.id)
    (queue,) = seen.queues
    assert (queue.letter, queue.service, queue.waiting, queue.at_counter) == ("A", SERVICE, 3, 1)
    assert (queue.gave_up, queue.no_answers, queue.unserved, queue.attended) == (1, 0, 0, 0)
    assert queue.waiting_since == NINE + timedelta(minutes=2), "the third is who waits longest now"
    assert (queue.called, queue.median_seconds) == (2, 14.5 * 60)
    assert queue.p90_seconds == pytest.approx(18.1 * 60)
    one, other = seen.counters
    assert (one.ticket_number, one.ticket_status) == ("A-001", "serving")
    assert one.ticket_since == NINE + timedelta(minutes=10)
    assert (one.opened_at, other.ticket_number, other.status) == (NINE, None, "open")


async def test_only_who_supervises_the_unit_sees_it(session: AsyncSession) -> None:
    here, other = await clinic(session), await clinic(session)
    for actor in (here.desk, boss(other)):
        with pytest.raises(NotFound):
            await overview_of(session, actor, here.unit.id)
        with pytest.raises(NotFound):
            await rates_of(session, actor, here.unit.id)


def test_a_rate_says_what_it_divides_by_and_leaves_out_what_is_no_absence() -> None:
    assert Attendance(SERVICE, 6, 2, 5, 3).no_show_rate == 0.25
    assert Attendance(SERVICE, 6, 2, 5, 3).expected == 8
    assert Attendance(SERVICE, 0, 0, 9, 9).no_show_rate is None


@pytest.mark.parametrize("is_purged", [False, True])
async def test_utilisation_is_the_same_when_past_seats_are_deleted(session: AsyncSession, is_purged: bool) -> None:
    with time_machine.travel(NINE, tick=True):
        unit = await places.unit(session)
        await places.room_of(session, unit)
        start = NINE + timedelta(days=1)
        times = await places.seats(session, unit, count=4, start_at=start)
        await places.seats(session, unit, count=1, start_at=start + timedelta(hours=3))
        await session.execute(
            text("UPDATE seat SET state = 'closed', closed_by = gen_random_uuid() WHERE start_at > :at"),
            {"at": start + timedelta(hours=2)},
        )
        people = [await places.person(session, unit) for _ in times[:3]]
        made = [
            await places.booked(session, who, places.place(unit, at)) for who, at in zip(people, times, strict=False)
        ]
        for one, status in zip(made, ("attended", "missed", "cancelled"), strict=True):
            await session.execute(
                text("UPDATE appointment SET status = :status WHERE folio = :folio"),
                {"status": status, "folio": one.folio},
            )
    supervisor = places.staff(Role.SUPERVISOR, unit)
    with time_machine.travel(start + timedelta(days=4), tick=True):
        if is_purged:
            for _hour in range(2):
                await purge_past(session, start + timedelta(days=3))
            assert await session.scalar(text("SELECT count(*) FROM seat")) == 0
        rates = await rates_of(session, supervisor, unit.id)
    (room,) = rates.rooms
    assert (room.room, room.week) == (1, start.date() - timedelta(days=3))
    assert (room.seats, room.booked, room.attended) == (4, 2, 1)
    assert (room.booked_share, room.attended_share) == (0.5, 0.25)
    assert [(one.attended, one.missed, one.cancelled) for one in rates.attendance] == [(1, 1, 1)]


async def test_the_third_next_time_of_each_service(session: AsyncSession) -> None:
    with time_machine.travel(NINE, tick=True):
        unit, tomorrow = await places.unit(session), NINE.date() + timedelta(days=2)
        await places.schedule(session, unit, slot_minutes=60, horizon_days=5, valid_from=tomorrow)
        rates = await rates_of(session, places.staff(Role.SUPERVISOR, unit), unit.id)
    assert [(one.service, one.days) for one in rates.access] == [(SERVICE, 3)]
