"""Forms of reception act once, for who may, and nothing that was typed is lost."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.kernel import ids
from app.kernel.actor import Role
from tests.conftest import Database
from tests.web.browser import another_tab, count, signed_in_browser, twice, unsigned
from tests.web.reception import ARRIVAL, NUMBER, PAGE, TICKETS, Desk, opened, staff_browser


@pytest.fixture
async def desk(app: FastAPI, db: Database) -> AsyncIterator[Desk]:
    async with opened(app, db) as made:
        yield made


async def test_a_double_click_and_another_tab_act_once(desk: Desk) -> None:
    await desk.came(desk.made["ana"][1].folio)
    other = another_tab(desk.page)
    await other.get(desk.page.here + f"?folio={desk.made['ana'][1].folio}")
    first, second = await twice(desk.page, ARRIVAL, desk.page.form(ARRIVAL))
    assert first.headers["location"] == second.headers["location"]
    again = await other.send(ARRIVAL)
    assert unsigned(again.headers["location"]) == f"{first.headers['location']}?aviso=ya"
    await other.get(again.headers["location"])
    assert "Esto ya estaba hecho." in other.text
    assert await count(desk.db, TICKETS) == 1


async def test_a_page_that_another_receptionist_made_stale_shows_the_number(desk: Desk, app: FastAPI) -> None:
    _who, made = desk.made["ana"]
    another = await staff_browser(app, desk.db, Role.RECEPTIONIST, desk.here.unit)
    colleague = Desk(desk.db, desk.here, desk.there, another)
    await desk.came(made.folio)
    await colleague.came(made.folio)
    await colleague.follow(await colleague.register())
    answer = await desk.register()
    assert answer.status_code == 409
    assert "Esto cambió mientras tenía abierta la página" in desk.page.text
    assert "Ya llegó Turno A-001" in desk.page.text
    assert await count(desk.db, TICKETS) == 1


async def test_a_session_that_lapsed_takes_the_form_up_again(desk: Desk, app: FastAPI) -> None:
    who, made = desk.made["ana"]
    await desk.came(made.folio)
    form = desk.page.form(ARRIVAL, protegida="si")
    async with desk.db.transaction() as session:
        await session.execute(text("DELETE FROM web_session"))
    answer = await desk.page.client.post(ARRIVAL, data=form, headers={"accept": "text/html"})
    assert "/ventanilla/entrar?next=" in answer.headers["location"]
    back = await signed_in_browser(app, desk.db, staff_id=desk.here.desk.staff_id)
    await back.get(f"{PAGE}/personas/{who.id}?folio={made.folio}&guardado=1")
    assert "Recuperamos lo que escribió" in back.text
    assert await count(desk.db, TICKETS) == 0
    answer = await back.send(ARRIVAL)
    assert answer.status_code == 303
    assert await count(desk.db, TICKETS) == 1


async def test_a_scan_after_the_session_lapsed_is_not_lost(desk: Desk, app: FastAPI) -> None:
    who, made = desk.made["ana"]
    await desk.page.get(PAGE)
    form = desk.page.form(PAGE, q=made.folio)
    async with desk.db.transaction() as session:
        await session.execute(text("DELETE FROM web_session"))
    answer = await desk.page.client.post(PAGE, data=form, headers={"accept": "text/html"})
    where = "/ventanilla/entrar?next=/ventanilla/recepcion%3Fguardado%3D1&aviso=guardado"
    assert unsigned(answer.headers["location"]) == where
    back = await signed_in_browser(app, desk.db, staff_id=desk.here.desk.staff_id)
    answer = await back.get(f"{PAGE}?guardado=1")
    assert answer.headers["location"] == f"{PAGE}/personas/{who.id}?folio={made.folio}"


async def test_others_are_refused_and_what_isnt_there_is_not_found(desk: Desk, app: FastAPI) -> None:
    analyst = await staff_browser(app, desk.db, Role.ANALYST)
    who, made = desk.made["ana"]
    paths = (PAGE, f"{PAGE}/unidad", f"{PAGE}/personas/{who.id}", f"{PAGE}/indicaciones/{made.folio}")
    for path in (*paths, f"{PAGE}/turno/{ids.new_id()}"):
        assert (await analyst.get(path)).status_code == 403, path
    for path in (f"personas/{ids.new_id()}", f"turno/{ids.new_id()}", f"indicaciones/{ids.new_folio('C')}"):
        assert (await desk.page.get(f"{PAGE}/{path}")).status_code == 404, path
    await desk.page.get(PAGE)
    assert (await desk.page.send(NUMBER, para="window", persona="nothing")).status_code == 404
    assert (await desk.page.send(ARRIVAL, via=NUMBER, folio="nothing")).status_code == 404
    assert (await desk.page.get(f"{PAGE}?unidad={desk.there.unit.clues}")).status_code == 404


async def test_who_works_at_all_units_chooses_one_first(desk: Desk, app: FastAPI) -> None:
    admin = await staff_browser(app, desk.db, Role.ADMIN)
    assert (await admin.get(PAGE)).status_code == 200
    assert "Nombre o CLUES de la unidad" in admin.text
    answer = await admin.get(f"{PAGE}?unidad={desk.there.unit.clues}")
    assert answer.headers["location"] == PAGE
    await admin.get(PAGE)
    assert "UMF 5 Norte · Cambiar de unidad" in admin.text
    await admin.send(PAGE, q=desk.made["away"][1].folio)
    await admin.get(f"{PAGE}/personas/{desk.made['away'][0].id}")
    assert desk.made["away"][0].curp in admin.text, "it is theirs there"
