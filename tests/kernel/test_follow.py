"""Followers of the event log: in order, nothing skipped, nothing lost, at least once."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import db as kernel_db
from app.kernel import follow, ids, parking
from app.kernel.actor import Role, System
from app.kernel.facts import Fact, record
from app.kernel.follow import BATCH, FOLLOWERS, MAX_TRIES, Event
from app.kernel.parking import WorkRetried
from app.kernel.problems import NotFound
from tests.appointments import make
from tests.conftest import Database

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

NAME = "test-follower"


def counted(number: int) -> Fact:
    """Something to follow."""
    return WorkRetried(subject_id=ids.new_id(), kind="test", name=str(number))


class Heard:
    """A follower that writes down what it was given, and fails when told to."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.poison: set[int] = set()

    async def handle(self, session: AsyncSession, event: Event) -> None:
        if event.payload["kind"] != "test":
            return  # what an administrator did in a test of parking
        number = int(event.payload["name"])
        await session.execute(
            text("INSERT INTO postal_code (code) VALUES (:code) ON CONFLICT DO NOTHING"), {"code": f"{number:05d}"}
        )
        if number in self.poison:
            raise RuntimeError("this one can't be taken")
        self.numbers.append(number)


@pytest.fixture
def heard() -> Iterator[Heard]:
    others = dict(FOLLOWERS)
    FOLLOWERS.clear()
    listener = Heard()
    follow.follower(NAME, ("work.retried",))(listener.handle)
    yield listener
    FOLLOWERS.clear()
    FOLLOWERS.update(others)


async def write(*numbers: int) -> None:
    for number in numbers:
        async with kernel_db.transaction() as session:
            await record(session, System("test"), counted(number))


async def write_and_fail(number: int) -> None:
    async with kernel_db.transaction() as session:
        await record(session, System("test"), counted(number))
        raise RuntimeError


async def until(heard: Heard, numbers: list[int]) -> None:
    """Other tests' transactions in the cluster may hold the horizon back for a moment."""
    for _ in range(400):
        await follow.catch_up()
        if len(heard.numbers) >= len(numbers):
            break
        await asyncio.sleep(0.02)
    assert heard.numbers == numbers


async def ask(question: str) -> Any:
    async with kernel_db.reading() as session:
        return await session.scalar(text(question))


async def test_in_order_and_once_whatever_the_batch(
    db: Database, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "BATCH", 3)
    await write(*range(10))
    await until(heard, list(range(10)))
    await follow.catch_up()
    assert heard.numbers == list(range(10))
    assert BATCH > 3


async def test_a_transaction_that_commits_late_is_not_skipped(db: Database, heard: Heard) -> None:
    async with kernel_db.transaction() as late:
        await record(late, System("test"), counted(1))
        await write(2)
        for _ in range(5):
            await follow.catch_up()
        # 2 is committed, but 1 began earlier and isn't: whoever took 2 now would never see 1.
        assert heard.numbers == []
    await until(heard, [1, 2])


async def test_a_transaction_rolled_back_is_never_heard(db: Database, heard: Heard) -> None:
    with pytest.raises(RuntimeError):
        await write_and_fail(1)
    await write(2)
    await until(heard, [2])


async def test_what_fails_is_tried_again_then_parked_and_the_rest_goes_on(db: Database, heard: Heard) -> None:
    heard.poison = {2}
    await write(1, 2, 3)
    await until(heard, [1, 3])
    async with kernel_db.reading() as session:
        (work,) = await parking.parked_work(session)
    assert (work.kind, work.name) == ("event", NAME)
    assert "can't be taken" in str(work.reason)
    # What a failed try wrote is undone.
    assert await ask("SELECT string_agg(code, ',' ORDER BY code) FROM postal_code") == "00001,00003"


async def test_it_is_tried_so_often_before_it_is_parked(db: Database, heard: Heard) -> None:
    heard.poison = {1}
    await write(1)
    tried = 0
    while not await ask("SELECT count(*) FROM parked_event"):
        async with kernel_db.transaction() as session:
            tried += await follow.advance(FOLLOWERS[NAME], session)
    assert tried == MAX_TRIES


async def test_a_parked_event_is_tried_again_when_an_admin_says_so(db: Database, heard: Heard) -> None:
    heard.poison = {1}
    await write(1, 2)
    await until(heard, [2])
    admin = make.staff(Role.ADMIN)
    async with db.transaction() as session:
        (work,) = await parking.parked_work(session)
        await parking.retry_work(session, admin, work.kind, work.key)
    await follow.catch_up()
    async with db.transaction() as session:
        (again,) = await parking.parked_work(session)
        assert not again.try_again  # it failed again, and waits for the next word
        await parking.retry_work(session, admin, work.kind, work.key)
    heard.poison = set()
    await until(heard, [2, 1])
    async with db.transaction() as session:
        assert await parking.parked_work(session) == []
        with pytest.raises(NotFound):
            await parking.retry_work(session, admin, work.kind, work.key)
    assert await ask("SELECT count(*) FROM event WHERE type = 'work.retried' AND actor_kind = 'staff'") == 2


async def test_a_parked_event_may_be_let_go(db: Database, heard: Heard) -> None:
    heard.poison = {1}
    await write(1, 2)
    await until(heard, [2])
    async with db.transaction() as session:
        (work,) = await parking.parked_work(session)
        await parking.drop_work(session, make.staff(Role.ADMIN), work.kind, work.key)
        assert await parking.parked_work(session) == []
    assert await ask("SELECT count(*) FROM event WHERE type = 'work.dropped' AND actor_kind = 'staff'") == 1


async def test_two_processes_at_once_take_each_event_once(db: Database, heard: Heard) -> None:
    await follow.catch_up()  # its position is there already: making it would put the others in line
    await write(*range(30))

    async def one() -> None:
        for _ in range(30):
            await follow.catch_up()
            await asyncio.sleep(0)

    await asyncio.gather(one(), one(), one())
    await until(heard, list(range(30)))
