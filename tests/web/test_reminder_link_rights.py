"""A link in a reminder acts only while who it was sent to may still know of the appointment, at that contact."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest
import time_machine
from sqlalchemy import text

from app.kernel import clock
from tests.appointments import factories
from tests.conftest import Database
from tests.notifications.factories import add_account
from tests.notifications.mailbox import Mailbox, open_mailbox, plain, value
from tests.notifications.reminding import Case, case, local
from tests.web.browser import Browser
from tests.web.reminder_mail import links

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

CHANGED = [
    "UPDATE account SET email = 'otra@ejemplo.mx'",
    "UPDATE account SET frozen_at = now()",
    "UPDATE account SET assurance = 'low', email = NULL, phone = '+525512345678'",
    "DELETE FROM account",
]


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with open_mailbox(monkeypatch) as mailbox:
        yield mailbox


@pytest.fixture
async def here(db: Database, mailbox: Mailbox) -> AsyncIterator[Case]:
    """Ana was reminded, and it is a minute later."""
    made = await case(db)
    await made.remind(made.before(3))
    with time_machine.travel(made.before(3, 9, 3), tick=True):
        yield made


async def ended(client: httpx.AsyncClient, here: Case, path: str, *, status: int = 410) -> None:
    """The link says nothing and does nothing."""
    page = await client.get(path)
    assert page.status_code == status
    assert "Este enlace ya no sirve" in page.text
    assert "9:00" not in page.text
    assert here.folio not in page.text
    assert here.unit.name not in page.text


@pytest.mark.parametrize("change", CHANGED)
@pytest.mark.parametrize("name", ["Sí", "Quiero", "No"])
async def test_a_contact_that_changed_or_an_account_that_was_stopped_ends_the_links(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox, change: str, name: str
) -> None:
    browser, path = Browser(client), links(mailbox)[name]
    await browser.get(path)
    await here.sql(change)
    answer = await browser.send(path)
    assert answer.status_code in (409, 410)
    await ended(client, here, path)
    happened = "SELECT count(*) FROM event WHERE type LIKE 'appointment.%' AND type <> 'appointment.booked'"
    assert await value(happened) == 0


async def test_a_contact_of_the_registry_counts_where_the_account_has_none(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox
) -> None:
    """Messages no longer go to the registry's address once the account has another."""
    await here.sql("UPDATE person SET email = 'ana@ejemplo.mx' WHERE id = :ana", ana=here.ana.id)
    await here.sql("UPDATE account SET email = NULL, phone = '5512345678'")
    assert (await client.get(links(mailbox)["No"])).status_code == 200
    await here.sql("UPDATE account SET email = 'otra@ejemplo.mx'")
    await ended(client, here, links(mailbox)["No"])
    await here.sql("UPDATE account SET email = 'ana@ejemplo.mx', frozen_at = now()")
    await ended(client, here, links(mailbox)["No"])


async def family(db: Database, mailbox: Mailbox) -> Case:
    """Ana booked for her child, and was reminded."""
    day = clock.today(factories.ZONE) + timedelta(days=10)
    async with db.transaction() as session:
        unit = await factories.unit(session)
        ana, child = await factories.person(session, unit), await factories.person(session, unit)
        add_account(session, ana, email="ana@ejemplo.mx")
        await factories.depend(session, ana, child)
        (start, *_others) = await factories.seats(session, unit, count=3, start_at=local(day, 9))
        await session.flush()
        place = factories.place(unit, start)
        folio = (await factories.booked(session, child, place, factories.citizen(ana))).folio
    made = Case(db, unit, ana, folio, start, day)
    await made.remind(made.before(3))
    return made


async def test_who_lost_the_right_over_a_child_reads_nothing_and_is_reminded_no_more(
    client: httpx.AsyncClient, db: Database, mailbox: Mailbox
) -> None:
    made = await family(db, mailbox)
    assert len(mailbox.got) == 1
    with time_machine.travel(made.before(3, 9, 3), tick=True):
        assert (await client.get(links(mailbox)["No"])).status_code == 200
        await made.sql("UPDATE dependant SET ends_on = current_date - 1")
        await ended(client, made, links(mailbox)["No"])
    await made.remind(made.before(1))
    assert len(mailbox.got) == 1


async def test_the_account_of_the_child_s_holder_that_is_stopped_ends_them_too(
    client: httpx.AsyncClient, db: Database, mailbox: Mailbox
) -> None:
    made = await family(db, mailbox)
    await made.sql("UPDATE account SET frozen_at = now()")
    with time_machine.travel(made.before(3, 9, 3), tick=True):
        await ended(client, made, links(mailbox)["Sí"])


async def reminded_while_stopped(db: Database, mailbox: Mailbox, registered: str | None, *, is_queued: bool) -> Case:
    made = await case(db)
    await made.sql("UPDATE person SET email = :email WHERE id = :ana", email=registered, ana=made.ana.id)
    with time_machine.travel(made.before(3), tick=True):
        if is_queued:
            await made.tick()
    await made.sql("UPDATE account SET frozen_at = now()")
    await made.remind(made.before(3))
    return made


@pytest.mark.parametrize("registered", [None, "ana@ejemplo.mx", "ANA@ejemplo.mx"])
@pytest.mark.parametrize("is_queued", [False, True])
async def test_a_contact_of_a_stopped_account_is_not_reminded(
    db: Database, mailbox: Mailbox, registered: str | None, is_queued: bool
) -> None:
    await reminded_while_stopped(db, mailbox, registered, is_queued=is_queued)
    assert mailbox.got == []


async def test_another_contact_of_the_registry_is_reminded_without_links(db: Database, mailbox: Mailbox) -> None:
    await reminded_while_stopped(db, mailbox, "registro@ejemplo.mx", is_queued=False)
    (mail,) = mailbox.got
    assert mail["To"] == "registro@ejemplo.mx"
    assert "/r/" not in plain(mail)
    assert "La cuenta está detenida" in plain(mail)


@pytest.mark.parametrize("change", CHANGED)
async def test_what_was_composed_for_a_contact_that_changed_is_dropped(
    db: Database, mailbox: Mailbox, change: str
) -> None:
    made = await case(db)
    mailbox.say = "451 4.3.0 Try again later"
    await made.remind(made.before(3))
    mailbox.say = "250 OK"
    async with db.transaction() as session:
        await session.execute(text(change))
        await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL"))
    await made.remind(made.before(3, 9, 20))
    assert mailbox.got == []
    assert await value("SELECT status FROM message WHERE kind = 'appointment.reminder'") == "dropped"
