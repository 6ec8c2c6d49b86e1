"""Tickets: numbers without gaps, one call a ticket, and what becomes of it at the counter."""

import asyncio
from datetime import datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select, text

from app.desk import problems
from app.desk.models import DeskTicket
from app.desk.rules import tickets
from app.desk.rules.tickets import LeftBecause, TicketAction, TicketStatus
from app.desk.rules.turns import Turn, call_order
from app.desk.service import arrivals, calls, counters, departures
from app.desk.service.calls import Call
from app.desk.service.counters import Seat
from app.desk.service.tickets import TicketRef
from app.identity.problems import TokenExpired, WrongRole
from app.kernel import clock
from app.kernel import db as kernel_db
from app.kernel.actor import Staff
from app.kernel.ids import new_id
from app.kernel.problems import NotFound
from tests.appointments import factories as places
from tests.conftest import Database
from tests.desk.factories import SERVICE, Clinic, clinic, open_all, walk_in

_keys = count()


async def call(actor: Staff, key: str | None = None) -> Call:
    return await calls.call_next(kernel_db.grouped_statements(), actor.staff_id, key or f"call-{next(_keys):06d}")


async def statuses(db: Database, here: Clinic) -> list[str]:
    async with db.transaction() as session:
        rows = select(DeskTicket.status).where(DeskTicket.unit_id == here.unit.id).order_by(DeskTicket.number)
        return list(await session.scalars(rows))


async def test_numbers_are_consecutive_when_everybody_arrives_at_once(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session)
        await walk_in(session, here)

    async def arrive(service: str) -> str:
        async with kernel_db.transaction() as session:
            return (await walk_in(session, here, service)).number

    async def refused() -> None:
        async with kernel_db.transaction() as session:
            await walk_in(session, here)
            raise ZeroDivisionError

    given = await asyncio.gather(
        *(arrive(SERVICE) for _ in range(20)),
        *(arrive("dental") for _ in range(5)),
        *(refused() for _ in range(5)),
        return_exceptions=True,
    )
    assert {type(one) for one in given if not isinstance(one, str)} == {ZeroDivisionError}
    numbers = sorted(one for one in given if isinstance(one, str))
    assert numbers == [f"A-{n:03d}" for n in range(2, 22)] + [f"B-{n:03d}" for n in range(1, 6)]


async def test_a_hundred_counters_call_the_first_hundred_and_no_ticket_twice(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session, 100)
        await open_all(session, here)
        for _ in range(130):
            await walk_in(session, here)
        rows = list(await session.scalars(select(DeskTicket).where(DeskTicket.unit_id == here.unit.id)))
    now = clock.now()
    order = sorted(rows, key=lambda one: call_order(Turn(one.rank_at, one.first_at), one.number, now))
    called = await asyncio.gather(*(call(actor) for actor in here.staff))
    assert len({one.id for one in called}) == 100
    assert {one.id for one in called} == {one.id for one in order[:100]}
    assert sorted(one.counter for one in called) == list(range(1, 101))


async def test_the_same_call_again_gives_the_same_ticket_also_at_the_same_moment(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session)
        await open_all(session, here)
        for _ in range(3):
            await walk_in(session, here)
    once = await asyncio.gather(*(call(here.desk, "one-key-1") for _ in range(6)), return_exceptions=True)
    ids = {one.id for one in once if isinstance(one, Call)}
    assert len(ids) == 1
    assert {type(one) for one in once} <= {Call, problems.CounterBusy}
    assert (await call(here.desk, "one-key-1")).id in ids
    assert sorted(await statuses(db, here)) == ["called", "waiting", "waiting"]


async def test_the_order_in_the_database_is_that_of_the_rule(db: Database) -> None:
    """With some beyond their limit and some not, of both classes."""
    async with db.transaction() as session:
        here = await clinic(session)
        await open_all(session, here)
        midnight = datetime.combine(clock.today(here.unit.timezone), time(), ZoneInfo(here.unit.timezone))
        for minutes in (5, 170, 40, 90, 200, 300, 1):
            # The hours before midnight belong to another day: what can't be so old today came at its first instant.
            came_at = max(clock.now() - timedelta(minutes=minutes), midnight)
            with time_machine.travel(came_at, tick=False):
                await walk_in(session, here)
        rows = list(await session.scalars(select(DeskTicket).where(DeskTicket.unit_id == here.unit.id)))
    now = clock.now()
    order = sorted(rows, key=lambda one: call_order(Turn(one.rank_at, one.first_at), one.number, now))
    called = []
    for _ in rows:
        one = await call(here.desk)
        called.append(one.id)
        async with db.transaction() as session:
            await calls.serve(session, here.desk, TicketRef(here.unit.id, one.id))
            await calls.finish(session, here.desk, TicketRef(here.unit.id, one.id))
    assert called == [one.id for one in order]
    with pytest.raises(problems.QueueIsEmpty):
        await call(here.desk)


