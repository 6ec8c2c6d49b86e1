"""Notifications between processes: at commit, never for a rollback, and again after a lost connection."""

import asyncio

import pytest
from sqlalchemy import text

from app.kernel import db as kernel_db
from app.kernel.bus import Bus, notify
from tests.conftest import Database

SECONDS = 30.0
LISTENING = text(
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'ventanilla-listen' AND datname = current_database()"
)
END = text(
    "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
    " WHERE application_name = 'ventanilla-listen' AND datname = current_database()"
)


async def until_live(bus: Bus) -> None:
    async with asyncio.timeout(SECONDS):
        while not bus.is_live:
            await asyncio.sleep(0.01)


@pytest.fixture
def bus(db: Database) -> Bus:
    return kernel_db.database().bus


async def test_a_subscriber_is_notified_at_the_commit_and_not_before(db: Database, bus: Bus) -> None:
    with bus.subscribe("desk:1") as here, bus.subscribe("desk:2") as there:
        await until_live(bus)
        assert await here.changed(SECONDS), "at first it may have changed"
        assert await there.changed(SECONDS)
        async with db.transaction() as session:
            await notify(session, "desk:1")
            await notify(session, "desk:1")
            assert not await here.changed(0.2)
        assert await here.changed(SECONDS)
        assert not await here.changed(0.2), "two of a transaction are one"
        assert not await there.changed(0.0)


async def test_what_was_rolled_back_is_not_notified(db: Database, bus: Bus) -> None:
    with bus.subscribe("desk:1") as here:
        await until_live(bus)
        await here.changed(SECONDS)
        async with db.transaction() as session:
            await notify(session, "desk:1")
            await session.rollback()
        assert not await here.changed(0.2)


@pytest.mark.faults
async def test_after_a_lost_connection_everyone_reads_again(db: Database, bus: Bus) -> None:
    with bus.subscribe("desk:1") as here, bus.subscribe("desk:2") as there:
        await until_live(bus)
        await here.changed(SECONDS)
        await there.changed(SECONDS)
        async with db.transaction() as session:
            assert await session.scalar(END) == 1
        assert await here.changed(SECONDS)
        assert await there.changed(SECONDS)
        await until_live(bus)
        async with db.transaction() as session:
            await notify(session, "desk:2")
        assert await there.changed(SECONDS)


async def test_a_process_listens_once_and_only_while_someone_subscribes(db: Database, bus: Bus) -> None:
    async def listening() -> int:
        async with db.transaction() as session:
            return len((await session.execute(LISTENING)).all())

    with bus.subscribe("desk:1"), bus.subscribe("desk:2"), bus.subscribe("desk:1"):
        await until_live(bus)
        assert await listening() == 1
    async with asyncio.timeout(SECONDS):
        while await listening():
            await asyncio.sleep(0.01)
