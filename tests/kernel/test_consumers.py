"""Event consumers: in order, nothing skipped, nothing lost; shared by processes; one event at a time or thousands."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import consumers, dead_letters, ids, positions
from app.kernel import db as kernel_db
from app.kernel.actor import Role, System
from app.kernel.consumer_runner import catch_up, prepare, repair_positions, run
from app.kernel.consumers import CONSUMERS, MAX_ATTEMPTS, Event, EventConsumer, advance
from app.kernel.dead_letters import WorkRetried
from app.kernel.events import record
from app.kernel.problems import NotFound
from tests.appointments import factories
from tests.conftest import Database

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

NAME = "test-consumer"
TYPES = (WorkRetried.type,)
KINDS = pytest.mark.parametrize("heard", ["each", "batch", "sql"], indirect=True)
_NUMBERS = text(
    "SELECT CAST(payload->>'name' AS int) FROM event_batch WHERE payload->>'kind' = 'test' ORDER BY position"
)
_WRITE = text("INSERT INTO postal_code (code) VALUES (:code)")


class Heard:
    """A consumer that writes down what it was given, and fails when asked to."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.poison: set[int] = set()

    async def take(self, session: AsyncSession, numbers: list[int]) -> None:
        for number in numbers:
            if number in self.numbers:  # its first try was undone, with all after it; a second one would be refused
                del self.numbers[self.numbers.index(number) :]
            await session.execute(_WRITE, {"code": f"{number:05d}"})
            if number in self.poison:
                raise RuntimeError("this one can't be taken")
        self.numbers += numbers

    async def each(self, session: AsyncSession, event: Event) -> None:
        if event.payload["kind"] == "test":  # not what an administrator did in a test of parking
            await self.take(session, [int(event.payload["name"])])

    async def batch(self, session: AsyncSession, events: Any) -> None:
        await self.take(session, [int(event.payload["name"]) for event in events if event.payload["kind"] == "test"])

    async def sql(self, session: AsyncSession) -> None:
        await self.take(session, list((await session.scalars(_NUMBERS)).all()))


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    others = dict(CONSUMERS)
    CONSUMERS.clear()
    yield
    CONSUMERS.clear()
    CONSUMERS.update(others)


@pytest.fixture
def heard(request: pytest.FixtureRequest) -> Heard:
    listener = Heard()
    how = getattr(request, "param", "each")
    if how == "each":
        consumers.consumer(NAME, TYPES)(listener.each)
    elif how == "batch":
        consumers.batch_consumer(NAME, TYPES)(listener.batch)
    else:
        consumers.sql_consumer(NAME, TYPES)(listener.sql)
    return listener


async def write(*numbers: int, of: UUID | None = None) -> None:
    for number in numbers:
        async with kernel_db.transaction() as session:
            await record_event(session, number, of=of)


async def record_event(session: AsyncSession, number: int, *, of: UUID | None = None) -> None:
    fact = WorkRetried(subject_id=of or ids.new_id(), kind="test", name=str(number))
    await record(session, System("test"), fact)


async def until(heard: Heard, numbers: list[int]) -> None:
    """What fails is tried again with the next call."""
    for _ in range(MAX_ATTEMPTS):
        await catch_up()
    assert heard.numbers == numbers


async def ask(question: str) -> Any:
    async with kernel_db.reading() as session:
        return await session.scalar(text(question))


async def do(statement: str) -> None:
    async with kernel_db.transaction() as session:
        await session.execute(text(statement))


@KINDS
async def test_in_order_and_once_whatever_the_batch(db: Database, heard: Heard) -> None:
    await write(*range(10))
    assert await catch_up(batch=3) == 10
    assert heard.numbers == list(range(10))
    assert await catch_up() == 0
    await write(10)
    await until(heard, list(range(11)))


@KINDS
async def test_a_transaction_that_commits_late_is_neither_skipped_nor_waited_for(db: Database, heard: Heard) -> None:
    async with kernel_db.transaction() as late:
        await record_event(late, 1)
        await write(2)
        await until(heard, [2])
    await write(3)
    await until(heard, [2, 1, 3])


async def test_a_transaction_rolled_back_is_never_heard(db: Database, heard: Heard) -> None:
    async with kernel_db.database().sessions() as session:
        await record_event(session, 1)
        await session.rollback()
    await write(2)
    await until(heard, [2])


