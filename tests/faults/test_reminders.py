"""Workers killed while they send reminders: each leaves once, and none is forgotten."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.kernel import db as kernel_db
from app.notifications import reminder_queue
from app.notifications.batches import PLACES
from app.notifications.contacts import EMAIL
from tests.conftest import Database
from tests.notifications.crowds import add_crowd
from tests.notifications.gateway import Gateway, open_gateway
from tests.notifications.mailbox import Mailbox, open_mailbox, value
from tests.portal import Portal

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(200),
    pytest.mark.parametrize("db", ["psycopg"], indirect=True),
]

PEOPLE = 60
KILLS = 2
SECONDS = 60


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with open_mailbox(monkeypatch) as mailbox:
        mailbox.seconds = 0.25
        yield mailbox


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    with open_gateway(monkeypatch) as gateway:
        gateway.seconds = 0.25
        yield gateway


@pytest.fixture
async def due(db: Database) -> Database:
    """Reminders are due, at a unit where it is noon."""
    await add_crowd(db, PEOPLE)
    return db


@pytest.fixture
async def portal(due: Database, tmp_path: Path) -> AsyncIterator[Portal]:
    portal = Portal(due.url, tmp_path / "log")
    yield portal
    portal.stop()


async def until(is_done: Callable[[], Awaitable[bool]], what: str) -> None:
    deadline = asyncio.get_running_loop().time() + SECONDS
    while not await is_done():
        assert asyncio.get_running_loop().time() < deadline, what
        await asyncio.sleep(0.1)


async def sql(statement: str) -> None:
    async with kernel_db.transaction() as session:
        await session.execute(text(statement))


async def kill(portal: Portal) -> None:
    """SIGKILL in the middle of its work; what another worker finds after some minutes of silence, it finds at once."""
    assert portal.jobs is not None
    os.killpg(portal.jobs.pid, signal.SIGKILL)
    portal.jobs.wait()
    await sql("UPDATE message SET sending_at = sending_at - interval '5 minutes' WHERE status = 'pending'")
    await sql(
        "UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL, scheduled_at = NULL"
        " WHERE status <> 'succeeded' AND task_name = 'notifications.remind'"
    )


async def go_through_kills(portal: Portal, count_sent: Callable[[], int]) -> None:
    """Workers send, and are killed while they do."""
    await reminder_queue.enqueue_due()
    await sql("UPDATE reminder_progress SET until = until - interval '1 hour'")
    for number in range(1, KILLS + 1):
        portal.start_jobs()
        wanted = number * PEOPLE // (KILLS + 2)
        await until(lambda: _reached(count_sent, wanted), "nothing was sent")  # noqa: B023 # awaited before the next
        await kill(portal)
    portal.start_jobs()
    await until(_is_settled, "some are pending")


async def _reached(count_sent: Callable[[], int], wanted: int) -> bool:
    return count_sent() >= wanted


async def _is_settled() -> bool:
    left = await value("SELECT count(*) FROM message WHERE status = 'pending'")
    return int(left) == 0 and int(await value("SELECT count(*) FROM message")) == PEOPLE


async def test_mails_leave_once_and_those_that_may_have_left_are_not_repeated(
    due: Database, mailbox: Mailbox, portal: Portal
) -> None:
    await go_through_kills(portal, lambda: len(mailbox.got))
    arrived = Counter(str(mail["To"]) for mail in mailbox.got)
    assert set(arrived.values()) == {1}
    sent = int(await value("SELECT count(*) FROM message WHERE status = 'sent'"))
    uncertain = int(await value("SELECT count(*) FROM message WHERE status = 'uncertain'"))
    assert sent + uncertain == PEOPLE
    assert 0 < uncertain <= PLACES[EMAIL] * KILLS, "those that the workers that were killed had claimed"
    assert sent <= len(arrived) <= PEOPLE


async def test_text_messages_are_asked_for_again_and_the_gateway_drops_what_it_has(
    due: Database, gateway: Gateway, portal: Portal
) -> None:
    await sql("UPDATE account SET email = NULL")
    await go_through_kills(portal, lambda: len(gateway.sent))
    assert len(gateway.sent) == len({one["to"] for one in gateway.sent.values()}) == PEOPLE
    assert int(await value("SELECT count(*) FROM message WHERE status = 'sent'")) == PEOPLE
