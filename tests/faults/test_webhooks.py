"""A worker killed between a delivery and its record: the event arrives again, with the same id, and none is lost."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.kernel import db as kernel_db
from tests.conftest import Database
from tests.portal import Portal
from tests.webhooks.factories import happen, statuses, subscribe
from tests.webhooks.receiver import Receiver, receiving

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(200),
    pytest.mark.parametrize("db", ["psycopg"], indirect=True),
]

EVENTS = 60
KILLS = 2
SECONDS = 60


@pytest.fixture
async def receiver(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    async with receiving(monkeypatch) as receiver:
        receiver.seconds = 0.2
        yield receiver


@pytest.fixture
async def portal(db: Database, receiver: Receiver, tmp_path: Path) -> AsyncIterator[Portal]:
    portal = Portal(db.url, tmp_path / "log")
    yield portal
    portal.stop()


async def test_events_arrive_at_least_once_whatever_is_killed(db: Database, receiver: Receiver, portal: Portal) -> None:
    await subscribe(receiver)
    made = await happen(EVENTS)
    for number in range(1, KILLS + 1):
        portal.start_jobs()
        await until(lambda: len(receiver.calls) >= number * 10)  # noqa: B023 # awaited before the next
        assert portal.jobs is not None
        os.killpg(portal.jobs.pid, signal.SIGKILL)
        portal.jobs.wait()
        async with kernel_db.transaction() as session:
            again = (
                "UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL WHERE task_name = 'webhooks.deliver'"
            )
            await session.execute(text(f"{again} AND status = 'doing'"))
    portal.start_jobs()
    deadline = asyncio.get_running_loop().time() + SECONDS
    while (await statuses()).count("delivered") < EVENTS:
        assert asyncio.get_running_loop().time() < deadline, "some are pending"
        await asyncio.sleep(0.1)
    arrived = Counter(receiver.ids)
    assert set(arrived) == set(made)
    assert max(arrived.values()) > 1, "the worker was killed between a delivery and its record"
    assert max(arrived.values()) <= KILLS + 1
    bodies = {(call.id, call.body) for call in receiver.calls}
    assert len(bodies) == EVENTS, "again is the same"


async def until(is_so: object) -> None:
    assert callable(is_so)
    deadline = asyncio.get_running_loop().time() + SECONDS
    while not is_so():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.02)
