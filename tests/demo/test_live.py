"""A live day: through the use cases on a real database, it ends everything it began, also when it is stopped."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import text

from app.appointments.service.default_schedules import open_default_schedules
from app.demo import places
from app.demo.clinic.flow import Act
from app.demo.live.preparation import NotDemonstrationError
from app.demo.live.runner import AlreadyLiveError, Happened, Live, LiveReport, run_live
from app.desk.problems import CounterTaken
from app.desk.service import arrivals, counters
from app.desk.service.counters import Seat
from app.identity.service.staff import add_staff
from app.kernel import db as kernel_db
from app.kernel.actor import Role, Staff, System
from app.places.models import Unit
from tests.appointments import factories
from tests.conftest import Database
from tests.forked import Forked, launch
from tests.waiting import until

MORNING = datetime(2026, 10, 6, 13, 30, tzinfo=UTC)
"""Half past seven at the unit, on a Tuesday."""
AT_ONCE = 1_000_000.0
ROOMS = 4

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


@pytest.fixture
def _in_the_morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=True):
        yield


async def demonstration(db: Database, people: int = 40) -> Unit:
    """The first unit of the demonstration with its rooms, seats of today and people; and its receptionist."""
    async with db.transaction() as session:
        unit, furniture = next(places.units())
        session.add(unit)
        await session.flush()
        session.add_all(furniture)
        await session.flush()
        await open_default_schedules(session, System("test"), unit.id, horizon_days=1)
        for number in range(people):
            await factories.person(session, unit, room=1 + number % ROOMS)
        await hired(session, "recepcion", is_demo=True)
    return unit


async def hired(session: Any, username: str, *, is_demo: bool = False) -> Staff:
    made = await add_staff(
        session,
        System("test"),
        username=username,
        full_name="Rosa Díaz",
        password="una frase bastante larga",
        role=Role.RECEPTIONIST,
        unit_ids=None,
        is_demo=is_demo,
    )
    return Staff(made.staff_id, Role.RECEPTIONIST, None)


async def run(stop: asyncio.Event | None = None, **more: Any) -> tuple[LiveReport, list[Happened]]:
    happened: list[Happened] = []
    report = await run_live(Live(**{"speed": AT_ONCE, **more}), stop or asyncio.Event(), happened.append)
    return report, happened


async def ask(question: str) -> list[tuple[Any, ...]]:
    async with kernel_db.reading() as session:
        return [tuple(row) for row in await session.execute(text(question))]


OPEN = """SELECT (SELECT count(*) FROM desk_ticket WHERE ended_at IS NULL),
    (SELECT count(*) FROM counter_session WHERE status <> 'closed')"""
TWICE = """SELECT counter, a.id, b.id FROM
    (SELECT payload->>'window' AS counter, subject_id AS id, min(at) AS since FROM event WHERE type = 'ticket.called'
        GROUP BY 1, 2) a
    JOIN (SELECT subject_id AS id, max(at) AS until FROM event WHERE type IN ('ticket.left', 'ticket.parked',
        'ticket.transferred') GROUP BY 1) e USING (id)
    JOIN (SELECT payload->>'window' AS counter, subject_id AS id, at FROM event WHERE type = 'ticket.called') b
        USING (counter)
    WHERE a.id <> b.id AND b.at > a.since AND b.at < e.until AND NOT EXISTS (
        SELECT FROM event o WHERE o.subject_id = a.id AND o.type IN ('ticket.parked', 'ticket.transferred')
    )"""


@pytest.mark.usefixtures("_in_the_morning")
async def test_a_day_goes_through_the_use_cases_and_ends_all_it_began(db: Database) -> None:
    await demonstration(db)
    report, happened = await run()
    assert report.is_whole
    assert report.appointments == 29
    assert 0 < report.missed < 10
    assert await ask(OPEN) == [(0, 0)]
    assert await ask(TWICE) == []

    counted = dict(await ask("SELECT type, count(*) FROM event WHERE type ~ '^(ticket|counter)' GROUP BY type"))
    arrived = counted["ticket.arrived"]
    assert arrived == counted["ticket.left"] == report.counted[Act.ARRIVE] > 60
    assert counted["ticket.served"] == report.counted[Act.SERVE]
    assert counted["ticket.parked"] > 0
    assert counted["counter.opened"] == counted["counter.closed"] == len(await ask("SELECT number FROM room"))
    assert counted["counter.paused"] == counted["counter.resumed"] > 0
    attended = "SELECT count(*) FROM appointment WHERE status = 'attended'"
    ((came,),) = await ask("SELECT count(*) FROM desk_ticket WHERE appointment_folio IS NOT NULL AND status = 'done'")
    assert await ask(attended) == [(came,)]
    assert came > 15
    # Events are of now: between the first and the last the day's hours took seconds.
    ((span,),) = await ask("SELECT max(at) - min(at) FROM event WHERE type = 'ticket.arrived'")
    assert span.total_seconds() < 120
    assert [one.action.at for one in happened] == sorted(one.action.at for one in happened)


@pytest.mark.usefixtures("_in_the_morning")
async def test_the_same_seed_runs_the_same_day_and_another_day_follows(db: Database) -> None:
    await demonstration(db)
    first, _happened = await run(hours=(8, 9))
    second, _happened = await run(hours=(8, 9))
    assert first.appointments == 29
    # Who never came is still expected.
    assert second.appointments == first.missed
    assert await ask(OPEN) == [(0, 0)]


@pytest.mark.usefixtures("_in_the_morning")
async def test_it_attends_whom_a_page_gave_a_ticket(db: Database) -> None:
    unit = await demonstration(db, people=0)
    async with db.transaction() as session:
        clerk = await hired(session, "otra")
        given = await arrivals.take_number(session, clerk, unit.id, "window")
    await run(hours=(8, 9))
    assert await ask(f"SELECT status <> 'waiting' FROM desk_ticket WHERE id = '{given.id}'") == [(True,)]
    assert await ask(OPEN) == [(0, 0)]


@pytest.mark.usefixtures("_in_the_morning")
async def test_it_refuses_what_is_not_the_demonstration(db: Database) -> None:
    async with db.transaction() as session:
        real = await factories.unit(session)
    with pytest.raises(NotDemonstrationError, match="no demonstration data"):
        await run()
    await demonstration(db, people=0)
    with pytest.raises(NotDemonstrationError, match="isn't a unit of the demonstration"):
        await run(clues=real.clues)
    with pytest.raises(NotDemonstrationError, match="no unit NADA"):
        await run(clues="NADA")
    assert await ask("SELECT count(*) FROM desk_ticket") == [(0,)]
    async with db.transaction() as session:
        await session.execute(text("UPDATE staff SET is_active = false"))
    with pytest.raises(NotDemonstrationError, match="recepcion is missing or deactivated"):
        await run()


@pytest.mark.usefixtures("_in_the_morning")
async def test_one_day_at_a_time_and_no_counter_is_taken_from_anyone(db: Database) -> None:
    unit = await demonstration(db, people=0)
    async with kernel_db.hot_connection() as other:
        await other.execute(text("SELECT pg_advisory_lock(hashtext('demo.live'))"))
        with pytest.raises(AlreadyLiveError):
            await run()
        await other.execute(text("SELECT pg_advisory_unlock(hashtext('demo.live'))"))
    async with db.transaction() as session:
        clerk = await hired(session, "otra")
        await counters.open_counter(session, clerk, Seat(unit.id, 301), ["window"])
    with pytest.raises(CounterTaken):
        await run()
    assert await ask("SELECT counter FROM counter_session WHERE status <> 'closed'") == [(301,)]
    assert await ask("SELECT count(*) FROM desk_ticket WHERE ended_at IS NULL") == [(0,)]


def started(db: Database, log: Path) -> Forked:
    """The command, once it has begun to serve someone."""
    command = [sys.executable, "-m", "app.cli", "demo", "--live", "--speed", "600"]
    address = {"VENTANILLA_DATABASE_URL": db.url.render_as_string(hide_password=False)}
    process = launch(command, os.environ | address, log)
    until(lambda: "serve" in log.read_text() or process.poll() is not None, "it serves no one")
    return process


async def test_ctrl_c_ends_it_cleanly(db: Database, tmp_path: Path) -> None:
    await demonstration(db, people=0)
    process = started(db, tmp_path / "log")
    process.send_signal(signal.SIGINT)
    status, printed = process.wait(60), (tmp_path / "log").read_text()
    assert status == 0, printed
    assert "stopped." in printed
    assert await ask(OPEN) == [(0, 0)]
    counted = "SELECT count(*) FROM event WHERE type = 'ticket.{0}'"
    arrived = await ask(counted.format("arrived"))
    assert arrived == await ask(counted.format("left")) != [(0,)]


@pytest.mark.faults
async def test_the_next_day_closes_what_a_killed_one_left_open(db: Database, tmp_path: Path) -> None:
    await demonstration(db, people=0)
    process = started(db, tmp_path / "log")
    process.kill()
    process.wait(60)
    while await ask("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"):
        await asyncio.sleep(0.05)
    ((tickets, sessions),) = await ask(OPEN)
    assert tickets > 0
    assert sessions > 0
    await run(hours=(8, 9))
    at_counters = OPEN.replace("ended_at IS NULL", "counter IS NOT NULL")
    assert await ask(at_counters) == [(0, 0)]
