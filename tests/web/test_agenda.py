"""The day sheet in a browser without scripts, and what its script sends."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text

from app.desk.rules.turns import TurnPolicy
from app.identity.service.staff import add_staff
from app.kernel import clock
from app.kernel.actor import Role, System
from app.kernel.ids import new_id
from app.places.models import Unit
from app.web.rendering import static_path
from tests.appointments import factories as places
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser

PAGE = "/ventanilla/agenda"


@dataclass
class Reception:
    """A receptionist at the sheet of their unit, and Ana's appointment at noon and a quarter."""

    app: FastAPI
    scene: Scene
    page: Browser
    folio: str
    staff_id: UUID

    async def see(self, query: str = "") -> str:
        shown = await self.page.get(f"{PAGE}{query}")
        assert shown.status_code == 200, shown.text
        return shown.text

    async def press(self, do: str, **fields: str) -> httpx.Response:
        return await self.page.send(f"{PAGE}/anotar", do=do, **fields)

    async def script(self, path: str, body: dict[str, Any], **fields: str) -> httpx.Response:
        sent = {"csrf": self.page.hidden("csrf"), "unidad": str(self.scene.unit.id), "json": json.dumps(body)}
        return await self.page.client.post(f"{PAGE}/{path}", data=sent | fields)

    @property
    def today(self) -> date:
        return clock.today(self.scene.unit.timezone)


@pytest.fixture
async def reception(app: FastAPI, scene: Scene) -> AsyncIterator[Reception]:
    with time_machine.travel(steps.noon(clock.today(scene.unit.timezone)), tick=True):
        start_at = clock.now() + timedelta(minutes=45)
        async with scene.db.transaction() as session:
            await places.seats(session, scene.unit, start_at=start_at)
            made = await places.booked(session, scene.ana, places.place(scene.unit, start_at))
        rosa = await steps.hire(scene, Role.RECEPTIONIST)
        page = await signed_in_browser(app, scene.db, staff_id=rosa.staff_id)
        yield Reception(app, scene, page, made.folio, rosa.staff_id)


def button(html: str, kind: str, folio: str) -> str:
    """The value of a button, with the state that the page showed."""
    start = html.index(f'value="{kind} {folio} ') + len('value="')
    return html[start : html.index('"', start)]


async def test_a_check_in_a_number_and_an_attention_without_a_script(reception: Reception) -> None:
    html = await reception.see()
    assert reception.scene.ana.full_name in html
    assert "Trabajo sin conexión" in html
    seen = button(html, "check-in", reception.folio)
    sent = await reception.press(seen)
    assert (sent.status_code, "anotado=check-in" in sent.headers["location"]) == (303, True)
    html = await reception.see(sent.headers["location"].removeprefix(PAGE))
    assert "Se registró la llegada, con el turno A-001." in html
    assert "En espera · <span" in html
    stale = await reception.press(seen)
    assert (stale.status_code, "Esto cambió mientras" in stale.text) == (409, True)
    given = await reception.press("number", service="family-medicine")
    assert "turno=A-002" in given.headers["location"]
    html = await reception.see()
    attended = await reception.press(button(html, "attended", reception.folio))
    assert "anotado=attended" in attended.headers["location"]
    assert "Atendida" in await reception.see()


async def test_a_refusal_is_explained_on_the_sheet(reception: Reception) -> None:
    html = await reception.see()
    answer = await reception.press(button(html, "missed", reception.folio))
    assert (answer.status_code, "Todavía puede llegar" in answer.text) == (409, True)


async def test_a_button_pressed_after_the_session_ended_restores_nothing_that_was_typed(reception: Reception) -> None:
    html = await reception.see()
    form = reception.page.form(f"{PAGE}/anotar", do=button(html, "check-in", reception.folio))
    async with reception.scene.db.transaction() as session:
        await session.execute(text("DELETE FROM web_session"))
    lost = await reception.page.client.post(f"{PAGE}/anotar", data=form, headers={"accept": "text/html"})
    (where,) = parse_qs(urlsplit(lost.headers["location"]).query)["next"]
    again = await signed_in_browser(reception.app, reception.scene.db, staff_id=reception.staff_id)
    for prefix, says in (("", "La sesión había terminado"), ("/en", "Your session had ended")):
        shown = await again.get(f"{prefix}{where}")
        assert (shown.status_code, says in shown.text) == (200, True), shown.text
        assert ("Recuperamos" in shown.text, "had typed" in shown.text) == (False, False)
    assert reception.folio in shown.text


