"""Open seats of a room never overlap: the database refuses them, and generation makes none."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Schedule
from app.appointments.problems import SeatsOverlap
from app.appointments.service import closures
from app.kernel import ids
from app.kernel.db_errors import problem_of
from app.places.models import Unit
from tests.appointments import factories
from tests.appointments.week import DAYS, FRIDAY, TEST, at, close, opened
from tests.conftest import Database
from tests.waiting import until_a_session_waits

pytestmark = pytest.mark.usefixtures("working_days")

ADD = text(
    """
    INSERT INTO seat (unit_id, room, start_at, seat, service, shift, on_date, minutes, state, closed_by)
    VALUES (:unit_id, :room, :start_at, :seat, :service, 'M', :on_date, :minutes,
        CASE WHEN CAST(:closed_by AS uuid) IS NULL THEN 'free' ELSE 'closed' END, :closed_by)
    """
)
NINE = at(FRIDAY, 9)


def seat(unit: Unit, start_at: datetime = NINE, minutes: int = 30, **other: Any) -> dict[str, Any]:
    usual = {"room": 1, "seat": 1, "service": "family-medicine", "on_date": FRIDAY, "closed_by": None}
    return usual | {"unit_id": unit.id, "start_at": start_at, "minutes": minutes} | other


async def is_refused(session: AsyncSession, statement: Any, *values: dict[str, Any]) -> bool:
    try:
        async with session.begin_nested():
            await session.execute(statement, list(values))
    except IntegrityError as error:
        if not isinstance(problem_of(error), SeatsOverlap):
            raise
        return True
    return False


@pytest.mark.parametrize(
    ("minute", "minutes", "other", "refused"),
    [
        (15, 30, {}, True),
        (10, 10, {}, True),
        (-15, 20, {}, True),
        (-210, 240, {}, True),
        (0, 45, {"seat": 2}, True),
        (0, 30, {"seat": 2, "service": "dental"}, True),
        (0, 30, {"seat": 2}, False),
        (30, 30, {}, False),
        (-30, 30, {}, False),
        (15, 30, {"room": 2}, False),
        (15, 30, {"closed_by": ids.new_id()}, False),
    ],
    ids=[
        "begins within", "lies within", "ends within", "covers it", "same time, another length",
        "same time, another service", "a second place", "just after", "just before", "another room", "closed",
    ],
)  # fmt: skip
async def test_a_seat_over_an_open_one(
    session: AsyncSession, minute: int, minutes: int, other: dict[str, Any], refused: bool
) -> None:
    unit = await factories.unit(session)
    await session.execute(ADD, seat(unit))
    added = seat(unit, NINE + timedelta(minutes=minute), minutes, **other)
    assert await is_refused(session, ADD, added) == refused
    elsewhere = await factories.unit(session)
    assert not await is_refused(session, ADD, added | {"unit_id": elsewhere.id})


async def test_the_longest_seat_is_seen_to_its_end(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    await session.execute(ADD, seat(unit, minutes=240))
    assert await is_refused(session, ADD, seat(unit, NINE + timedelta(minutes=235), 5))
    assert not await is_refused(session, ADD, seat(unit, NINE + timedelta(minutes=240), 5))
    for minutes in (4, 241):
        with pytest.raises(IntegrityError, match="ck_seat_minutes"):
            async with session.begin_nested():
                await session.execute(ADD, seat(unit, at(FRIDAY, 15), minutes))


async def test_two_seats_of_one_statement(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    both = text(
        """
        INSERT INTO seat (unit_id, room, start_at, seat, service, shift, on_date, minutes)
        SELECT :unit_id, 1, CAST(:start_at AS timestamptz) + n * interval '10 minutes', 1, 'dental', 'M',
            CAST(:on_date AS date), 15 FROM generate_series(0, 1) n
        """
    )
    asked = {"unit_id": unit.id, "start_at": NINE, "on_date": FRIDAY}
    assert await is_refused(session, both, asked)


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ("closed_by = NULL, state = 'free'", True),
        ("closed_by = NULL, state = 'free', start_at = start_at + interval '15 minutes'", False),
        ("closed_by = NULL, state = 'free', room = 2", False),
        ("minutes = 60", False),
    ],
    ids=["opened", "opened after it", "opened in another room", "still closed"],
)
async def test_a_closed_seat_over_an_open_one(session: AsyncSession, change: str, refused: bool) -> None:
    unit = await factories.unit(session)
    await session.execute(ADD, [seat(unit), seat(unit, NINE + timedelta(minutes=15), closed_by=ids.new_id())])
    changing = text(f"UPDATE seat SET {change} WHERE unit_id = :unit_id AND closed_by IS NOT NULL")
    assert await is_refused(session, changing, {"unit_id": unit.id}) == refused


@pytest.mark.parametrize(
    "change", ["minutes = 45", "start_at = start_at + interval '15 minutes'", "service = 'dental'"]
)
async def test_an_open_seat_changed_into_another(session: AsyncSession, change: str) -> None:
    unit = await factories.unit(session)
    await session.execute(ADD, [seat(unit), seat(unit, seat=2), seat(unit, NINE + timedelta(minutes=30))])
    changing = text(f"UPDATE seat SET {change} WHERE unit_id = :unit_id AND start_at = :start_at AND seat = 1")
    assert await is_refused(session, changing, {"unit_id": unit.id, "start_at": NINE})


async def test_of_two_that_add_at_once_one_is_refused(db: Database) -> None:
    async with db.transaction() as session:
        unit = await factories.unit(session)

    added = asyncio.Barrier(2)

    async def add(start_at: datetime) -> bool:
        async with db.transaction() as session:
            await session.execute(text("SELECT 1"))
            await added.wait()
            refused = await is_refused(session, ADD, seat(unit, start_at))
            if not refused:
                await until_a_session_waits(db)  # not committed yet: the other must wait to see it
            return refused

    refused = await asyncio.gather(add(NINE), add(NINE + timedelta(minutes=15)))
    assert sorted(refused) == [False, True]


async def test_bookings_do_not_wait_for_who_adds_seats(db: Database) -> None:
    async with db.transaction() as session:
        unit = await factories.unit(session)
        (moment, later) = await factories.seats(session, unit, count=2)
        who, other = await factories.person(session, unit), await factories.person(session, unit)
    async with db.transaction() as adding:
        await adding.execute(ADD, seat(unit))
        async with db.transaction() as session, asyncio.timeout(30):
            booked = await factories.booked(session, who, factories.place(unit, moment))
            held = await factories.held(session, factories.citizen(other), other, factories.place(unit, later))
    assert (booked.start_at, held.value.start_at) == (moment, later)


async def test_generation_leaves_out_times_that_an_open_seat_overlaps(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    await session.execute(ADD, seat(unit, at(FRIDAY, 8, 45), 30, service="dental"))
    await session.execute(ADD, seat(unit, at(FRIDAY, 8, 10), 20, closed_by=ids.new_id()))
    await session.execute(ADD, seat(unit, at(FRIDAY, 9, 30), closed_by=ids.new_id()))
    _schedule, made = await factories.schedule(session, unit, valid_from=FRIDAY, weekdays=(5,), horizon_days=DAYS)
    starts = await session.scalars(
        text("SELECT start_at FROM seat WHERE service = 'family-medicine' AND closed_by IS NULL ORDER BY 1")
    )
    # Half hours from eight to ten: 8:30 and 9:00 are in use, 9:30 is there already, closed; what is closed at 8:10 is
    # in no one's way.
    assert (made, list(starts)) == (1, [at(FRIDAY, 8)])


@pytest.mark.parametrize(
    ("zone", "night", "minutes", "local"),
    [
        ("America/Tijuana", date(2027, 3, 14), 45, ["00:00", "00:45", "03:00", "03:45"]),
        ("America/Tijuana", date(2027, 11, 7), 45, ["00:00", "00:45", "01:30", "02:15", "03:00", "03:45"]),
        ("America/Tijuana", date(2027, 11, 7), 120, ["02:00"]),
        ("America/Mexico_City", date(2027, 3, 14), 45, ["00:00", "00:45", "01:30", "02:15", "03:00", "03:45"]),
    ],
    ids=["an hour less", "an hour more between two", "an hour more within one", "no change"],
)
async def test_times_that_the_clock_change_cuts_are_left_out(
    session: AsyncSession, zone: str, night: date, minutes: int, local: list[str]
) -> None:
    with time_machine.travel(datetime(night.year, night.month, night.day, tzinfo=UTC) - timedelta(days=1)):
        unit = await factories.unit(session, timezone=zone)
        await factories.schedule(
            session, unit, valid_from=night, starts=time(0), ends=time(4, 30), weekdays=(7,), slot_minutes=minutes
        )
        found = await session.scalars(
            text("SELECT to_char(start_at AT TIME ZONE :zone, 'HH24:MI') FROM seat ORDER BY start_at"), {"zone": zone}
        )
        assert list(found) == local


async def test_what_was_closed_opens_only_where_nothing_else_is_open(session: AsyncSession) -> None:
    unit, schedule = await opened(session)
    closed = await close(session, unit)
    await session.execute(ADD, seat(unit, at(FRIDAY, 8, 45), 30))
    with pytest.raises(IntegrityError) as refused:
        async with session.begin_nested():
            await closures.reopen(session, TEST, closed.id)
    assert isinstance(problem_of(refused.value), SeatsOverlap)
    await session.execute(text("DELETE FROM seat WHERE start_at = :start_at"), {"start_at": at(FRIDAY, 8, 45)})
    await closures.reopen(session, TEST, closed.id)
    assert isinstance(await session.get(Schedule, schedule.id), Schedule)