@KINDS
async def test_what_fails_is_found_tried_again_then_put_aside_and_the_rest_goes_on(db: Database, heard: Heard) -> None:
    heard.poison = {2, 5}
    await write(*range(1, 8))
    for _ in range(2 * MAX_ATTEMPTS):
        await catch_up()
    assert heard.numbers == [1, 3, 4, 6, 7]
    async with kernel_db.reading() as session:
        works = await dead_letters.list_dead_letters(session)
    assert [(work.kind, work.name) for work in works] == [("event", NAME)] * 2
    assert "can't be taken" in str(works[0].reason)
    # What a failed try wrote is undone.
    assert await ask("SELECT string_agg(code, ',' ORDER BY code) FROM postal_code") == "00001,00003,00004,00006,00007"


async def test_it_is_tried_so_often_and_ever_later_before_it_is_put_aside(db: Database, heard: Heard) -> None:
    heard.poison = {1}
    await write(1)
    waits = []
    while not await ask("SELECT count(*) FROM dead_letter_event"):
        await catch_up()
        waits.append(await ask("SELECT extract(epoch FROM retry_at - updated_at) FROM event_consumer"))
    assert len(waits) == MAX_ATTEMPTS
    assert [round(float(wait), 1) for wait in waits[:-1]] == [0.5, 1, 2, 4]
    assert waits[-1] is None


@pytest.mark.faults
async def test_the_databases_trouble_is_not_the_events(db: Database) -> None:
    """A connection cut off, a deadlock: nothing is counted against the event, and the batch is taken again."""

    async def cut(session: AsyncSession, _event: Event) -> None:
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    consumers.consumer(NAME, TYPES)(cut)
    await write(1)
    with pytest.raises(Exception, match=r"terminat|closed|connection"):
        await catch_up()
    assert await ask("SELECT attempts FROM event_consumer") == 0


@KINDS
async def test_what_was_put_aside_is_tried_again_when_an_admin_says_so(db: Database, heard: Heard) -> None:
    heard.poison = {1}
    await write(1, 2)
    await until(heard, [2])
    admin = factories.staff(Role.ADMIN)
    async with db.transaction() as session:
        (work,) = await dead_letters.list_dead_letters(session)
        await dead_letters.retry(session, admin, work.kind, work.key)
    await catch_up()
    async with db.transaction() as session:
        (again,) = await dead_letters.list_dead_letters(session)
        assert not again.retry_requested  # it failed again, and waits for the next word
        await dead_letters.retry(session, admin, work.kind, work.key)
    heard.poison = set()
    await until(heard, [2, 1])
    async with db.transaction() as session:
        assert await dead_letters.list_dead_letters(session) == []
        with pytest.raises(NotFound):
            await dead_letters.retry(session, admin, work.kind, work.key)
    assert await ask("SELECT count(*) FROM event WHERE type = 'work.retried' AND actor_kind = 'staff'") == 2


async def test_what_was_put_aside_may_be_let_go(db: Database, heard: Heard) -> None:
    heard.poison = {1}
    await write(1, 2)
    await until(heard, [2])
    async with db.transaction() as session:
        (work,) = await dead_letters.list_dead_letters(session)
        await dead_letters.discard(session, factories.staff(Role.ADMIN), work.kind, work.key)
        assert await dead_letters.list_dead_letters(session) == []
    assert await ask("SELECT count(*) FROM event WHERE type = 'work.discarded' AND actor_kind = 'staff'") == 1


@KINDS
async def test_two_at_once_take_each_event_once(db: Database, heard: Heard) -> None:
    await write(*range(40))
    await asyncio.gather(*(catch_up(batch=5) for _ in range(3)))
    await until(heard, list(range(40)))


@KINDS
async def test_what_it_wrote_and_its_position_stand_or_fall_together(db: Database, heard: Heard) -> None:
    await catch_up()
    await write(1, 2)
    await positions.assign_pending_positions()
    async with kernel_db.database().sessions() as killed:
        assert (await advance(CONSUMERS[NAME], killed)).events == 2
        await killed.rollback()
    assert await ask("SELECT count(*) FROM postal_code") == 0
    heard.numbers.clear()
    await until(heard, [1, 2])


async def test_events_of_other_types_are_passed_once(db: Database, heard: Heard) -> None:
    """Its position moves on even where nothing concerned it, or each pass would read all that again."""
    async with db.transaction() as session:
        for _ in range(20):
            discarded = dead_letters.WorkDiscarded(subject_id=ids.new_id(), kind="x", name="x")
            await record(session, System("test"), discarded)
    await catch_up(batch=6)
    assert await ask("SELECT max(position) FROM event_position") > 20
    assert await ask("SELECT c.position - s.position FROM event_consumer c, event_sequencer s") == 0
    assert heard.numbers == []


