"""Hold, book, move, cancel: what a person gets, and what is left in the books."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import problems
from app.appointments.queries.own import own_appointment
from app.appointments.service import holds, reschedule
from app.appointments.service.booking import book
from app.appointments.service.reschedule import NewTime
from app.kernel import clock
from app.kernel.problems import KeyReused, Stale
from tests.appointments import factories


async def counts(session: AsyncSession) -> dict[str, int]:
    """What the books say: seats by state, live appointments, open ones, events by type."""
    rows = await session.execute(text("SELECT 'seat.' || state, count(*) FROM seat GROUP BY 1"))
    found = {str(name): int(count) for name, count in rows}
    rows = await session.execute(text("SELECT 'appointment.' || status, count(*) FROM appointment GROUP BY 1"))
    found |= {str(name): int(count) for name, count in rows}
    active = await session.execute(text("SELECT count(*) FROM active_appointment"))
    return found | {"active": int(active.scalar_one())}


async def events(session: AsyncSession) -> list[str]:
    return list(
        (
            await session.scalars(text("SELECT type FROM event WHERE type !~ '^(baseline|parameter)[.]' ORDER BY id"))
        ).all()
    )


async def test_a_person_holds_and_books_a_seat(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    (start,) = await factories.seats(session, unit)
    made = await factories.booked(session, ana, factories.place(unit, start))
    assert (made.start_at, made.room, made.status, made.version) == (start, 1, "booked", 1)
    assert await counts(session) == {"seat.booked": 1, "appointment.booked": 1, "active": 1}
    assert await events(session) == ["seat.held", "appointment.booked"]


async def test_a_seat_held_by_another_can_t_be_had(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana, luz = await factories.person(session, unit), await factories.person(session, unit)
    start, later = await factories.seats(session, unit, count=2)
    await factories.held(session, factories.citizen(ana), ana, factories.place(unit, start))
    with pytest.raises(problems.SlotTaken) as refused:
        await factories.held(session, factories.citizen(luz), luz, factories.place(unit, start))
    assert refused.value.extra["alternatives"] == [{"start_at": later.isoformat(), "room": 1}]


async def test_capacity_is_the_number_of_seats(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    (start,) = await factories.seats(session, unit, capacity=2)
    for _ in range(2):
        who = await factories.person(session, unit)
        await factories.held(session, factories.citizen(who), who, factories.place(unit, start))
    third = await factories.person(session, unit)
    with pytest.raises(problems.SlotTaken):
        await factories.held(session, factories.citizen(third), third, factories.place(unit, start))


async def test_a_lapsed_hold_gives_the_seat_to_the_next(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana, luz = await factories.person(session, unit), await factories.person(session, unit)
    (start,) = await factories.seats(session, unit)
    stored = await factories.held(session, factories.citizen(ana), ana, factories.place(unit, start))
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        await factories.held(session, factories.citizen(luz), luz, factories.place(unit, start))
        with pytest.raises(problems.HoldExpired):
            await book(session, factories.citizen(ana), ana.id, stored.value.id, factories.once())


async def test_a_lapsed_hold_can_t_be_booked_even_when_no_one_took_it(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    (start,) = await factories.seats(session, unit)
    stored = await factories.held(session, factories.citizen(ana), ana, factories.place(unit, start))
    with time_machine.travel(clock.now() + timedelta(minutes=6)), pytest.raises(problems.HoldExpired) as refused:
        await book(session, factories.citizen(ana), ana.id, stored.value.id, factories.once())
    assert refused.value.extra["alternatives"][0]["start_at"] == start.isoformat()


async def test_choosing_another_time_lets_the_first_go(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    first, second = await factories.seats(session, unit, count=2)
    await factories.held(session, factories.citizen(ana), ana, factories.place(unit, first))
    await factories.held(session, factories.citizen(ana), ana, factories.place(unit, second))
    assert await counts(session) == {"seat.free": 1, "seat.held": 1, "active": 0}


async def test_holding_the_same_time_again_keeps_the_same_seat(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    (start,) = await factories.seats(session, unit, capacity=2)
    for _ in range(2):
        await factories.held(session, factories.citizen(ana), ana, factories.place(unit, start))
    assert await counts(session) == {"seat.free": 1, "seat.held": 1, "active": 0}


async def test_giving_a_hold_back_frees_the_seat_at_once(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    (start,) = await factories.seats(session, unit)
    stored = await factories.held(session, factories.citizen(ana), ana, factories.place(unit, start))
    await holds.release(session, factories.citizen(ana), ana.id, stored.value.id)
    assert await counts(session) == {"seat.free": 1, "active": 0}


async def test_one_appointment_open_a_person_and_service(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    first, second = await factories.seats(session, unit, count=2)
    await factories.booked(session, ana, factories.place(unit, first))
    with pytest.raises(problems.AlreadyBooked):
        await factories.held(session, factories.citizen(ana), ana, factories.place(unit, second))


async def test_a_past_appointment_gives_way_to_the_next(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    (first,) = await factories.seats(session, unit)
    (second,) = await factories.seats(session, unit, start_at=first + timedelta(days=3))
    await factories.booked(session, ana, factories.place(unit, first))
    with time_machine.travel(first + timedelta(days=1)):
        await factories.booked(session, ana, factories.place(unit, second))
    assert (await counts(session))["active"] == 1


async def test_two_holds_can_t_become_two_appointments(session: AsyncSession) -> None:
    """The one-active rule is the database's: it holds even for a hold taken before the first booking."""
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    first, second = await factories.seats(session, unit, count=2)
    made = await factories.booked(session, ana, factories.place(unit, first))
    moving = (await own_appointment(session, factories.citizen(ana), made.folio)).id
    stored = await factories.held(session, factories.citizen(ana), ana, factories.place(unit, second), moving=moving)
    with pytest.raises(problems.AlreadyBooked):
        await book(session, factories.citizen(ana), ana.id, stored.value.id, factories.once())


