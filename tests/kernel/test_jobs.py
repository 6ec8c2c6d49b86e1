"""Jobs: there exactly when what asked for them is; retried; then parked where an administrator deals with them."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from app.kernel import db as kernel_db
from app.kernel import dead_letters
from app.kernel.actor import Role
from app.kernel.jobs import Lane, LaneSize, enqueue, jobs, task
from app.kernel.problems import NotFound
from app.kernel.worker import Worker
from tests.appointments import factories
from tests.conftest import Database
from tests.notifications.mailbox import advance_time, run_due_jobs, value

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

done: list[int] = []
failures = {"left": 0}
TRIES = 3


@task("test.count", lane=Lane.MESSAGES_EMAIL, max_attempts=TRIES)
async def count(number: int) -> None:
    """Counts, when it is let."""
    if failures["left"]:
        failures["left"] -= 1
        raise RuntimeError("not now")
    done.append(number)


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    done.clear()
    failures["left"] = 0
    yield
    assert "test.count" in jobs.tasks


async def ask_for(number: int) -> None:
    async with kernel_db.transaction() as session:
        await enqueue(session, count, number=number)


async def ask_and_fail(number: int) -> None:
    async with kernel_db.transaction() as session:
        await enqueue(session, count, number=number)
        raise RuntimeError("never mind")


async def test_a_job_is_there_exactly_when_its_transaction_is(db: Database) -> None:
    await ask_for(1)
    with pytest.raises(RuntimeError, match="never mind"):
        await ask_and_fail(2)
    await run_due_jobs()
    assert done == [1]


async def test_a_failing_job_waits_and_is_tried_again(db: Database) -> None:
    failures["left"] = TRIES - 1
    await ask_for(1)
    await run_due_jobs()
    assert done == []
    assert await value("SELECT scheduled_at > now() FROM procrastinate_jobs")
    await run_due_jobs()
    assert await value("SELECT attempts FROM procrastinate_jobs") == 1  # not before its time
    for _ in range(TRIES):
        await advance_time()
        await run_due_jobs()
    assert done == [1]


async def test_after_its_attempts_it_is_a_dead_letter_until_an_admin_acts(db: Database) -> None:
    failures["left"] = 100
    await ask_for(7)
    for _ in range(TRIES + 2):
        await run_due_jobs()
        await advance_time()
    admin = factories.staff(Role.ADMIN)
    async with db.transaction() as session:
        (work,) = await dead_letters.list_dead_letters(session)
        assert (work.kind, work.name) == ("job", "test.count")
        await dead_letters.retry(session, admin, work.kind, work.key)
    failures["left"] = 0
    await run_due_jobs()
    assert done == [7]
    async with db.transaction() as session:
        assert await dead_letters.list_dead_letters(session) == []
        for key in (work.key, "999999", "nonsense"):
            with pytest.raises(NotFound):
                await dead_letters.discard(session, admin, "job", key)


async def test_a_dead_letter_job_may_be_discarded(db: Database) -> None:
    await ask_for(7)
    async with db.transaction() as session:
        await session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
        (work,) = await dead_letters.list_dead_letters(session)
        await dead_letters.discard(session, factories.staff(Role.ADMIN), work.kind, work.key)
        assert await dead_letters.list_dead_letters(session) == []
    await run_due_jobs()
    assert done == []


@pytest.mark.parametrize("turns", range(6))
async def test_it_stops_also_when_a_job_is_announced_at_that_moment(db: Database, turns: int) -> None:
    worker, stop = Worker({Lane.MESSAGES_EMAIL: LaneSize(1, 1)}), asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    while worker.heartbeat_at is None or worker._fetching.locked():
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)  # it waits to be woken
    stop.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    worker._wake[Lane.MESSAGES_EMAIL].set()
    assert await asyncio.wait({running}, timeout=60) == ({running}, set())
