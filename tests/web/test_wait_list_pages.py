"""The pages of the wait list: ask from an appointment or the days of booking, answer by a link or on the page, and what
the supervisor sees."""

from collections.abc import Iterator

import httpx
import pytest
import time_machine
from fastapi import FastAPI

from app.identity.service.staff import add_staff
from app.kernel.actor import Role, System
from tests.conftest import Database
from tests.notifications.mailbox import Mailbox, open_mailbox, value
from tests.notifications.waiting import MORNING, Waits, offer_link, waits
from tests.web.browser import Browser, another_tab, signed_in_browser, twice

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with open_mailbox(monkeypatch) as mailbox:
        yield mailbox


@pytest.fixture
async def here(db: Database, mailbox: Mailbox) -> Waits:
    return await waits(db)


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=True):
        yield


async def offered(here: Waits, mailbox: Mailbox) -> str:
    await here.free()
    await here.work()
    return offer_link(mailbox)


async def states() -> tuple[object, ...]:
    return (
        await value("SELECT answer FROM wait_offer"),
        await value("SELECT status FROM wait_entry"),
        await value("SELECT count(*) FROM event WHERE type = 'appointment.moved'"),
    )


async def test_loading_the_link_changes_nothing_and_names_no_one(
    client: httpx.AsyncClient, here: Waits, mailbox: Mailbox
) -> None:
    link = await offered(here, mailbox)
    before = await states()
    for _ in range(2):
        page = await client.get(link)
        assert page.status_code == 200
    for words in ("Se liberó un horario", "9:00", "en lugar de su cita", "No lo quiero"):
        assert words in page.text
    for word in ("Ana", "Núñez", "Medicina familiar", here.folios["luz"]):
        assert word not in page.text
    assert page.headers["referrer-policy"] == "strict-origin"
    assert await states() == before
    assert "A time freed up" in (await client.get(f"/en{link}")).text


async def test_accepted_by_the_link_once(client: httpx.AsyncClient, here: Waits, mailbox: Mailbox) -> None:
    link = await offered(here, mailbox)
    browser = Browser(client)
    await browser.get(link)
    done = await twice(browser, link, browser.form(link, answer="accept"))
    assert {one.status_code for one in done} == {303}
    await browser.get(link)
    assert "Aceptó el horario" in browser.text
    assert await states() == ("accepted", "ended", 1)
    assert await value("SELECT start_at FROM appointment WHERE status = 'booked'") == here.times[0]
    assert "Llegue 15 minutos antes" in browser.text
    await here.sql("UPDATE appointment SET status = 'cancelled' WHERE status = 'booked'")
    await browser.get(link)
    assert "Después la cita se canceló o se movió" in browser.text
    assert "Llegue 15 minutos antes" not in browser.text


async def test_declined_by_the_link(client: httpx.AsyncClient, here: Waits, mailbox: Mailbox) -> None:
    link = await offered(here, mailbox)
    browser = Browser(client)
    await browser.get(link)
    other = another_tab(browser)
    await other.get(link)
    assert (await browser.send(link, answer="decline")).status_code == 303
    await browser.get(link)
    assert "Dejó el horario" in browser.text
    late = await other.send(link, answer="accept")
    assert (late.status_code, "Esto cambió mientras tenía abierta la página" in other.text) == (409, True)
    assert "Esto ya estaba hecho" not in other.text, "the other button was pressed"
    assert "sigue en la lista de espera" in other.text
    assert await states() == ("declined", "active", 0)
    await here.sql("UPDATE wait_entry SET status = 'ended', end_reason = 'left', ended_at = now()")
    await browser.get(link)
    assert "ya no está en la lista de espera" in browser.text


async def test_the_link_ends_with_the_offer_and_with_the_contact(
    client: httpx.AsyncClient, here: Waits, mailbox: Mailbox
) -> None:
    link = await offered(here, mailbox)
    browser = Browser(client)
    await browser.get(link)
    form = browser.form(link, answer="accept")
    await here.sql("UPDATE account SET email = 'otra@ejemplo.mx' WHERE person_id = :luz", luz=here.luz.id)
    changed = await client.post(link, data=form)
    assert (changed.status_code, await states()) == (410, (None, "active", 0))
    await here.sql("UPDATE account SET email = 'luz@ejemplo.mx' WHERE person_id = :luz", luz=here.luz.id)
    await here.sql("UPDATE wait_offer SET expires_at = made_at + interval '1 second'")
    with time_machine.travel(MORNING.replace(minute=20), tick=True):
        over = await browser.get(link)
    assert (over.status_code, "Este horario ya no está guardado" in browser.text) == (410, True)
    assert (await client.get(link[:-1] + "A")).status_code in {404, 410}


