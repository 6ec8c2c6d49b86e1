"""Moving obeys the rules of booking, leaving out only the moved appointment."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import problems
from app.appointments.queries import availability
from app.appointments.queries.availability import Own
from app.appointments.queries.own import own_appointment
from app.appointments.service import booking, holds, reschedule
from app.appointments.service.reschedule import NewTime
from app.kernel import clock
from app.kernel.db import transaction
from app.kernel.problems import Problem
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories
from tests.examples import examples

ROOMS = {"family-medicine": 1, "dental": 2, "preventive": 3, "window": 4}
DAYS, TIMES = (1, 2, 9), (0, 15, 60)
PLACES = [timedelta(days=day, minutes=minutes) for day in DAYS for minutes in TIMES]


@dataclass(frozen=True)
class Other:
    """Another appointment in the person's register."""

    service: str
    after: timedelta
    status: str


@st.composite
def others(draw: st.DrawFn, moved_service: str) -> list[Other]:
    free = [name for name in ROOMS if name != moved_service]
    open_ones = draw(st.lists(st.sampled_from(free), unique=True, max_size=2))
    places = draw(st.permutations(PLACES))
    booked = [Other(name, places[n], "booked") for n, name in enumerate(open_ones)]
    attended = st.builds(
        Other, st.sampled_from(list(ROOMS)), st.sampled_from([-timedelta(days=200), *PLACES]), st.just("attended")
    )
    return booked + draw(st.lists(attended, max_size=2))


@st.composite
def registers(draw: st.DrawFn) -> tuple[str, timedelta, timedelta, list[Other], int | None]:
    """A service, the present and the wanted time of its appointment, what else there is, when rights end."""
    moved = draw(st.sampled_from(list(ROOMS)))
    present, wanted = draw(st.permutations(PLACES))[:2]
    rest = [one for one in draw(others(moved)) if one.status != "booked" or one.after != present]
    return moved, present, wanted, rest, draw(st.none() | st.integers(-70, 12))


async def _enter(session: AsyncSession, unit: Unit, who: Person, one: Other, start_at: datetime) -> None:
    """One appointment into the register, as an earlier booking left it."""
    values = {"unit": unit.id, "who": who.id, "service": one.service, "room": ROOMS[one.service] + 10}
    values |= {
        "at": start_at,
        "on": clock.local_day(start_at, factories.ZONE),
        "status": one.status,
        "now": clock.now(),
    }
    await session.execute(
        text(
            """
            WITH a AS (INSERT INTO appointment (unit_id, id, folio, person_id, service, room, start_at, on_date, seat,
                minutes, status, channel, booked_by_kind, created_at, changed_at)
                VALUES (:unit, gen_random_uuid(), 'C' || gen_random_uuid(), :who, :service, :room, :at, :on, 1, 15,
                    :status, 'web', 'citizen', :now, :now) RETURNING *)
            INSERT INTO active_appointment (person_id, service, unit_id, appointment_id, start_at)
            SELECT person_id, service, unit_id, id, start_at FROM a WHERE status = 'booked'
            """
        ),
        values,
    )


async def _outcome(session: AsyncSession, who: Person, folio: str, at: NewTime, place: holds.Place | None) -> str:
    """What a move gives, or, with a place, what cancelling and booking it gives; undone afterwards."""
    actor = factories.citizen(who)
    undo = await session.begin_nested()
    try:
        if place is None:
            return (await reschedule.move(session, actor, folio, at, factories.once())).value.start_at.isoformat()
        await reschedule.cancel(session, actor, folio, "other", factories.once())
        return (await factories.booked(session, who, place)).start_at.isoformat()
    except Problem as problem:
        return problem.slug
    finally:
        await undo.rollback()


