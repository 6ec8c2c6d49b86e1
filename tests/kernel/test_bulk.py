"""Bulk followers: by the thousand, nothing skipped, nothing lost, and what can't be taken is found and parked."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import bulk, ids, parking
from app.kernel import db as kernel_db
from app.kernel.actor import Role, Staff, System
from app.kernel.bulk import BULK_FOLLOWERS, BulkFollower
from app.kernel.facts import record
from app.kernel.parking import WorkRetried
from tests import horizon
from tests.conftest import Database

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

NAME = "test-bulk"
ADMIN = Staff(ids.new_id(), Role.ADMIN, None)
# Every event is a row with its number; one that isn't a number can't be taken.
_TAKE = text(
    "INSERT INTO postal_code (code) SELECT lpad((CAST(payload->>'name' AS int))::text, 5, '0') FROM bulk_event"
    " WHERE payload->>'kind' = 'test' ON CONFLICT DO NOTHING"
)


@pytest.fixture
def follower() -> Iterator[BulkFollower]:
    others = dict(BULK_FOLLOWERS)
    BULK_FOLLOWERS.clear()

    async def take(session: AsyncSession) -> None:
        await session.execute(_TAKE)

    bulk.bulk_follower(NAME, (WorkRetried.type,))(take)
    yield BULK_FOLLOWERS[NAME]
    BULK_FOLLOWERS.clear()
    BULK_FOLLOWERS.update(others)


async def tell(db: Database, *names: str, wait: bool = True) -> None:
    async with db.transaction() as session:
        for name in names:
            await record(session, System("test"), WorkRetried(subject_id=ids.new_id(), kind="test", name=name))
    if wait:
        await horizon.passed()


async def taken() -> list[str]:
    async with kernel_db.reading() as session:
        return list((await session.scalars(text("SELECT code FROM postal_code ORDER BY code"))).all())


async def parked() -> list[str]:
    async with kernel_db.reading() as session:
        return list((await session.scalars(text("SELECT follower FROM parked_event"))).all())


async def test_batches_follow_each_other_until_nothing_is_left(db: Database, follower: BulkFollower) -> None:
    await tell(db, *(str(n) for n in range(1, 8)))
    assert await bulk.catch_up(3) == 7
    assert await taken() == [f"{n:05d}" for n in range(1, 8)]
    assert await bulk.catch_up(3) == 0


async def test_what_cannot_be_taken_is_found_parked_and_tried_again(db: Database, follower: BulkFollower) -> None:
    await tell(db, "1", "2", "three", "4", "5")
    await bulk.catch_up()
    assert await taken() == ["00001", "00002", "00004", "00005"]
    assert await parked() == [NAME]
    async with db.transaction() as session:
        work = await parking.parked_work(session)
        await session.execute(
            text("UPDATE event SET payload = payload || '{\"name\": \"3\"}' WHERE payload->>'name' = 'three'")
        )
        await parking.retry_work(session, ADMIN, "event", work[0].key)
    await horizon.passed()
    await bulk.catch_up()
    assert await taken() == [f"{n:05d}" for n in range(1, 6)]
    assert await parked() == []


async def test_an_event_committed_late_is_not_skipped(db: Database, follower: BulkFollower) -> None:
    """An older transaction that is still open holds the reader back; once it ends, its events come."""
    async with kernel_db.database().sessions() as slow:
        await record(slow, System("test"), WorkRetried(subject_id=ids.new_id(), kind="test", name="1"))
        await tell(db, "2", wait=False)
        assert await bulk.catch_up() == 0
        await slow.commit()
    await horizon.passed()
    assert await bulk.catch_up() == 2
    assert await taken() == ["00001", "00002"]


async def test_two_at_once_take_each_event_once(db: Database, follower: BulkFollower) -> None:
    await tell(db, *(str(n) for n in range(1, 40)))
    read = await asyncio.gather(*(bulk.catch_up(5) for _ in range(3)))
    assert sum(read) == 39
    assert len(await taken()) == 39


async def test_what_it_wrote_and_its_position_stand_or_fall_together(db: Database, follower: BulkFollower) -> None:
    await tell(db, "1", "2")
    async with kernel_db.database().sessions() as killed:
        assert await bulk.advance(follower, killed) == 2
        await killed.rollback()
    assert await taken() == []
    assert await bulk.catch_up() == 2
    assert await taken() == ["00001", "00002"]


async def test_it_stops_when_told_to(db: Database, follower: BulkFollower) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(bulk.run(stop))
    await tell(db, "1")
    async with asyncio.timeout(20):
        while not await taken():
            await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(running, 10)
