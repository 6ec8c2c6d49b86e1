"""News and dead letters for the tests of messages."""

from email.message import EmailMessage
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import Account
from app.kernel import clock
from app.kernel import db as kernel_db
from app.kernel.ids import new_id
from app.registry.models import Person
from tests.notifications.mailbox import plain
from tests.requests.conftest import Scene

COMPLAINT: dict[str, Any] = {"about": "complaint", "story": "La farmacia estaba cerrada."}


SITE = "http://127.0.0.1:8000"


def add_account(
    session: AsyncSession, who: Person, *, email: str | None, phone: str | None = None, language: str = "es"
) -> None:
    """An account of this person with these contacts, at the full level."""
    session.add(
        Account(
            person_id=who.id,
            curp=who.curp,
            email=email,
            phone=phone,
            language=language,
            created_at=clock.now(),
            assurance="full",
        )
    )


async def account(scene: Scene, who: UUID, *, language: str = "es", phone: str | None = None) -> None:
    """A contact for this person: their telephone, else an address that begins with their id."""
    async with scene.db.transaction() as session:
        person = await session.get_one(Person, who)
        add_account(session, person, email=None if phone else address(who), phone=phone, language=language)


def address(who: UUID) -> str:
    return f"{who}@ejemplo.mx"


async def complain(scene: Scene) -> str:
    folio: str = (await scene.citizen.submit_request("complaint", **COMPLAINT))["folio"]
    return folio


async def ask(scene: Scene, folio: str) -> None:
    await scene.officer.claim(folio)
    asked = await scene.officer.post(f"{folio}/ask", {"body": "¿Qué día fue?", "fields": ["happened_on"]})
    assert asked.status_code == 200, asked.text


async def decide(scene: Scene, folio: str, action: str, reason: str, message: str = "Ya está.") -> None:
    await scene.officer.claim(folio)
    decided = await scene.officer.decide(folio, action, reason, message=message)
    assert decided.status_code == 200, decided.text


def words(mail: EmailMessage) -> str:
    body: str = plain(mail)
    return body


BUSY = "SMTPConnectError: Error connecting to mail.ejemplo.mx on port 25"


async def add_dead_letters(
    count: int, *, error: str = BUSY, kind: str = "appointment.booked", channel: str = "email"
) -> None:
    async with kernel_db.transaction() as session:
        for _ in range(count):
            await session.execute(
                text(
                    "INSERT INTO message (id, event_id, kind, subject_id, person_id, channel, recipient, language,"
                    " subject, body, status, attempts, last_error, created_at)"
                    " VALUES (:id, :event, :kind, :event, :event,"
                    " :channel, 'x@ejemplo.mx', 'es', 'x', 'x', 'dead-letter', 6, :error, now())"
                ),
                {
                    "id": new_id(),
                    "event": new_id(),
                    "kind": kind,
                    "channel": channel,
                    "error": error,
                },
            )