@examples(25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(register=registers())
async def test_a_move_is_a_cancellation_and_a_booking_by_who_has_the_rest(
    session: AsyncSession, register: tuple[str, timedelta, timedelta, list[Other], int | None]
) -> None:
    moved, present, wanted, rest, rights_end = register
    with time_machine.travel(datetime.fromisoformat("2026-11-24T15:00:00+00:00"), tick=False):
        example = await session.begin_nested()
        unit = await factories.unit(session)
        ana = await factories.person(session, unit, insured=False)
        base = factories.tomorrow() - timedelta(days=1)
        ends = None if rights_end is None else date(2026, 11, 24) + timedelta(days=rights_end)
        await factories.affiliate(session, ana, starts_on=date(2020, 1, 1))
        for after in (present, wanted):
            await factories.seats(session, unit, room=ROOMS[moved], service=moved, start_at=base + after)
        made = await factories.booked(
            session, ana, factories.place(unit, base + present, room=ROOMS[moved], service=moved)
        )
        await session.execute(text("UPDATE affiliation SET ends_on = :day"), {"day": ends})
        for one in rest:
            await _enter(session, unit, ana, one, base + one.after)
        to = NewTime(ROOMS[moved], base + wanted)
        place = factories.place(unit, base + wanted, room=ROOMS[moved], service=moved)
        by_move = await _outcome(session, ana, made.folio, to, None)
        by_booking = await _outcome(session, ana, made.folio, to, place)
        await example.rollback()
    assert by_move == by_booking


async def test_a_move_keeps_the_daily_limit(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    first, second = await factories.seats(session, unit, count=2)
    (later,) = await factories.seats(session, unit, start_at=first + timedelta(days=2))
    await _enter(session, unit, ana, Other("family-medicine", timedelta(), "attended"), first + timedelta(hours=2))
    made = await factories.booked(session, ana, factories.place(unit, later))
    with pytest.raises(problems.DailyLimit):
        await reschedule.move(session, factories.citizen(ana), made.folio, NewTime(1, second), factories.once())


async def test_no_one_is_in_two_services_at_once_by_booking_or_moving(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    first, second = await factories.seats(session, unit, count=2)
    await factories.seats(session, unit, room=2, service="dental", start_at=first)
    (elsewhere,) = await factories.seats(session, unit, room=2, service="dental", start_at=first + timedelta(hours=2))
    await factories.booked(session, ana, factories.place(unit, first))
    with pytest.raises(problems.SameTime):
        await factories.held(
            session, factories.citizen(ana), ana, factories.place(unit, first, room=2, service="dental")
        )
    dental = await factories.booked(session, ana, factories.place(unit, elsewhere, room=2, service="dental"))
    with pytest.raises(problems.SameTime):
        await reschedule.move(session, factories.citizen(ana), dental.folio, NewTime(2, first), factories.once())
    # The end of one and the beginning of the other may touch.
    await factories.seats(session, unit, room=2, service="dental", start_at=second)
    await reschedule.move(session, factories.citizen(ana), dental.folio, NewTime(2, second), factories.once())


async def test_two_bookings_of_a_minute_at_once_leave_one(db: object) -> None:
    """The register refuses the second, whatever both saw before."""
    async with transaction() as session:
        unit = await factories.unit(session)
        ana = await factories.person(session, unit)
        (start,) = await factories.seats(session, unit)
        await factories.seats(session, unit, room=2, service="dental", start_at=start)
        actor = factories.citizen(ana)
        stored = {
            name: (
                await factories.held(session, actor, ana, factories.place(unit, start, room=room, service=name))
            ).value.id
            for name, room in (("family-medicine", 1), ("dental", 2))
        }

    async def confirm(name: str) -> str:
        async with transaction() as session:
            try:
                return (await booking.book(session, actor, ana.id, stored[name], factories.once())).value.status
            except Problem as problem:
                return problem.slug

    assert sorted(await asyncio.gather(*map(confirm, stored))) == ["booked", "same-time"]
    async with transaction() as session:
        with pytest.raises(IntegrityError, match="uq_active_appointment_start"):
            await session.execute(
                text(
                    "INSERT INTO active_appointment SELECT person_id, 'window', unit_id, appointment_id, start_at"
                    " FROM active_appointment"
                )
            )


async def test_a_move_to_its_own_time_changes_nothing(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    (start,) = await factories.seats(session, unit, capacity=2)
    made = await factories.booked(session, ana, factories.place(unit, start))
    own = await own_appointment(session, factories.citizen(ana), made.folio)
    await factories.held(session, factories.citizen(ana), ana, factories.place(unit, start), moving=own.id)
    count = text("SELECT count(*) FROM event")
    before = await session.scalar(count)
    key = factories.once()
    for _ in range(2):
        same = await reschedule.move(session, factories.citizen(ana), made.folio, NewTime(1, start), key, version=1)
        assert (same.value.version, same.value.start_at, same.value.status) == (1, start, "booked")
    assert same.replayed
    assert await session.scalar(count) == before
    assert await own_appointment(session, factories.citizen(ana), made.folio) == own
    states = await session.scalars(text("SELECT state FROM seat ORDER BY state"))
    assert states.all() == ["booked", "free"]  # the second seat of that time, held meanwhile, went back


@pytest.mark.parametrize("way", ["move", "cancel"])
async def test_who_freed_a_seat_may_take_it_back_at_once_and_no_one_else(session: AsyncSession, way: str) -> None:
    unit = await factories.unit(session)
    ana, luz = await factories.person(session, unit), await factories.person(session, unit)
    first, second = await factories.seats(session, unit, count=2)
    made = await factories.booked(session, ana, factories.place(unit, first))
    if way == "move":
        await reschedule.move(session, factories.citizen(ana), made.folio, NewTime(1, second), factories.once())
    else:
        await reschedule.cancel(session, factories.citizen(ana), made.folio, "other", factories.once())

    async def sees(who: Person) -> bool:
        day, own = clock.local_day(first, factories.ZONE), Own(1, None, who.id)
        free = await availability.free_times(
            session, unit.id, "family-medicine", day, own=own, last=day, earliest=clock.now()
        )
        return first in [one.start_at for one in free]

    assert (await sees(ana), await sees(luz)) == (True, False)
    with pytest.raises(problems.SlotTaken):
        await factories.held(session, factories.citizen(luz), luz, factories.place(unit, first))
    if way == "move":
        back = await reschedule.move(session, factories.citizen(ana), made.folio, NewTime(1, first), factories.once())
        assert back.value.start_at == first
    else:
        await factories.booked(session, ana, factories.place(unit, first))
