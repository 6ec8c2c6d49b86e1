"""A clock that jumps by 35 days, the worker's or the database's: nothing is deleted, and work goes on when it is right.

The database's jump is detected as workers see it: by what the last one noted.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import text

from app.appointments.service.generation import purge_past
from app.commands.run import import_jobs
from app.identity.models import Account
from app.kernel import clock, clock_monitor
from app.kernel import db as kernel_db
from app.kernel.actor import Anonymous
from app.kernel.jobs import CLEANUPS, enqueue, jobs
from app.kernel.worker import Worker
from app.registry.sign_in import send_code
from tests.appointments import factories
from tests.conftest import Database
from tests.requests.conftest import files

__all__ = ["files"]

# A store belongs to one database: each test's sweeps have their own.
pytestmark = [pytest.mark.parametrize("db", ["psycopg"], indirect=True), pytest.mark.usefixtures("files")]

JUMP = timedelta(days=35)
PERISHABLE = ("seat", "appointment", "sign_in_code", "idempotency_key", "message", "procrastinate_jobs")


async def lived_in(db: Database) -> None:
    """A bit of everything that has its day: seats of which one is booked, a code, stored responses, a sent message."""
    import_jobs()
    async with db.transaction() as session:
        unit = await factories.unit(session)
        ana = await factories.person(session, unit)
        await factories.seats(session, unit, count=4)
        await factories.booked(session, ana, factories.place(unit, factories.tomorrow()))
        account = Account(person_id=ana.id, curp=ana.curp, email="ana@ejemplo.mx", language="es")
        account.created_at, account.assurance = clock.now(), "full"
        session.add(account)
        await session.flush()
        await send_code(session, Anonymous(address="10.0.0.1"), identifier=ana.curp, language="es")
        now = {"now": clock.now()}
        await session.execute(
            text(
                "INSERT INTO message (id, event_id, kind, subject_id, person_id, channel, recipient, language, subject,"
                " status, created_at) SELECT gen_random_uuid(), gen_random_uuid(), 'x', gen_random_uuid(),"
                " gen_random_uuid(), 'email', 'a@b.mx', 'es', 'x', 'sent', :now - interval '80 days'"
            ),
            now,
        )
        await session.execute(
            text(
                "INSERT INTO idempotency_key VALUES ('a', 'old-enough', '', 200, '{}', '', :now - interval '20 hours')"
            ),
            now,
        )


async def contents() -> dict[str, int]:
    async with kernel_db.reading() as session:
        return {table: int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0) for table in PERISHABLE}


async def run_sweeps(due: datetime) -> None:
    """Every sweep, as a worker runs it."""
    for name in sorted(CLEANUPS):
        await jobs.tasks[name](timestamp=int(due.timestamp()))


@asynccontextmanager
async def database_seen(ago: timedelta) -> AsyncIterator[None]:
    """The last note of the database's time is this far in the past, or ahead."""
    await clock_monitor.observe()
    async with kernel_db.transaction() as session:
        await session.execute(text("UPDATE clock_reading SET observed_at = clock_timestamp() - :ago"), {"ago": ago})
    yield


async def test_a_worker_whose_clock_is_ahead_deletes_nothing_and_goes_on_when_it_is_right(db: Database) -> None:
    await lived_in(db)
    before = await contents()
    with time_machine.travel(clock.now() + JUMP, tick=True):
        await run_sweeps(clock.now())
        state = clock_monitor.last_reading()
        assert state is not None
        assert not state.agrees
        assert state.skew_seconds == pytest.approx(JUMP.total_seconds(), abs=60)
        # As jobs of a worker they end without a trace, too.
        async with db.transaction() as session:
            for name in sorted(CLEANUPS):
                await enqueue(session, jobs.tasks[name], timestamp=int(clock.now().timestamp()))
        await Worker().run_due()
    stored = await contents()
    for name in ("message", "procrastinate_jobs"):  # the code's message was written, by a job that stays
        assert stored.pop(name) >= before.pop(name)
    assert stored == before
    await run_sweeps(clock.now())
    assert (await clock_monitor.observe()).agrees


@pytest.mark.parametrize("ago", [JUMP, -JUMP])
async def test_after_a_jump_of_the_database_sweeps_wait_and_then_go_on(db: Database, ago: timedelta) -> None:
    await lived_in(db)
    before = await contents()
    async with database_seen(ago):
        # Long after everything has had its day, by a clock that no one may believe.
        await run_sweeps(clock.now() + 3 * JUMP)
        assert await contents() == before
        state = await clock_monitor.observe()
        assert (state.agrees, state.is_trusted) == (True, False)
        assert 0 < state.pause_seconds <= 3600
    async with kernel_db.transaction() as session:
        await session.execute(text("UPDATE clock_reading SET stable_since = stable_since - interval '61 minutes'"))
    assert (await clock_monitor.observe()).is_trusted
    await run_sweeps(clock.now() + 3 * JUMP)
    after = await contents()
    assert after["message"] == after["sign_in_code"] == 0
    assert (after["seat"], after["appointment"]) == (1, 1)  # the booked one stays, whatever the clock says


async def test_a_clock_that_is_right_holds_nothing_back(db: Database) -> None:
    state = await clock_monitor.observe()
    assert state.is_trusted
    async with database_seen(timedelta(minutes=50)):
        assert (await clock_monitor.observe()).is_trusted


async def test_a_seat_goes_when_its_appointment_is_closed(db: Database) -> None:
    async with db.transaction() as session:
        unit = await factories.unit(session)
        people = [await factories.person(session, unit) for _ in range(3)]
        times = await factories.seats(session, unit, count=4)
        for who, when in zip(people, times, strict=False):
            await factories.booked(session, who, factories.place(unit, when))
        await session.execute(
            text("UPDATE appointment SET status = 'attended' WHERE person_id = :id"), {"id": people[0].id}
        )
    async with db.transaction() as session:
        assert await purge_past(session, clock.now() + JUMP) == 2  # the attended one's, and the one no one took
        left = (await session.scalars(text("SELECT appointment_id FROM seat"))).all()
        booked = (await session.scalars(text("SELECT id FROM appointment WHERE status = 'booked'"))).all()
        assert sorted(left) == sorted(booked)
        await session.execute(text("UPDATE appointment SET status = 'missed' WHERE status = 'booked'"))
        assert await purge_past(session, clock.now() + JUMP) == 2
