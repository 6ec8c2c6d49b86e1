"""Forecasts of waits: stored with the ticket, scored by its first call, from what was seen at the counters."""

import math
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.desk import jobs
from app.desk.events import TicketCalled
from app.desk.models import DeskForecast, DeskTicket, ForecastDay, ServiceTime
from app.desk.queries import forecasts as queries
from app.desk.queries.lines import Waiting, line_of
from app.desk.queries.turns import turn_by_code
from app.desk.rules.tickets import LeftBecause, TicketStatus
from app.desk.rules.turns import Arrival, Turn
from app.desk.service import calls, counters, departures, forecasts
from app.desk.service.arrivals import NewTicket, Visitor, add_ticket
from app.desk.service.counters import Seat
from app.desk.service.tickets import TicketRef
from app.kernel import clock
from app.kernel import db as kernel_db
from app.kernel.actor import Staff
from app.kernel.consumer_runner import catch_up
from app.kernel.consumers import CONSUMERS, rewind
from app.kernel.events import record
from app.kernel.problems import NotFound
from tests.conftest import Database
from tests.desk.factories import SERVICE, Clinic, clinic, open_all, walk_in

_keys = count()


async def stored(session: AsyncSession, ticket: NewTicket) -> DeskForecast | None:
    return await session.get(DeskForecast, (ticket.unit_id, ticket.id), populate_existing=True)


async def waiting(session: AsyncSession, ticket: NewTicket) -> Waiting:
    row = await session.get(DeskTicket, (ticket.unit_id, ticket.id), populate_existing=True)
    assert row is not None
    turn = Turn(row.rank_at, row.first_at)
    return Waiting(row.unit_id, row.id, row.service, row.letter, row.number, turn, row.room)


async def test_a_ticket_has_the_forecast_that_is_stored_with_it(session: AsyncSession) -> None:
    here = await clinic(session, 2)
    await open_all(session, here)
    first, *others = [await walk_in(session, here) for _ in range(9)]
    row = await stored(session, others[-1])
    assert first.forecast is not None
    assert others[-1].forecast is not None
    assert row is not None
    assert (row.low, row.median, row.high) == (
        others[-1].forecast.low,
        others[-1].forecast.median,
        others[-1].forecast.high,
    )
    assert first.forecast.high <= 6 < 20 < others[-1].forecast.median
    assert (row.called_at, row.waited, row.is_inside) == (None, None, None)


async def test_without_an_open_counter_the_ticket_is_given_and_has_none(session: AsyncSession) -> None:
    here = await clinic(session)
    assert (await walk_in(session, here)).forecast is None
    await counters.open_counter(session, here.desk, Seat(here.unit.id, 1), ["dental"])
    given = await walk_in(session, here)
    assert (given.number, given.forecast) == ("A-002", None)
    assert await stored(session, given) is None


async def test_a_forecast_that_fails_gives_the_ticket_all_the_same(session: AsyncSession) -> None:
    here = await clinic(session)
    await open_all(session, here)
    await session.execute(text("ALTER TABLE desk_service_time RENAME TO gone_for_now"))
    given = await walk_in(session, here)
    assert (given.number, given.forecast, len(given.code)) == ("A-001", None, 32)
    assert await session.get(DeskTicket, (given.unit_id, given.id)) is not None


async def test_an_arrival_that_is_reported_late_has_none(session: AsyncSession) -> None:
    here = await clinic(session)
    await open_all(session, here)
    ago = Arrival(clock.now() - timedelta(minutes=30))
    given = await add_ticket(session, here.desk, here.unit.id, Visitor(SERVICE), ago)
    assert given.forecast is None