async def test_who_may_still_come_is_not_offered_as_missed(reception: Reception) -> None:
    """The moment is in the page, for its script: the same as of the refusal."""
    html = await reception.see()
    start_at = steps.noon(reception.today) + timedelta(minutes=45)
    after = re.search(r'value="missed [^"]*" data-after="([^"]*)" hidden>', html)
    assert after is not None
    expected = start_at + timedelta(minutes=TurnPolicy().tolerance)
    assert abs(datetime.fromisoformat(after[1]) - expected) < timedelta(minutes=1)
    with time_machine.travel(datetime.fromisoformat(after[1]) + timedelta(seconds=1), tick=True):
        page = await signed_in_browser(reception.app, reception.scene.db, staff_id=reception.staff_id)
        html = (await page.get(PAGE)).text
        assert "data-after" not in html
        noted = await page.send(f"{PAGE}/anotar", do=button(html, "missed", reception.folio))
        assert "anotado=missed" in noted.headers["location"], noted.text


async def test_other_days_and_rooms_and_what_may_be_stored(reception: Reception) -> None:
    today = await reception.page.get(PAGE)
    assert today.headers["sheet-until"].startswith((reception.today + timedelta(days=1)).isoformat())
    assert today.headers["cache-control"] == "no-store"
    tomorrow = (reception.today + timedelta(days=1)).isoformat()
    other = await reception.page.get(f"{PAGE}?dia={tomorrow}")
    assert "Ese día no hay citas aquí." in other.text
    assert "sheet-until" not in other.headers
    assert reception.scene.ana.full_name not in await reception.see("?consultorio=98")
    assert reception.scene.ana.full_name in await reception.see("?consultorio=1")
    english = await reception.page.get(f"/en{PAGE}")
    assert "Day sheet" in english.text
    assert "Record" in english.text


async def test_what_the_script_sends_counts_once_and_for_its_unit_only(reception: Reception) -> None:
    await reception.see()
    device = str(new_id())
    taken = await reception.script("numeros", {"device_id": device, "service": "family-medicine", "count": 5})
    assert (taken.status_code, taken.json()["letter"], taken.json()["last"]) == (201, "A", 5)
    now = clock.now().isoformat()
    lost = {"id": str(new_id()), "kind": "check-in", "at": now, "folio": "C-00000-00000-0"}
    came = {"id": str(new_id()), "kind": "check-in", "at": now, "folio": reception.folio, "number": "A-001"}
    batch = {"device_id": device, "device_now": now, "entries": [came, lost]}
    for _twice in range(2):
        sent = await reception.script("pendientes", batch)
        assert [one["status"] for one in sent.json()] == ["applied", "conflict"], sent.text
    async with reception.scene.db.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM desk_ticket")) == 1
        elsewhere: Unit = await places.unit(session)
    assert (await reception.script("pendientes", batch, unidad=str(elsewhere.id))).status_code == 403
    assert (await reception.script("pendientes", {"entries": []})).status_code == 422
    assert (await reception.script("pendientes", batch, unidad="nothing")).status_code == 404
    forged = await reception.script("pendientes", batch, csrf="another")
    assert forged.status_code == 403, forged.text
    html = await reception.see()
    assert "Ese folio no es de una cita" in html
    path = f"{PAGE}/conflictos/{lost['id']}"
    assert (await reception.page.send(path)).status_code == 303
    assert "Ese folio no es de una cita" not in await reception.see()


async def test_another_units_sheet_is_not_found_and_signing_out_leaves_what_waits(reception: Reception) -> None:
    async with reception.scene.db.transaction() as session:
        elsewhere = await places.unit(session)
    assert (await reception.page.get(f"{PAGE}?unidad={elsewhere.id}")).status_code == 404
    for cookies, cleared in (({}, '"cache", "storage"'), ({"ventanilla_work": "1"}, '"cache"')):
        rosa = await steps.hire(reception.scene, Role.RECEPTIONIST)
        page = await signed_in_browser(reception.app, reception.scene.db, staff_id=rosa.staff_id)
        page.client.cookies.update(cookies)
        await page.get(PAGE)
        out = await page.send("/ventanilla/salir")
        assert out.headers["clear-site-data"] == cleared
        assert ("data-unsent" in (await page.get("/ventanilla/entrar")).text) == bool(cookies)
    worker = await reception.page.client.get("/static/" + _asset("worker.js"))
    assert worker.headers["service-worker-allowed"] == "/"
    script = await reception.page.client.get("/static/" + _asset("sheet.js"))
    assert "service-worker-allowed" not in script.headers


def _asset(name: str) -> str:
    return static_path(name).rpartition("/")[2]


async def test_who_works_everywhere_chooses_the_unit(reception: Reception) -> None:
    async with reception.scene.db.transaction() as session:
        boss = await add_staff(
            session,
            System("test"),
            username="boss",
            full_name="Inés Paz",
            role=Role.ADMIN,
            password="una frase bastante larga",
            unit_ids=None,
        )
    page = await signed_in_browser(reception.app, reception.scene.db, staff_id=boss.staff_id)
    assert "Nombre o CLUES" in (await page.get(PAGE)).text
    found = await page.get(f"{PAGE}?unidad={reception.scene.unit.clues}")
    assert reception.scene.ana.full_name in found.text
