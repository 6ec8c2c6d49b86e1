"""Whom a desk finds: anyone of the agency, by whatever they show or say; and how an appointment stands there."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.rules import Status
from app.desk.queries import people
from app.desk.queries.reception import reception_day
from app.desk.rules.scans import folio_in
from app.desk.rules.tickets import TicketStatus
from app.desk.rules.visits import AtDesk, Presented, at_desk
from app.desk.service import arrivals
from app.desk.service.check_in import check_in
from app.identity.problems import WrongRole
from app.kernel import ids
from app.kernel.problems import NotFound
from app.registry.models import FormerCurp, Person
from app.requests.problems import NothingToSearch
from tests.appointments import factories as places
from tests.desk.factories import Clinic, clinic, walk_in

NINE = datetime(2026, 10, 6, 15, tzinfo=UTC)
CURP, OLD_CURP = "GOAL661013MTCNGZ06", "AACD970228HMSLSG09"


async def named(session: AsyncSession, here: Clinic, given_names: str, first: str, second: str | None = None) -> Person:
    who = await places.person(session, here.unit)
    who.given_names, who.first_surname, who.second_surname = given_names, first, second
    await session.flush()
    return who


async def names_found(session: AsyncSession, here: Clinic, typed: str) -> list[str]:
    found = await people.find_people(session, here.desk, here.unit.id, typed)
    return [f"{one.full_name}{'' if one.is_ours else ' elsewhere'}" for one in found]


async def test_people_are_found_by_words_of_their_name_those_of_the_unit_first(session: AsyncSession) -> None:
    here, there = await clinic(session), await clinic(session)
    await named(session, there, "María José", "Núñez", "Peña")
    await named(session, here, "Ana María", "Nuñez", None)
    await named(session, here, "Mariana", "Ochoa", "D'Angelo")
    await named(session, there, "ÍTALO", "ÁVILA-Cano", "Ñu")
    found = await names_found(session, here, "maria NUÑEZ")
    assert found == ["Ana María Nuñez", "María José Núñez Peña elsewhere"]
    assert await names_found(session, here, "nunez ana") == ["Ana María Nuñez"]
    assert await names_found(session, here, "dangelo") == []
    assert await names_found(session, here, "d'angelo mariana") == ["Mariana Ochoa D'Angelo"]
    assert await names_found(session, here, "italo cano ñu") == ["ÍTALO ÁVILA-Cano Ñu elsewhere"]


async def test_the_last_word_may_be_unfinished_from_three_letters_on(session: AsyncSession) -> None:
    here, there = await clinic(session), await clinic(session)
    await named(session, here, "Tlacaélel", "Quetzalli")
    await named(session, there, "Tlaloc", "Xicoténcatl")
    assert await names_found(session, here, "tla") == ["Tlacaélel Quetzalli"]
    assert await names_found(session, here, "xicot") == ["Tlaloc Xicoténcatl elsewhere"]
    assert await names_found(session, here, "tl") == []
    assert await names_found(session, here, "quetz tlacaelel") == [], "the last word alone"


async def test_what_a_search_finds_is_what_the_index_holds_after_a_change(session: AsyncSession) -> None:
    here, there = await clinic(session), await clinic(session)
    who = await named(session, here, "Wenceslao", "Zamudio")
    who.unit_id, who.room, who.given_names = there.unit.id, None, "Nicanor"
    await session.flush()
    assert await names_found(session, here, "wenceslao") == []
    assert await names_found(session, here, "nicanor") == ["Nicanor Zamudio elsewhere"]


async def test_curp_former_curp_and_nss_find_one_person(session: AsyncSession) -> None:
    here, there = await clinic(session), await clinic(session)
    who = await named(session, there, "Luz", "González")
    who.curp, who.nss = CURP, "01159700408"
    session.add(FormerCurp(curp=OLD_CURP, person_id=who.id, replaced_at=NINE))
    await session.flush()
    for typed in (CURP, CURP.lower(), OLD_CURP, "01159700408", "011 597 00408"):
        assert await names_found(session, here, typed) == ["Luz González elsewhere"], typed


async def test_nothing_to_search_and_who_may_not(session: AsyncSession) -> None:
    here, there = await clinic(session), await clinic(session)
    for nothing in ("", "  ", "¿?", "--"):
        with pytest.raises(NothingToSearch):
            await people.find_people(session, here.desk, here.unit.id, nothing)
    with pytest.raises(WrongRole):
        await people.find_people(session, here.desk, there.unit.id, "Ana")
    with pytest.raises(NotFound):
        await people.person_at_desk(session, here.desk, here.unit.id, ids.new_id())


async def test_who_is_attended_here_is_seen_whole_and_others_by_todays_appointment(session: AsyncSession) -> None:
    here, there = await clinic(session), await clinic(session)
    here.unit.latitude, here.unit.longitude, there.unit.latitude, there.unit.longitude = 19.45, -99.13, 19.43, -99.13
    with time_machine.travel(NINE - timedelta(days=1), tick=True):
        who = await places.person(session, there.unit)
        await places.seats(session, there.unit, start_at=NINE)
        made = await places.booked(session, who, places.place(there.unit, NINE))
        later = NINE + timedelta(days=3)
        await places.seats(session, there.unit, start_at=later, service="window", room=9)
        other = await places.booked(session, who, places.place(there.unit, later, room=9, service="window"))
    with time_machine.travel(NINE, tick=True):
        found = (await people.find_people(session, here.desk, here.unit.id, made.folio))[0]
        assert (found.id, found.is_ours) == (who.id, False)
        seen = await people.person_at_desk(session, here.desk, here.unit.id, who.id)
        assert not seen.is_ours
        only = await people.visits_of(session, here.unit.id, seen)
        assert [(one.folio, one.is_here, one.km, one.at_desk) for one in only] == [
            (made.folio, False, 2.2, AtDesk.ELSEWHERE)
        ]
        shown = await people.visits_of(session, here.unit.id, seen, other.folio)
        assert [one.folio for one in shown] == [made.folio, other.folio], "and the one whose folio they show"
        at_theirs = await people.person_at_desk(session, there.desk, there.unit.id, who.id)
        assert at_theirs.is_ours
        both = await people.visits_of(session, there.unit.id, at_theirs)
        assert [(one.folio, one.at_desk) for one in both] == [
            (made.folio, AtDesk.ARRIVE),
            (other.folio, AtDesk.OTHER_DAY),
        ]


async def test_an_appointment_here_makes_a_person_of_another_unit_attended_here(session: AsyncSession) -> None:
    here, there = await clinic(session), await clinic(session)
    with time_machine.travel(NINE - timedelta(days=1), tick=True):
        who = await places.person(session, there.unit)
        await places.seats(session, here.unit, start_at=NINE, service="window", room=9)
        made = await places.booked(session, who, places.place(here.unit, NINE, room=9, service="window"))
        assert not (await people.person_at_desk(session, here.desk, here.unit.id, who.id)).is_ours
    with time_machine.travel(NINE, tick=True):
        seen = await people.person_at_desk(session, here.desk, here.unit.id, who.id)
        assert seen.is_ours
        ticket = await check_in(session, here.desk, here.unit.id, made.folio)
        visit = (await people.visits_of(session, here.unit.id, seen))[0]
        assert (visit.at_desk, visit.ticket_id, visit.ticket_number) == (AtDesk.WAITING, ticket.id, "A-001")
        assert [one.place for one in await people.tickets_of(session, here.unit.id, who.id)] == [1]


async def test_the_day_of_a_reception_counts_who_waits_and_who_came(session: AsyncSession) -> None:
    here, there = await clinic(session), await clinic(session)
    with time_machine.travel(NINE - timedelta(days=1), tick=True):
        await places.seats(session, here.unit, start_at=NINE, count=2)
        made = [
            await places.booked(
                session,
                await places.person(session, here.unit),
                places.place(here.unit, NINE + timedelta(minutes=15 * number)),
            )
            for number in range(2)
        ]
    with time_machine.travel(NINE, tick=False) as clock:
        await check_in(session, here.desk, here.unit.id, made[0].folio)
        await walk_in(session, here, "window")
        clock.shift(timedelta(minutes=12))
        await walk_in(session, here, "window")
        day = await reception_day(session, here.desk, here.unit.id)
        assert (day.appointments, day.arrived, day.waiting, day.longest_minutes) == (2, 1, 3, 12)
        assert [(one.letter, one.waiting, one.arrived) for one in day.queues] == [("A", 1, 1), ("B", 2, 2)]
    with pytest.raises(NotFound):
        await reception_day(session, here.desk, there.unit.id)


async def test_who_shows_the_folio_of_an_appointment_as_a_request_gets_no_number(session: AsyncSession) -> None:
    here = await clinic(session)
    with pytest.raises(NotFound):
        await arrivals.take_number(session, here.desk, here.unit.id, "window", request_folio=ids.new_folio("R"))


folios = st.builds(lambda _: ids.new_folio("C"), st.none())


@given(folio=folios, before=st.sampled_from(["", "https://x.mx/citas/", "https://x.mx/verificar?f=", "Ana"]))
def test_a_folio_is_found_whatever_is_around_it(folio: str, before: str) -> None:
    assert folio_in(before + folio) == folio
    assert folio_in(f"{before}{folio}?aviso=ya#q") == folio
    assert folio_in(folio.replace("-", "'")) == folio, "a scanner that takes the keyboard for another"
    assert folio_in(f"httpsÑ--x.mx-citas-{folio.replace('-', chr(39))}") == folio


@given(first=folios, second=folios)
def test_of_two_folios_the_last_was_scanned_last(first: str, second: str) -> None:
    assert folio_in(first + second) == second


@pytest.mark.parametrize("nothing", ["", "Ana María", "C-0000-0000", "C-00000-00000-9", "12345678901", CURP])
def test_no_folio_where_there_is_none(nothing: str) -> None:
    assert folio_in(nothing) is None


@pytest.mark.parametrize(
    ("shown", "stands"),
    [
        (Presented(Status.BOOKED, True, True, False, None), AtDesk.ARRIVE),
        (Presented(Status.BOOKED, True, True, False, TicketStatus.LEFT), AtDesk.ARRIVE),
        (Presented(Status.BOOKED, True, True, False, TicketStatus.PARKED), AtDesk.WAITING),
        (Presented(Status.BOOKED, True, True, True, TicketStatus.WAITING), AtDesk.WAITING),
        (Presented(Status.BOOKED, True, True, False, TicketStatus.DONE), AtDesk.ATTENDED),
        (Presented(Status.BOOKED, True, True, True, None), AtDesk.CLOSED),
        (Presented(Status.MISSED, True, True, False, None), AtDesk.MISSED),
        (Presented(Status.BOOKED, True, False, True, None), AtDesk.OTHER_DAY),
        (Presented(Status.BOOKED, False, True, True, None), AtDesk.ELSEWHERE),
        (Presented(Status.CANCELLED, False, False, False, None), AtDesk.CANCELLED),
        (Presented(Status.ATTENDED, True, True, False, TicketStatus.DONE), AtDesk.ATTENDED),
        (Presented(Status.UNSERVED, True, True, False, None), AtDesk.UNSERVED),
    ],
)
def test_how_an_appointment_stands_at_a_desk(shown: Presented, stands: AtDesk) -> None:
    assert at_desk(shown) is stands
