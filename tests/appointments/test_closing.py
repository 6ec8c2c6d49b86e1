"""Schedules end and change, days off and units out of operation close what is there, and whom it hits knows."""

import asyncio
from datetime import date, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import problems
from app.appointments.models import Schedule
from app.appointments.queries import availability, unavailability
from app.appointments.queries.own import own_appointment
from app.appointments.service import (
    booking,
    closures,
    days_off,
    default_schedules,
    eligibility,
    generation,
    reschedule,
    schedules,
)
from app.appointments.service.days_off import add_holiday, remove_holiday, sync_unit_operation
from app.appointments.service.reschedule import NewTime
from app.appointments.service.schedules import correct_schedule, end_schedule, open_schedule
from app.kernel import clock, ids
from app.kernel.actor import Role
from app.kernel.db import transaction
from app.kernel.problems import Invalid, NotFound, Problem, Stale
from tests.appointments import factories as places
from tests.appointments.week import DAYS, FRIDAY, MONDAY, TEST, THURSDAY, at, close, happened, opened, states
from tests.conftest import Database
from tests.waiting import until_a_session_waits

pytestmark = pytest.mark.usefixtures("working_days")


async def test_an_ended_schedule_keeps_its_last_day_and_lists_whom_it_hits(session: AsyncSession) -> None:
    unit, schedule = await opened(session)
    ana, eva, luz = [await places.person(session, unit) for _ in range(3)]
    stays = await places.booked(session, ana, places.place(unit, at(THURSDAY, 8)))
    hit = await places.booked(session, eva, places.place(unit, at(FRIDAY, 8)))
    stored = await places.held(session, places.citizen(luz), luz, places.place(unit, at(FRIDAY, 9)))
    ended = await end_schedule(session, TEST, schedule.id, THURSDAY, version=1, horizon_days=DAYS)
    assert [(one.folio, one.reason) for one in ended.affected] == [(hit.folio, "schedule")]
    assert (ended.schedule.version, ended.schedule.valid_to, ended.removed, ended.made) == (2, THURSDAY, 7, 0)
    days = await session.execute(
        text("SELECT on_date, state, count(*) FROM seat WHERE on_date >= :d GROUP BY 1, 2"), {"d": THURSDAY}
    )
    assert {tuple(row) for row in days} == {(THURSDAY, "free", 3), (THURSDAY, "booked", 1), (FRIDAY, "booked", 1)}
    with pytest.raises(problems.HoldExpired):
        await booking.book(session, places.citizen(luz), luz.id, stored.value.id, places.once())
    assert [one["folio"] for one in await happened(session, "appointment.affected")] == [hit.folio]
    own = await own_appointment(session, places.citizen(eva), hit.folio)
    assert (own.status, own.affected) == ("booked", "schedule")
    assert (await own_appointment(session, places.citizen(ana), stays.folio)).affected is None
    assert await generation.generate_slots(session, horizon_days=DAYS, unit_id=unit.id) == 0
    # Once moved it is well again, and the seat it leaves is closed.
    await reschedule.move(session, places.citizen(eva), hit.folio, NewTime(1, at(THURSDAY, 8, 30)), places.once())
    assert (await own_appointment(session, places.citizen(eva), hit.folio)).affected is None
    assert await states(session) == {"free": 10, "booked": 2, "closed": 1}
    # The room is free for another use from Friday on.
    await places.schedule(session, unit, valid_from=FRIDAY, slot_minutes=20, horizon_days=DAYS)


@pytest.mark.parametrize("last_day", [date(2026, 1, 1), MONDAY, date(2026, 10, 31)])
async def test_it_ends_only_on_one_of_its_days_to_come(session: AsyncSession, last_day: date) -> None:
    _unit, schedule = await opened(session)  # from Tuesday on
    limit = {"valid_to": date(2026, 10, 30)}
    await correct_schedule(session, TEST, schedule.id, limit, version=1, horizon_days=DAYS)
    before = await states(session)
    with pytest.raises(Invalid) as refused:
        await end_schedule(session, TEST, schedule.id, last_day, version=2, horizon_days=DAYS)
    assert [one.field for one in refused.value.fields] == ["last_day"]
    assert (schedule.valid_to, schedule.version, await states(session)) == (limit["valid_to"], 2, before)