async def test_ask_from_an_appointment_change_and_leave(app: FastAPI, here: Waits) -> None:
    browser = await signed_in_browser(app, here.db, person_id=here.ana.id)
    await browser.get(f"/citas/{here.folios['ana']}")
    assert "Avíseme si se libera un horario antes" in browser.text
    ask = f"/citas/aviso?cita={here.folios['ana']}"
    await browser.get(ask)
    for words in ("Todavía no sabemos qué tan probable es", "Su cita actual se conserva", "Sólo con mi médico"):
        assert words in browser.text
    none = await browser.send(ask, shift="any", notice="24")
    assert (none.status_code, "Elija al menos un día." in browser.text) == (422, True)
    sent = await browser.send(ask, **{"weekday-3": "1", "shift": "M", "notice": "2", "own-doctor": "1"})
    assert sent.status_code == 303
    entry = sent.headers["location"]
    await browser.get(entry)
    assert "En espera" in browser.text
    await browser.send(entry, action="change", **{"weekday-1": "1", "shift": "any", "notice": "48"})
    assert await value(f"SELECT weekdays FROM wait_entry WHERE id = '{entry[-36:]}'") == [1]
    await browser.get("/mi/avisos")
    assert "En espera" in browser.text
    await browser.get("/mi")
    assert "Mi lista de espera" in browser.text
    await browser.get(entry)
    stale = another_tab(browser)
    await stale.get(entry)
    older = another_tab(browser)
    await older.get(entry)
    await browser.send(entry, action="change", **{"weekday-2": "1", "shift": "M", "notice": "24"})
    late = await older.send(entry, action="leave")
    assert (late.status_code, "Esto cambió mientras tenía abierta la página" in older.text) == (409, True)
    await older.get(entry)
    again = await browser.send(entry, via=entry, action="change", **{"weekday-4": "1", "shift": "V", "notice": "12"})
    assert again.status_code == 409
    assert 'value="12" checked' in browser.html or 'value="12" selected' in browser.html, "what was typed is there"
    await browser.get(entry)
    assert "En espera" in browser.text
    await browser.send(entry, action="leave")
    await browser.get(entry)
    assert "Salió de la lista." in browser.text
    assert (await stale.send(entry, action="leave")).status_code == 303


async def test_answer_on_the_page_of_the_entry(app: FastAPI, here: Waits, mailbox: Mailbox) -> None:
    await offered(here, mailbox)
    entry = f"/citas/avisos/{await value('SELECT id FROM wait_entry')}"
    browser = await signed_in_browser(app, here.db, person_id=here.luz.id)
    await browser.get(entry)
    assert "Aceptar este horario" in browser.text
    done = await browser.send(entry, action="accept")
    assert done.headers["location"].endswith(f"/citas/{here.folios['luz']}")
    other = await signed_in_browser(app, here.db, person_id=here.ana.id)
    assert (await other.get(entry)).status_code == 404


async def test_an_offer_that_expired_is_not_said_to_be_accepted(app: FastAPI, here: Waits, mailbox: Mailbox) -> None:
    await offered(here, mailbox)
    entry = f"/citas/avisos/{await value('SELECT id FROM wait_entry')}"
    browser = await signed_in_browser(app, here.db, person_id=here.luz.id)
    await browser.get(entry)
    await here.sql("UPDATE wait_offer SET expires_at = made_at + interval '1 second'")
    with time_machine.travel(MORNING.replace(minute=20), tick=True):
        late = await browser.send(entry, action="accept")
    assert late.status_code == 409
    assert "Esto ya estaba hecho" not in browser.text
    assert "Esto cambió mientras tenía abierta la página" in browser.text
    assert await value("SELECT count(*) FROM event WHERE type = 'appointment.moved'") == 0


async def test_a_paused_entry_is_resumed(app: FastAPI, here: Waits) -> None:
    await here.sql("UPDATE wait_entry SET status = 'paused'")
    entry = f"/citas/avisos/{await value('SELECT id FROM wait_entry')}"
    browser = await signed_in_browser(app, here.db, person_id=here.luz.id)
    await browser.get(entry)
    assert "En pausa" in browser.text
    await browser.send(entry, action="resume")
    assert await value("SELECT status FROM wait_entry") == "active"


async def test_the_supervisor_sees_what_was_offered_and_why(app: FastAPI, here: Waits, mailbox: Mailbox) -> None:
    await offered(here, mailbox)
    async with here.db.transaction() as session:
        boss = await add_staff(
            session,
            System("test"),
            username="jefa",
            full_name="Rosa Díaz",
            password="una frase bastante larga",
            role=Role.SUPERVISOR,
            unit_ids=[here.unit.id],
            totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        )
    browser = await signed_in_browser(app, here.db, staff_id=boss.staff_id)
    await browser.get("/ventanilla/jefatura/lista-de-espera")
    for words in ("Se liberó 1 horario que alguien esperaba", "Quiere un horario antes", "lugar 1 de 1", "suprimido"):
        assert words in browser.text
    file = await browser.client.get("/ventanilla/jefatura/lista-de-espera.csv")
    assert file.text.splitlines()[1] == "need,earlier,,,,,,,"


async def test_the_rule_is_published_in_both_languages(client: httpx.AsyncClient, here: Waits) -> None:
    assert here.unit.timezone == "America/Mexico_City"
    assert "En qué orden" in (await client.get("/lista-de-espera")).text
    assert "In which order" in (await client.get("/en/lista-de-espera")).text
