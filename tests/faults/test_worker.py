"""A worker survives its database: killed while it idles and while it sends, nothing is lost and nothing sent twice."""

import asyncio
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.commands.schema import prepare
from app.kernel import clock, ids
from app.kernel import db as kernel_db
from app.kernel.postgres import EmbeddedServer
from app.notifications import service
from app.notifications.models import Message
from tests.notifications.mailbox import Mailbox, open_mailbox
from tests.portal import Portal

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

MESSAGES = 60
BACK_SECONDS = 60


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    """A database server of this test's own, to be killed."""
    with tempfile.TemporaryDirectory(prefix="vt-w-") as name:
        Path(name).chmod(0o755)
        server = EmbeddedServer.start(Path(name) / "pg")  # durable: what it acknowledged outlives it
        prepare(server.url)
        yield server
        server.stop("immediate")


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with open_mailbox(monkeypatch) as office:
        office.seconds = 0.25
        yield office


@pytest.fixture
async def worker(server: EmbeddedServer, office: Mailbox, tmp_path: Path) -> AsyncIterator[Portal]:
    portal = Portal(make_url(server.url), tmp_path / "log")
    kernel_db.configure(server.url, driver="psycopg")
    async with kernel_db.transaction() as session:
        await session.execute(text("TRUNCATE message, procrastinate_jobs, procrastinate_workers CASCADE"))
    portal.start_jobs()
    yield portal
    portal.stop()
    await kernel_db.disconnect()


def kill(server: EmbeddedServer) -> None:
    """SIGKILL to the postmaster, as the kernel does when memory runs out."""
    os.kill(int((server.data_dir / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)


async def ask(count: int) -> None:
    """Messages to a number of people, with their jobs."""
    async with kernel_db.transaction() as session:
        for number in range(count):
            message = Message(
                id=ids.new_id(),
                event_id=ids.new_id(),
                kind="test.told",
                subject_id=ids.new_id(),
                person_id=ids.new_id(),
                channel="email",
                recipient=f"p{number}@ejemplo.mx",
                language="es",
                subject="Aviso",
                body="Hola",
                created_at=clock.now(),
                status="pending",
                attempts=0,
            )
            session.add(message)
            await session.flush()
            await service.enqueue_message(session, message)


async def until(done: Any, what: str, seconds: float = BACK_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not await done():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.05)


async def counted(question: str) -> int:
    async with kernel_db.reading() as session:
        return int(await session.scalar(text(question)) or 0)


async def alive() -> bool:
    return await counted("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '6 s'") > 0


async def test_idle_it_waits_for_a_database_that_was_killed_and_goes_on(
    server: EmbeddedServer, worker: Portal, office: Mailbox
) -> None:
    assert worker.jobs is not None
    await until(alive, "the worker did not begin")
    kill(server)
    await asyncio.sleep(1.5)
    assert worker.jobs.poll() is None, worker.log.read_text()
    server.restart()
    await ask(3)

    async def sent() -> bool:
        return len(office.got) == 3

    await until(sent, "the worker did not come back")
    assert worker.jobs.poll() is None


async def test_busy_it_sends_each_message_once_through_three_kills(
    server: EmbeddedServer, worker: Portal, office: Mailbox
) -> None:
    assert worker.jobs is not None
    await until(alive, "the worker did not begin")
    await ask(MESSAGES)
    for share in (1, 2, 3):

        async def some(share: int = share) -> bool:
            return len(office.got) >= share * MESSAGES // 5

        await until(some, "messages do not leave")
        kill(server)
        await asyncio.sleep(0.7)
        server.restart()

    async def settled() -> bool:
        return await counted("SELECT count(*) FROM procrastinate_jobs WHERE status NOT IN ('succeeded')") == 0

    await until(settled, "jobs were left", 120)
    times = Counter(str(mail["Message-ID"]) for mail in office.got)
    assert (len(times), set(times.values())) == (MESSAGES, {1})
    assert await counted("SELECT count(*) FROM message WHERE status = 'sent' AND attempts = 1") == MESSAGES
    assert worker.jobs.poll() is None


async def test_it_starts_before_its_database_and_stops_on_a_signal(
    server: EmbeddedServer, office: Mailbox, tmp_path: Path
) -> None:
    kernel_db.configure(server.url, driver="psycopg")
    await ask(1)
    await kernel_db.disconnect()
    server.stop("fast")
    early = Portal(make_url(server.url), tmp_path / "log")
    early.start_jobs()
    assert early.jobs is not None
    try:
        await asyncio.sleep(2)
        assert early.jobs.poll() is None, early.log.read_text()
        server.restart()

        async def sent() -> bool:
            return len(office.got) == 1

        await until(sent, "it did not begin")
        early.jobs.terminate()
        assert early.jobs.wait(BACK_SECONDS) == 0
    finally:
        early.stop()