async def test_what_is_as_it_was_changes_nothing_and_what_is_over_stays(session: AsyncSession) -> None:
    _unit, schedule = await opened(session)
    for same in ({}, {"starts": schedule.starts, "valid_to": None}):
        done = await correct_schedule(session, TEST, schedule.id, same, version=1, horizon_days=DAYS)
        assert (done.schedule.version, done.removed, done.made) == (1, 0, 0)
    assert await happened(session, "schedule.changed") == []
    past = {"valid_to": MONDAY - timedelta(days=1)}
    with pytest.raises(Invalid):
        await correct_schedule(session, TEST, schedule.id, past, version=1, horizon_days=DAYS)
    schedule.valid_from = date(2026, 9, 1)
    await session.flush()
    with pytest.raises(Invalid):
        await end_schedule(session, TEST, schedule.id, past["valid_to"], version=1, horizon_days=DAYS)
    schedule.valid_to = MONDAY - timedelta(days=1)
    await session.flush()
    for change in ({}, {"valid_to": None}, {"capacity": 2}):
        with pytest.raises(problems.ScheduleEnded):
            await correct_schedule(session, TEST, schedule.id, change, version=1, horizon_days=DAYS)
    with pytest.raises(problems.ScheduleEnded):
        await end_schedule(session, TEST, schedule.id, FRIDAY, version=1, horizon_days=DAYS)


async def test_a_corrected_schedule_keeps_what_fits(session: AsyncSession) -> None:
    unit, schedule = await opened(session)
    ana, eva = await places.person(session, unit), await places.person(session, unit)
    fits = await places.booked(session, ana, places.place(unit, at(FRIDAY, 9)))
    hit = await places.booked(session, eva, places.place(unit, at(FRIDAY, 8)))
    with pytest.raises(Stale):
        await correct_schedule(session, TEST, schedule.id, {}, version=7, horizon_days=DAYS)
    change = {"starts": time(8, 30), "ends": time(11), "capacity": 2}
    done = await correct_schedule(session, TEST, schedule.id, change, version=1, horizon_days=DAYS)
    assert [one.folio for one in done.affected] == [hit.folio]
    rows = await session.execute(
        text("SELECT start_at, seat, state FROM seat WHERE on_date = :day ORDER BY 1, 2"), {"day": FRIDAY}
    )
    grid = [(at(FRIDAY, 8), 1, "booked")]
    grid += [(at(FRIDAY, 8, 30) + timedelta(minutes=30 * n), s, "free") for n in range(5) for s in (1, 2)]
    grid[grid.index((at(FRIDAY, 9), 1, "free"))] = (at(FRIDAY, 9), 1, "booked")
    assert [tuple(row) for row in rows] == grid
    # Corrected back, the appointment stands again and its person hears of it.
    back = {"starts": time(8), "ends": time(10), "capacity": 1}
    done = await correct_schedule(session, TEST, schedule.id, back, version=2, horizon_days=DAYS)
    assert done.affected == []
    assert [one["folio"] for one in await happened(session, "appointment.reinstated")] == [hit.folio]
    assert (await own_appointment(session, places.citizen(ana), fits.folio)).affected is None
    assert await states(session) == {"free": 18, "booked": 2}


async def test_another_length_or_service_makes_other_seats(session: AsyncSession) -> None:
    _unit, schedule = await opened(session)
    change = {"slot_minutes": 20, "service": "dental", "weekdays": [4, 5]}
    await correct_schedule(session, TEST, schedule.id, change, version=None, horizon_days=DAYS)
    rows = await session.execute(
        text("SELECT on_date, service, minutes, count(*) FROM seat GROUP BY 1, 2, 3 ORDER BY 1")
    )
    assert [tuple(row) for row in rows] == [(THURSDAY, "dental", 20, 6), (FRIDAY, "dental", 20, 6)]


async def test_a_correction_into_another_schedule_s_hours_is_refused(session: AsyncSession) -> None:
    unit, schedule = await opened(session)
    await places.schedule(session, unit, starts=time(10), ends=time(12), horizon_days=1)
    with pytest.raises(problems.ScheduleOverlaps):
        await correct_schedule(session, TEST, schedule.id, {"ends": time(11)}, version=None, horizon_days=DAYS)


