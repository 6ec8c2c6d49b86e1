"""Codes arrive within two seconds whatever else happens: a transaction open elsewhere, a mail server that hangs."""

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from app.commands.run import import_jobs
from app.identity.models import Account
from app.kernel import clock, ids
from app.kernel.actor import Anonymous
from app.kernel.jobs import LANES, Lane, enqueue, jobs, periodic
from app.kernel.settings import forget_settings
from app.kernel.worker import Worker
from app.notifications import service
from app.notifications.models import Message
from app.registry.sign_in import send_code
from tests.appointments import factories
from tests.conftest import SERVER_VARIABLE, Database
from tests.forked import launch
from tests.notifications.mailbox import Mailbox, advance_time, run_due_jobs, value

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

PROMPT_SECONDS = 10.0
"""Two are promised; a busy machine may take more. Behind a mail server that hangs it would be twenty."""
ran: list[datetime] = []


@periodic("test.scheduled", cron="0 0 1 1 *")
async def scheduled(due: datetime) -> None:
    """Notes that it ran."""
    ran.append(due)


@asynccontextmanager
async def working() -> AsyncIterator[None]:
    """A worker of this process, for as long as the block lasts."""
    import_jobs()
    stop = asyncio.Event()
    running = asyncio.create_task(Worker(grace_seconds=0).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


@asynccontextmanager
async def open_transaction_elsewhere() -> AsyncIterator[None]:
    """A transaction with an id that stays open in another database of the same server."""
    address = re.sub(r"^postgresql\+\w+:", "postgresql:", os.environ[SERVER_VARIABLE])
    async with await psycopg.AsyncConnection.connect(address) as connection:
        await connection.execute("SELECT pg_current_xact_id()")
        yield
        await connection.rollback()


async def ask_for_code(db: Database, *, email: str | None = None, phone: str | None = None) -> None:
    async with db.transaction() as session:
        person = await factories.person(session, await factories.unit(session))
        account = Account(person_id=person.id, curp=person.curp, email=email, phone=phone, language="es")
        account.created_at, account.assurance = clock.now(), "full"
        session.add(account)
        await session.flush()
        await send_code(session, Anonymous(address="10.0.0.1"), identifier=person.curp, language="es")


async def until(done: Any, seconds: float = 90.0) -> float:
    """Wait for it; returns how long it took."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < seconds, "it took too long"
        await asyncio.sleep(0.01)
    return time.monotonic() - began


class HangingMailServer:
    """Accepts connections and never says a word."""

    def __init__(self) -> None:
        self.callers: list[asyncio.StreamWriter] = []

    async def take(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.callers.append(writer)


@asynccontextmanager
async def hanging_mail_server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HangingMailServer]:
    server = HangingMailServer()
    listening = await asyncio.start_server(server.take, "127.0.0.1", 0)
    monkeypatch.setenv("VENTANILLA_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("VENTANILLA_SMTP_PORT", str(listening.sockets[0].getsockname()[1]))
    monkeypatch.setenv("VENTANILLA_SMTP_SECURITY", "none")
    forget_settings()
    try:
        yield server
    finally:
        listening.close()
        for caller in server.callers:
            caller.close()


@contextmanager
def sms_gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, str]]]:
    """A gateway for text messages that takes each one."""
    taken: list[dict[str, str]] = []

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("VENTANILLA_SMS_URL", f"http://127.0.0.1:{server.server_port}/")
    forget_settings()
    try:
        yield taken
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def settings_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    ran.clear()
    yield
    monkeypatch.undo()
    forget_settings()


async def test_a_code_does_not_wait_for_a_transaction_open_elsewhere(db: Database, mailbox: Mailbox) -> None:
    async with open_transaction_elsewhere(), working():
        await asyncio.sleep(0.3)  # it listens
        await ask_for_code(db, email="ana@ejemplo.mx")
        took = await until(lambda: mailbox.got)
    assert took < PROMPT_SECONDS
    assert len(mailbox.got) == 1


async def test_a_hanging_mail_server_delays_no_code_by_text_message_and_no_scheduled_work(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hanging_mail_server(monkeypatch) as mail, working():
        with sms_gateway(monkeypatch) as taken:
            for number in range(LANES[Lane.CODES_EMAIL].slots + 2):
                await ask_for_code(db, email=f"p{number}@ejemplo.mx")
            async with db.transaction() as session:
                for number in range(LANES[Lane.MESSAGES_EMAIL].slots + 2):
                    await service.enqueue_message(session, await written(session, number))
            hung = LANES[Lane.CODES_EMAIL].slots + LANES[Lane.MESSAGES_EMAIL].slots
            await until(lambda: len(mail.callers) >= hung)
            began = time.monotonic()
            await ask_for_code(db, phone="+525512345678")
            async with db.transaction() as session:
                await enqueue(session, jobs.tasks["test.scheduled"], timestamp=0)
            await until(lambda: taken and ran)
            assert time.monotonic() - began < PROMPT_SECONDS
            assert len(mail.callers) == hung  # the rest waits for a slot of its own lane
    assert [len(taken), len(ran)] == [1, 1]


async def written(session: Any, number: int) -> Message:
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
    return message


async def test_a_code_whose_answer_was_lost_is_not_sent_again(db: Database, mailbox: Mailbox) -> None:
    mailbox.drop_after_data = True
    await ask_for_code(db, email="ana@ejemplo.mx")
    for _ in range(3):
        await run_due_jobs()
        await advance_time()
    assert len(mailbox.got) == 1
    assert await value("SELECT status FROM message") == "dead-letter"
    assert await value("SELECT ciphertext FROM sign_in_code") is None  # not even by a retry of staff


async def test_another_message_whose_answer_was_lost_is_sent_again_under_the_same_id(
    db: Database, mailbox: Mailbox
) -> None:
    mailbox.drop_after_data = True
    async with db.transaction() as session:
        await service.enqueue_message(session, await written(session, 1))
    await run_due_jobs()
    mailbox.drop_after_data = False
    await advance_time()
    await run_due_jobs()
    assert len({mail["Message-ID"] for mail in mailbox.got}) == 1
    assert len(mailbox.got) == 2
    assert await value("SELECT status FROM message") == "sent"


@pytest.mark.parametrize(("kind", "sent"), [("code.requested", 0), ("test.told", 1)])
async def test_after_a_process_died_while_sending(db: Database, mailbox: Mailbox, kind: str, sent: int) -> None:
    """A code isn't sent by another process, since it may have left; anything else is, after a while."""
    async with db.transaction() as session:
        message = await written(session, 1)
        message.kind, message.sending_at = kind, clock.now()
        await service.enqueue_message(session, message)
    await run_due_jobs()
    assert (mailbox.got, await value("SELECT status FROM message")) == ([], "pending")
    async with db.transaction() as session:
        await session.execute(
            text("UPDATE message SET sending_at = :then"), {"then": clock.now() - service.CLAIM_TIMEOUT - timedelta(1)}
        )
    await advance_time()
    await run_due_jobs()
    assert len(mailbox.got) == sent
    assert await value("SELECT status FROM message") == ("sent" if sent else "dead-letter")


SENDER = """
import asyncio, json, sys
from app.commands.run import import_jobs
from app.kernel import db
from app.kernel.jobs import jobs
async def work():
    db.configure(sys.argv[1], driver="psycopg")
    import_jobs()
    async with db.reading():
        print("ready", flush=True)
    open(sys.argv[3]).read()
    await jobs.tasks["notifications.deliver-code"](**json.loads(sys.argv[2]))
    await db.disconnect()
asyncio.run(work())
"""


async def test_two_processes_at_once_send_a_code_once(db: Database, mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.seconds = 0.2  # the mail server takes its time: both find the code unsent, if one may
    await ask_for_code(db, email="ana@ejemplo.mx")
    arguments = json.dumps(await value("SELECT args FROM procrastinate_jobs"))
    url = db.url.render_as_string(hide_password=False)
    gate, logs = tmp_path / "gate", [tmp_path / "one", tmp_path / "two"]
    os.mkfifo(gate)  # who reads it waits until it is opened for writing
    command = [sys.executable, "-c", SENDER, url, arguments, str(gate)]
    senders = [launch(command, os.environ, log) for log in logs]
    try:
        await until(lambda: all("ready" in log.read_text() for log in logs))
        await asyncio.to_thread(gate.write_text, "")
        ended = await asyncio.gather(*(asyncio.to_thread(sender.wait, 60) for sender in senders))
    finally:
        for sender in senders:
            sender.kill()
    assert 0 in ended
    assert len(mailbox.got) == 1
    assert await value("SELECT status FROM message") == "sent"


async def test_a_failure_is_logged_at_the_first_try_without_personal_data(
    db: Database, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    import_jobs()
    mailbox.say = "451 4.3.0 ana@ejemplo.mx is busy, ring +525512345678"
    await ask_for_code(db, email="ana@ejemplo.mx")
    await run_due_jobs()
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert "message_not_sent" in said
    assert "attempt=1" in said or '"attempt": 1' in said
    assert "ana@ejemplo.mx" not in said
    assert "5512345678" not in said
