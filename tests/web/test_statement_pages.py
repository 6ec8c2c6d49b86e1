"""My statement: what the portal saved me in a year, my corrections, and a message each January, on pages and API."""

from datetime import date
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel import clock, ids
from app.kernel.actor import Assurance
from app.places.rules import DEFAULT_ZONE
from app.registry.models import Person
from tests.appointments import factories as places
from tests.conftest import Database
from tests.savings import factories
from tests.savings.recently import RECENTLY, YEAR
from tests.web.browser import another_tab, count, signed_in_browser, unsigned

PAGE = "/mi/ahorro"
SUBSCRIPTION = f"{PAGE}/aviso?anio={clock.today(DEFAULT_ZONE).year}"
CORRECTED = "SELECT count(*) FROM event WHERE type = 'saving-transaction.corrected'"
SUBSCRIBED = "SELECT count(*) FROM statement_subscription"


async def who_asked(db: Database) -> tuple[Person, UUID]:
    """A person who asked for their weeks of contribution online, and that request."""
    async with db.transaction() as session:
        unit = await places.unit(session)
        who, known = await places.person(session, unit), ids.new_id()
        await factories.baseline(session)
        await factories.happen(
            session, *factories.request(who.id, unit=unit.id, subject=known, minutes=RECENTLY, seconds=120)
        )
        return who, known


async def test_what_a_year_saved_and_how_it_is_corrected(app: FastAPI, db: Database) -> None:
    who, known = await who_asked(db)
    browser = await signed_in_browser(app, db, person_id=who.id)
    assert "1.7 horas" in (await browser.get(f"{PAGE}?anio={YEAR}")).text, "half of the visits' time, less two minutes"
    assert "40 pesos" not in browser.text
    address = f"{PAGE}/{known}"
    await browser.get(address)
    assert "No sé, o prefiero no decirlo" in browser.text
    corrected = await browser.send(address, correction="would-have-visited")
    await browser.get(f"{PAGE}?anio={YEAR}&listo=correccion")
    assert "Guardamos su corrección" not in browser.text, "an address that anyone can write"
    await browser.get(corrected.headers["location"])
    assert "Guardamos su corrección" in browser.text
    assert "Corregido por usted" in browser.text
    assert "3.3 horas" in browser.text
    await browser.get(address)
    await browser.send(address, correction="visited-anyway")
    await browser.get(f"{PAGE}?anio={YEAR}")
    assert "No ahorró: usted dijo que de todos modos tuvo que ir. Le tomó 2 minutos." in browser.text
    await browser.get(f"/en{PAGE}?anio={YEAR}")
    assert "Saved nothing: you said that you had to go anyway. It took you 2 minutes." in browser.text


async def test_a_correction_in_two_tabs_and_a_strangers(app: FastAPI, db: Database) -> None:
    who, known = await who_asked(db)
    browser = await signed_in_browser(app, db, person_id=who.id)
    address = f"{PAGE}/{known}"
    await browser.get(address)
    stale = another_tab(browser)
    await stale.get(address)
    assert (await browser.send(address, correction="pigeon")).status_code == 422
    await browser.get(address)
    await browser.send(address, correction="visited-anyway")
    assert (await stale.send(address, correction="would-have-visited")).status_code == 409
    assert 'value="would-have-visited" checked' in stale.html, "what was chosen is still there"
    assert await count(db, CORRECTED) == 1
    async with db.transaction() as session:
        other = await places.person(session)
    stranger = await signed_in_browser(app, db, person_id=other.id)
    assert (await stranger.get(address)).status_code == 404
    assert (await stranger.get(f"{PAGE}?anio=1995")).status_code == 404
    assert (await stranger.get(PAGE)).status_code == 200
    assert "no hizo en línea nada que cuente" in stranger.text


async def test_a_message_each_january_for_who_wants_it(app: FastAPI, db: Database) -> None:
    who, _known = await who_asked(db)
    browser = await signed_in_browser(app, db, person_id=who.id)
    await browser.get(PAGE)
    stale = another_tab(browser)
    await stale.get(PAGE)
    assert (await browser.send(SUBSCRIPTION, wanted="1")).status_code == 303
    assert await count(db, SUBSCRIBED) == 1
    assert (await stale.send(SUBSCRIPTION)).status_code == 409
    assert 'id="wanted"' in stale.html
    assert " checked" not in stale.html, "what was chosen in that tab"
    assert (await another_tab(browser).get(PAGE)).text.count(" checked") == 1
    assert await count(db, SUBSCRIBED) == 1
    await stale.get(PAGE)
    form = stale.form(SUBSCRIPTION)
    first = await stale.client.post(SUBSCRIPTION, data=form)
    second = await stale.client.post(SUBSCRIPTION, data=form | {"idempotency_key": "k" * 20})
    assert (first.status_code, second.status_code) == (303, 303)
    assert unsigned(second.headers["location"]).endswith("listo=aviso&aviso=ya#aviso"), (
        "the query comes before the anchor"
    )
    assert await count(db, SUBSCRIBED) == 0