async def test_a_room_that_does_not_exist_is_refused(session: AsyncSession) -> None:
    unit, _schedule = await opened(session)
    with pytest.raises(problems.RoomUnknown):
        await close(session, unit, room=99)
    made = Schedule(
        id=ids.new_id(), unit_id=unit.id, room=99, shift="M", service="dental", weekdays=[1], starts=time(8),
        ends=time(9), slot_minutes=30, capacity=1, valid_from=MONDAY, valid_to=None,
    )  # fmt: skip
    with pytest.raises(problems.RoomUnknown):
        await open_schedule(session, TEST, made, horizon_days=DAYS)
    async with session.begin_nested() as undo:
        with pytest.raises(IntegrityError, match="fk_schedule_unit_id_room_room"):
            await session.execute(text("UPDATE schedule SET room = 99"))
        await undo.rollback()


async def test_closures_are_listed_and_removed_and_each_person_is_notified_once(session: AsyncSession) -> None:
    unit, _schedule = await opened(session)
    ana = await places.person(session, unit)
    booked = await places.booked(session, ana, places.place(unit, at(FRIDAY, 8)))
    room, whole = await close(session, unit, room=1), await close(session, unit)
    assert [one.reason for one in room.affected] == ["maintenance"]
    listed = await closures.exceptions_of(session, TEST, unit.id, clock.now())
    assert [one.id for one in listed] == [room.id, whole.id]
    assert await closures.exceptions_of(session, TEST, unit.id, at(FRIDAY, 0) + timedelta(days=1)) == []
    assert [one.folio for one in await closures.affected_at(session, TEST, unit.id, limit=9)] == [booked.folio]
    assert len(await happened(session, "appointment.affected")) == 1
    await closures.reopen(session, TEST, room.id)
    assert (await own_appointment(session, places.citizen(ana), booked.folio)).affected == "maintenance"
    await closures.reopen(session, TEST, whole.id)
    assert (await own_appointment(session, places.citizen(ana), booked.folio)).affected is None
    assert len(await happened(session, "appointment.reinstated")) == 1
    assert (await states(session)).get("closed") is None


@pytest.mark.parametrize("agency", [True, False])
async def test_a_day_off_added_afterwards_closes_its_seats(session: AsyncSession, agency: bool) -> None:
    unit, _schedule = await opened(session)
    other = await places.unit(session)
    await places.schedule(session, other, horizon_days=DAYS, valid_from=FRIDAY)
    ana = await places.person(session, unit)
    booked = await places.booked(session, ana, places.place(unit, at(FRIDAY, 8)))
    off = await add_holiday(session, TEST, unit_id=None if agency else unit.id, on_date=FRIDAY, name="Aniversario")
    assert [(one.folio, one.reason) for one in off.affected] == [(booked.folio, "holiday")]
    assert off.closed_seats == (8 if agency else 4)
    assert [one.name for one in await days_off.holidays_of(session, TEST, unit.id, MONDAY)] == ["Aniversario"]
    with pytest.raises(problems.DayOffExists):
        await add_holiday(session, TEST, unit_id=None if agency else unit.id, on_date=FRIDAY, name="Otra vez")
    eva = await places.person(session, unit)
    with pytest.raises(problems.SlotTaken):
        await places.held(session, places.citizen(eva), eva, places.place(unit, at(FRIDAY, 9)))
    holiday = await days_off.own_holiday(session, TEST, off.id)
    assert [one.folio for one in await days_off.affected_by_holiday(session, holiday)] == [booked.folio]
    # A closure of the same day keeps it closed when the day off is taken back.
    room = await close(session, unit, room=1)
    await remove_holiday(session, TEST, off.id)
    assert (await states(session)).get("closed") == 3
    await closures.reopen(session, TEST, room.id)
    assert (await states(session)).get("closed") is None
    assert (await own_appointment(session, places.citizen(ana), booked.folio)).affected is None


async def test_only_who_runs_the_unit_may_and_the_agency_s_days_are_for_who_runs_all(session: AsyncSession) -> None:
    unit, schedule = await opened(session)
    other = await places.unit(session)
    boss, stranger = places.staff(Role.SUPERVISOR, unit), places.staff(Role.SUPERVISOR, other)
    made = await close(session, unit)
    for refused, error in (
        (closures.exceptions_of(session, stranger, unit.id, clock.now()), problems.UnitNotManaged),
        (closures.affected_at(session, stranger, unit.id, limit=5), problems.UnitNotManaged),
        (days_off.holidays_of(session, stranger, unit.id, MONDAY), problems.UnitNotManaged),
        (closures.own_exception(session, stranger, made.id), NotFound),
        (schedules.own_schedule(session, stranger, schedule.id), NotFound),
        (add_holiday(session, boss, unit_id=None, on_date=FRIDAY, name="x"), problems.UnitNotManaged),
    ):
        with pytest.raises(error):
            await refused
    await add_holiday(session, boss, unit_id=unit.id, on_date=FRIDAY, name="Fiesta")


