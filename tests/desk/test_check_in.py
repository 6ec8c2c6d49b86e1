"""Check-in for an appointment, what its end and the end of the day make of it, and what is corrected afterwards."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import ActiveAppointment, Appointment
from app.appointments.problems import AppointmentEnded
from app.appointments.schemas import AppointmentOut
from app.appointments.service import closures, reschedule
from app.desk import problems
from app.desk.models import CounterSession, DeskTicket
from app.desk.rules.turns import is_protected_age
from app.desk.service import arrivals, attendance, calls, counters, departures
from app.desk.service.arrivals import NewTicket
from app.desk.service.check_in import check_in
from app.desk.service.counters import Seat
from app.desk.service.day_end import end_days, units_with_ended_days
from app.desk.service.tickets import TicketRef
from app.identity.problems import WrongRole
from app.kernel import db as kernel_db
from app.kernel.actor import Role
from app.kernel.events import EventRow
from app.kernel.problems import NotFound
from app.places.models import Unit
from tests.appointments import factories as places
from tests.conftest import Database
from tests.desk.factories import NINE, SERVICE, Clinic, at_nine, clinic, patient, status_of, walk_in


@pytest.fixture(autouse=True)
def _the_day_before() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NINE - timedelta(days=1), tick=True) as traveller:
        yield traveller


async def events_of(session: AsyncSession, made: AppointmentOut) -> list[str]:
    """What the desk recorded of an appointment."""
    subject = select(Appointment.id).where(Appointment.folio == made.folio).scalar_subquery()
    found = select(EventRow.type).where(EventRow.subject_id == subject, EventRow.actor_kind != "citizen")
    return list(await session.scalars(found.order_by(EventRow.id)))


async def attended(session: AsyncSession, here: Clinic, ticket: NewTicket) -> None:
    """The ticket is called out of its order at counter 1, served and done."""
    at = TicketRef(here.unit.id, ticket.id)
    await calls.call_ticket(session, here.desk, at)
    await calls.serve(session, here.desk, at)
    await calls.finish(session, here.desk, at)


async def test_check_in_gives_a_ticket_and_the_end_of_it_attends_the_appointment(session: AsyncSession) -> None:
    here = await clinic(session)
    who, made = await patient(session, here, minutes=20)
    with at_nine():
        ticket = await check_in(session, here.desk, here.unit.id, made.folio.lower())
        row = await session.get_one(DeskTicket, (here.unit.id, ticket.id))
        assert (ticket.number, row.person_id, row.due_at, row.room) == ("A-001", who.id, made.start_at, 1)
        assert row.rank_at == made.start_at
        assert await status_of(session, made) == "booked"
        await counters.open_counter(session, here.desk, Seat(here.unit.id, 1), [SERVICE])
        await attended(session, here, ticket)
    assert await status_of(session, made) == "attended"
    assert await events_of(session, made) == ["appointment.attended"]
    # A follow-up may be booked at once, though the time of this one is still to come.
    assert await session.get(ActiveAppointment, (who.id, SERVICE)) is None


async def test_each_reason_against_a_check_in_says_what_to_do(session: AsyncSession) -> None:
    here, there = await clinic(session), await clinic(session)
    _who, elsewhere = await patient(session, there)
    there.unit.latitude, there.unit.longitude, here.unit.latitude, here.unit.longitude = 19.43, -99.13, 19.45, -99.13
    _who, cancelled = await patient(session, here)
    await reschedule.cancel(session, here.desk, cancelled.folio, "other", places.once())
    _who, affected = await patient(session, here, minutes=60)
    await closures.close(
        session,
        places.staff(Role.SUPERVISOR, here.unit),
        unit_id=here.unit.id,
        room=1,
        shift=None,
        starts_at=NINE + timedelta(minutes=60),
        ends_at=NINE + timedelta(minutes=75),
        reason="leave",
    )
    _who, today = await patient(session, here, minutes=120)
    with pytest.raises(problems.AppointmentOnAnotherDay) as refused:
        await check_in(session, here.desk, here.unit.id, today.folio)
    assert refused.value.extra == {"on_date": "2026-10-06"}
    with at_nine():
        with pytest.raises(problems.AppointmentElsewhere) as far:
            await check_in(session, here.desk, here.unit.id, elsewhere.folio)
        assert (far.value.extra["unit_name"], far.value.extra["km"]) == (there.unit.name, 2.2)
        with pytest.raises(problems.AppointmentNotOpen) as ended:
            await check_in(session, here.desk, here.unit.id, cancelled.folio)
        assert ended.value.extra == {"appointment_status": "cancelled"}
        with pytest.raises(problems.AppointmentClosed):
            await check_in(session, here.desk, here.unit.id, affected.folio)
        for unknown in ("C-0000-0000-0000", "nothing", ""):
            with pytest.raises(NotFound):
                await check_in(session, here.desk, here.unit.id, unknown)
        with pytest.raises(WrongRole):
            await check_in(session, there.desk, here.unit.id, today.folio)
        await check_in(session, here.desk, here.unit.id, today.folio)
        with pytest.raises(problems.AlreadyWaiting):
            await check_in(session, here.desk, here.unit.id, today.folio)


async def test_older_people_are_moved_forward_without_asking(session: AsyncSession) -> None:
    here = await clinic(session)
    _who, made = await patient(session, here, minutes=20, birth_on=date(1966, 10, 6))
    young, _made = await patient(session, here, minutes=40, birth_on=date(1966, 10, 7))
    with at_nine():
        ticket = await check_in(session, here.desk, here.unit.id, made.folio)
        row = await session.get_one(DeskTicket, (here.unit.id, ticket.id))
        assert (row.is_protected, row.rank_at) == (True, made.start_at - timedelta(minutes=15))
        other = await arrivals.take_number(session, here.desk, here.unit.id, "dental", person_id=young.id)
        assert not (await session.get_one(DeskTicket, (here.unit.id, other.id))).is_protected


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_one_is_protected_from_the_sixtieth_birthday_on(birth_on: date, today: date) -> None:
    years = today.year - birth_on.year - ((today.month, today.day) < (birth_on.month, birth_on.day))
    assert is_protected_age(birth_on, today) == (years >= 60)


async def test_only_their_doctor_calls_a_patient_until_any_room_may(session: AsyncSession) -> None:
    here = await clinic(session, 2)
    _who, made = await patient(session, here, room=1)
    with at_nine():
        ticket = await check_in(session, here.desk, here.unit.id, made.folio)
        other = here.staff[1]
        await counters.open_counter(session, other, Seat(here.unit.id, 2), [SERVICE])
        with pytest.raises(problems.QueueIsEmpty):
            await calls.call_next(session, other.staff_id, "call-other-1")
        await departures.let_any_room_attend(session, here.desk, TicketRef(here.unit.id, ticket.id))
        assert (await calls.call_next(session, other.staff_id, "call-other-2")).id == ticket.id


async def test_missed_only_after_the_tolerance_and_never_by_who_took_a_ticket(session: AsyncSession) -> None:
    here = await clinic(session)
    _who, made = await patient(session, here)
    _who, came = await patient(session, here, minutes=15)
    with at_nine(9.9), pytest.raises(problems.NotYetMissed):
        await attendance.record_missed(session, here.desk, made.folio)
    with at_nine(40):
        await attendance.record_missed(session, here.desk, made.folio)
        assert (await status_of(session, made), await events_of(session, made)) == ("missed", ["appointment.missed"])
        with pytest.raises(AppointmentEnded):
            await attendance.record_missed(session, here.desk, made.folio)
        ticket = await check_in(session, here.desk, here.unit.id, came.folio)
        with pytest.raises(problems.PersonIsHere) as refused:
            await attendance.record_missed(session, here.desk, came.folio)
        assert ticket.number in refused.value.text()


async def test_who_comes_after_being_taken_for_absent_is_checked_in(session: AsyncSession) -> None:
    here = await clinic(session)
    _who, made = await patient(session, here)
    with at_nine(30):
        await attendance.record_missed(session, here.desk, made.folio)
        await check_in(session, here.desk, here.unit.id, made.folio)
        assert await status_of(session, made) == "booked"


async def test_the_doctors_list_records_and_corrects(session: AsyncSession) -> None:
    here, there = await clinic(session), await clinic(session)
    _who, made = await patient(session, here)
    with pytest.raises(problems.NotYetAttended):
        await attendance.record_attended(session, here.desk, made.folio)
    with at_nine(20):
        ticket = await check_in(session, here.desk, here.unit.id, made.folio)
        with pytest.raises(NotFound):
            await attendance.record_attended(session, there.desk, made.folio)
        await attendance.record_attended(session, here.desk, made.folio)
        row = await session.get_one(DeskTicket, (here.unit.id, ticket.id), populate_existing=True)
        # Attended without having been called: how long it took isn't known.
        assert (row.status, row.served_at) == ("done", None)
        left = select(EventRow.payload["outcome"].astext).where(EventRow.subject_id == ticket.id)
        assert list(await session.scalars(left.where(EventRow.type == "ticket.left"))) == ["unended"]
    _who, other = await patient(session, here, minutes=60)
    with at_nine(100):
        for record in (attendance.record_attended, attendance.record_missed, attendance.record_attended):
            await record(session, here.desk, other.folio)
    assert await events_of(session, other) == ["appointment.attended", "appointment.missed", "appointment.attended"]


async def test_who_never_checked_in_is_not_attended_hours_before(session: AsyncSession) -> None:
    here = await clinic(session)
    _who, made = await patient(session, here, minutes=120)
    with at_nine(85), pytest.raises(problems.NotYetAttended) as refused:
        await attendance.record_attended(session, here.desk, made.folio)
    assert "no ha registrado su llegada" in refused.value.text()
    with at_nine(91):
        await attendance.record_attended(session, here.desk, made.folio)
    _who, early = await patient(session, here, minutes=150)
    with at_nine(60):
        await check_in(session, here.desk, here.unit.id, early.folio)
        await attendance.record_attended(session, here.desk, early.folio)
        assert await status_of(session, early) == "attended"


async def test_a_slip_on_attended_does_not_shut_the_person_out(session: AsyncSession) -> None:
    """Until the hour of the appointment, and only where no one checked in for it."""
    here = await clinic(session)
    _who, made = await patient(session, here, minutes=30)
    _who, seen = await patient(session, here, minutes=45)
    with at_nine(10):
        await attendance.record_attended(session, here.desk, made.folio)
    with at_nine(20):
        ticket = await check_in(session, here.desk, here.unit.id, made.folio)
        assert ticket.number == "A-001"
        assert await status_of(session, made) == "booked"
        await attendance.record_attended(session, here.desk, made.folio)
        with pytest.raises(problems.AppointmentNotOpen):
            await check_in(session, here.desk, here.unit.id, made.folio)
        await attendance.record_attended(session, here.desk, seen.folio)
    with at_nine(46), pytest.raises(problems.AppointmentNotOpen):
        await check_in(session, here.desk, here.unit.id, seen.folio)


async def test_a_check_in_and_an_absence_at_once_agree(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session)
        made = [(await patient(session, here, minutes=15 * n))[1] for n in range(6)]

    async def arrive(folio: str) -> None:
        async with kernel_db.transaction() as session:
            await check_in(session, here.desk, here.unit.id, folio)

    async def miss(folio: str) -> None:
        async with kernel_db.transaction() as session:
            await attendance.record_missed(session, here.desk, folio)

    with at_nine(240):
        await asyncio.gather(*(act(one.folio) for one in made for act in (arrive, miss)), return_exceptions=True)
    async with db.transaction() as session:
        for one in made:
            theirs = select(DeskTicket).where(DeskTicket.appointment_folio == one.folio)
            assert (await status_of(session, one), len(list(await session.scalars(theirs)))) == ("booked", 1)


async def test_an_appointment_moved_after_check_in_is_another_day_s(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session)
        _who, made = await patient(session, here, minutes=60)
        await places.seats(session, here.unit, start_at=NINE + timedelta(days=1))
    with at_nine():
        async with db.transaction() as session:
            ticket = await check_in(session, here.desk, here.unit.id, made.folio)
            to = reschedule.NewTime(1, NINE + timedelta(days=1))
            await reschedule.move(session, here.desk, made.folio, to, places.once())
            await counters.open_counter(session, here.desk, Seat(here.unit.id, 1), [SERVICE])
            await attended(session, here, ticket)
            assert await status_of(session, made) == "booked"
    with at_nine(24 * 60):
        async with db.transaction() as session:
            # Yesterday's ticket says nothing about today: the same appointment may be checked in, and missed.
            async with session.begin_nested() as tried:
                assert (await check_in(session, here.desk, here.unit.id, made.folio)).number == "A-001"
                await tried.rollback()
            # A walk-in, so that the desk is known to have been open.
            await walk_in(session, here, "window")
    with time_machine.travel(datetime(2026, 10, 8, 6, 1, tzinfo=UTC)):
        await end_all(db)
        async with db.transaction() as session:
            assert await status_of(session, made) == "missed"


async def end_all(db: Database) -> None:
    """What the hourly job does; the database's clock isn't the test's, and a job runs only where they agree."""
    async with db.transaction() as session:
        for unit_id in await units_with_ended_days(session):
            await end_days(session, unit_id)


