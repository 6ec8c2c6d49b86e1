"""Random arrivals, cancellations, moves, answers and silence, by the use cases on PostgreSQL: after each step no freed
seat idles while someone can be asked, no one is passed over, and no seat has two."""

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Appointment, Seat
from app.appointments.queries.wait_list import appointment_waited_with, candidates_of
from app.appointments.service import reschedule, wait_answers, wait_entries, wait_offers
from app.appointments.service.eligibility import offer_refusal
from app.appointments.service.reschedule import NewTime
from app.appointments.service.wait_entries import Asked
from app.appointments.wait_list import FreedTime, Waiting, Wish, fits, in_order, is_waking
from app.appointments.wait_models import FreedSeat, WaitEntry, WaitOffer
from app.kernel import clock
from app.kernel.problems import Problem
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories

MORNING = datetime(2026, 10, 5, 15, tzinfo=UTC)
SERVICE = "family-medicine"
STEPS = 60
PEOPLE = 8


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as moved:
        yield moved


class Play:
    """A clinic with few seats, and people who do things by chance."""

    def __init__(
        self, session: AsyncSession, dice: random.Random, unit: Unit, people: list[Person], times: list[datetime]
    ) -> None:
        self.session, self.dice, self.unit, self.people, self.times = session, dice, unit, people, times

    async def step(self, traveller: time_machine.Traveller) -> None:
        """One thing happens, allowed or refused; then the worker looks."""
        traveller.shift(timedelta(seconds=1))
        does = self.dice.choice(
            [self.book, self.book, self.cancel, self.cancel, self.move, self.wait, self.wait, self.leave, self.answer]
        )
        with suppress(Problem):
            async with self.session.begin_nested():
                await does()
        if self.dice.random() < 0.4:
            traveller.shift(timedelta(minutes=self.dice.choice([1, 7, 15, 31, 31, 240])))
        await wait_offers.look(self.session, self.unit.id)

    async def book(self) -> None:
        who, at = self.dice.choice(self.people), self.dice.choice(self.times)
        await factories.booked(self.session, who, factories.place(self.unit, at, room=self.dice.choice([1, 2])))

    async def cancel(self) -> None:
        made, who = await self._appointment()
        await reschedule.cancel(self.session, factories.citizen(who), made.folio, "other", factories.once())

    async def move(self) -> None:
        made, who = await self._appointment()
        to = NewTime(self.dice.choice([1, 2]), self.dice.choice(self.times))
        await reschedule.move(self.session, factories.citizen(who), made.folio, to, factories.once())

    async def wait(self) -> None:
        who = self.dice.choice(self.people)
        days = frozenset(self.dice.sample(range(1, 8), self.dice.choice([3, 7])))
        notice = timedelta(hours=self.dice.choice([2, 24]))
        wish = Wish(days, None, notice, self.dice.choice([None, None, 1]))
        asked = Asked(who.id, self.unit.id, SERVICE)
        await wait_entries.add(self.session, factories.citizen(who), asked, wish)

    async def leave(self) -> None:
        entry = self.dice.choice(await self._entries() or [None])
        if entry is not None and self.dice.random() < 0.3:
            who = await self.session.get_one(Person, entry.person_id)
            await wait_entries.leave(self.session, factories.citizen(who), entry.id)
        elif entry is not None:
            who = await self.session.get_one(Person, entry.person_id)
            await wait_entries.resume(self.session, factories.citizen(who), entry.id)

    async def answer(self) -> None:
        offers = await self.open_offers()
        if not offers:
            return
        offer = self.dice.choice(offers)
        who = factories.citizen(await self.session.get_one(Person, offer.person_id))
        if self.dice.random() < 0.6:
            await wait_answers.accept(self.session, who, offer.id, factories.once())
        else:
            await wait_answers.decline(self.session, who, offer.id)

    async def _appointment(self) -> tuple[Appointment, Person]:
        found = (await self.session.scalars(select(Appointment).where(Appointment.status == "booked"))).all()
        mine = [one for one in found if one.unit_id == self.unit.id]
        made = self.dice.choice(mine) if mine else None
        if made is None:
            raise Problem
        return made, await self.session.get_one(Person, made.person_id)

    async def _entries(self) -> list[WaitEntry]:
        wanted = select(WaitEntry).where(WaitEntry.unit_id == self.unit.id, WaitEntry.status != "ended")
        return list((await self.session.scalars(wanted.execution_options(populate_existing=True))).all())

    async def open_offers(self) -> list[WaitOffer]:
        wanted = select(WaitOffer).where(WaitOffer.unit_id == self.unit.id, WaitOffer.answer.is_(None))
        return list((await self.session.scalars(wanted.execution_options(populate_existing=True))).all())

    async def may_have(self, entry: Waiting, seat: FreedSeat) -> bool:
        """Whether an entry could be asked about a seat now."""
        held = await self.session.get_one(
            Seat, (seat.unit_id, seat.room, seat.start_at, seat.seat), populate_existing=True
        )
        time_ = FreedTime(seat.start_at, seat.on_date, seat.shift, seat.room, held.freed_by)
        if not fits(entry, time_, clock.now()):
            return False
        found = await appointment_waited_with(self.session, entry.person_id, SERVICE)
        where = {"unit_id": self.unit.id, "service": SERVICE, "room": seat.room, "start_at": seat.start_at}
        moving = found[1] if found else None
        return await offer_refusal(self.session, entry.person_id, moving, **where) is None

    async def seats(self, **states: object) -> list[FreedSeat]:
        wanted = select(FreedSeat).where(FreedSeat.unit_id == self.unit.id).filter_by(**states)
        return list((await self.session.scalars(wanted.execution_options(populate_existing=True))).all())

    async def check(self) -> None:
        """What must hold after every step."""
        now, offers = clock.now(), await self.open_offers()
        entries = await candidates_of(self.session, self.unit.id, SERVICE)
        by_seat = {one.freed_seat_id: one for one in offers}
        for seat in await self.seats(outcome=None):
            offer = by_seat.get(seat.id)
            if offer is None:
                assert not is_waking(now, factories.ZONE), "a freed seat idles by day"
                assert seat.look_at > now
                continue
            row = await self.session.get_one(Seat, (seat.unit_id, seat.room, seat.start_at, seat.seat))
            assert (row.state, row.hold_id) == ("held", offer.id)
            assert offer.expires_at > now
            if offer.made_at == now:
                await self._check_order(offer, seat, entries)
        for seat in await self.seats(outcome="returned", ended_at=now):
            left = [one for one in entries if await self.may_have(one, seat)]
            assert left == [], "a seat went to the public while someone could be asked"
        assert await self.session.scalar(text(WRONG), {"unit_id": self.unit.id}) == 0

    async def _check_order(self, offer: WaitOffer, seat: FreedSeat, others: list[Waiting]) -> None:
        entry = await self.session.get_one(WaitEntry, (offer.unit_id, offer.entry_id))
        asked = Waiting(entry.id, entry.person_id, Wish(), entry.asked_at, offer.had_start_at, offer.need == "affected")
        for one in others:
            if in_order([one, asked])[0] is one:
                assert not await self.may_have(one, seat), "someone who came first was passed over"


