"""Draws that lose their seats, by a schedule that ends or a closure, and people whom they could offer none."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.appointments.queries.draws import appointment_before, draw_view
from app.appointments.release_problems import NoEarlierSeat
from app.appointments.service import closures, schedules, wait_offers
from app.kernel.actor import System
from tests.appointments import factories
from tests.appointments.draw_clinic import Clinic
from tests.appointments.releasing import CLOSES, PUBLIC

TEST = System("test")


@pytest.mark.parametrize("is_drawn", [False, True])
async def test_a_draw_whose_schedule_ends_ends_too_and_says_so_once(clinic: Clinic, at: Any, is_drawn: bool) -> None:
    people = [(await clinic.registered())[0] for _ in range(5)]
    if is_drawn:
        at.move_to(CLOSES)
        await clinic.work()
        assert len(await clinic.offers()) == 3
    done = await schedules.end_schedule(
        clinic.session, TEST, clinic.schedule.id, date(2026, 10, 6), version=1, horizon_days=12
    )
    (hit,) = done.draws
    assert (hit.draw.people, hit.draw.seats, hit.left) == (5, 3, 0)
    for _ in range(2):
        await clinic.work()
    assert await clinic.offers() == []
    ended = await clinic.draw()
    assert (ended.status, ended.registrations, ended.seats) == ("ended", 5, 3 if is_drawn else 0)
    assert ended.seed is not None, "the order can be verified still"
    without = await clinic.happened("draw-registration.without-seat")
    assert {one.person_id for one in without} == {one.id for one in people}
    assert len(without) == 5
    assert all(one.payload["is_withdrawn"] for one in without)
    assert len(await clinic.happened("draw.ended")) == 1
    assert (await draw_view(clinic.session, ended.id)).was_withdrawn
    at.move_to(PUBLIC)
    await clinic.work()
    assert len(await clinic.happened("draw-registration.without-seat")) == 5


async def test_a_draw_whose_seats_are_closed_goes_on_until_its_hour(clinic: Clinic, at: Any) -> None:
    """A closure can be taken back; then its seats are offered still."""
    for _ in range(4):
        await clinic.registered()
    at.move_to(CLOSES)
    await clinic.work()
    seats = await clinic.seats()
    closed = await closures.close(
        clinic.session,
        TEST,
        unit_id=clinic.unit.id,
        room=1,
        shift=None,
        starts_at=seats[0].start_at,
        ends_at=seats[-1].start_at + timedelta(hours=2),
        reason="leave",
    )
    (hit,) = closed.draws
    assert (hit.draw.people, hit.draw.seats, hit.left) == (4, 3, 0)
    await wait_offers.look_for(clinic.session, clinic.unit.id, [])
    await clinic.work()
    draw = await clinic.draw()
    shown = await draw_view(clinic.session, draw.id)
    assert (draw.status, shown.seats_left, shown.was_withdrawn) == ("drawn", 0, False)
    await closures.reopen(clinic.session, TEST, closed.id)
    await clinic.work()
    assert len(await clinic.offers()) == 3


async def test_a_draw_whose_seats_were_all_accepted_ends_at_its_hour(clinic: Clinic, at: Any) -> None:
    for _ in range(4):
        await clinic.registered()
    at.move_to(CLOSES)
    await clinic.work()
    for offer in await clinic.offers():
        await clinic.accept(offer)
    await clinic.work()
    assert (await clinic.draw()).status == "drawn"


@pytest.mark.parametrize(("hours", "may"), [(-1, False), (0, False), (1, True)])
async def test_who_has_an_appointment_before_every_seat_may_not_register(clinic: Clinic, hours: int, may: bool) -> None:
    who = await factories.person(clinic.session, clinic.unit)
    await factories.room_of(clinic.session, clinic.unit, 2)
    has = (await clinic.seats())[0].start_at + timedelta(hours=hours)
    await factories.seats(clinic.session, clinic.unit, room=2, start_at=has)
    _other, before = await clinic.registered()
    await factories.booked(clinic.session, who, factories.place(clinic.unit, has, room=2))
    draw_id = before.draw_id
    assert await appointment_before(clinic.session, draw_id, who.id) == (None if may else has)
    if may:
        await clinic.registered(who)
        return
    with pytest.raises(NoEarlierSeat):
        await clinic.registered(who)
    # What the unit can't attend is replaced by any time.
    await clinic.session.execute(text("UPDATE appointment SET affected = 'leave'"))
    await clinic.registered(who)