async def test_a_unit_out_of_operation_neither_generates_nor_books(session: AsyncSession) -> None:
    unit, schedule = await opened(session)
    ana, eva = await places.person(session, unit), await places.person(session, unit)
    booked = await places.booked(session, ana, places.place(unit, at(FRIDAY, 8)))
    stored = await places.held(session, places.citizen(eva), eva, places.place(unit, at(FRIDAY, 9)))
    unit.is_operating = False
    await session.flush()
    await sync_unit_operation(session)
    await sync_unit_operation(session)
    assert [one["reason"] for one in await happened(session, "appointment.affected")] == ["unit"]
    assert [one.folio for one in await closures.affected_at(session, TEST, unit.id, limit=9)] == [booked.folio]
    assert await generation.generate_slots(session, horizon_days=DAYS + 9, unit_id=unit.id) == 0
    assert await generation.generate_slots(session, horizon_days=DAYS + 9) == 0
    for refused in (
        booking.book(session, places.citizen(eva), eva.id, stored.value.id, places.once()),
        places.held(session, places.citizen(eva), eva, places.place(unit, at(FRIDAY, 9, 30))),
        reschedule.move(session, places.citizen(ana), booked.folio, NewTime(1, at(THURSDAY, 8)), places.once()),
        eligibility.require_eligible(session, places.citizen(eva), eva.id, unit.id, "family-medicine"),
        places.schedule(session, unit, room=2),
        default_schedules.open_default_schedules(session, TEST, unit.id, horizon_days=DAYS),
    ):
        with pytest.raises(problems.UnitNotOperating):
            await refused
    own, soon = availability.Own(person_id=eva.id), clock.now()
    assert (
        await availability.free_days(
            session, unit.id, "family-medicine", own=own, first=MONDAY, last=date.max, earliest=soon
        )
        == []
    )
    assert (
        await availability.free_times(
            session, unit.id, "family-medicine", FRIDAY, own=own, last=date.max, earliest=soon
        )
        == []
    )
    assert (
        await availability.nearest_free(session, unit.id, "family-medicine", at(FRIDAY, 9), eva.id, last=date.max) == []
    )
    why = await unavailability.explain_unavailability(session, unit.id, "family-medicine", today=MONDAY, last=FRIDAY)
    assert (why.reason, why.rooms, why.opens_at, why.walk_in_from) == ("not-operating", 0, None, None)
    unit.is_operating = True
    await session.flush()
    await generation.generate_slots(session, horizon_days=DAYS, unit_id=unit.id)
    assert [one["folio"] for one in await happened(session, "appointment.reinstated")] == [booked.folio]
    assert schedule.version == 1


async def test_the_database_lets_no_one_have_a_closed_seat(session: AsyncSession) -> None:
    unit, _schedule = await opened(session)
    ana = await places.person(session, unit)
    await close(session, unit)
    held = "state = 'held', holder_id = :who, hold_id = gen_random_uuid(), held_until = now()"
    booked = "state = 'booked', holder_id = :who, appointment_id = gen_random_uuid()"
    for change in (held, booked, "state = 'free'", f"{held}, closed_by = NULL"):
        undo = await session.begin_nested()
        with pytest.raises(IntegrityError, match=r"closed_is_not_offered|seat is closed"):
            await session.execute(
                text(f"UPDATE seat SET {change} WHERE on_date = :day AND state = 'closed'"),
                {"who": ana.id, "day": FRIDAY} if ":who" in change else {"day": FRIDAY},
            )
        await undo.rollback()


