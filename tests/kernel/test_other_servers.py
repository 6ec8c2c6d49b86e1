"""The event log on a server of the test's own: dumped and restored there, across a power of ten of transaction ids, and
with workers as processes that are killed."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import consumers, positions
from app.kernel import db as kernel_db
from app.kernel.consumer_runner import catch_up
from app.kernel.consumers import CONSUMERS, Event
from app.kernel.postgres import DATABASE_USER, EmbeddedServer, account
from tests.conftest import TEMPLATE, Database, execute
from tests.forked import launch
from tests.kernel.factories import TYPE, ask, write
from tests.waiting import SECONDS

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

NAME = "test-consumer"


def burn(url: URL, until: int) -> None:
    """Use up transaction ids."""
    at = int(ask(url, "SELECT pg_current_xact_id()::text"))
    assert at < until, "the server has gone on too far for this test"
    ask(url, f"DO $$ BEGIN FOR n IN 2..{until - at} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$")


@pytest.fixture
def other_server() -> Iterator[EmbeddedServer]:
    """A server that has done nothing yet: its transaction ids are small."""
    with tempfile.TemporaryDirectory(prefix="vt-other-") as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedServer.start(Path(folder) / "pg", durable=False)
        yield server
        server.stop(mode="immediate")


def dump_and_restore(source: URL, server: EmbeddedServer, name: str) -> URL:
    """What an operator does: `pg_dump`, then `pg_restore` into a new database of another server."""
    execute(server.url, f'CREATE DATABASE "{name}"')
    folder = str(make_url(source).query["host"])

    def tool(program: str, *words: str) -> None:
        command = [str(server.bin(program)), "-U", DATABASE_USER, *words]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd="/", check=False, **account().for_subprocess()
        )
        assert done.returncode == 0, done.stderr

    with tempfile.TemporaryDirectory() as files:
        Path(files).chmod(0o777)
        tool("pg_dump", "-h", folder, "-Fc", "-Z0", "-f", f"{files}/dump", str(source.database))
        tool(
            "pg_restore",
            "-h",
            str(server.socket_folder),
            "-d",
            name,
            "--no-privileges",
            "--exit-on-error",
            f"{files}/dump",
        )
    return make_url(server.url).set(database=name)


@pytest.fixture
def heard() -> Iterator[list[int]]:
    others = dict(CONSUMERS)
    CONSUMERS.clear()
    numbers: list[int] = []

    async def hear(_session: AsyncSession, event: Event) -> None:
        numbers.append(event.payload["number"])

    consumers.consumer(NAME, (TYPE,), partitions=2)(hear)
    yield numbers
    CONSUMERS.clear()
    CONSUMERS.update(others)


async def pointed_at(url: URL) -> None:
    await kernel_db.disconnect()
    kernel_db.configure(url.render_as_string(hide_password=False), driver="psycopg")


@pytest.mark.embedded
async def test_restored_elsewhere_it_goes_on_where_it_was(
    db: Database, heard: list[int], other_server: EmbeddedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Some events were read, some only numbered, some neither; their transaction ids lie in the new server's future."""
    burn(db.url, int(ask(db.url, "SELECT pg_current_xact_id()::text")) + 6_000)
    write(db.url, 1, 40)
    await catch_up()
    write(db.url, 41, 60)
    await positions.assign_pending_positions()
    write(db.url, 61, 80)
    assert sorted(heard) == list(range(1, 41))

    restored = dump_and_restore(db.url, other_server, "restored")
    ahead = "SELECT count(*) FROM event WHERE xid > pg_current_xact_id()"
    assert ask(restored, ahead) >= 80
    await pointed_at(restored)
    write(restored, 81, 90)
    await catch_up(batch=7)
    assert "event_log_server_changed" in "".join(capsys.readouterr())
    # The new server's transactions pass the old one's; nothing is read again.
    burn(restored, int(ask(restored, f"SELECT max(xid::text::bigint) FROM event WHERE type = '{TYPE}'")) + 10)
    assert ask(restored, ahead) == 0
    write(restored, 91, 100)
    await catch_up(batch=7)
    assert await catch_up() == 0
    assert sorted(heard) == list(range(1, 101))
    gaps = "SELECT count(*) = max(position) AND min(position) = 1 FROM event_position"
    assert ask(restored, gaps)