async def test_moving_takes_the_new_seat_and_frees_the_old_one(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    first, second = await factories.seats(session, unit, count=2)
    made = await factories.booked(session, ana, factories.place(unit, first))
    moved = await reschedule.move(
        session, factories.citizen(ana), made.folio, NewTime(1, second), factories.once(), version=1
    )
    assert (moved.value.start_at, moved.value.version, moved.value.folio) == (second, 2, made.folio)
    assert await counts(session) == {"seat.free": 1, "seat.booked": 1, "appointment.booked": 1, "active": 1}
    own = await own_appointment(session, factories.citizen(ana), made.folio)
    assert (own.start_at, own.version) == (second, 2)
    assert (await events(session))[-1] == "appointment.moved"


async def test_a_move_to_a_taken_time_keeps_the_old_one_and_the_hold(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana, luz = await factories.person(session, unit), await factories.person(session, unit)
    first, second = await factories.seats(session, unit, count=2)
    made = await factories.booked(session, ana, factories.place(unit, first))
    await factories.booked(session, luz, factories.place(unit, second))
    with pytest.raises(problems.SlotTaken):
        await reschedule.move(session, factories.citizen(ana), made.folio, NewTime(1, second), factories.once())
    assert (await own_appointment(session, factories.citizen(ana), made.folio)).start_at == first


async def test_a_move_uses_the_time_the_person_holds(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    first, second = await factories.seats(session, unit, count=2)
    made = await factories.booked(session, ana, factories.place(unit, first))
    moving = (await own_appointment(session, factories.citizen(ana), made.folio)).id
    await factories.held(session, factories.citizen(ana), ana, factories.place(unit, second), moving=moving)
    moved = await reschedule.move(session, factories.citizen(ana), made.folio, NewTime(1, second), factories.once())
    assert moved.value.start_at == second
    assert await counts(session) == {"seat.free": 1, "seat.booked": 1, "appointment.booked": 1, "active": 1}


async def test_a_cancelled_seat_comes_back_after_the_cool_down(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana, luz = await factories.person(session, unit), await factories.person(session, unit)
    (start,) = await factories.seats(session, unit)
    made = await factories.booked(session, ana, factories.place(unit, start))
    removed = await reschedule.cancel(session, factories.citizen(ana), made.folio, "other", factories.once(), version=1)
    assert (removed.value.status, removed.value.version) == ("cancelled", 2)
    with pytest.raises(problems.SlotTaken):
        await factories.held(session, factories.citizen(luz), luz, factories.place(unit, start))
    with time_machine.travel(clock.now() + timedelta(minutes=4)):
        await factories.held(session, factories.citizen(luz), luz, factories.place(unit, start))


async def test_what_is_cancelled_can_t_be_cancelled_or_moved_again(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    first, second = await factories.seats(session, unit, count=2)
    made = await factories.booked(session, ana, factories.place(unit, first))
    await reschedule.cancel(session, factories.citizen(ana), made.folio, "other", factories.once())
    with pytest.raises(problems.AppointmentEnded):
        await reschedule.cancel(session, factories.citizen(ana), made.folio, "other", factories.once())
    with pytest.raises(problems.AppointmentEnded):
        await reschedule.move(session, factories.citizen(ana), made.folio, NewTime(1, second), factories.once())


async def test_a_change_on_an_old_version_is_refused(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    (start,) = await factories.seats(session, unit)
    made = await factories.booked(session, ana, factories.place(unit, start))
    with pytest.raises(Stale):
        await reschedule.cancel(session, factories.citizen(ana), made.folio, "other", factories.once(), version=7)


async def test_the_same_key_has_one_effect_and_the_same_bytes(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    (start,) = await factories.seats(session, unit, capacity=2)
    key = factories.once()
    first = await holds.hold(session, factories.citizen(ana), ana.id, factories.place(unit, start), key)
    second = await holds.hold(session, factories.citizen(ana), ana.id, factories.place(unit, start), key)
    assert (second.body, second.replayed) == (first.body, True)
    booking = factories.once()
    one = await book(session, factories.citizen(ana), ana.id, first.value.id, booking)
    two = await book(session, factories.citizen(ana), ana.id, first.value.id, booking)
    assert (two.body, two.replayed) == (one.body, True)
    assert (await counts(session))["appointment.booked"] == 1


async def test_the_same_key_with_another_request_is_refused(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    (start,) = await factories.seats(session, unit)
    key = factories.once()
    await holds.hold(session, factories.citizen(ana), ana.id, factories.place(unit, start), key)
    other = factories.once(key.key, b"other")
    with pytest.raises(KeyReused):
        await holds.hold(session, factories.citizen(ana), ana.id, factories.place(unit, start), other)
