"""Whose ticket it is, said after it was given: it keeps its number and its place."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.service import reschedule
from app.desk.models import DeskTicket
from app.desk.problems import AlreadyWaiting, TicketHasPerson, TicketNotInState
from app.desk.rules.tickets import LeftBecause
from app.desk.rules.turns import Arrival, TurnPolicy, turn_of
from app.desk.service import arrivals, departures, offers
from app.desk.service.identification import identify
from app.desk.service.tickets import TicketRef
from app.kernel import ids
from app.kernel.problems import NotFound
from tests.appointments import factories as places
from tests.desk.factories import SERVICE, Clinic, at_nine, clinic, patient, walk_in


async def ticket_of(session: AsyncSession, here: Clinic, ticket_id: object) -> DeskTicket:
    return await session.get_one(DeskTicket, (here.unit.id, ticket_id), populate_existing=True)


async def test_an_unknown_ticket_gets_its_person_and_keeps_number_and_place(session: AsyncSession) -> None:
    with at_nine():
        here = await clinic(session)
        who = await places.person(session, here.unit)
        given = await walk_in(session, here)
        before = await ticket_of(session, here, given.id)
        place = (before.number, before.rank_at, before.first_at, before.arrived_at)
        await identify(session, here.desk, TicketRef(here.unit.id, given.id), who.id)
        after = await ticket_of(session, here, given.id)
        assert (after.number, after.rank_at, after.first_at, after.arrived_at) == place
        assert (after.person_id, after.is_protected) == (who.id, False)
        found = await session.execute(
            text("SELECT person_id, actor_id FROM event WHERE type = 'ticket.identified' AND subject_id = :id"),
            {"id": given.id},
        )
        assert found.all() == [(who.id, here.desk.staff_id)]
        again = await identify(session, here.desk, TicketRef(here.unit.id, given.id), who.id)
        assert again.version == after.version, "said twice, it is done once"


async def test_older_people_are_moved_forward_as_on_arrival(session: AsyncSession) -> None:
    with at_nine():
        here = await clinic(session)
        who = await places.person(session, here.unit, birth_on=date(1950, 1, 2))
        given = await walk_in(session, here)
    with at_nine(5):
        await identify(session, here.desk, TicketRef(here.unit.id, given.id), who.id)
        after = await ticket_of(session, here, given.id)
        turn = turn_of(Arrival(after.arrived_at, is_protected=True), TurnPolicy())
        assert (after.is_protected, after.rank_at, after.first_at) == (True, turn.rank_at, turn.first_at)


async def test_what_refuses_it(session: AsyncSession) -> None:
    with at_nine():
        here, there = await clinic(session), await clinic(session)
        who, other = await places.person(session, here.unit), await places.person(session, here.unit)
        mine = await arrivals.take_number(session, here.desk, here.unit.id, SERVICE, person_id=who.id)
        unknown, gone = await walk_in(session, here), await walk_in(session, here)
        at = TicketRef(here.unit.id, unknown.id)
        with pytest.raises(AlreadyWaiting) as refused:
            await identify(session, here.desk, at, who.id)
        assert refused.value.values["number"] == mine.number
        with pytest.raises(TicketHasPerson):
            await identify(session, here.desk, TicketRef(here.unit.id, mine.id), other.id)
        await departures.leave(session, here.desk, TicketRef(here.unit.id, gone.id), LeftBecause.GAVE_UP)
        with pytest.raises(TicketNotInState):
            await identify(session, here.desk, TicketRef(here.unit.id, gone.id), other.id)
        for actor, person_id in ((there.desk, other.id), (here.desk, ids.new_id())):
            with pytest.raises(NotFound):
                await identify(session, actor, at, person_id)
        assert (await ticket_of(session, here, unknown.id)).person_id is None


async def test_who_was_identified_is_offered_the_freed_time(session: AsyncSession) -> None:

    with at_nine(-24 * 60):
        here = await clinic(session)
        _who, made = await patient(session, here, minutes=10)
        await reschedule.cancel(session, here.desk, made.folio, "other", places.once())
    with at_nine():
        who = await places.person(session, here.unit)
        given = await walk_in(session, here)
        assert (await offers.offers_now(session, here.desk, here.unit.id)).to_identify == [given.number]
        await identify(session, here.desk, TicketRef(here.unit.id, given.id), who.id)
        found = await offers.offers_now(session, here.desk, here.unit.id)
        assert ([one.number for one in found.offers], found.to_identify) == ([given.number], [])