@pytest.mark.embedded
async def test_a_thousand_events_across_a_power_of_ten_of_transaction_ids(
    db: Database, heard: list[int], other_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """9,999 comes before 10,000, and not after it as text does. In several chunks of the sequencer, and batches."""
    url = dump_and_restore(db.url.set(database=TEMPLATE), other_server, "ten")
    await pointed_at(url)
    await catch_up()
    power = 10 ** len(str(ask(url, "SELECT pg_current_xact_id()::text")))
    burn(url, power - 500)
    monkeypatch.setattr(positions, "BATCH", 150)
    write(url, 1, 400)
    await catch_up(batch=30)
    write(url, 401, 1_000)
    on_both_sides = f"SELECT count(*) FROM event WHERE type = '{TYPE}' AND (xid < '{power}') IN (true, false)"
    assert ask(url, on_both_sides) == 1_000
    assert 400 < ask(url, f"SELECT count(*) FROM event WHERE type = '{TYPE}' AND xid < '{power}'") < 1_000
    await catch_up(batch=30)
    assert sorted(heard) == list(range(1, 1_001))
    in_order = (
        "SELECT bool_and(ahead) FROM (SELECT e.xid >= lag(e.xid, 1, '0') OVER (ORDER BY p.position) AS ahead"
        f" FROM event_position p JOIN event e ON e.id = p.event_id WHERE e.type = '{TYPE}') o"
    )
    assert ask(url, in_order)


WORKER = f"""
import asyncio, sys
from sqlalchemy import text
from app.kernel import consumers, db
from app.kernel.consumer_runner import run
consumers.BATCH = 5
write = text("INSERT INTO heard (subject_id, worker, number) SELECT :subject_id, :worker, :number FROM pg_sleep(0.004)")
async def take(session, event):
    number = event.payload["number"]
    await session.execute(write, {{"subject_id": event.subject_id, "worker": sys.argv[2], "number": number}})
consumers.consumer("{NAME}", ("{TYPE}",), key="subject", partitions=4)(take)
db.configure(sys.argv[1], driver="psycopg")
async def work():
    async with db.transaction() as session:
        await session.execute(text("INSERT INTO ready (worker) VALUES (:worker)"), {{"worker": sys.argv[2]}})
    await run(asyncio.Event())
asyncio.run(work())
"""


@pytest.mark.faults
async def test_two_workers_share_a_consumer_and_one_is_killed_in_the_middle(db: Database, tmp_path: Path) -> None:
    """SIGKILL in the middle of a batch: each event counts once all the same, and in the order of its subject."""
    ask(db.url, "CREATE TABLE heard (id serial, subject_id uuid, worker text, number int)")
    ask(db.url, "CREATE TABLE ready (worker text)")
    command = [sys.executable, "-c", WORKER, db.url.render_as_string(hide_password=False)]
    workers = {name: launch([*command, name], os.environ, tmp_path / name) for name in ("a", "b")}
    try:
        async with asyncio.timeout(SECONDS):
            while ask(db.url, "SELECT count(*) FROM ready") < 2:  # one alone could be through before the other begins
                await asyncio.sleep(0.02)
            write(db.url, 1, 400, subjects=16)
            while ask(db.url, "SELECT count(DISTINCT worker) FROM heard") < 2:
                await asyncio.sleep(0.02)
            workers["a"].kill()
            assert ask(db.url, "SELECT count(*) FROM heard") < 400
            while ask(db.url, "SELECT count(*) FROM heard") < 400:
                await asyncio.sleep(0.05)
    finally:
        for worker in workers.values():
            worker.kill()
            worker.wait()
    assert ask(db.url, "SELECT count(DISTINCT number) FROM heard") == 400
    out_of_order = (
        "SELECT count(*) FROM (SELECT number < lag(number, 1, 0) OVER (PARTITION BY subject_id ORDER BY id) AS late"
        " FROM heard) o WHERE late"
    )
    assert ask(db.url, out_of_order) == 0
