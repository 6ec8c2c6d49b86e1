"""Positions of the event log: without gaps, each event once, whatever commits when and on whatever server."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import db as kernel_db
from app.kernel import ids, positions
from app.kernel.actor import System
from app.kernel.dead_letters import WorkRetried
from app.kernel.events import record
from app.kernel.positions import Snapshot
from tests.conftest import Database

psycopg = pytest.mark.parametrize("db", ["psycopg"], indirect=True)
ORDER = text("SELECT p.position, e.payload->>'name' FROM event_position p JOIN event e ON e.id = p.event_id ORDER BY 1")
SERVER = "UPDATE event_sequencer SET origin = 'another'"


@pytest.fixture
async def empty(db: Database) -> Database:
    """A log without the events of setting up a portal."""
    async with db.transaction() as session:
        await session.execute(text("DELETE FROM event"))
    return db


async def record_event(session: AsyncSession, *names: str) -> None:
    for name in names:
        await record(session, System("test"), WorkRetried(subject_id=ids.new_id(), kind="test", name=name))


async def write(*names: str) -> None:
    async with kernel_db.transaction() as session:
        await record_event(session, *names)


async def order() -> list[tuple[int, str]]:
    """Position and name of each event."""
    async with kernel_db.reading() as session:
        return [tuple(row) for row in (await session.execute(ORDER)).all()]


async def do(statement: str) -> Any:
    async with kernel_db.transaction() as session:
        done: Any = await session.execute(text(statement))
        return done.scalar() if done.returns_rows else None


def numbered(names: str) -> list[tuple[int, str]]:
    return list(enumerate(names, 1))


snapshots = st.builds(
    lambda end, running: Snapshot(end, tuple(sorted(xid for xid in running if xid < end))),
    st.integers(3, 2**63),
    st.sets(st.integers(3, 200), max_size=5),
)


@given(snapshots)
def test_a_snapshot_is_read_as_it_is_written(snapshot: Snapshot) -> None:
    assert Snapshot.parse(str(snapshot)) == snapshot


@given(snapshots, st.integers(3, 300), st.integers(1, 300))
def test_the_part_below_a_transaction_has_what_had_ended_there(snapshot: Snapshot, end: int, xid: int) -> None:
    def ended(of: Snapshot) -> bool:
        return xid < of.end and xid not in of.running

    assert ended(snapshot.until(end)) == (ended(snapshot) and xid < end)


@psycopg
async def test_each_commit_gets_the_next_numbers(empty: Database) -> None:
    await write("a")
    await positions.assign_pending_positions()
    await write("b", "c")
    await write("d")
    assert await positions.assign_pending_positions() == 3
    assert await positions.assign_pending_positions() == 0
    assert await order() == numbered("abcd")


@psycopg
async def test_interleaved_transactions_that_commit_late_leave_no_gap(empty: Database) -> None:
    """Three at once, committed in another order than begun, with sequencers between: each event once."""
    sessions = [kernel_db.database().sessions() for _ in range(3)]
    for number, session in enumerate(sessions):
        await record_event(session, f"{number}")
    await write("3")
    assert await positions.assign_pending_positions() == 1
    await sessions[2].commit()
    await sessions[1].rollback()
    await record_event(sessions[0], "4")
    await write("5")
    assert await positions.assign_pending_positions() == 2
    await sessions[0].commit()
    assert await positions.assign_pending_positions() == 2
    assert await order() == numbered("32504")
    for session in sessions:
        await session.close()


@psycopg
async def test_chunks_of_a_backlog_lose_nothing_and_part_no_transaction(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "BATCH", 3)
    await positions.assign_pending_positions()  # the first time takes all at once
    late = kernel_db.database().sessions()
    await record_event(late, "x")
    await write(*"abcde")
    for name in "fghij":
        await write(name)
    await write(*"kl")
    async with empty.transaction() as session:
        first = await positions.assign_positions(session)
    assert (first.count, first.more) == (5, True)
    assert await positions.assign_pending_positions() == 7
    await late.commit()
    assert await positions.assign_pending_positions() == 1
    assert await order() == numbered("abcdefghijklx")
    await late.close()


@psycopg
async def test_one_sequencer_at_a_time(empty: Database) -> None:
    await write(*"ab")
    async with empty.transaction() as session:
        assert (await positions.assign_positions(session)).count == 2
        async with empty.transaction() as other:
            assert (await positions.assign_positions(other)).count == 0
    for number in range(20):
        await write(str(number))
    made = await asyncio.gather(*(positions.assign_pending_positions() for _ in range(3)))
    assert sum(made) == 20
    assert [position for position, _name in await order()] == list(range(1, 23))


@psycopg
async def test_another_server_takes_over_whatever_transactions_the_events_name(empty: Database) -> None:
    """Restored events name transactions of their old server: far ahead of the new one's, or in its midst."""
    await write("a", "b")
    await positions.assign_pending_positions()
    await write("c")
    await do("UPDATE event SET xid = '1000000000' WHERE payload->>'name' IN ('a', 'c')")
    await do(SERVER)
    await write("d")
    assert await positions.assign_pending_positions() == 2
    await write("e")
    assert await positions.assign_pending_positions() == 1
    assert await order() == numbered("abcde")


@psycopg
async def test_old_transaction_ids_that_the_new_server_reaches_are_not_numbered_twice(empty: Database) -> None:
    await write(*"abc")
    await positions.assign_pending_positions()
    await do("UPDATE event SET xid = CAST(CAST(CAST(pg_current_xact_id() AS text) AS bigint) + 5 AS text)::xid8")
    for _ in range(10):
        await do("SELECT pg_current_xact_id()")
    await write("d")
    assert await positions.assign_pending_positions() == 1
    assert await order() == numbered("abcd")


@psycopg
async def test_a_snapshot_from_the_future_is_not_believed(empty: Database) -> None:
    await write("a")
    await positions.assign_pending_positions()
    await do("UPDATE event_sequencer SET snapshot = '900000000:900000000:'")
    await write("b")
    assert await positions.assign_pending_positions() == 1
    assert await order() == numbered("ab")


@psycopg
async def test_what_was_put_into_the_log_behind_the_sequencer_is_found_on_request(empty: Database) -> None:
    """Events restored by themselves, into a log that went on."""
    await write("a", "b")
    await positions.assign_pending_positions()
    await do("UPDATE event SET xid = '5' WHERE payload->>'name' = 'a'")
    await do("DELETE FROM event_position WHERE position = 1")
    await write("c")
    assert await positions.assign_pending_positions() == 1
    assert await positions.rescan_positions() == 1
    assert await order() == [(2, "b"), (3, "c"), (4, "a")]


@psycopg
async def test_history_comes_before_the_first_position(empty: Database) -> None:
    await write("a")
    await positions.assign_pending_positions()
    for names in ("yz", "x"):
        async with empty.transaction() as session:
            await record_event(session, *names)
            written = text("SELECT id FROM event WHERE payload->>'name' = ANY(:names) ORDER BY id")
            event_ids = list((await session.scalars(written, {"names": list(names)})).all())
            await positions.assign_history_positions(session, event_ids)
    assert await positions.assign_pending_positions() == 0
    assert await order() == [(-2, "x"), (-1, "y"), (0, "z"), (1, "a")]
