"""Entries of the wait list: who may ask, what pauses and ends them; and how often a person holds a seat."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.wait_list import candidates_of, odds_at
from app.appointments.service import booking, wait_answers, wait_entries, wait_offers
from app.appointments.wait_list import LASTS, OFFER_LIFE, Wish
from app.appointments.wait_models import FreedSeat, HoldCount, WaitEntry
from app.appointments.wait_problems import AlreadyWaiting, HoldLimit, WaitEntryOver
from app.kernel import clock
from app.kernel.actor import Actor, Role
from app.kernel.problems import NotFound, Stale
from app.kernel.settings import forget_settings
from tests.appointments import factories
from tests.appointments.wait_clinic import MORNING, SERVICE, Clinic, clinic_in, who_waits


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as moved:
        yield moved


@pytest.fixture
def two_holds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A person may hold twice on a day."""
    with monkeypatch.context() as given:
        given.setenv("VENTANILLA_HOLDS_PER_DAY", "2")
        forget_settings()
        yield
    forget_settings()


@pytest.fixture
async def clinic(session: AsyncSession) -> Clinic:
    return await clinic_in(session)


async def test_declined_goes_to_the_next_at_once_and_isnt_asked_again(clinic: Clinic) -> None:
    ana, made = await clinic.booked(0)
    luz = await clinic.person()
    first, second = await clinic.waits(luz), await clinic.waits()
    await clinic.cancel(ana, made)
    await clinic.look()
    offer = await clinic.open_offer()
    assert offer.entry_id == first.id
    await wait_answers.decline(clinic.session, factories.citizen(luz), offer.id)
    assert (await clinic.open_offer()).entry_id == second.id
    assert (await wait_answers.decline(clinic.session, factories.citizen(luz), offer.id)).answer == "declined"
    await wait_entries.leave(clinic.session, factories.citizen(await who_waits(clinic, second)), second.id)
    assert [one.answer for one in await clinic.offers()] == ["declined", "declined"]
    assert (await clinic.seat(0)).state == "free"


async def test_three_ignored_offers_pause_the_entry_and_it_can_be_resumed(
    clinic: Clinic, traveller: time_machine.Traveller
) -> None:
    luz = await clinic.person()
    entry = await clinic.waits(luz)
    for number in range(3):
        await clinic.cancel(*await clinic.booked(number))
        await clinic.look()
        traveller.shift(OFFER_LIFE + timedelta(seconds=1))
        await clinic.look()
    assert [one.answer for one in await clinic.offers()] == ["expired"] * 3
    assert (await clinic.entry(entry)).status == "paused"
    (paused,) = await clinic.happened("wait-entry.paused")
    assert paused.payload["reason"] == "ignored"
    await clinic.cancel(*await clinic.booked(4))
    await clinic.look()
    assert len(await clinic.offers()) == 3
    resumed = await wait_entries.resume(clinic.session, factories.citizen(luz), entry.id)
    assert (resumed.status, resumed.ignored) == ("active", 0)
    assert (await clinic.open_offer()).start_at == clinic.times[4], "it is in its release delay still"


async def test_who_cant_be_reached_is_paused_and_the_next_is_asked(clinic: Clinic) -> None:
    first, second = await clinic.waits(), await clinic.waits()
    await clinic.cancel(*await clinic.booked(0))
    await clinic.look()
    await wait_answers.note_unreachable(clinic.session, (await clinic.open_offer()).id)
    assert (await clinic.entry(first)).status == "paused"
    assert (await clinic.open_offer()).entry_id == second.id


async def test_an_entry_ends_with_its_appointment(clinic: Clinic, traveller: time_machine.Traveller) -> None:
    (ana, cancelled), (luz, _past) = await clinic.booked(3), await clinic.booked(4)
    first, second, third = await clinic.waits(ana), await clinic.waits(luz), await clinic.waits()
    await clinic.cancel(ana, cancelled)
    await clinic.look()
    assert (await clinic.entry(first)).end_reason == "appointment-cancelled"
    traveller.move_to(clinic.times[4] + timedelta(minutes=1))
    await wait_offers.update_entries(clinic.session, clinic.unit.id)
    assert (await clinic.entry(second)).end_reason == "appointment-over"
    assert (await clinic.entry(third)).status == "active"
    traveller.shift(LASTS)
    await wait_offers.update_entries(clinic.session, clinic.unit.id)
    assert (await clinic.entry(third)).end_reason == "expired"


