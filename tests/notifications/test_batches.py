"""Reminders of a job are delivered together, and each as if it were alone."""

import asyncio

import pytest
from sqlalchemy import text

from app.commands.run import import_jobs
from app.kernel import db as kernel_db
from app.notifications import reminder_queue
from app.notifications.batches import PLACES
from app.notifications.connections import shared_connections
from app.notifications.contacts import EMAIL
from tests.conftest import Database
from tests.notifications.crowds import add_crowd, phone_of
from tests.notifications.gateway import Gateway
from tests.notifications.mailbox import Mailbox, advance_time, run_due_jobs, value

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

PEOPLE = 20
HANGS_SECONDS = 6.0


async def enqueue() -> None:
    import_jobs()
    await reminder_queue.enqueue_due()


async def sql(statement: str, **values: object) -> None:
    async with kernel_db.transaction() as session:
        await session.execute(text(statement), values)


async def count(status: str) -> int:
    return int(await value(f"SELECT count(*) FROM message WHERE status = '{status}'"))


async def test_one_that_hangs_delays_no_other(db: Database, gateway: Gateway) -> None:
    await add_crowd(db, PEOPLE, by="sms")
    gateway.waits[phone_of(7)] = HANGS_SECONDS
    await enqueue()
    running = asyncio.create_task(run_due_jobs())
    async with asyncio.timeout(HANGS_SECONDS):
        while await count("sent") < PEOPLE - 1:
            await asyncio.sleep(0.05)
    assert not running.done()
    await running
    assert await count("sent") == PEOPLE


async def test_one_that_is_refused_stops_no_other_and_none_is_sent_twice(db: Database, gateway: Gateway) -> None:
    await add_crowd(db, PEOPLE, by="sms")
    gateway.statuses |= {phone_of(3): 400, phone_of(4): 503}
    await enqueue()
    await run_due_jobs()
    assert (await count("sent"), await count("dead-letter"), await count("pending")) == (PEOPLE - 2, 1, 1)
    gateway.statuses.clear()
    await advance_time()
    await run_due_jobs()
    assert (await count("sent"), await count("dead-letter")) == (PEOPLE - 1, 1)
    assert len(gateway.asked) == PEOPLE + 1, "the refused one once, the one put off twice"
    assert await value("SELECT count(*) FROM event WHERE type = 'message.sent'") == PEOPLE - 1


async def test_one_that_cannot_be_composed_stops_no_other(db: Database, mailbox: Mailbox) -> None:
    await add_crowd(db, PEOPLE)
    broken = await add_crowd(db, 1, first=PEOPLE)
    await enqueue()
    zone = broken.timezone
    await sql("UPDATE unit SET timezone = 'Atlantis/Capital' WHERE id = :id", id=broken.id)
    await sql(
        "UPDATE procrastinate_jobs SET args = jsonb_build_object('reminder_ids', (SELECT jsonb_agg(id) FROM reminder))"
    )
    await run_due_jobs()
    assert len(mailbox.got) == await count("sent") == PEOPLE
    await sql("UPDATE unit SET timezone = :zone WHERE id = :id", id=broken.id, zone=zone)
    await advance_time()
    await run_due_jobs()
    assert len(mailbox.got) == await count("sent") == PEOPLE + 1


async def test_a_connection_to_the_mail_server_is_used_again(db: Database, mailbox: Mailbox) -> None:
    await add_crowd(db, PEOPLE)
    await enqueue()
    await run_due_jobs()
    assert len(mailbox.got) == PEOPLE
    assert len(mailbox.connections) <= PLACES[EMAIL] < PEOPLE


async def test_a_connection_that_the_mail_server_closed_is_replaced(db: Database, mailbox: Mailbox) -> None:
    await add_crowd(db, PEOPLE)
    mailbox.close_after_each = True
    await enqueue()
    for _ in range(3):  # one that was closed in the middle of a mail is tried again later
        await run_due_jobs()
        await advance_time()
    assert len(mailbox.got) == await count("sent") == PEOPLE
    assert len({str(mail["To"]) for mail in mailbox.got}) == PEOPLE


async def test_a_refused_recipient_leaves_the_connection_usable(db: Database, mailbox: Mailbox) -> None:
    await add_crowd(db, PEOPLE)
    mailbox.say = "550 5.1.1 No such user"
    await enqueue()
    await run_due_jobs()
    assert await count("dead-letter") == PEOPLE
    assert mailbox.got == []


async def test_a_connection_to_the_gateway_is_used_again(db: Database, gateway: Gateway) -> None:
    await add_crowd(db, PEOPLE, by="sms")
    await add_crowd(db, PEOPLE, first=PEOPLE, by="sms")
    await enqueue()
    async with shared_connections():  # as while another job is running
        await run_due_jobs()
    assert len(gateway.sent) == await count("sent") == 2 * PEOPLE
    assert len(gateway.connections) <= PEOPLE
