"""Draws on the database: what is committed to stays, everyone is asked once and in the drawn order, and what is left is
the public's at its hour and not before."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.appointments import draw as rules
from app.appointments.problems import SlotTaken
from app.appointments.queries.draws import registration_view
from app.appointments.release_models import SEED_PURPOSE, Draw
from app.appointments.release_problems import AlreadyRegistered, RegistrationClosed, RegistrationOver
from app.appointments.service import (
    closures,
    draw_registrations,
    draws,
    reschedule,
    wait_answers,
    wait_entries,
    wait_offers,
)
from app.appointments.wait_list import Wish
from app.appointments.wait_models import WaitOffer
from app.kernel.actor import System
from app.kernel.crypto import decrypt
from app.kernel.events import EventRow
from app.kernel.problems import NotFound
from app.registry.models import Person
from tests.appointments import factories
from tests.appointments.draw_clinic import Clinic
from tests.appointments.releasing import CLOSES, OPENS, PLAN, PUBLIC, opened
from tests.conftest import Database

TEST = System("test")


async def test_who_is_offered_an_hour_by_a_draw_is_not_offered_it_by_the_wait_list(clinic: Clinic, at: Any) -> None:
    """Two seats of one hour would be held for one person."""
    luz = await factories.person(clinic.session, clinic.unit)
    ana, _registration = await clinic.registered()
    await factories.room_of(clinic.session, clinic.unit, 2)
    first = (await clinic.seats())[0].start_at
    await factories.seats(clinic.session, clinic.unit, room=2, start_at=first)
    made = await factories.booked(clinic.session, luz, factories.place(clinic.unit, first, room=2))
    asked = wait_entries.Asked(ana.id, clinic.unit.id, "family-medicine")
    await wait_entries.add(clinic.session, factories.citizen(ana), asked, Wish(notice=timedelta(hours=2)))
    at.move_to(CLOSES + timedelta(hours=13))
    await clinic.work()
    (offer,) = await clinic.offers()
    assert offer.start_at == first
    await reschedule.cancel(clinic.session, factories.citizen(luz), made.folio, "other", factories.once())
    await clinic.work()
    assert [one.id for one in await clinic.offers()] == [offer.id]


async def test_the_digest_comes_first_and_the_seed_after_and_the_order_follows(clinic: Clinic, at: Any) -> None:
    draw = await clinic.draw()
    assert (draw.status, draw.seats, draw.seed) == ("open", 3, None)
    for _ in range(7):
        await clinic.registered()
    at.move_to(CLOSES - timedelta(seconds=1))
    await clinic.work()
    assert (await clinic.draw()).seed is None
    at.move_to(CLOSES)
    await clinic.work()
    await clinic.work()
    drawn = await clinic.draw()
    assert drawn.seed is not None
    assert (drawn.seed_digest, rules.digest_of(drawn.seed)) == (draw.seed_digest, draw.seed_digest)
    assert (drawn.seats, drawn.registrations) == (3, 7)
    codes = [one.code for one in await clinic.order()]
    assert codes == rules.order_of(drawn.seed, codes)
    asked = {one.person_id for one in await clinic.offers()}
    assert asked == {one.person_id for one in (await clinic.order())[:3]}, "the first three, one seat each"
    assert len(await clinic.happened("draw.drawn")) == 1


async def test_each_is_asked_once_in_order_and_the_rest_is_the_public_s_at_its_hour(clinic: Clinic, at: Any) -> None:
    for _ in range(5):
        await clinic.registered()
    at.move_to(CLOSES)
    await clinic.work()
    first, second, third, fourth, fifth = (one.person_id for one in await clinic.order())
    mine = {one.person_id: one for one in await clinic.offers()}
    await clinic.accept(mine[first])
    who = await clinic.session.get_one(Person, second)
    await wait_answers.decline(clinic.session, factories.citizen(who), mine[second].id)
    assert {one.person_id for one in await clinic.offers()} == {third, fourth}
    at.shift(timedelta(minutes=31))  # third and fourth don't answer
    await clinic.work()
    assert {one.person_id for one in await clinic.offers()} == {fifth}
    at.move_to(CLOSES + timedelta(hours=14))
    await clinic.work()
    assert await clinic.offers() == []
    other = await factories.person(clinic.session, clinic.unit)
    free = next(one for one in await clinic.seats() if one.state == "free")
    where = factories.place(clinic.unit, free.start_at)
    with pytest.raises(SlotTaken):
        await factories.held(clinic.session, factories.citizen(other), other, where)
    at.move_to(PUBLIC)
    assert (await factories.held(clinic.session, factories.citizen(other), other, where)).value.person_id == other.id
    for _ in range(2):
        await clinic.work()
    assert (await clinic.draw()).status == "ended"
    every = await clinic.offers(is_open=False)
    assert len({one.entry_id for one in every}) == len(every) == 5, "each once"
    assert len([one for one in every if one.answer == "accepted"]) == 1


async def test_without_a_worker_no_seat_is_had_before_its_hour_and_each_is_after(clinic: Clinic, at: Any) -> None:
    for _ in range(2):
        await clinic.registered()
    at.move_to(CLOSES)
    await clinic.work()  # two are held for offers, one is free; then every worker is down
    at.move_to(PUBLIC - timedelta(seconds=1))
    for seat in await clinic.seats():
        who = await factories.person(clinic.session, clinic.unit)
        with pytest.raises(SlotTaken):
            await factories.held(
                clinic.session, factories.citizen(who), who, factories.place(clinic.unit, seat.start_at)
            )
    at.move_to(PUBLIC + timedelta(seconds=1))
    for seat in await clinic.seats():
        who = await factories.person(clinic.session, clinic.unit)
        await factories.held(clinic.session, factories.citizen(who), who, factories.place(clinic.unit, seat.start_at))


async def test_one_registration_a_person_in_time_and_by_who_may(clinic: Clinic, at: Any) -> None:
    who, made = await clinic.registered()
    with pytest.raises(AlreadyRegistered):
        async with clinic.session.begin_nested():
            await clinic.registered(who)
    other = await factories.person(clinic.session, clinic.unit)
    draw = await clinic.draw()
    with pytest.raises(NotFound):
        await draw_registrations.register(clinic.session, factories.citizen(other), draw.id, who.id)
    child = await factories.person(clinic.session, clinic.unit, insured=False)
    await factories.depend(clinic.session, who, child)
    await draw_registrations.register(clinic.session, factories.citizen(who), draw.id, child.id)
    await draw_registrations.cancel(clinic.session, factories.citizen(who), made.id)
    with pytest.raises(RegistrationOver):
        await draw_registrations.cancel(clinic.session, factories.citizen(who), made.id)
    _who, again = await clinic.registered(who)
    assert again.code == made.code, "no one tries codes until one pleases"
    with pytest.raises(AlreadyRegistered):
        async with clinic.session.begin_nested():
            await clinic.registered(who)
    at.move_to(CLOSES)
    with pytest.raises(RegistrationClosed):
        await clinic.registered()
    await clinic.work()
    assert (await clinic.draw()).registrations == 2
    with pytest.raises(RegistrationClosed):
        await clinic.registered()


DRAW_STAYS, REGISTRATION_STAYS = "a draw stays as it was published", "a registration stays as it was drawn"
LATE = (
    "INSERT INTO draw_registration (unit_id, id, draw_id, person_id, code, registered_at, registered_by_kind, channel)"
    " SELECT unit_id, gen_random_uuid(), draw_id, person_id, 'late', now(), 'citizen', 'web' FROM draw_registration"
    " WHERE cancelled_at IS NOT NULL"
)


@pytest.mark.parametrize(
    ("statement", "refused_by"),
    [
        ("UPDATE draw SET seed_digest = 'x'", DRAW_STAYS),
        ("UPDATE draw SET seed = 'other'", DRAW_STAYS),
        ("UPDATE draw SET closes_at = closes_at + interval '1 hour'", DRAW_STAYS),
        ("UPDATE draw_registration SET position = 5 WHERE position = 2", REGISTRATION_STAYS),
        ("UPDATE draw_registration SET code = 'x' WHERE position = 2", REGISTRATION_STAYS),
        ("UPDATE draw_registration SET position = 9 WHERE cancelled_at IS NOT NULL", REGISTRATION_STAYS),
        (LATE, "the registration for the draw is over"),
    ],
)
async def test_the_database_keeps_what_was_published(clinic: Clinic, at: Any, statement: str, refused_by: str) -> None:
    for _ in range(3):
        who, made = await clinic.registered()
    await draw_registrations.cancel(clinic.session, factories.citizen(who), made.id)
    at.move_to(CLOSES)
    await clinic.work()
    with pytest.raises(DBAPIError, match=refused_by):
        await clinic.session.execute(text(statement))


async def test_a_seed_other_than_the_committed_one_is_refused(clinic: Clinic) -> None:
    other = text("UPDATE draw SET seed = sha256('other'), status = 'drawn'")
    with pytest.raises(DBAPIError, match="ck_draw_seed_is_as_committed"):
        await clinic.session.execute(other)


async def test_a_doctor_who_is_absent_gives_back_the_turn(clinic: Clinic, at: Any) -> None:
    for _ in range(4):
        await clinic.registered()
    at.move_to(CLOSES)
    await clinic.work()
    seats = await clinic.seats()
    lost = next(one for one in await clinic.offers() if one.start_at == seats[0].start_at)
    await closures.close(
        clinic.session,
        TEST,
        unit_id=clinic.unit.id,
        room=1,
        shift=None,
        starts_at=seats[0].start_at,
        ends_at=seats[1].start_at,
        reason="leave",
    )
    await wait_offers.look_for(clinic.session, clinic.unit.id, [])
    assert {one.person_id for one in await clinic.offers()}.isdisjoint({lost.person_id})
    other = (await clinic.offers())[0]
    who = await clinic.session.get_one(Person, other.person_id)
    await wait_answers.decline(clinic.session, factories.citizen(who), other.id)
    assert lost.person_id in {one.person_id for one in await clinic.offers()}, "first in the order still"


async def test_who_cancels_after_the_draw_gives_the_turn_to_the_next(clinic: Clinic, at: Any) -> None:
    for _ in range(4):
        await clinic.registered()
    at.move_to(CLOSES)
    await clinic.work()
    order = await clinic.order()
    who = await clinic.session.get_one(Person, order[0].person_id)
    await draw_registrations.cancel(clinic.session, factories.citizen(who), order[0].id)
    assert {one.person_id for one in await clinic.offers()} == {one.person_id for one in order[1:4]}
    seen = await registration_view(clinic.session, factories.citizen(who), order[0].id)
    assert (seen.end_reason, seen.result) == ("left", "cancelled")


async def test_who_lost_the_right_or_changed_clinic_is_passed_over(clinic: Clinic, at: Any) -> None:
    for _ in range(5):
        await clinic.registered()
    at.move_to(CLOSES)
    elsewhere = await factories.unit(clinic.session)
    seed = (await clinic.session.execute(select(Draw.seed_ciphertext))).scalar_one()
    codes = {one.code: one for one in await clinic.order()}
    first, *others = (codes[code] for code in rules.order_of(bytes.fromhex(decrypt(SEED_PURPOSE, seed)), codes))
    await clinic.session.execute(
        text("UPDATE person SET unit_id = :unit WHERE id = :id"), {"unit": elsewhere.id, "id": first.person_id}
    )
    await clinic.work()
    assert {one.person_id for one in await clinic.offers()} == {one.person_id for one in others[:3]}


async def test_who_closes_the_account_gives_the_turn_to_the_next(clinic: Clinic, at: Any) -> None:
    for _ in range(4):
        await clinic.registered()
    at.move_to(CLOSES)
    await clinic.work()
    order = await clinic.order()
    await draw_registrations.cancel_all(clinic.session, order[1].person_id)
    await draw_registrations.cancel_all(clinic.session, order[1].person_id)
    assert {one.person_id for one in await clinic.offers()} == {order[place].person_id for place in (0, 2, 3)}
    assert len(await clinic.happened("draw-registration.cancelled")) == 1


async def test_two_workers_at_once_draw_once(db: Database) -> None:
    with time_machine.travel(OPENS - timedelta(days=2), tick=True) as at:
        async with db.transaction() as session:
            unit = await factories.unit(session)
            await opened(session, unit, PLAN, weekdays=[2], slot_minutes=30)
        at.move_to(OPENS + timedelta(seconds=5))

        async def work() -> None:
            async with db.transaction() as session:
                await draws.work_draws(session, unit.id)

        await asyncio.gather(*(work() for _ in range(4)))
        async with db.transaction() as session:
            draw = await session.scalar(select(Draw))
            assert draw is not None
            for _ in range(20):
                who = await factories.person(session, unit)
                await draw_registrations.register(session, factories.citizen(who), draw.id, who.id)
        at.move_to(CLOSES + timedelta(seconds=1))
        await asyncio.gather(*(work() for _ in range(4)))
        async with db.transaction() as session:
            offers = (await session.scalars(select(WaitOffer))).all()
            assert len(offers) == len({one.person_id for one in offers}) == 12
            assert len({(one.room, one.start_at) for one in offers}) == 12
            drawn = (await session.scalars(select(EventRow).where(EventRow.type == "draw.drawn"))).all()
            assert [one.payload["seats"] for one in drawn] == [12]