async def test_who_books_meanwhile_waits_for_an_earlier_one(clinic: Clinic) -> None:
    luz = await clinic.person()
    entry = await clinic.waits(luz)
    await clinic.booked(4, luz)
    await clinic.cancel(*await clinic.booked(5))
    await clinic.look()
    assert await clinic.offers() == []
    await clinic.cancel(*await clinic.booked(2))
    await clinic.look()
    offer = await clinic.open_offer()
    assert (offer.entry_id, offer.need, offer.had_start_at) == (entry.id, "earlier", clinic.times[4])


@pytest.mark.parametrize(("books", "is_given_up"), [(1, True), (6, False)])
async def test_who_books_an_earlier_time_gives_up_the_offer(clinic: Clinic, books: int, is_given_up: bool) -> None:
    """The time goes to the next at once: it isn't held for who has no use for it."""
    luz, ivo = await clinic.person(), await clinic.person()
    await clinic.waits(luz)
    await clinic.waits(ivo)
    await clinic.cancel(*await clinic.booked(5))
    await clinic.look()
    assert (await clinic.open_offer()).person_id == luz.id
    await clinic.booked(books, luz)
    await clinic.look()
    assert (await clinic.open_offer()).person_id == (ivo.id if is_given_up else luz.id)


async def test_one_entry_a_person_and_service_and_no_one_elses(clinic: Clinic) -> None:
    luz, eva = await clinic.person(), await clinic.person()
    entry = await clinic.waits(luz)
    with pytest.raises(NotFound):
        await clinic.waits(luz, actor=factories.citizen(eva))
    with pytest.raises(NotFound):
        await wait_entries.leave(clinic.session, factories.citizen(eva), entry.id)
    with pytest.raises(Stale):
        await wait_entries.leave(clinic.session, factories.citizen(luz), entry.id, version=7)
    await wait_entries.leave(clinic.session, factories.citizen(luz), entry.id, version=1)
    with pytest.raises(WaitEntryOver):
        await wait_entries.leave(clinic.session, factories.citizen(luz), entry.id)
    await clinic.waits(luz)
    with pytest.raises(AlreadyWaiting):
        await clinic.waits(luz)


async def test_staff_add_and_answer_for_a_person(clinic: Clinic) -> None:
    luz, staff = await clinic.person(), factories.staff(Role.RECEPTIONIST, clinic.unit)
    entry = await clinic.waits(luz, actor=staff)
    assert (entry.asked_by_kind, entry.asked_by_id, entry.channel) == ("staff", staff.id, "desk")
    await clinic.cancel(*await clinic.booked(0))
    await clinic.look()
    offer = await clinic.open_offer()
    elsewhere = factories.staff(Role.RECEPTIONIST, await factories.unit(clinic.session))
    with pytest.raises(NotFound):
        await wait_answers.decline(clinic.session, elsewhere, offer.id)
    await wait_answers.accept(clinic.session, staff, offer.id, factories.once())
    assert (await clinic.offers())[0].answered_by == "staff"


async def test_a_parent_waits_for_a_child(clinic: Clinic) -> None:
    luz, child = await clinic.person(), await clinic.person()
    await factories.depend(clinic.session, luz, child)
    entry = await clinic.waits(child, actor=factories.citizen(luz))
    await clinic.cancel(*await clinic.booked(0))
    await clinic.look()
    await wait_answers.accept(clinic.session, factories.citizen(luz), (await clinic.open_offer()).id, factories.once())
    assert (await clinic.seat(0)).holder_id == entry.person_id == child.id


async def test_changing_the_wish_keeps_the_place_and_gives_up_the_offer(clinic: Clinic) -> None:
    luz = await clinic.person()
    entry = await clinic.waits(luz)
    await clinic.cancel(*await clinic.booked(0))
    await clinic.look()
    other = Wish(frozenset({1}), notice=timedelta(hours=2))
    changed = await wait_entries.change(clinic.session, factories.citizen(luz), entry.id, other, version=1)
    assert (changed.version, changed.asked_at, changed.weekdays) == (2, entry.asked_at, [1])
    assert [one.answer for one in await clinic.offers()] == ["declined"]
    assert (await clinic.seat(0)).state == "free"