async def test_a_state_that_came_back_is_not_the_one_that_a_tab_showed(app: FastAPI, db: Database) -> None:
    """Answered, taken back, answered otherwise: the old tab's answer isn't said to be done."""
    who, known = await who_asked(db)
    browser = await signed_in_browser(app, db, person_id=who.id)
    address = f"{PAGE}/{known}"
    for said in ("would-have-visited", "none"):
        await browser.get(address)
        assert (await browser.send(address, correction=said)).status_code == 303
    await browser.get(address)
    stale = another_tab(browser)
    await stale.get(address)
    await browser.send(address, correction="visited-anyway")
    assert (await stale.send(address, correction="would-have-visited")).status_code == 409
    assert await count(db, CORRECTED) == 3


async def test_what_cost_more_than_it_saved_and_what_is_still_open(app: FastAPI, db: Database) -> None:
    async with db.transaction() as session:
        who = await places.person(session, await places.unit(session))
        await factories.baseline(session)
        known = ids.new_id()
        await factories.happen(
            session, *factories.request(who.id, subject=known, minutes=RECENTLY, seconds=600, outcome=None)
        )
    browser = await signed_in_browser(app, db, person_id=who.id)
    await browser.get(f"{PAGE}?anio={YEAR}")
    assert "No le ahorró tiempo: le tomó cerca de 10 minutos" in browser.text
    assert "Nada de lo que hizo en línea le ahorró una visita." in browser.text
    assert "Sigue abierto: contará cuando termine. Le tomó 10 minutos." in browser.text
    assert "-10" not in browser.text
    await browser.get(f"{PAGE}/{known}")
    assert "Esto no se puede corregir" in browser.text


async def test_the_statement_of_a_child(app: FastAPI, db: Database) -> None:
    who, _known = await who_asked(db)
    async with db.transaction() as session:
        child = await places.person(session, birth_on=date(2019, 5, 5), insured=False)
        child.given_names = "Lucía"
        stranger = await places.person(session)
        await places.depend(session, who, child)
        theirs = ids.new_id()
        await factories.happen(session, *factories.request(child.id, subject=theirs, minutes=RECENTLY, seconds=120))
    browser = await signed_in_browser(app, db, person_id=who.id)
    await browser.get(f"{PAGE}?anio={YEAR}")
    assert "Resumen de: " in browser.text
    await browser.get(f"{PAGE}?anio={YEAR}&persona={child.id}")
    assert "Lucía" in browser.text
    assert f"{PAGE}/{theirs}" in browser.html
    await browser.get(f"{PAGE}/{theirs}")
    assert (await browser.send(f"{PAGE}/{theirs}", correction="visited-anyway")).status_code == 303
    assert (await browser.get(f"{PAGE}?persona={stranger.id}")).status_code == 404
    stored = "SELECT count(*) FROM own_correction WHERE correction = 'visited-anyway'"
    assert await count(db, stored) == 1


async def test_in_the_api(client: httpx.AsyncClient, db: Database) -> None:
    who, known = await who_asked(db)
    signed = {"Authorization": f"Bearer {issue_access_token(CITIZEN, who.id, assurance=Assurance.FULL)[0]}"}
    mine = (await client.get(f"/api/v1/me/savings?year={YEAR}", headers=signed)).json()
    assert mine["counted"] == 1
    assert mine["total"]["hours"]["value"] == pytest.approx(0.5 * 202.5 / 60 - 2 / 60)
    assert [one["id"] for one in mine["transactions"]] == [str(known)]
    address = f"/api/v1/me/savings/{known}/correction"
    for _ in range(2):
        put = await client.put(address, headers=signed, json={"correction": "would-not-have-visited"})
        assert (put.status_code, put.json()["would_have_visited"]) == (200, False)
    assert await count(db, CORRECTED) == 1
    assert (await client.put(address, headers=signed, json={"correction": "x"})).status_code == 422
    elsewhere = address.replace(str(known), str(ids.new_id()))
    unknown = await client.put(elsewhere, headers=signed, json={"correction": None})
    assert (unknown.status_code, unknown.json()["type"].rsplit("/", 1)[-1]) == (404, "transaction-unknown")
    ahead = clock.today(DEFAULT_ZONE).year + 1
    assert (await client.get(f"/api/v1/me/savings?year={ahead}", headers=signed)).status_code == 404
    unsure = {"Authorization": f"Bearer {issue_access_token(CITIZEN, who.id, assurance=Assurance.LOW)[0]}"}
    assert (await client.get("/api/v1/me/savings", headers=unsure)).status_code == 403
    off = await client.get("/api/v1/me/statement-subscription", headers=signed)
    assert off.json() == {"is_wanted": False}
    for wanted in (True, True, False):
        await client.put("/api/v1/me/statement-subscription", headers=signed, json={"is_wanted": wanted})
        assert await count(db, SUBSCRIBED) == int(wanted)
    changed = "SELECT count(*) FROM event WHERE type = 'statement-subscription.changed'"
    assert await count(db, changed) == 2