def shared(heard: dict[int, list[int]], partitions: int) -> EventConsumer:
    """A consumer in parts by subject, which writes down what each subject's events were."""

    async def hear(_session: AsyncSession, event: Event) -> None:
        heard.setdefault(event.subject_id.int, []).append(int(event.payload["name"]))

    consumers.consumer(NAME, TYPES, key="subject", partitions=partitions)(hear)
    return CONSUMERS[NAME]


async def subjects_with_news(count: int, each: int, *, first: int = 0) -> list[UUID]:
    """Events of some subjects, in turns."""
    subjects = [UUID(int=(number << 64) + number) for number in range(1, count + 1)]
    async with kernel_db.transaction() as session:
        for number in range(first, first + each):
            for subject in subjects:
                await record_event(session, number, of=subject)
    return subjects


async def test_shared_by_several_at_once_the_order_within_a_key_stays(db: Database) -> None:
    """Tasks of one process here; `test_other_servers.py` has two workers."""
    heard: dict[int, list[int]] = {}
    shared(heard, 4)
    subjects = await subjects_with_news(24, 6)
    await asyncio.gather(*(catch_up(batch=7) for _ in range(3)))
    await catch_up()
    assert heard == {subject.int: list(range(6)) for subject in subjects}
    assert await ask("SELECT count(DISTINCT position) || ' ' || count(*) FROM event_consumer") == "1 4"


@pytest.mark.parametrize(("before", "after"), [(4, 3), (1, 5), (3, 1)])
async def test_the_number_of_parts_may_change_in_the_middle(db: Database, before: int, after: int) -> None:
    """Parts that have read differently far are brought to the same position first, by whichever process."""
    heard: dict[int, list[int]] = {}
    old = shared(heard, before)
    subjects = await subjects_with_news(24, 4)
    await positions.assign_pending_positions()
    async with db.transaction() as session:
        assert await prepare(session, old)
    for partition in range((before + 1) // 2):
        async with db.transaction() as session:
            await advance(old, session, partition, batch=10)
    shared(heard, after)
    await subjects_with_news(24, 4, first=4)
    await catch_up(batch=5)
    assert heard == {subject.int: list(range(8)) for subject in subjects}
    layout = "SELECT string_agg(DISTINCT partitions || '/' || coalesce(stop_at, 0), ' ') FROM event_consumer"
    assert await ask(layout) == f"{after}/0"
    assert await ask("SELECT count(*) FROM event_consumer") == after


async def test_retries_go_to_the_part_that_has_the_key(db: Database) -> None:
    """Else two processes could be at one key at the same time."""
    heard: dict[int, list[int]] = {}
    whole = shared(heard, 4)
    (subject,) = await subjects_with_news(1, 1)
    await catch_up()
    event_id = await ask("SELECT id FROM event WHERE type = 'work.retried'")
    async with db.transaction() as session:
        await dead_letters.add(session, NAME, event_id, "why")
    await do("UPDATE dead_letter_event SET retry_requested = true")
    heard.clear()
    for partition in range(4):
        async with db.transaction() as session:
            await advance(whole, session, partition)
        assert bool(heard) == (partition >= subject.bytes[-1] % 4)
    assert heard == {subject.int: [0]}


async def test_a_position_from_the_future_is_put_right_loudly(
    db: Database, heard: Heard, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log restored without its consumers, say: the next events would be skipped without a word."""
    await write(1, 2)
    await catch_up()
    await do("UPDATE event_consumer SET position = 5000")
    stop = asyncio.Event()
    running = asyncio.create_task(run(stop))
    async with asyncio.timeout(60):
        while await ask("SELECT max(position) FROM event_consumer") > 5:
            await asyncio.sleep(0.02)
        await write(3)
        while heard.numbers != [1, 2, 3]:
            await asyncio.sleep(0.02)
    stop.set()
    await asyncio.wait_for(running, 60)
    said = "".join(capsys.readouterr())
    assert "consumer_position_ahead_of_log" in said
    assert "5000" in said
    async with db.transaction() as session:
        assert await repair_positions(session) == 0


async def test_one_that_fails_holds_no_one_up(db: Database, heard: Heard) -> None:
    broken: Counter[str] = Counter()

    async def fail(_session: AsyncSession, event: Event) -> None:
        broken[event.type] += 1
        raise RuntimeError

    consumers.consumer("a-broken-one", TYPES)(fail)
    await write(1, 2)
    stop = asyncio.Event()
    running = asyncio.create_task(run(stop))
    async with asyncio.timeout(60):
        while heard.numbers != [1, 2] or not broken:
            await asyncio.sleep(0.02)
    stop.set()
    await asyncio.wait_for(running, 60)
    assert heard.numbers == [1, 2]
    assert set(broken) == set(TYPES)
