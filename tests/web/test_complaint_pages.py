"""The pages of a complaint: any unit is found without scripts; it is answered, with words."""

import re

from fastapi import FastAPI

from app.places.models import Unit
from app.requests.models import Request
from tests.appointments import factories as places
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import signed_in_browser

CASE, QUEUE = "/ventanilla/solicitudes/", "/ventanilla/cola"
TYPED = {"about": "complaint", "story": "La farmacia estaba cerrada."}


async def closed_unit(scene: Scene) -> Unit:
    async with scene.db.transaction() as session:
        made = await places.unit(session, name="HGZ 8 Ñoñería")
        made.is_operating = False
    return made


async def test_a_unit_out_of_operation_far_away_is_found_and_named(app: FastAPI, scene: Scene) -> None:
    unit = await closed_unit(scene)
    folio = (await scene.citizen.start("complaint")).json()["folio"]
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    step = f"/tramites/{folio}/paso/1"
    await browser.get(step)
    assert unit.name not in browser.text
    action = next(one for one in re.findall(r'formaction="([^"]+)"', browser.html) if "unidades" in one)
    found = await browser.send(action.partition("#")[0], via=action, **TYPED, **{"unit_id-search": "noneria hgz"})
    assert found.status_code == 200
    assert "1 encontrada." in browser.text
    assert "fuera de operación" in browser.text
    assert TYPED["story"] in browser.html, "what was typed stays"
    assert await steps.how_many(scene, Request, Request.answers["story"].astext.is_not(None)) == 0
    saved = await browser.send(step, **TYPED, unit_id=str(unit.id))
    assert saved.status_code == 303
    await browser.get(f"/tramites/{folio}/revisar")
    assert unit.clues in browser.text
    await browser.get(step)
    assert f'value="{unit.id}" checked' in browser.html
    assert (await browser.get(action.partition("#")[0])).status_code == 303
    await browser.get(step)
    nothing = await browser.send(action.partition("#")[0], via=action, **TYPED, **{"unit_id-search": "zzz <b>"})
    assert nothing.status_code == 200
    assert "No encontramos ninguna" in browser.text
    assert "<b>" not in browser.html


async def test_a_made_up_unit_is_refused_at_its_field(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.start("complaint")).json()["folio"]
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    step = f"/tramites/{folio}/paso/1"
    await browser.get(step)
    wrong = await browser.send(step, **TYPED, unit_id=str(places.unknown_id()))
    assert wrong.status_code == 422
    assert "No hay una unidad con esa clave" in browser.text
    assert TYPED["story"] in browser.html


async def test_who_is_asked_for_the_unit_again_searches_too(app: FastAPI, scene: Scene) -> None:
    unit = await closed_unit(scene)
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    await scene.officer.post(f"{folio}/ask", {"body": "¿Cuál?", "fields": ["unit_id"]})
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await browser.get(f"/tramites/{folio}/responder")
    search = f"/tramites/{folio}/responder/unidades"
    await browser.send(search, via=f"{search}#unit_id", message="Era esta.", **{"unit_id-search": "ñoñeria"})
    assert str(unit.id) in browser.html
    assert "Era esta." in browser.html
    sent = {"message": "Era esta.", "send": "yes", "unit_id": str(unit.id)}
    done = await browser.send(f"/tramites/{folio}/responder/documentos", **sent)
    assert done.status_code == 303
    assert (await steps.row(scene, folio)).answers["unit_id"] == str(unit.id)


async def test_it_is_answered_with_words_and_reads_so(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    browser = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await browser.get(f"{CASE}{folio}")
    assert "Contestar" in browser.text
    assert "Aprobar" not in browser.text
    assert "Negar" not in browser.text
    silent = await browser.send(f"{CASE}{folio}/decidir", action="approve", reasons="answered", message=" \u200b")
    assert silent.status_code == 422
    assert "Escriba la respuesta con palabras" in browser.text
    await browser.send(f"{CASE}{folio}/decidir", action="approve", reasons="answered", message="Abrió a las 9.")
    # The hidden field of the letter, taken out by hand: not what was previewed.
    assert (await browser.send(f"{CASE}{folio}/decidir/confirmar", message="")).status_code == 409
    await browser.get(f"{CASE}{folio}")
    await browser.send(f"{CASE}{folio}/decidir", action="approve", reasons="answered", message="Abrió a las 9.")
    assert (await browser.send(f"{CASE}{folio}/decidir/confirmar")).status_code == 303
    await browser.get(f"{CASE}{folio}")
    assert "Contestada" in browser.text
    citizen = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await citizen.get(f"/tramites/{folio}")
    assert "Contestada" in citizen.text
    assert "Aprobada" not in citizen.text
    assert "Abrió a las 9." in citizen.text


async def test_many_are_not_answered_without_words(app: FastAPI, scene: Scene) -> None:
    folios = [await steps.complain(scene, story=f"La farmacia {n} estaba cerrada.") for n in range(2)]
    browser = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await browser.get(QUEUE)
    await browser.send(f"{QUEUE}/varias", folio=folios)
    silent = await browser.send(f"{QUEUE}/varias", reason="answered", message="")
    assert silent.status_code == 422
    assert "Escriba la respuesta con palabras" in browser.text
    assert "Decidir así" not in browser.text
    await browser.send(f"{QUEUE}/varias", reason="answered", message="Ya abre a las 9.")
    await browser.send(f"{QUEUE}/varias/decidir", reason="answered", message="Ya abre a las 9.")
    assert browser.text.count("Contestada") == 2
    assert await steps.how_many(scene, Request, Request.outcome == "approved") == 2