async def test_a_booking_that_races_a_closure_is_refused_or_listed(db: Database) -> None:
    """Twelve people confirm, move or hold while a room is closed: who got a time there is on the list and notified."""
    async with transaction() as session:
        unit, _schedule = await opened(session)
        await places.schedule(session, unit, room=2, starts=time(8), ends=time(14), slot_minutes=15, horizon_days=DAYS)
        people = [await places.person(session, unit) for _ in range(12)]
        times = [at(FRIDAY, 8) + timedelta(minutes=15 * n) for n in range(12)]
        stored: dict[UUID, UUID | str] = {}
        for number, (who, start) in enumerate(zip(people, times, strict=True)):
            if number % 3 == 2:
                stored[who.id] = (
                    await places.booked(
                        session, who, places.place(unit, at(THURSDAY, 8) + timedelta(minutes=15 * number), room=2)
                    )
                ).folio
            else:
                hold = await places.held(session, places.citizen(who), who, places.place(unit, start, room=2))
                stored[who.id] = hold.value.id

    async def act(number: int) -> str | None:
        who, start = people[number], times[number]
        await asyncio.sleep(0.004 * (number % 5))
        async with transaction() as session:
            try:
                if number % 3 == 2:
                    to = NewTime(2, start)
                    done = await reschedule.move(session, places.citizen(who), str(stored[who.id]), to, places.once())
                else:
                    done = await booking.book(session, places.citizen(who), who.id, stored[who.id], places.once())  # type: ignore[arg-type] # a hold
            except Problem:
                return None
            return done.value.folio

    async def shut() -> closures.Closed:
        await asyncio.sleep(0.006)
        async with transaction() as session:
            return await close(session, unit, room=2)

    shutting = asyncio.ensure_future(shut())
    got = await asyncio.gather(*[act(number) for number in range(12)])
    closed = await shutting
    async with transaction() as session:
        there = await session.scalars(
            text("SELECT folio FROM appointment WHERE room = 2 AND on_date = :day AND status = 'booked'"),
            {"day": FRIDAY},
        )
        booked = sorted(there.all())
        assert booked == sorted(one.folio for one in closed.affected)
        assert booked == sorted(folio for folio in got if folio)
        assert sorted(one["folio"] for one in await happened(session, "appointment.affected")) == booked
        open_seats = await session.scalar(
            text("SELECT count(*) FROM seat WHERE room = 2 AND on_date = :day AND state IN ('free', 'held')"),
            {"day": FRIDAY},
        )
        assert open_seats == 0


async def test_seats_made_while_a_closure_is_written_are_closed(db: Database) -> None:
    async with transaction() as session:
        unit, _schedule = await opened(session)
        await session.execute(text("DELETE FROM seat"))
    wait = asyncio.Event()

    async def shut() -> None:
        async with transaction() as session:
            await close(session, unit)
            wait.set()
            await until_a_session_waits(db)

    async def make_them() -> None:
        await wait.wait()
        async with transaction() as session:
            await generation.generate_slots(session, horizon_days=DAYS, unit_id=unit.id)

    await asyncio.gather(shut(), make_them())
    async with transaction() as session:
        count = text("SELECT state FROM seat WHERE on_date = :day GROUP BY 1")
        assert (await session.scalars(count, {"day": FRIDAY})).all() == ["closed"]


@pytest.mark.parametrize("first_ends", [True, False])
async def test_closed_twice_and_opened_once_it_says_what_is_left(session: AsyncSession, first_ends: bool) -> None:
    unit, _schedule = await opened(session)
    ana = await places.person(session, unit)
    hit = await places.booked(session, ana, places.place(unit, at(FRIDAY, 8)))
    begin, end = at(FRIDAY, 0), at(FRIDAY, 12)
    leave = await closures.close(
        session, TEST, unit_id=unit.id, room=1, shift=None, reason="leave", starts_at=begin, ends_at=end
    )
    works = await close(session, unit)
    holiday = await add_holiday(session, TEST, unit_id=unit.id, on_date=FRIDAY, name="Fiesta")

    async def reason() -> str | None:
        return (await own_appointment(session, places.citizen(ana), hit.folio)).affected

    assert await reason() == "leave"
    first, then = (leave, works) if first_ends else (works, leave)
    await closures.reopen(session, TEST, first.id)
    assert await reason() == ("maintenance" if first_ends else "leave")
    await closures.reopen(session, TEST, then.id)
    assert await reason() == "holiday"
    assert await happened(session, "appointment.reinstated") == []
    await remove_holiday(session, TEST, holiday.id)
    assert await reason() is None
    assert [one["folio"] for one in await happened(session, "appointment.reinstated")] == [hit.folio]
    assert len(await happened(session, "appointment.affected")) == 1, "notified once"