@pytest.mark.parametrize("again", ["change", "leave"])
async def test_no_one_keeps_a_seat_by_changing_or_asking_again(clinic: Clinic, again: str) -> None:
    """The time goes to who is next, and isn't offered to the same person twice."""
    luz, ivo = await clinic.person(), await clinic.person()
    actor = factories.citizen(luz)
    entry, other = await clinic.waits(luz), await clinic.waits(ivo)
    await clinic.cancel(*await clinic.booked(0))
    await clinic.look()
    assert (await clinic.open_offer()).person_id == luz.id
    if again == "change":
        await wait_entries.change(clinic.session, actor, entry.id, Wish(notice=timedelta(hours=3)))
    else:
        await wait_entries.leave(clinic.session, actor, entry.id)
        await clinic.waits(luz)
    offer = await clinic.open_offer()
    assert offer.person_id == ivo.id
    await wait_entries.leave(clinic.session, factories.citizen(ivo), other.id)
    await clinic.look()
    assert [one.person_id for one in await clinic.offers() if one.answer is None] == []
    assert (await clinic.seat(0)).state == "free"


async def test_odds_are_of_the_entries_that_ended(clinic: Clinic) -> None:
    luz = await clinic.person()
    await clinic.waits(luz)
    await clinic.cancel(*await clinic.booked(0))
    await clinic.look()
    await wait_answers.accept(clinic.session, factories.citizen(luz), (await clinic.open_offer()).id, factories.once())
    odds = await odds_at(clinic.session, clinic.unit.id, SERVICE)
    assert (odds.entries, odds.filled, odds.share) == (1, 1, None)
    assert await candidates_of(clinic.session, clinic.unit.id, SERVICE) == []


@pytest.mark.usefixtures("two_holds")
async def test_a_person_holds_so_often_a_day_and_staff_go_on(clinic: Clinic) -> None:
    luz = await clinic.person()
    citizen = factories.citizen(luz)

    async def hold(actor: Actor, number: int) -> UUID:
        place = factories.place(clinic.unit, clinic.times[number])
        return (await factories.held(clinic.session, actor, luz, place)).value.id

    await hold(citizen, 0)
    last = await hold(citizen, 1)
    with pytest.raises(HoldLimit) as refused:
        await hold(citizen, 2)
    assert refused.value.extra["rule"] == "holds-per-day"
    assert (await clinic.seat(1)).hold_id == last, "the one that they have stays theirs"
    await hold(factories.staff(Role.OFFICER, clinic.unit), 2)
    hold_id = (await clinic.seat(2)).hold_id
    assert hold_id is not None
    made = await booking.book(clinic.session, citizen, luz.id, hold_id, factories.once())
    assert made.value.status == "booked"
    counted = (await clinic.session.execute(select(HoldCount.on_date, HoldCount.holds))).all()
    assert [(row.on_date, row.holds) for row in counted] == [(clock.today(factories.ZONE), 3)]


async def test_who_closes_their_account_leaves_every_list(clinic: Clinic) -> None:
    luz = await clinic.person()
    entry, following = await clinic.waits(luz), await clinic.waits()
    await clinic.cancel(*await clinic.booked(0))
    await clinic.look()
    await wait_offers.leave_all(clinic.session, luz.id)
    assert (await clinic.entry(entry)).end_reason == "left"
    assert (await clinic.open_offer()).entry_id == following.id
    assert await wait_offers.units_waited_at(clinic.session) == [clinic.unit.id]


async def test_what_ended_long_ago_is_deleted_and_what_is_open_stays(
    clinic: Clinic, traveller: time_machine.Traveller
) -> None:
    luz = await clinic.person()
    entry = await clinic.waits(luz)
    await clinic.cancel(*await clinic.booked(0))
    await clinic.look()
    await wait_entries.leave(clinic.session, factories.citizen(luz), entry.id)
    left = (await clinic.waits()).id
    today = clock.today(factories.ZONE)
    await wait_offers.delete_ended(clinic.session, clock.now(), holds_before=today)
    assert [one.answer for one in await clinic.offers()] == ["declined", None], "the first ended at this instant"
    traveller.shift(timedelta(seconds=1))
    await wait_offers.delete_ended(clinic.session, clock.now(), holds_before=today + timedelta(days=1))
    assert [one.entry_id for one in await clinic.offers()] == [left]
    assert (await clinic.session.scalars(select(WaitEntry.id))).all() == [left]
    assert (await clinic.session.scalars(select(FreedSeat.outcome))).all() == [None]
    assert (await clinic.session.scalars(select(HoldCount.holds))).all() == []
