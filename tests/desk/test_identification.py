"""Whose ticket it is, said after it was given: it keeps its number and its place."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.service import reschedule
from app.desk.models import DeskTicket
from app.desk.problems import AlreadyWaiting, PersonIsHere, TicketHasPerson, TicketNotInState
from app.desk.rules.tickets import CorrectedBecause, LeftBecause
from app.desk.rules.turns import Arrival, TurnPolicy, turn_of
from app.desk.service import arrivals, attendance, calls, departures, offers
from app.desk.service.check_in import check_in
from app.desk.service.day_end import end_days
from app.desk.service.identification import correct, identify
from app.desk.service.tickets import TicketRef
from app.kernel import ids
from app.kernel.problems import NotFound, Stale
from tests.appointments import factories as places
from tests.desk.factories import SERVICE, Clinic, at_nine, clinic, open_all, patient, walk_in


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


async def appointment_of(session: AsyncSession, folio: str) -> str:
    return str((await session.execute(text("SELECT status FROM appointment WHERE folio = :f"), {"f": folio})).scalar())


async def test_the_ticket_takes_the_appointment_as_a_check_in_would(session: AsyncSession) -> None:
    with at_nine(-24 * 60):
        here = await clinic(session)
        who, made = await patient(session, here, minutes=80)
    with at_nine():
        given = await walk_in(session, here)
    with at_nine(5):
        await identify(session, here.desk, TicketRef(here.unit.id, given.id), who.id)
        after = await ticket_of(session, here, given.id)
        turn = turn_of(Arrival(after.arrived_at, made.start_at), TurnPolicy())
        assert (after.number, after.appointment_folio, after.due_at, after.room) == (1, made.folio, made.start_at, 1)
        assert (after.rank_at, after.first_at) == (turn.rank_at, turn.first_at)
        with pytest.raises(AlreadyWaiting) as refused:
            await check_in(session, here.desk, here.unit.id, made.folio)
        assert refused.value.values["number"] == given.number
        arrived = text("SELECT payload->>'walk_in' FROM event WHERE type = 'ticket.arrived' AND subject_id = :id")
        recorded = await session.execute(arrived, {"id": given.id})
        assert [row[0] for row in recorded] == ["true", "false"]
    with at_nine(24 * 60):
        await end_days(session, here.unit.id)
        assert await appointment_of(session, made.folio) == "unserved"


@pytest.mark.parametrize("service", [SERVICE, "dental"])
async def test_an_appointment_hours_away_or_of_another_service_is_not_taken(
    session: AsyncSession, service: str
) -> None:
    with at_nine(-24 * 60):
        here = await clinic(session)
        who, made = await patient(session, here, minutes=121 if service == SERVICE else 60)
    with at_nine():
        given = await arrivals.take_number(session, here.desk, here.unit.id, service)
        await identify(session, here.desk, TicketRef(here.unit.id, given.id), who.id)
        assert (await ticket_of(session, here, given.id)).appointment_folio is None
        if service == SERVICE:  # the same queue: their place would be a later one
            with pytest.raises(AlreadyWaiting):
                await check_in(session, here.desk, here.unit.id, made.folio)
        else:
            other = await check_in(session, here.desk, here.unit.id, made.folio)
            assert (other.id != given.id, other.appointment_folio) == (True, made.folio)
    with at_nine(2):
        later = await check_in(session, here.desk, here.unit.id, made.folio) if service == SERVICE else other
        assert (later.id == given.id) == (service == SERVICE), "it takes over the ticket of its own queue alone"
        assert (later.appointment_folio, later.due_at) == (made.folio, made.start_at)


@pytest.mark.parametrize("call", [False, True])
async def test_check_in_takes_over_the_ticket_that_the_person_has(session: AsyncSession, call: bool) -> None:
    with at_nine(-24 * 60):
        here = await clinic(session)
        who, made = await patient(session, here, minutes=180)
    with at_nine():
        given = await arrivals.take_number(session, here.desk, here.unit.id, SERVICE, person_id=who.id)
        assert given.appointment_folio is None
        if call:
            await open_all(session, here)
            await calls.call_ticket(session, here.desk, TicketRef(here.unit.id, given.id))
    with at_nine(170):
        taken = await check_in(session, here.desk, here.unit.id, made.folio, is_protected=True)
        assert (taken.id, taken.number, taken.code) == (given.id, given.number, given.code)
        after = await ticket_of(session, here, given.id)
        assert (after.appointment_folio, after.due_at, after.is_protected) == (made.folio, made.start_at, True)
        assert after.first_at == given.arrived_at + timedelta(minutes=180), "the limit of the wait stays"
        if call:
            await calls.serve(session, here.desk, TicketRef(here.unit.id, given.id))
            await calls.finish(session, here.desk, TicketRef(here.unit.id, given.id))
            assert await appointment_of(session, made.folio) == "attended"


async def test_a_number_for_a_known_person_is_for_their_appointment(session: AsyncSession) -> None:
    with at_nine(-24 * 60):
        here = await clinic(session)
        who, made = await patient(session, here, minutes=30)
    with at_nine():
        given = await arrivals.take_number(session, here.desk, here.unit.id, SERVICE, person_id=who.id)
        assert (given.appointment_folio, given.due_at) == (made.folio, made.start_at)


async def test_who_is_sent_on_to_the_queue_of_their_appointment_is_checked_in(session: AsyncSession) -> None:
    with at_nine(-24 * 60):
        here = await clinic(session)
        who, made = await patient(session, here, minutes=30)
    with at_nine():
        await open_all(session, here, [SERVICE, "window"])
        given = await arrivals.take_number(session, here.desk, here.unit.id, "window", person_id=who.id)
        at = TicketRef(here.unit.id, given.id)
        await calls.call_ticket(session, here.desk, at)
        await calls.serve(session, here.desk, at)
        await departures.transfer(session, here.desk, at, SERVICE)
        assert (await ticket_of(session, here, given.id)).appointment_folio == made.folio


@pytest.mark.parametrize(("served", "status"), [(True, "attended"), (False, "unserved")])
async def test_who_was_here_without_checking_in_is_not_missed(session: AsyncSession, served: bool, status: str) -> None:
    with at_nine(-24 * 60):
        here = await clinic(session)
        who, made = await patient(session, here, minutes=180)
    with at_nine():
        await open_all(session, here)
        given = await arrivals.take_number(session, here.desk, here.unit.id, SERVICE, person_id=who.id)
        at = TicketRef(here.unit.id, given.id)
        await calls.call_ticket(session, here.desk, at)
        if served:
            await calls.serve(session, here.desk, at)
            await calls.finish(session, here.desk, at)
    with at_nine(200), pytest.raises(PersonIsHere):
        await attendance.record_missed(session, here.desk, made.folio)
    with at_nine(24 * 60):
        await end_days(session, here.unit.id)
        assert await appointment_of(session, made.folio) == status


async def test_a_wrong_person_is_replaced_and_their_appointment_is_free_of_the_ticket(session: AsyncSession) -> None:
    with at_nine(-24 * 60):
        here = await clinic(session)
        wrong, made = await patient(session, here, minutes=20, birth_on=date(1950, 1, 2))
        right, hers = await patient(session, here, minutes=40)
    with at_nine():
        given = await walk_in(session, here)
        at = TicketRef(here.unit.id, given.id)
        before = await identify(session, here.desk, at, wrong.id)
        assert (before.appointment_folio, before.is_protected) == (made.folio, True)
        seen = TicketRef(here.unit.id, given.id, before.version)
        because = CorrectedBecause.WRONG_CHOICE
        after = await correct(session, here.desk, seen, right.id, because)
        assert (after.person_id, after.number, after.appointment_folio) == (right.id, 1, hers.folio)
        assert (after.is_protected, after.rank_at) == (False, hers.start_at)
        with pytest.raises(Stale):
            await correct(session, here.desk, seen, None, because)
        recorded = await session.execute(
            text("SELECT person_id, payload FROM event WHERE type = 'ticket.person-corrected' AND subject_id = :id"),
            {"id": given.id},
        )
        person_id, payload = recorded.one()
        assert (person_id, payload["because"], payload["was_person_id"]) == (right.id, because.value, str(wrong.id))
        assert await appointment_of(session, made.folio) == "booked"
        assert (await check_in(session, here.desk, here.unit.id, made.folio)).number == "A-002"


async def test_a_wrong_person_is_taken_back_while_the_ticket_is_open(session: AsyncSession) -> None:
    with at_nine(-24 * 60):
        here, there = await clinic(session), await clinic(session)
        wrong, made = await patient(session, here, minutes=20)
    with at_nine():
        given = await walk_in(session, here)
        at = TicketRef(here.unit.id, given.id)
        place = (await ticket_of(session, here, given.id)).rank_at
        await identify(session, here.desk, at, wrong.id)
        with pytest.raises(NotFound):
            await correct(session, there.desk, at, None, CorrectedBecause.UNSURE)
        after = await correct(session, here.desk, at, None, CorrectedBecause.UNSURE, is_protected=True)
        assert (after.person_id, after.appointment_folio, after.due_at, after.room) == (None, None, None, None)
        assert after.rank_at == place - timedelta(minutes=15)
        await departures.leave(session, here.desk, at, LeftBecause.GAVE_UP)
        with pytest.raises(TicketNotInState):
            await correct(session, here.desk, at, wrong.id, CorrectedBecause.UNSURE)
    with at_nine(24 * 60):
        await end_days(session, here.unit.id)
        assert await appointment_of(session, made.folio) == "missed"
