"""Freed appointments offered to those who wait without one: made, accepted, declined, lapsed; never twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import AppointmentBooked
from app.appointments.models import Appointment
from app.appointments.problems import SlotTaken
from app.appointments.queries.own import presented_appointment
from app.appointments.service import booking, closures, holds, reschedule
from app.appointments.service.reschedule import NewTime
from app.desk.models import DeskOffer, DeskTicket
from app.desk.problems import OfferOver
from app.desk.queries.offers import OfferView
from app.desk.rules.tickets import LeftBecause
from app.desk.service import arrivals, attendance, check_in, departures, offers
from app.desk.service.arrivals import NewTicket
from app.desk.service.tickets import TicketRef
from app.kernel import db as kernel_db
from app.kernel.actor import System
from app.kernel.problems import NotFound, Problem
from app.registry.models import Person
from tests.appointments import factories as places
from tests.conftest import Database
from tests.desk.factories import NINE, SERVICE, Clinic, at_nine, clinic, hire, patient, walk_in


def later(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


@dataclass
class Day:
    """A clinic at nine. Appointments are freed by name: their minutes after nine."""

    session: AsyncSession
    here: Clinic

    async def freed(self, minutes: int, room: int = 1) -> str:
        """A time that was booked on the day before and cancelled then."""
        with at_nine(-24 * 60):
            _who, made = await patient(self.session, self.here, minutes=minutes, room=room)
            await reschedule.cancel(self.session, self.here.desk, made.folio, "other", places.once())
        return made.folio

    async def absent(self, minutes: int, room: int = 1) -> str:
        """A time whose person was recorded as absent now."""
        with at_nine(-24 * 60):
            _who, made = await patient(self.session, self.here, minutes=minutes, room=room)
        await attendance.record_missed(self.session, self.here.desk, made.folio)
        return made.folio

    async def comes(self, person: Person | None = None) -> tuple[Person, NewTicket]:
        """Someone known takes a number."""
        who = person or await places.person(self.session, self.here.unit)
        unit_id = self.here.unit.id
        return who, await arrivals.take_number(self.session, self.here.desk, unit_id, SERVICE, person_id=who.id)

    async def now(self) -> list[OfferView]:
        return (await offers.offers_now(self.session, self.here.desk, self.here.unit.id)).offers

    async def accept(self, ticket: NewTicket) -> OfferView:
        return await offers.accept(self.session, self.here.desk, self.here.unit.id, ticket.id, places.once())

    async def decline(self, ticket: NewTicket) -> OfferView:
        return await offers.decline(self.session, self.here.desk, self.here.unit.id, ticket.id)

    async def row(self, ticket: NewTicket) -> DeskTicket:
        return await self.session.get_one(DeskTicket, (self.here.unit.id, ticket.id), populate_existing=True)

    async def events(self, ticket: NewTicket) -> list[str]:
        found = text("SELECT type FROM event WHERE payload->>'ticket_id' = :id ORDER BY at, id")
        return list(await self.session.scalars(found, {"id": str(ticket.id)}))


@pytest.fixture
async def day(session: AsyncSession) -> AsyncIterator[Day]:
    with at_nine():
        yield Day(session, await clinic(session))


async def test_a_cancelled_time_is_offered_to_the_first_and_booked_for_them(day: Day) -> None:
    await day.freed(10)
    who, ticket = await day.comes()
    _other, second = await day.comes()
    (offer,) = await day.now()
    assert (offer.ticket_id, offer.start_at, offer.freed, offer.place) == (ticket.id, later(10), "cancelled", 1)
    assert (offer.number, offer.person_id, offer.room) == (ticket.number, who.id, 1)
    assert await day.now() == [offer], "listed again, it is the same offer"
    before = await day.row(ticket)
    rank, version = before.rank_at, before.version
    done = await day.accept(ticket)
    assert done.appointment_folio
    own = await presented_appointment(day.session, done.appointment_folio)
    assert (own.person_id, own.start_at, own.status, own.channel) == (who.id, later(10), "booked", "desk")
    row = await day.row(ticket)
    assert (row.appointment_folio, row.due_at, row.version) == (own.folio, later(10), version + 1)
    assert row.rank_at == later(10) < rank
    assert await day.events(ticket) == ["offer.made", "offer.accepted"]
    assert await day.now() == []
    with pytest.raises(OfferOver):
        await day.accept(ticket)
    with pytest.raises(OfferOver):
        await day.accept(second)
    booked = text("SELECT count(*) FROM event WHERE type = :type AND person_id = :who")
    assert await day.session.scalar(booked, {"type": AppointmentBooked.type, "who": who.id}) == 1


async def test_who_declines_keeps_the_place_and_the_next_is_offered_it(day: Day) -> None:
    await day.freed(10)
    _who, first = await day.comes()
    _other, second = await day.comes()
    (offer,) = await day.now()
    rank = (await day.row(first)).rank_at
    assert (await day.decline(first)).status == "declined"
    assert (await day.row(first)).rank_at == rank
    assert await day.events(first) == ["offer.made", "offer.declined"]
    (after,) = await day.now()
    assert (after.ticket_id, after.place, after.start_at) == (second.id, 2, offer.start_at)
    await day.decline(second)
    assert await day.now() == [], "nobody is asked twice about an hour"


async def test_what_is_further_ahead_taken_or_never_booked_is_not_offered(day: Day) -> None:
    await day.freed(31)
    await places.seats(day.session, day.here.unit, room=2, start_at=later(10))
    await day.comes()
    assert await day.now() == []


async def test_what_the_unit_does_not_attend_is_not_offered(day: Day) -> None:
    unit = day.here.unit
    await places.room_of(day.session, unit, 3)
    with at_nine(-24 * 60):
        _who, closed = await patient(day.session, day.here, minutes=-11, room=3)
        span: dict[str, Any] = {"room": 3, "shift": None, "starts_at": later(-60), "ends_at": later(60)}
        await closures.close(day.session, System("test"), unit_id=unit.id, reason="leave", **span)
    await attendance.record_missed(day.session, day.here.desk, closed.folio)
    await day.comes()
    assert await day.now() == [], "the doctor of the absent person isn't there either"
    await day.absent(-12)
    await day.freed(10)
    await day.comes()
    assert {one.freed for one in await day.now()} == {"missed", "cancelled"}
    await day.session.execute(text("UPDATE unit SET is_operating = false WHERE id = :id"), {"id": unit.id})
    assert await day.now() == []


async def test_a_moved_appointment_says_so(day: Day) -> None:
    with at_nine(-24 * 60):
        _who, made = await patient(day.session, day.here, minutes=15)
        await places.seats(day.session, day.here.unit, start_at=later(90))
        await reschedule.move(day.session, day.here.desk, made.folio, NewTime(1, later(90)), places.once())
    await day.comes()
    assert [one.freed for one in await day.now()] == ["moved"]


async def test_the_place_of_an_absent_person_is_taken_without_a_booking(day: Day) -> None:
    folio = await day.absent(-14)
    await walk_in(day.session, day.here, "window")
    ticket = await walk_in(day.session, day.here)
    with pytest.raises(NotFound):
        await offers.offers_now(day.session, (await clinic(day.session)).desk, day.here.unit.id)
    behind = await walk_in(day.session, day.here)
    for one, minutes in ((ticket, -11), (behind, -10)):
        came = {"arrived_at": later(minutes), "rank_at": later(minutes + 20)}
        await day.session.execute(update(DeskTicket).where(DeskTicket.id == one.id).values(came))
    (offer,) = await day.now()
    assert (offer.ticket_id, offer.freed) == (ticket.id, "missed")
    assert offer.person_id is None, "nothing is booked, so nobody has to be known"
    done = await day.accept(ticket)
    row = await day.row(ticket)
    assert (done.appointment_folio, row.appointment_folio, row.due_at, row.rank_at) == (
        None,
        None,
        later(-14),
        later(-14),
    )
    assert await day.now() == [], "one ticket an absence"
    assert (await presented_appointment(day.session, folio)).status == "missed"
    late = await check_in.check_in(day.session, day.here.desk, day.here.unit.id, folio)
    assert (await presented_appointment(day.session, folio)).status == "booked", "they may come all the same"
    assert late.number != ticket.number


async def test_an_offer_lapses_when_the_absent_person_comes(day: Day) -> None:
    folio = await day.absent(-12)
    ticket = await walk_in(day.session, day.here)
    moved = {"arrived_at": later(-5), "rank_at": later(15)}
    await day.session.execute(update(DeskTicket).where(DeskTicket.id == ticket.id).values(moved))
    assert len(await day.now()) == 1
    await check_in.check_in(day.session, day.here.desk, day.here.unit.id, folio)
    with pytest.raises(OfferOver):
        await day.accept(ticket)
    assert await day.now() == []
    assert await day.events(ticket) == ["offer.made", "offer.lapsed"]


async def test_who_took_the_place_of_an_absent_person_is_offered_no_other(day: Day) -> None:
    await day.absent(-12)
    ticket = await walk_in(day.session, day.here)
    came = {"arrived_at": later(-5), "rank_at": later(15)}
    await day.session.execute(update(DeskTicket).where(DeskTicket.id == ticket.id).values(came))
    assert len(await day.now()) == 1
    await day.accept(ticket)
    await day.absent(-14, room=2)  # sooner still
    assert await day.now() == []


async def test_a_time_that_someone_is_choosing_is_not_offered(day: Day) -> None:
    await day.freed(10)
    other, place = await places.person(day.session, day.here.unit), places.place(day.here.unit, later(10))
    held = await holds.hold(day.session, day.here.desk, other.id, place, places.once(), is_here=True)
    await day.comes()
    assert await day.now() == []
    await holds.release(day.session, day.here.desk, other.id, held.value.id)
    assert len(await day.now()) == 1


async def test_who_was_left_from_yesterday_is_no_one_s_turn(day: Day) -> None:
    with at_nine(-24 * 60):
        await day.comes()
    await day.freed(10)
    _who, ticket = await day.comes()
    assert [(one.ticket_id, one.place) for one in await day.now()] == [(ticket.id, 1)]


async def test_an_offer_lapses_when_its_person_books_another_time(day: Day) -> None:
    await day.freed(10)
    who, ticket = await day.comes()
    assert len(await day.now()) == 1
    await places.seats(day.session, day.here.unit, start_at=later(24 * 60))
    await places.booked(day.session, who, places.place(day.here.unit, later(24 * 60)))
    with pytest.raises(OfferOver):
        await day.accept(ticket)
    assert await day.now() == []
    assert await day.events(ticket) == ["offer.made", "offer.lapsed"]


async def test_a_time_that_was_booked_and_missed_meanwhile_is_offered_anew_for_that_reason(day: Day) -> None:
    await day.freed(10)
    _who, ticket = await day.comes()
    assert [one.freed for one in await day.now()] == ["cancelled"]
    other, place = await places.person(day.session, day.here.unit), places.place(day.here.unit, later(10))
    held = await holds.hold(day.session, day.here.desk, other.id, place, places.once(), is_here=True)
    booked = await booking.book(day.session, day.here.desk, other.id, held.value.id, places.once(), is_here=True)
    with at_nine(21):
        await attendance.record_missed(day.session, day.here.desk, booked.value.folio)
        assert [one.freed for one in await day.now()] == ["missed"]
        assert await day.events(ticket) == ["offer.made", "offer.lapsed", "offer.made"]
        assert (await day.accept(ticket)).appointment_folio is None


async def test_who_is_unknown_must_be_identified_first(day: Day) -> None:
    await day.freed(10)
    unknown = await walk_in(day.session, day.here)
    found = await offers.offers_now(day.session, day.here.desk, day.here.unit.id)
    assert (found.offers, found.to_identify) == ([], [unknown.number])


async def test_who_has_an_appointment_of_the_service_gets_no_other(day: Day) -> None:
    await day.freed(10)
    with at_nine(-24 * 60):
        who, _made = await patient(day.session, day.here, minutes=24 * 60)
    await day.comes(who)
    assert await day.now() == []


async def test_who_the_rules_refuse_is_not_offered_the_time_and_the_next_is(day: Day) -> None:
    """Of another unit, or without rights."""
    await day.freed(10)
    elsewhere = await clinic(day.session)
    await day.comes(await places.person(day.session, elsewhere.unit))
    await day.comes(await places.person(day.session, day.here.unit, insured=False))
    assert await day.now() == []
    _who, ticket = await day.comes()
    assert [one.ticket_id for one in await day.now()] == [ticket.id]


async def test_an_offer_lapses_when_its_person_loses_the_right_to_it(day: Day) -> None:
    await day.freed(10)
    who, ticket = await day.comes()
    _other, next_one = await day.comes()
    assert [one.ticket_id for one in await day.now()] == [ticket.id]
    elsewhere = await clinic(day.session)
    who.unit_id = elsewhere.unit.id
    await day.session.flush()
    with pytest.raises(Problem) as refused:
        async with kernel_db.savepoint(day.session):
            await day.accept(ticket)
    assert refused.value.slug == "not-your-unit"
    assert [one.ticket_id for one in await day.now()] == [next_one.id]
    assert await day.events(ticket) == ["offer.made", "offer.lapsed"]


async def test_a_ticket_that_left_or_a_time_that_is_over_lapses(day: Day) -> None:
    await day.freed(10)
    await day.freed(12, room=2)
    _who, first = await day.comes()
    _other, second = await day.comes()
    assert len(await day.now()) == 2
    gave_up = LeftBecause.GAVE_UP
    await departures.leave(day.session, day.here.desk, TicketRef(day.here.unit.id, first.id), gave_up)
    (left,) = await day.now()
    assert left.ticket_id == second.id
    with at_nine(11), pytest.raises(OfferOver):
        await day.accept(first)
    with at_nine(13):
        with pytest.raises(OfferOver):
            await day.accept(second)
        assert await day.now() == []
    rows = await day.session.scalars(select(DeskOffer.status).where(DeskOffer.unit_id == day.here.unit.id))
    assert set(rows) == {"lapsed"}


async def test_staff_at_once_never_give_two_tickets_a_time_or_a_ticket_two_times(db: Database) -> None:
    with at_nine():
        async with db.transaction() as session:
            here = await clinic(session)
            day = Day(session, here)
            for minutes, room in ((8, 1), (8, 2), (12, 3)):
                await day.freed(minutes, room)
            tickets = [(await day.comes())[1] for _ in range(5)]
            staff = [await hire(session, here.unit, n) for n in range(50, 54)]

        async def lists(n: int) -> None:
            async with kernel_db.transaction() as own:
                await offers.offers_now(own, staff[n], here.unit.id)

        async def accepts(n: int, ticket_id: UUID) -> str | None:
            try:
                async with kernel_db.transaction() as own:
                    return (await offers.accept(own, staff[n], here.unit.id, ticket_id, places.once())).status
            except (OfferOver, SlotTaken):
                return None

        await asyncio.gather(*(lists(n) for n in range(4)))
        answers = await asyncio.gather(
            *(accepts(n, ticket.id) for n in range(4) for ticket in tickets), *(lists(n) for n in range(4))
        )
        assert [one for one in answers if one] == ["accepted"] * 3
        async with db.transaction() as session:
            accepted = select(DeskOffer).where(DeskOffer.unit_id == here.unit.id, DeskOffer.status == "accepted")
            rows = list(await session.scalars(accepted))
            assert len({(one.room, one.start_at) for one in rows}) == len({one.ticket_id for one in rows}) == 3
            here_booked = select(Appointment.room).where(Appointment.unit_id == here.unit.id)
            live = await session.scalars(here_booked.where(Appointment.status == "booked"))
            assert sorted(live) == [1, 2, 3]