async def test_the_end_of_the_day_ends_what_is_open_once(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session, 3)
        quiet = await places.unit(session)
        seen, absent, closed, unserved = [(await patient(session, here, minutes=15 * n))[1] for n in range(4)]
        elsewhere = await _at(session, quiet)
        # On a day without arrivals, at a unit that has some on the next.
        _who, before = await patient(session, here, minutes=60 - 24 * 60)
    with at_nine(60):
        async with db.transaction() as session:
            for number, actor in enumerate(here.staff, 1):
                await counters.open_counter(session, actor, Seat(here.unit.id, number), [SERVICE, "window"])
            first = await check_in(session, here.desk, here.unit.id, seen.folio)
            await attended(session, here, first)
            await check_in(session, here.desk, here.unit.id, unserved.folio)
            called, serving, parked, waiting = [await walk_in(session, here, "window") for _ in range(4)]
            await calls.call_ticket(session, here.staff[0], TicketRef(here.unit.id, called.id))
            await calls.call_ticket(session, here.staff[1], TicketRef(here.unit.id, serving.id))
            await calls.serve(session, here.staff[1], TicketRef(here.unit.id, serving.id))
            await departures.park(session, here.desk, TicketRef(here.unit.id, parked.id))
            hit = update(Appointment).where(Appointment.folio == closed.folio)
            await session.execute(hit.values(affected="leave"))
    with time_machine.travel(datetime(2026, 10, 7, 5, 59, tzinfo=UTC)):  # a minute to midnight
        await end_all(db)
        async with db.transaction() as session:
            assert await status_of(session, absent) == "booked"
    with time_machine.travel(datetime(2026, 10, 7, 6, 1, tzinfo=UTC)):
        for _ in range(2):
            await end_all(db)
        async with db.transaction() as session:
            assert [await status_of(session, one) for one in (seen, absent, closed, unserved, elsewhere, before)] == [
                *("attended", "missed", "unserved", "unserved", "booked", "booked")
            ]
            assert await events_of(session, absent) == ["appointment.missed"]
            ended = {
                row.id: (row.status, row.left_because, row.ended_at)
                for row in await session.scalars(select(DeskTicket).where(DeskTicket.unit_id == here.unit.id))
            }
            last = datetime(2026, 10, 7, 5, 59, 59, tzinfo=UTC)
            assert [ended[one.id] for one in (called, serving, parked, waiting)] == [
                ("left", "no-answer", last),
                ("done", None, last),
                ("left", "gave-up", last),
                ("left", "closed", last),
            ]
            assert set(await session.scalars(select(CounterSession.status))) == {"closed"}
            outcomes = select(EventRow.payload["outcome"].astext).where(EventRow.type == "ticket.left")
            assert sorted(await session.scalars(outcomes)) == sorted(
                ["done", "no-answer", "unended", "gave-up", "closed", "closed"]
            )


async def _at(session: AsyncSession, quiet: Unit) -> AppointmentOut:
    await places.seats(session, quiet, start_at=NINE)
    return await places.booked(session, await places.person(session, quiet), places.place(quiet, NINE))
