"""A real mail server in this process, and a worker that does what is due and stops."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import text

from app.commands.run import import_jobs
from app.kernel import db as kernel_db
from app.kernel.consumer_runner import catch_up
from app.kernel.settings import forget_settings
from app.kernel.worker import Worker
from tests.portal import free_port

SECONDS = 20


@dataclass
class Mailbox:
    """Takes mail, or answers as set: `say` is the reply to each recipient. It may take a mail and fall silent."""

    say: str = "250 OK"
    got: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    asked: int = 0
    drop_after_data: bool = False
    seconds: float = 0.0
    close_after_each: bool = False
    connections: set[tuple[str, int]] = field(default_factory=set)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        self.asked += 1
        if self.say.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.say

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.connections.add(session.peer)
        await asyncio.sleep(self.seconds)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.got.append(mail)
        self.senders.append(envelope.mail_from)
        if self.drop_after_data:
            server.transport.abort()
        if self.close_after_each:
            asyncio.get_running_loop().call_later(0.02, server.transport.close)
        return "250 Message accepted"


@contextmanager
def open_mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server on loopback, and the portal configured to use it."""
    mailbox, port = Mailbox(), free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("VENTANILLA_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("VENTANILLA_SMTP_PORT", str(port))
    monkeypatch.setenv("VENTANILLA_SMTP_SECURITY", "none")
    forget_settings()
    try:
        yield mailbox
    finally:
        controller.stop()
        monkeypatch.undo()
        forget_settings()


def plain(mail: EmailMessage) -> str:
    """The mail as plain text."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def work(*, until_messages: int) -> None:
    """Follow the log and run the jobs that are due, until this number of messages is written."""
    import_jobs()
    deadline = asyncio.get_running_loop().time() + SECONDS
    while asyncio.get_running_loop().time() < deadline:
        await catch_up("notifications")
        await run_due_jobs()
        if await value("SELECT count(*) FROM message") >= until_messages:
            break
        await asyncio.sleep(0.05)
    await run_due_jobs()


async def run_due_jobs() -> None:
    await Worker().run_due()


async def advance_time() -> None:
    """The waits between tries are over."""
    async with kernel_db.transaction() as session:
        await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'"))


async def value(question: str) -> Any:
    async with kernel_db.reading() as session:
        return await session.scalar(text(question))
