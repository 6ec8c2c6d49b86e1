"""The board of a waiting room, as it is shown without scripts; the choice of one; pairing a screen with its unit."""

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from app.desk.service import calls
from app.desk.service.tickets import TicketRef
from app.identity.models import DeviceToken
from app.kernel import ids
from app.kernel.actor import DeviceKind
from app.web.browser import unit_device_cookie_name
from tests.conftest import Database
from tests.desk.device_factories import paired, supervisor
from tests.desk.factories import Clinic, clinic, open_all, walk_in
from tests.web.browser import Browser, signed_in_browser

PAGE = {"Accept": "text/html"}


@pytest.fixture
async def here(db: Database) -> Clinic:
    async with db.transaction() as session:
        made = await clinic(session, 2)
        await open_all(session, made)
        for _ in range(4):
            await walk_in(session, made)
    return made


async def call(db: Database, here: Clinic, counter: int) -> calls.Call:
    async with db.transaction() as session:
        return await calls.call_next(session, here.staff[counter - 1].staff_id, ids.new_secret(8))


async def test_it_shows_the_numbers_called_and_how_many_wait(db: Database, here: Clinic, app: FastAPI) -> None:
    page = Browser(httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000"))
    answer = await page.get(f"/pantalla/{here.unit.clues}")
    assert answer.status_code == 200
    assert "Todavía no se llama a nadie hoy." in page.text
    await call(db, here, 1)
    second = await call(db, here, 2)
    await page.get(f"/pantalla/{here.unit.clues}")
    assert "A-001 Ventanilla 1" in page.text
    assert "A-002 Ventanilla 2" in page.text
    assert page.text.index("A-002") < page.text.index("A-001"), "the latest first"
    assert "A 2" in page.text
    async with db.transaction() as session:
        at = TicketRef(here.unit.id, second.id)
        await calls.serve(session, here.staff[1], at)
        await calls.finish(session, here.staff[1], at)
    await page.get(f"/en/pantalla/{here.unit.clues}")
    assert "A-002 Window 2" in page.text, "who was attended stays among the last five, with the counter"
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page.html
    assert "<script src=" in page.html


async def test_it_says_how_long_who_takes_a_number_now_waits(
    db: Database, here: Clinic, client: httpx.AsyncClient
) -> None:
    """Of each queue that is attended; not of one without a counter."""
    async with db.transaction() as session:
        row = "INSERT INTO desk_queue (unit_id, service, letter) VALUES (:unit, 'dental', 'Z')"
        await session.execute(text(row), {"unit": here.unit.id})
    waits = (await client.get(f"/api/v1/units/{here.unit.id}/board/waits")).json()
    assert [one["letter"] for one in waits] == ["A"]
    assert 0 <= waits[0]["low"] <= waits[0]["median"] <= waits[0]["high"]
    assert waits[0]["median"] > 0, "four are before"
    page = await client.get(f"/pantalla/{here.unit.clues}", headers=PAGE)
    assert f"{waits[0]['low']} a {waits[0]['high']} min" in page.text
    nowhere = await client.get(f"/api/v1/units/{ids.new_id()}/board/waits")
    assert nowhere.status_code == 404


async def test_the_rule_has_the_units_own_minutes(db: Database, here: Clinic, client: httpx.AsyncClient) -> None:
    async with db.transaction() as session:
        terms = "UPDATE desk_queue SET tolerance = 7, walk_in_offset = 33, protected = 18, grace = 5"
        await session.execute(text(terms))
    html = (await client.get(f"/pantalla/{here.unit.clues}")).text
    assert "hasta 7 min tarde" in html
    assert "contando 33 min más" in html
    assert "18 min antes" in html
    assert "más de 35 min con cita o 125 min sin cita" in html


async def test_a_person_or_service_is_never_on_it(db: Database, here: Clinic, client: httpx.AsyncClient) -> None:
    await call(db, here, 1)
    for path in (f"/pantalla/{here.unit.clues}", f"/api/v1/units/{here.unit.id}/board"):
        shown = (await client.get(path)).text
        for word in ("family-medicine", "Medicina familiar", "Rosa", "person", "service"):
            assert word not in shown, path


async def test_json_and_page_show_the_same(db: Database, here: Clinic, client: httpx.AsyncClient) -> None:
    await call(db, here, 2)
    board = (await client.get(f"/api/v1/units/{here.unit.id}/board")).json()
    assert [(one["number"], one["counter"], one["kind"], one["times"], one["is_open"]) for one in board["calls"]] == [
        ("A-001", 2, "window", 1, True)
    ]
    assert board["waiting"] == [{"letter": "A", "waiting": 3}]
    assert (await client.get(f"/api/v1/units/{ids.new_id()}/board")).status_code == 404
    assert (await client.get("/pantalla/NOHAY")).status_code == 404


async def test_a_paired_screen_opens_its_own_unit(db: Database, here: Clinic, client: httpx.AsyncClient) -> None:
    choice = (await client.get("/pantalla")).text
    assert f"/pantalla/{here.unit.clues}" in choice
    async with db.transaction() as session:
        _device, token = await paired(session, here, DeviceKind.BOARD)
    client.cookies.set(unit_device_cookie_name(), token)
    answer = await client.get("/pantalla")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/pantalla/{here.unit.clues}")


async def test_a_supervisor_adds_one_and_revokes_it(db: Database, here: Clinic, app: FastAPI) -> None:
    async with db.transaction() as session:
        boss = await supervisor(session, here)
    page = await signed_in_browser(app, db, staff_id=boss.staff_id)
    await page.get("/ventanilla/aparatos")
    assert "Todavía no hay ninguno." in page.text
    await page.send("/ventanilla/aparatos", name="", kind="", clues="NOHAY")
    assert "Escriba un nombre" in page.text
    await page.send("/ventanilla/aparatos", name="\u200b\u200b", kind="kiosk", clues=here.unit.clues)
    assert "Escriba al menos una letra o un número" in page.text
    await page.send("/ventanilla/aparatos", name="\u202eEntra\u200bda ", kind="kiosk", clues=here.unit.clues)
    assert "Código para vincular" in page.text
    code = "".join(part for part in page.text.split() if part.isdecimal() and len(part) == 3)
    screen = Browser(httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000"))
    await screen.get("/ventanilla/quiosco/vincular")
    first = await screen.client.get("/ventanilla/quiosco", headers=PAGE)
    assert first.headers["location"].partition("?")[0] == "/ventanilla/quiosco/vincular"
    await screen.client.post("/ventanilla/quiosco/vincular", data={"code": "123"})
    wrong = await screen.client.post("/ventanilla/quiosco/vincular", data={"code": "000000000"})
    assert "no es correcto" in wrong.text
    right = await screen.client.post("/ventanilla/quiosco/vincular", data={"code": code})
    assert right.headers["location"] == "/ventanilla/quiosco"
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Registre su llegada" in (await screen.client.get("/ventanilla/quiosco")).text
    await page.get("/ventanilla/aparatos")
    assert "En uso" in page.text
    async with db.transaction() as session:
        assert (await session.scalars(select(DeviceToken.name))).all() == ["Entrada"]
    path = next(one for form in page.html.split('action="')[1:] if (one := form.split('"')[0]).endswith("/baja"))
    done = await page.send(path)
    assert done.status_code == 303, page.text
    await page.get(done.headers["location"])
    assert "El aparato se dio de baja" in page.html
    assert (await screen.client.get("/ventanilla/quiosco", headers=PAGE)).status_code == 303


async def test_a_number_of_four_digits_is_shown_whole(db: Database, here: Clinic, client: httpx.AsyncClient) -> None:
    async with db.transaction() as session:
        await session.execute(text("UPDATE desk_number SET last = 1233"))
        await session.execute(text("UPDATE desk_ticket SET status = 'parked'"))
        made = await walk_in(session, here)
    assert made.number == "A-1234"
    await call(db, here, 1)
    board = (await client.get(f"/api/v1/units/{here.unit.id}/board")).json()
    assert [one["number"] for one in board["calls"]] == ["A-1234"]