async def test_the_line_is_who_is_called_before_at_the_counters_that_may_call(session: AsyncSession) -> None:
    """Window 1 attends both services, window 2 the other one alone; a room of one's own doctor is like neither."""
    here = await clinic(session, 3)
    for number, services in enumerate(([SERVICE, "dental"], ["dental"], ["preventive"]), 1):
        await counters.open_counter(session, here.staff[number - 1], Seat(here.unit.id, number), services)
    await walk_in(session, here, "dental")
    await walk_in(session, here, "preventive")
    await walk_in(session, here)
    last = await walk_in(session, here)
    line = await line_of(session, await waiting(session, last))
    assert ([one.key for one in line.counters], line.at) == ([1, 2], (0,))
    assert [one.at for one in line.ahead] == [None, (0,)], "dental goes to either, and preventive is elsewhere"
    await session.execute(text("UPDATE desk_ticket SET room = 2 WHERE id = :id"), {"id": last.id})
    assert not (await line_of(session, await waiting(session, last))).counters, "window 2 doesn't attend it"


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_the_first_call_scores_it_whatever_is_delivered_again(db: Database) -> None:
    assert jobs.score_forecasts is not None
    async with db.transaction() as session:
        here = await clinic(session)
        await open_all(session, here)
        given = [await walk_in(session, here) for _ in range(3)]
    began = clock.now()
    with time_machine.travel(began + timedelta(minutes=4), tick=False):
        called = await call(here.desk)
    await catch_up("desk-forecasts")
    with time_machine.travel(began + timedelta(minutes=9), tick=False):
        async with db.transaction() as session:
            await calls.call_again(session, here.desk, TicketRef(here.unit.id, called))
    async with db.transaction() as session:
        await departures.leave(session, here.desk, TicketRef(here.unit.id, given[2].id), LeftBecause.GAVE_UP)
    await catch_up("desk-forecasts")
    async with db.transaction() as session:
        row = await stored(session, given[0])
        assert row is not None
        assert row.waited == pytest.approx(4, abs=0.1)
        await rewind(CONSUMERS["desk-forecasts"], session)
    await catch_up("desk-forecasts")
    async with db.transaction() as session:
        row = await stored(session, given[0])
        assert row is not None
        assert row.waited == pytest.approx(4, abs=0.1)
        assert row.is_inside is (row.low <= 4 <= row.high)
        own = await queries.accuracy_of(session, here.unit.id, began - timedelta(hours=1))
        assert (own.made, own.called, own.inside) == (3, 1, int(row.is_inside))
        assert own.mean_error == pytest.approx(abs(4 - row.median), abs=0.1)
        assert await queries.accuracy_of(session, here.unit.id, began + timedelta(hours=1)) == queries.NOTHING
        there = await clinic(session)
        assert await queries.accuracy_of(session, there.unit.id, began - timedelta(hours=1)) == queries.NOTHING
        today = clock.today(here.unit.timezone)
        for _ in range(2):
            await forecasts.count_forecasts(session)
            (counted,) = await queries.accuracy_by_unit(session, today, least=1)
            assert (counted.unit_id, counted.accuracy) == (here.unit.id, own)
        assert queries.together([counted]) == own
        assert not await queries.accuracy_by_unit(session, today), "one person called is too few to publish"
        assert not await queries.accuracy_by_unit(session, today + timedelta(days=1), least=1)


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_the_earliest_call_counts_however_late_it_is_delivered(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session)
        await open_all(session, here)
        given = await walk_in(session, here)
    began = clock.now()
    for minutes, counted in ((9, 9), (4, 4), (6, 4), (-5, 4)):  # the last by a clock that is wrong
        about: dict[str, Any] = {"subject_id": given.id, "unit_id": given.unit_id, "service": SERVICE, "window": 1}
        async with db.transaction() as session:
            at = began + timedelta(minutes=minutes)
            await record(session, here.desk, TicketCalled(person_id=None, happened_at=at, **about))
        await catch_up("desk-forecasts")
        async with db.transaction() as session:
            row = await stored(session, given)
            assert row is not None
            assert row.waited == pytest.approx(counted, abs=0.1), minutes


async def test_a_day_that_was_counted_before_the_last_ones_stays_as_it_is(session: AsyncSession) -> None:
    here = await clinic(session)
    await open_all(session, here)
    with time_machine.travel(clock.now() - timedelta(days=4)):
        assert (await walk_in(session, here)).forecast is not None
        day = clock.today(here.unit.timezone)
    sums = {"made": 9, "called": 9, "inside": 1, "simulated_inside": 1, "error_minutes": 1.0}
    session.add(ForecastDay(unit_id=here.unit.id, on_date=day, **sums))
    await session.flush()
    await forecasts.count_forecasts(session)
    row = await session.get_one(ForecastDay, (here.unit.id, day), populate_existing=True)
    assert row.made == 9


