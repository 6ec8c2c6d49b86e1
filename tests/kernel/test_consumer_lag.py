"""How far behind the log its consumers are, as metrics show it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from app.kernel import consumers, ids, positions
from app.kernel import db as kernel_db
from app.kernel.actor import System
from app.kernel.consumer_runner import catch_up
from app.kernel.consumers import CONSUMERS, Event
from app.kernel.dead_letters import WorkRetried
from app.kernel.events import record
from app.kernel.positions import LogLag, log_lag
from tests.conftest import Database

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


@pytest.fixture(autouse=True)
def consumer() -> Iterator[None]:
    others = dict(CONSUMERS)
    CONSUMERS.clear()

    async def hear(_session: object, _event: Event) -> None:
        """Does nothing."""

    consumers.consumer("hears", (WorkRetried.type,), partitions=3)(hear)
    yield
    CONSUMERS.clear()
    CONSUMERS.update(others)


async def write(count: int) -> None:
    async with kernel_db.transaction() as session:
        for _ in range(count):
            await record(session, System("test"), WorkRetried(subject_id=ids.new_id(), kind="test", name="x"))


async def lag() -> LogLag:
    async with kernel_db.reading() as session:
        return await log_lag(session)


async def test_nothing_waits_then_some_unnumbered_then_numbered(db: Database) -> None:
    await catch_up()
    rest = await lag()
    assert (rest.unnumbered, rest.seconds) == (0, 0)
    assert [(one.name, one.events, one.seconds) for one in rest.consumers] == [("hears", 0, 0)]
    await write(5)
    fresh = await lag()
    assert (fresh.position, fresh.unnumbered, fresh.consumers[0].events) == (rest.position, 5, 5)
    assert 0 < fresh.seconds < 60
    await positions.assign_pending_positions()
    async with db.transaction() as session:
        await session.execute(text("UPDATE event SET at = at - interval '1 hour'"))
    numbered = await lag()
    assert (numbered.position, numbered.unnumbered, numbered.consumers[0].events) == (rest.position + 5, 0, 5)
    assert 3_600 <= numbered.consumers[0].seconds < 3_700
    await catch_up()
    assert (await lag()).consumers[0].events == 0


async def test_the_age_of_the_horizon_is_that_of_the_oldest_transaction_that_writes(db: Database) -> None:
    async with kernel_db.database().sessions() as long:
        await long.execute(text("SELECT pg_current_xact_id(), pg_sleep(0.3)"))
        assert (await lag()).horizon_seconds >= 0.3
        await long.rollback()
