"""Freed seats are offered to who waits, one at a time, before the public has them."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Appointment
from app.appointments.service import reschedule, wait_answers, wait_offers
from app.appointments.wait_list import LOOK_WITHIN, OFFER_LIFE
from app.appointments.wait_models import FreedSeat, WaitEntry, WaitOffer
from app.appointments.wait_problems import WaitOfferOver
from app.kernel import clock
from app.kernel.actor import Role
from app.kernel.problems import Problem
from app.registry.models import Affiliation
from tests.appointments import factories
from tests.appointments.wait_clinic import MORNING, Clinic, clinic_in, who_waits
from tests.conftest import Database


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as moved:
        yield moved


@pytest.fixture
async def clinic(session: AsyncSession) -> Clinic:
    return await clinic_in(session)


async def test_a_freed_seat_is_offered_before_the_public_has_it(clinic: Clinic) -> None:
    ana, made = await clinic.booked(0)
    entry = await clinic.waits()
    await clinic.cancel(ana, made)
    assert not await clinic.holds(0)
    await clinic.look()
    offer = await clinic.open_offer()
    assert (offer.entry_id, offer.start_at, offer.place, offer.candidates, offer.need) == (
        entry.id,
        clinic.times[0],
        1,
        1,
        "without",
    )
    assert offer.expires_at == clock.now() + OFFER_LIFE
    seat = await clinic.seat(0)
    assert (seat.state, seat.hold_id, seat.holder_id) == ("held", offer.id, offer.id)
    assert not await clinic.holds(0)
    (event,) = await clinic.happened("wait-offer.made")
    assert (event.subject_id, event.payload["place"], event.payload["need"]) == (offer.id, 1, "without")


async def test_without_a_worker_the_public_has_it_after_a_bounded_time(
    clinic: Clinic, traveller: time_machine.Traveller
) -> None:
    ana, made = await clinic.booked(0)
    await clinic.waits()
    await clinic.cancel(ana, made)
    traveller.shift(LOOK_WITHIN - timedelta(seconds=1))
    assert not await clinic.holds(0)
    traveller.shift(timedelta(seconds=2))
    assert await clinic.holds(0)
    await clinic.look()
    assert (await clinic.offers(), (await clinic.session.scalars(select(FreedSeat.outcome))).all()) == ([], ["taken"])


async def test_an_offer_that_no_one_looks_at_ends_by_itself(clinic: Clinic, traveller: time_machine.Traveller) -> None:
    ana, made = await clinic.booked(0)
    await clinic.waits()
    await clinic.cancel(ana, made)
    await clinic.look()
    traveller.shift(OFFER_LIFE + LOOK_WITHIN - timedelta(seconds=1))
    assert not await clinic.holds(0)
    traveller.shift(timedelta(seconds=2))
    assert await clinic.holds(0)


async def test_where_no_one_waits_nothing_is_reserved(clinic: Clinic) -> None:
    ana, made = await clinic.booked(0)
    await clinic.cancel(ana, made)
    assert await clinic.session.scalar(select(func.count()).select_from(FreedSeat)) == 0
    assert (await clinic.seat(0)).free_from < clock.now() + LOOK_WITHIN


async def test_accepting_moves_the_appointment_and_its_seat_is_the_next_offer(clinic: Clinic) -> None:
    (ana, first), (luz, second) = await clinic.booked(0), await clinic.booked(1)
    entry, next_entry = await clinic.waits(luz), await clinic.waits((await clinic.booked(2))[0])
    await clinic.cancel(ana, first)
    await clinic.look()
    offer = await clinic.open_offer()
    assert (offer.entry_id, offer.had_start_at) == (entry.id, clinic.times[1])
    done = await wait_answers.accept(clinic.session, factories.citizen(luz), offer.id, factories.once())
    assert (done.value.folio, done.value.start_at, done.value.version) == (second.folio, clinic.times[0], 2)
    following = await clinic.open_offer()
    assert (following.entry_id, following.start_at) == (next_entry.id, clinic.times[1])
    ended = await clinic.entry(entry)
    assert (ended.status, ended.end_reason) == ("ended", "accepted")
    (accepted,) = await clinic.happened("wait-offer.accepted")
    assert accepted.payload["appointment_id"] == str((await clinic.seat(0)).appointment_id)


async def test_accepting_books_the_first_appointment(clinic: Clinic) -> None:
    ana, made = await clinic.booked(0)
    luz = await clinic.person()
    await clinic.waits(luz)
    await clinic.cancel(ana, made)
    await clinic.look()
    once = factories.once()
    offer = await clinic.open_offer()
    done = await wait_answers.accept(clinic.session, factories.citizen(luz), offer.id, once)
    again = await wait_answers.accept(clinic.session, factories.citizen(luz), offer.id, once)
    assert (again.body, again.replayed, done.status) == (done.body, True, 201)
    assert (await clinic.seat(0)).holder_id == luz.id
    with pytest.raises(WaitOfferOver):
        await wait_answers.accept(clinic.session, factories.citizen(luz), offer.id, factories.once())


async def test_at_night_the_seat_waits_for_the_morning(clinic: Clinic, traveller: time_machine.Traveller) -> None:
    booked = await clinic.booked(0)
    await clinic.waits()
    traveller.move_to(datetime(2026, 10, 6, 5, tzinfo=UTC))  # eleven in the evening, ten hours before the day before
    await clinic.cancel(*booked)
    await clinic.look()
    assert await clinic.offers() == []
    traveller.move_to(datetime(2026, 10, 6, 13, 59, tzinfo=UTC))
    await clinic.look()
    assert (await clinic.offers(), await clinic.holds(0)) == ([], False)
    traveller.move_to(datetime(2026, 10, 6, 14, 0, tzinfo=UTC))
    await clinic.look()
    assert (await clinic.open_offer()).expires_at == clock.now() + OFFER_LIFE


async def test_at_night_what_begins_in_the_morning_is_offered(
    clinic: Clinic, traveller: time_machine.Traveller
) -> None:
    booked = await clinic.booked(0)
    await clinic.waits()
    traveller.move_to(datetime(2026, 10, 7, 5, tzinfo=UTC))
    await clinic.cancel(*booked)
    await clinic.look()
    assert (await clinic.open_offer()).start_at == clinic.times[0]


async def test_what_is_too_near_is_for_the_desk_and_the_public(
    clinic: Clinic, traveller: time_machine.Traveller
) -> None:
    staff = factories.staff(Role.OFFICER, clinic.unit)
    _ana, made = await clinic.booked(0)
    await clinic.waits()
    traveller.move_to(clinic.times[0] - timedelta(hours=2))
    await reschedule.cancel(clinic.session, staff, made.folio, "other", factories.once())
    assert await clinic.session.scalar(select(func.count()).select_from(FreedSeat)) == 0


async def test_who_may_not_have_it_is_passed_over_and_leaves_when_the_right_is_lost(clinic: Clinic) -> None:
    luz, eva = await clinic.person(), await clinic.person()
    first, second = await clinic.waits(luz), await clinic.waits(eva)
    ended = update(Affiliation).where(Affiliation.person_id == luz.id)
    await clinic.session.execute(ended.values(ends_on=MORNING.date() - timedelta(days=300)))
    await clinic.cancel(*await clinic.booked(0))
    await clinic.look()
    offer = await clinic.open_offer()
    assert (offer.entry_id, offer.place, offer.candidates) == (second.id, 2, 2)
    assert (await clinic.entry(first)).end_reason == "not-eligible"
    moved = update(Affiliation).where(Affiliation.person_id == eva.id)
    await clinic.session.execute(moved.values(ends_on=MORNING.date() - timedelta(days=300)))
    with pytest.raises(Problem):
        await wait_answers.accept(clinic.session, factories.citizen(eva), offer.id, factories.once())


async def test_a_closure_frees_nothing_and_withdraws_what_it_covers(clinic: Clinic) -> None:
    await clinic.waits()
    await clinic.cancel(*await clinic.booked(0))
    await clinic.look()
    luz = await who_waits(
        clinic, await clinic.session.get_one(WaitEntry, (clinic.unit.id, (await clinic.open_offer()).entry_id))
    )
    await clinic.session.execute(
        text(
            "UPDATE seat SET state = 'closed', closed_by = :cause, holder_id = NULL, hold_id = NULL, held_until = NULL"
            " WHERE start_at = :at"
        ),
        {"cause": factories.unknown_id(), "at": clinic.times[0]},
    )
    offer = await clinic.open_offer()
    with pytest.raises(WaitOfferOver):
        await wait_answers.accept(clinic.session, factories.citizen(luz), offer.id, factories.once())
    await clinic.look()
    assert [one.answer for one in await clinic.offers()] == ["withdrawn"]
    assert (await clinic.session.scalars(select(FreedSeat.outcome))).all() == ["taken"]


async def test_the_last_holder_may_take_it_back_until_it_is_offered(clinic: Clinic) -> None:
    ana, made = await clinic.booked(0)
    await clinic.waits()
    await clinic.cancel(ana, made)
    await clinic.booked(0, ana)
    await clinic.look()
    assert await clinic.offers() == []
    assert (await clinic.session.scalars(select(FreedSeat.outcome))).all() == ["taken"]


async def test_the_database_refuses_a_second_open_offer(clinic: Clinic) -> None:
    await clinic.waits()
    await clinic.cancel(*await clinic.booked(0))
    await clinic.look()
    offer = await clinic.open_offer()
    names = [column.name for column in WaitOffer.__table__.columns]
    twice = text(
        f"INSERT INTO wait_offer ({', '.join(names)}) SELECT"
        f" {', '.join(':id' if name == 'id' else name for name in names)} FROM wait_offer"
    )
    with pytest.raises(IntegrityError, match=r"uq_wait_offer_(seat|entry)"):
        async with clinic.session.begin_nested():
            await clinic.session.execute(twice, {"id": factories.unknown_id()})
    assert (await clinic.open_offer()).id == offer.id


async def test_two_accept_at_once_and_one_has_it(db: Database) -> None:
    async with db.transaction() as session:
        clinic = await clinic_in(session)
        booked = await clinic.booked(0)
        luz = await clinic.person()
        await clinic.waits(luz)
        await clinic.cancel(*booked)
        await clinic.look()
        offer_id = (await clinic.open_offer()).id

    async def accept() -> str:
        try:
            async with db.transaction() as session:
                done = await wait_answers.accept(session, factories.citizen(luz), offer_id, factories.once())
        except WaitOfferOver:
            return "over"
        return done.value.folio

    answers = await asyncio.gather(*(accept() for _ in range(4)))
    assert sorted(answers).count("over") == 3
    async with db.transaction() as session:
        count = select(func.count()).select_from(Appointment).where(Appointment.status == "booked")
        assert await session.scalar(count) == 1


async def test_many_seats_are_offered_some_at_a_time(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait_offers, "MOST_OFFERED", 1)
    for _ in range(2):
        await clinic.waits()
    for number in (0, 1):
        await clinic.cancel(*await clinic.booked(number))
    assert await wait_offers.look(clinic.session, clinic.unit.id)
    assert len(await clinic.offers()) == 1
    assert await wait_offers.look(clinic.session, clinic.unit.id)
    assert len(await clinic.offers()) == 2
    assert not await wait_offers.look(clinic.session, clinic.unit.id)
