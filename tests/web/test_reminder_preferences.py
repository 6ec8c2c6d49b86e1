"""A person chooses which reminders they get, on a page and in the API; a contact that refuses messages is shown."""

import re

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel.actor import Assurance, Role
from app.notifications import preferences
from app.notifications.models import Message
from app.notifications.preferences import Preferences
from app.notifications.reliability import note_failure
from app.notifications.reminder_rules import Moment
from tests.conftest import Database
from tests.notifications.reminding import Case, case
from tests.web.browser import another_tab, count, signed_in_browser
from tests.web.lapsing import lapse, open_clinic, sign_in
from tests.web.reception import staff_browser

PAGE = "/mi/recordatorios"


async def chosen(here: Case) -> Preferences:
    async with here.db.transaction() as session:
        return await preferences.preferences_of(session, here.ana.id)


async def test_the_usual_and_what_is_chosen(app: FastAPI, db: Database) -> None:
    here = await case(db)
    browser = await signed_in_browser(app, db, person_id=here.ana.id)
    page = (await browser.get(PAGE)).text
    assert [name for name in ("days-3", "day-1", "hours-3") if f'id="{name}"' in page] == ["days-3", "day-1", "hours-3"]
    assert page.count(" checked") == 3, "two moments and the usual channel"
    await browser.send(PAGE, channel="sms", **{"hours-3": "1"})
    assert await chosen(here) == Preferences(frozenset({Moment.HOURS_3}), "sms")
    mine = (await browser.client.get("/mi/datos.json")).json()["reminders"]
    assert mine == {"moments": ["hours-3"], "channel": "sms"}
    await browser.get(PAGE)
    await browser.send(PAGE, channel="usual")
    assert await chosen(here) == Preferences(frozenset(), None)
    assert await count(db, "SELECT count(*) FROM event WHERE type = 'reminder-preferences.changed'") == 2


async def test_a_channel_is_needed_and_another_tab_sees_the_change(app: FastAPI, db: Database) -> None:
    here = await case(db)
    browser = await signed_in_browser(app, db, person_id=here.ana.id)
    await browser.get(PAGE)
    stale = another_tab(browser)
    await stale.get(PAGE)
    assert (await browser.send(PAGE, channel="pigeon")).status_code == 422
    await browser.get(PAGE)
    await browser.send(PAGE, channel="email")
    assert (await stale.send(PAGE, channel="sms")).status_code == 409
    assert await chosen(here) == Preferences(frozenset(), "email")


async def test_in_the_api(client: httpx.AsyncClient, db: Database) -> None:
    here = await case(db)
    token = issue_access_token(CITIZEN, here.ana.id, assurance=Assurance.LOW)[0]
    signed = {"Authorization": f"Bearer {token}"}
    usual = await client.get("/api/v1/me/reminders", headers=signed)
    assert usual.json() == {"moments": ["days-3", "day-1"], "channel": None}
    wanted = {"moments": ["hours-3", "day-1"], "channel": "email"}
    for _ in range(2):
        put = await client.put("/api/v1/me/reminders", headers=signed, json=wanted)
        assert put.json() == {"moments": ["day-1", "hours-3"], "channel": "email"}
    assert (await client.get("/api/v1/me/reminders", headers=signed)).json() == put.json()
    assert await count(db, "SELECT count(*) FROM event WHERE type = 'reminder-preferences.changed'") == 1
    assert (await client.put("/api/v1/me/reminders", headers=signed, json={"moments": ["x"]})).status_code == 422
    assert (await client.get("/api/v1/me/reminders")).status_code == 401


async def test_the_person_and_the_reception_see_a_contact_that_refuses(app: FastAPI, db: Database) -> None:
    here = await case(db)
    async with db.transaction() as session:
        message = Message(person_id=here.ana.id, channel="email", recipient="ana@ejemplo.mx")
        for _ in range(3):
            await note_failure(session, message)
        await session.execute(text("UPDATE appointment SET confirmed_start_at = start_at"))
    browser = await signed_in_browser(app, db, person_id=here.ana.id)
    for page in ("/mi", PAGE):
        await browser.get(page)
        assert "No pudimos entregarle nuestros últimos mensajes en" in browser.text
        assert "ana@ejemplo.mx" not in browser.text
    reception = await staff_browser(app, db, Role.RECEPTIONIST, here.unit)
    await reception.get(f"/ventanilla/recepcion/personas/{here.ana.id}")
    assert "Su contacto rechazó los últimos mensajes" in reception.text
    assert "Confirmó" in reception.text


def ticked(page: str) -> set[str]:
    """The moments and the channel that a page shows as chosen."""
    inputs = [one for one in re.findall(r"<input[^>]*>", page) if re.search(r"\schecked\b", one)]
    return {
        found
        for one in inputs
        for found in re.findall(r'value="([^"]*)"' if 'type="radio"' in one else r'name="([^"]*)"', one)
    }


async def test_the_choice_survives_a_refusal_and_another_tab(app: FastAPI, db: Database) -> None:
    here = await case(db)
    browser = await signed_in_browser(app, db, person_id=here.ana.id)
    await browser.get(PAGE)
    stale = another_tab(browser)
    await stale.get(PAGE)
    refused = await browser.send(PAGE, channel="pigeon", **{"hours-3": "1"})
    assert (refused.status_code, ticked(refused.text)) == (422, {"hours-3"})
    await browser.get(PAGE)
    await browser.send(PAGE, channel="email")
    refused = await stale.send(PAGE, channel="sms", **{"hours-3": "1", "day-1": "1"})
    assert (refused.status_code, ticked(refused.text)) == (409, {"hours-3", "day-1", "sms"})
    await stale.send(PAGE, channel="sms", **{"hours-3": "1", "day-1": "1"})
    assert await chosen(here) == Preferences(frozenset({Moment.HOURS_3, Moment.DAY_1}), "sms")


async def test_the_choice_survives_a_session_that_fell_silent(app: FastAPI, db: Database) -> None:
    clinic, tab = await open_clinic(app, db)
    back = await lapse(tab, db, PAGE, {"channel": "sms", "hours-3": "1"}, PAGE)
    await sign_in(tab, db, clinic.ana, "/entrar", back)
    page = await tab.get(back)
    assert "Recuperamos lo que escribió" in tab.text
    assert ticked(page.text) == {"hours-3", "sms"}