WRONG = """
    SELECT (SELECT count(*) FROM (SELECT 1 FROM appointment WHERE status = 'booked' AND unit_id = :unit_id
            GROUP BY room, start_at, seat HAVING count(*) > 1) twice)
        + (SELECT count(*) FROM (SELECT 1 FROM appointment WHERE status = 'booked' AND unit_id = :unit_id
            GROUP BY person_id HAVING count(*) > 1) two)
        + (SELECT count(*) FROM appointment a LEFT JOIN seat s ON (s.unit_id, s.room, s.start_at, s.seat)
            = (a.unit_id, a.room, a.start_at, a.seat) AND s.state = 'booked' AND s.appointment_id = a.id
            WHERE a.status = 'booked' AND a.unit_id = :unit_id AND s.unit_id IS NULL)
        + (SELECT count(*) FROM seat s LEFT JOIN appointment a ON a.id = s.appointment_id AND a.status = 'booked'
            WHERE s.state = 'booked' AND s.unit_id = :unit_id AND a.id IS NULL)
        + (SELECT count(*) FROM wait_entry e WHERE e.unit_id = :unit_id AND (e.end_reason = 'accepted') <> EXISTS (
            SELECT FROM wait_offer o WHERE o.entry_id = e.id AND o.answer = 'accepted') AND e.status = 'ended')
        + (SELECT count(*) FROM freed_seat f WHERE f.unit_id = :unit_id AND (f.outcome = 'accepted') <> EXISTS (
            SELECT FROM wait_offer o WHERE o.freed_seat_id = f.id AND o.answer = 'accepted'))
"""
"""Seats with two, people with two, appointments without their seat and the other way round, acceptances half done."""


@pytest.mark.parametrize("seed", range(10))
async def test_no_seat_idles_no_one_is_passed_over_and_capacity_holds(
    session: AsyncSession, traveller: time_machine.Traveller, seed: int
) -> None:
    unit = await factories.unit(session)
    times = []
    for day in (1, 2, 4):
        first = MORNING + timedelta(days=day)
        for room in (1, 2):
            times += await factories.seats(session, unit, count=2, room=room, start_at=first)
    people = [await factories.person(session, unit) for _ in range(PEOPLE)]
    play = Play(session, random.Random(seed), unit, people, sorted(set(times)))
    for _ in range(STEPS):
        await play.step(traveller)
        await play.check()
    made = select(WaitOffer).where(WaitOffer.unit_id == unit.id)
    assert len((await session.scalars(made)).all()) > 0, "the play offered nothing"
