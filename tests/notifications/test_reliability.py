"""A contact that refuses three messages in a row is marked; the person and staff see it, until it takes one again."""

import pytest
from sqlalchemy import update

from app.identity.models import Account
from app.kernel import ids
from app.kernel.settings import forget_settings
from app.notifications import reliability, service
from app.notifications.models import Message
from tests.conftest import Database
from tests.notifications.mailbox import Mailbox
from tests.notifications.reminding import Case, case, local

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


async def refused(here: Case, mailbox: Mailbox, count: int) -> list[str]:
    """The contacts that are marked after a number of messages were refused for good."""
    mailbox.say = "550 5.1.1 No such user"
    for number in range(count):
        await send(here, number)
    return await marked(here)


async def send(here: Case, number: int) -> None:
    """Another message to the person's contact."""
    async with here.db.transaction() as session:
        account = await session.get_one(Account, here.ana.id)
        message = Message(
            id=ids.new_id(),
            event_id=ids.new_id(),
            kind="appointment.booked",
            subject_id=here.ana.id,
            person_id=here.ana.id,
            channel="email",
            recipient=account.email or "",
            language="es",
            subject="x",
            body="x",
            created_at=local(here.day, 9, number),
        )
        session.add(message)
    await service.deliver(message.id)


async def marked(here: Case) -> list[str]:
    async with here.db.transaction() as session:
        return [one.address for one in await reliability.unreliable_contacts(session, here.ana.id)]


async def test_after_three_in_a_row(db: Database, mailbox: Mailbox) -> None:
    here = await case(db)
    assert await refused(here, mailbox, 2) == []
    assert await refused(here, mailbox, 1) == ["ana@ejemplo.mx"]
    mailbox.say = "250 OK"
    await send(here, 9)
    assert await marked(here) == []


async def test_one_that_arrives_begins_the_count_again(db: Database, mailbox: Mailbox) -> None:
    here = await case(db)
    await refused(here, mailbox, 2)
    mailbox.say = "250 OK"
    await send(here, 9)
    assert await refused(here, mailbox, 2) == []


async def test_another_contact_is_not_marked(db: Database, mailbox: Mailbox) -> None:
    here = await case(db)
    assert await refused(here, mailbox, 3)
    async with db.transaction() as session:
        await session.execute(update(Account).values(email="nuevo@ejemplo.mx"))
    assert await marked(here) == []
    assert await refused(here, mailbox, 1) == []


async def test_our_own_server_is_no_fault_of_the_contact(
    db: Database, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await case(db)
    monkeypatch.setenv("VENTANILLA_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("VENTANILLA_SMTP_PORT", "1")
    forget_settings()
    for number in range(3):
        with pytest.raises(service.DeliveryFailed):
            await send(here, number)
    assert await marked(here) == []
