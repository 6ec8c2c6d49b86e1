"""A session that falls silent over a form whose action says what it is about: its unit, its document."""

from typing import Any

import pytest
from fastapi import FastAPI

from app.kernel.actor import Role
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser
from tests.web.tabs import back_to, new_client, silent

HOME = "/ventanilla/jefatura"
CLOSURE = {"room": "", "shift": "V", "first": "2030-01-08", "last": "2030-01-09", "reason": "training"}
SCHEDULE = {
    "room": "47", "shift": "N", "service": "dental", "weekdays": ["6"], "starts": "20:00", "ends": "24:00",
    "slot_minutes": "35", "capacity": "1", "valid_from": "2030-01-08",
}  # fmt: skip
FORMS = [
    ("cierres", "cierres/vista", CLOSURE, 'value="2030-01-09"'),
    ("agendas/nueva", "agendas/nueva/vista", SCHEDULE, 'value="47"'),
]


async def supervisor(app: FastAPI, scene: Scene) -> tuple[Browser, Any]:
    boss = await steps.hire(scene, Role.SUPERVISOR, scene.unit, await steps.unit(scene, "UMF 8 Tijuana Norte"))
    return await new_client(app, scene.db, staff_id=boss.staff_id), boss.staff_id


@pytest.mark.parametrize(("page", "action", "typed", "kept"), FORMS)
@pytest.mark.parametrize("named", ["id", "clues"])
async def test_what_was_typed_about_a_unit_is_given_back(
    app: FastAPI, scene: Scene, page: str, action: str, typed: dict[str, Any], kept: str, named: str
) -> None:
    tab, staff_id = await supervisor(app, scene)
    here = f"{HOME}/{page}?unidad={getattr(scene.unit, named)}"
    sent_to = f"{HOME}/{action}?unidad={scene.unit.id}"
    await tab.get(here)
    await silent(scene.db)
    lost = await tab.send(sent_to, **typed)
    assert back_to(lost) == f"{here}&guardado=1"
    again = await new_client(app, scene.db, staff_id=staff_id)
    shown = await again.get(back_to(lost))
    assert (shown.status_code, kept in again.html) == (200, True), again.text
    assert scene.unit.name in again.text
    assert "Recuperamos lo que escribió" in again.text
    assert (await again.send(sent_to, **typed)).status_code == 422, "sent from there, it is read: its day is far off"
    assert scene.unit.name in again.text
    assert "Recuperamos lo que escribió" not in again.text


async def test_a_query_that_is_none_of_ours_gives_no_error(app: FastAPI, scene: Scene) -> None:
    tab, staff_id = await supervisor(app, scene)
    for query in ("unidad=" + "x" * 600, "unidad=%FF%00&guardado=1", "unidad=ñ&unidad=%26"):
        page = f"{HOME}/cierres?unidad={scene.unit.id}"
        await tab.get(page)
        form = tab.form(f"{HOME}/cierres/vista?unidad={scene.unit.id}", **CLOSURE)
        await silent(scene.db)
        lost = await tab.client.post(f"{HOME}/cierres/vista?{query}", data=form)
        assert lost.status_code == 303
        tab = await new_client(app, scene.db, staff_id=staff_id)
        assert (await tab.get(back_to(lost))).status_code == 200, query
        assert "Elija la unidad" in tab.text


async def test_a_document_s_kind_is_given_back(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", field="name", second_surname="Muñoz"))["folio"]
    await scene.officer.claim(folio)
    await scene.officer.post(f"{folio}/ask", {"body": "Otra foto.", "documents": ["identification"]})
    tab = await new_client(app, scene.db, person_id=scene.ana.id)
    page = f"/tramites/{folio}/responder"
    await tab.get(page)
    form = tab.form(f"{page}/documentos?kind=identification", message="La tomé con más luz.")
    await silent(scene.db)
    lost = await tab.client.post(
        f"{page}/documentos?kind=identification", data=form, files={"file-identification": ("a.png", b"", "image/png")}
    )
    again = await new_client(app, scene.db, person_id=scene.ana.id)
    assert (await again.get(back_to(lost))).status_code == 200
    assert "La tomé con más luz." in again.html


@pytest.mark.parametrize("query", ["", "?unidad=", "?unidad=zzzz", "?unidad=00000000-0000-7000-8000-000000000000"])
@pytest.mark.parametrize("action", ["cierres/vista", "cierres", "agendas/nueva/vista", "agendas/nueva"])
async def test_a_form_without_its_unit_asks_for_it(app: FastAPI, scene: Scene, action: str, query: str) -> None:
    tab, _id = await supervisor(app, scene)
    await tab.get(f"{HOME}/cierres?unidad={scene.unit.id}")
    form = tab.form(f"{HOME}/cierres/vista?unidad={scene.unit.id}", **(CLOSURE | SCHEDULE))
    answer = await tab.client.post(f"{HOME}/{action}{query}", data=form, follow_redirects=True)
    assert (answer.status_code, "Elija la unidad" in answer.text) == (200, True)