async def test_a_unit_is_public_from_ten_people_called_on(session: AsyncSession) -> None:
    here = await clinic(session)
    today = clock.today(here.unit.timezone)
    sums = {"unit_id": here.unit.id, "made": 9, "inside": 1, "simulated_inside": 1, "error_minutes": 1.0}
    session.add(ForecastDay(on_date=today, called=9, **sums))
    await session.flush()
    assert await queries.accuracy_by_unit(session, today - timedelta(days=1)) == []
    session.add(ForecastDay(on_date=today - timedelta(days=1), called=1, **sums))
    await session.flush()
    (shown,) = await queries.accuracy_by_unit(session, today - timedelta(days=1))
    assert shown.accuracy.called == 10


async def call(actor: Staff) -> UUID:
    made = await calls.call_next(kernel_db.grouped_statements(), actor.staff_id, f"call-{next(_keys):06d}")
    return made.id


async def attended(session: AsyncSession, here: Clinic, minutes: float, at: datetime, service: str = SERVICE) -> None:
    """A ticket of the past, from its call to its end."""
    given = await walk_in(session, here, service)
    await session.execute(
        text(
            "UPDATE desk_ticket SET status = 'done', called_at = :at, ended_at = CAST(:at AS timestamptz) + :takes"
            " WHERE id = :id"
        ),
        {"at": at, "takes": timedelta(minutes=minutes), "id": given.id},
    )


async def test_times_are_counted_at_each_level_and_again_with_the_same_result(session: AsyncSession) -> None:
    one, other = await clinic(session), await clinic(session)
    now = clock.now()
    for minutes in (5, 10, 20):
        await attended(session, one, minutes, now)
    await attended(session, other, 80, now)
    for mistake in (0.1, 600):
        await attended(session, one, mistake, now)
    with time_machine.travel(now - timedelta(days=91)):
        await attended(session, one, 30, clock.now())  # too long ago
    for _ in range(2):
        await forecasts.count_service_times(session)
    rows = list(await session.scalars(select(ServiceTime).order_by(ServiceTime.level, ServiceTime.n)))
    assert [(row.level, row.n) for row in rows] == [(1, 4), (2, 4), (3, 1), (3, 3), (4, 1), (4, 3)]
    of_one = next(row for row in rows if (row.level, row.n) == (3, 3))
    assert of_one.mean == pytest.approx(math.log(10))
    assert of_one.variance == pytest.approx(math.log(2) ** 2)
    await open_all(session, one)
    given = await walk_in(session, one)
    next_ = await walk_in(session, one)
    line = await line_of(session, await waiting(session, next_))
    assert [ahead.takes.mean for ahead in line.ahead] == [pytest.approx(2.26, abs=0.2)]
    assert given.forecast is not None


async def test_a_turn_shows_its_place_and_where_to_go_and_nothing_else(session: AsyncSession) -> None:
    here = await clinic(session)
    await open_all(session, here)
    first, second = [await walk_in(session, here) for _ in range(2)]
    assert len({first.code, second.code}) == 2
    seen = await turn_by_code(session, second.code)
    assert (seen.number, seen.status, seen.place, seen.counter) == ("A-002", TicketStatus.WAITING, 2, None)
    assert seen.waiting is not None
    assert await forecasts.forecast_of(session, seen.waiting) is not None
    await session.execute(
        text("UPDATE desk_ticket SET status = 'called', counter = 1, called_at = :now WHERE id = :id"),
        {"now": clock.now(), "id": first.id},
    )
    seen = await turn_by_code(session, first.code)
    assert (seen.place, seen.counter, seen.counter_kind) == (None, 1, "window")
    assert (await turn_by_code(session, second.code)).place == 1
    for wrong in ("0" * 32, first.code[:-1], ""):
        with pytest.raises(NotFound):
            await turn_by_code(session, wrong)
    with time_machine.travel(clock.now() + timedelta(days=1)), pytest.raises(NotFound):
        await turn_by_code(session, first.code)