async def test_a_counter_has_one_ticket_at_a_time_and_calls_only_while_open(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session, 2)
        await counters.open_counter(session, here.desk, Seat(here.unit.id, 1), [SERVICE])
        for _ in range(2):
            await walk_in(session, here)
    await call(here.desk)
    with pytest.raises(problems.CounterBusy):
        await call(here.desk)
    with pytest.raises(problems.CounterClosed):
        await call(here.staff[1])
    async with db.transaction() as session:
        with pytest.raises(problems.CounterTaken):
            await counters.open_counter(session, here.staff[1], Seat(here.unit.id, 1), [SERVICE])
        with pytest.raises(problems.CounterTaken):
            await counters.open_counter(session, here.desk, Seat(here.unit.id, 2), [SERVICE])
        with pytest.raises(problems.CounterBusy):
            await counters.close_counter(session, here.desk)
        await counters.pause_counter(session, here.desk)
    with pytest.raises(problems.CounterClosed):
        await call(here.desk)
    with pytest.raises(TokenExpired):
        await calls.call_next(kernel_db.grouped_statements(), new_id(), "nobody-at-all")


async def test_a_whole_stay_with_every_turn_it_can_take(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session)
        await open_all(session, here, [SERVICE, "window"])
        await walk_in(session, here)
    first = await call(here.desk)
    unit, desk = here.unit.id, here.desk
    async with db.transaction() as session:
        await departures.park(session, desk, TicketRef(unit, first.id))
        await departures.put_back(session, desk, TicketRef(unit, first.id))
    assert (await call(desk)).id == first.id
    async with db.transaction() as session:
        with pytest.raises(problems.CallAgain):
            await departures.leave(session, desk, TicketRef(unit, first.id), LeftBecause.NO_ANSWER)
    async with db.transaction() as session:
        await calls.call_again(session, desk, TicketRef(unit, first.id))
        gone = await departures.leave(session, desk, TicketRef(unit, first.id), LeftBecause.NO_ANSWER)
        assert (gone.status, gone.counter, gone.calls) == ("left", None, 3)
        await departures.undo_leave(session, desk, TicketRef(unit, first.id))
    assert (await call(desk)).id == first.id
    async with db.transaction() as session:
        await calls.serve(session, desk, TicketRef(unit, first.id))
        moved = await departures.transfer(session, desk, TicketRef(unit, first.id), "window")
        assert (moved.status, moved.service, moved.calls) == ("waiting", "window", 0)
    assert (await call(desk)).service == "window"
    async with db.transaction() as session:
        await calls.serve(session, desk, TicketRef(unit, first.id))
        await calls.finish(session, desk, TicketRef(unit, first.id))
        with pytest.raises(problems.TicketNotInState):
            await departures.leave(session, desk, TicketRef(unit, first.id), LeftBecause.GAVE_UP)
        log = await session.scalars(
            text("SELECT type FROM event WHERE subject_id = :id ORDER BY id").bindparams(id=first.id)
        )
        assert list(log) == [
            *("ticket.arrived", "ticket.called", "ticket.parked", "ticket.returned", "ticket.called", "ticket.called"),
            *("ticket.left", "ticket.returned", "ticket.called", "ticket.served", "ticket.transferred"),
            *("ticket.called", "ticket.served", "ticket.left"),
        ]


async def test_a_person_twice_in_a_queue_is_one_ticket(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session)
        ana = await places.person(session, here.unit)

    async def arrive() -> str:
        async with kernel_db.transaction() as session:
            return (await arrivals.take_number(session, here.desk, here.unit.id, SERVICE, person_id=ana.id)).number

    given = await asyncio.gather(*(arrive() for _ in range(8)), return_exceptions=True)
    assert [one for one in given if isinstance(one, str)] == ["A-001"]
    assert {type(one) for one in given if not isinstance(one, str)} == {problems.AlreadyWaiting}
    async with db.transaction() as session:
        assert (await walk_in(session, here)).number == "A-002"


async def test_only_who_attends_people_at_the_unit(db: Database) -> None:
    async with db.transaction() as session:
        here, there = await clinic(session), await clinic(session)
        ticket = await walk_in(session, here)
        with pytest.raises(WrongRole):
            await arrivals.take_number(session, there.desk, here.unit.id, SERVICE)
        with pytest.raises(WrongRole):
            await counters.open_counter(session, there.desk, Seat(here.unit.id, 1), [SERVICE])
        with pytest.raises(NotFound):
            await departures.park(session, there.desk, TicketRef(here.unit.id, ticket.id))
        with pytest.raises(NotFound):
            await counters.open_counter(session, here.desk, Seat(here.unit.id, 9), [SERVICE])


def test_every_action_is_refused_where_the_table_has_none() -> None:
    for status in TicketStatus:
        for action in TicketAction:
            if (status, action) in tickets.TRANSITIONS:
                assert tickets.step(status, action) is tickets.TRANSITIONS[status, action]
            else:
                with pytest.raises(problems.TicketNotInState):
                    tickets.step(status, action)


def test_who_left_can_be_put_back_for_half_an_hour() -> None:
    ended = clock.now()
    tickets.require_undoable(ended, ended + timedelta(minutes=30))
    with pytest.raises(problems.TicketUndoTooLate):
        tickets.require_undoable(ended, ended + timedelta(minutes=30, seconds=1))
