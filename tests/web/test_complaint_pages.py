"""The pages of a complaint: any unit is found without scripts; it is answered, with words."""

import re

from fastapi import FastAPI

from app.places.models import Unit
from app.requests.models import Request
from tests.appointments import make as places
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.surfing import come_in

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
    surfer = await come_in(app, scene.db, person_id=scene.ana.id)
    step = f"/tramites/{folio}/paso/1"
    await surfer.get(step)
    assert unit.name not in surfer.text
    action = next(one for one in re.findall(r'formaction="([^"]+)"', surfer.html) if "unidades" in one)
    found = await surfer.send(action.partition("#")[0], via=action, **TYPED, **{"unit_id-search": "noneria hgz"})
    assert found.status_code == 200
    assert "1 encontrada." in surfer.text
    assert "fuera de operación" in surfer.text
    assert TYPED["story"] in surfer.html, "what was typed stays"
    assert await steps.how_many(scene, Request, Request.answers["story"].astext.is_not(None)) == 0
    saved = await surfer.send(step, **TYPED, unit_id=str(unit.id))
    assert saved.status_code == 303
    await surfer.get(f"/tramites/{folio}/revisar")
    assert unit.clues in surfer.text
    await surfer.get(step)
    assert f'value="{unit.id}" checked' in surfer.html
    assert (await surfer.get(action.partition("#")[0])).status_code == 303
    await surfer.get(step)
    nothing = await surfer.send(action.partition("#")[0], via=action, **TYPED, **{"unit_id-search": "zzz <b>"})
    assert nothing.status_code == 200
    assert "No encontramos ninguna" in surfer.text
    assert "<b>" not in surfer.html


async def test_a_made_up_unit_is_refused_at_its_field(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.start("complaint")).json()["folio"]
    surfer = await come_in(app, scene.db, person_id=scene.ana.id)
    step = f"/tramites/{folio}/paso/1"
    await surfer.get(step)
    wrong = await surfer.send(step, **TYPED, unit_id=str(places.nobody()))
    assert wrong.status_code == 422
    assert "No hay una unidad con esa clave" in surfer.text
    assert TYPED["story"] in surfer.html


async def test_who_is_asked_for_the_unit_again_searches_too(app: FastAPI, scene: Scene) -> None:
    unit = await closed_unit(scene)
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    await scene.officer.post(f"{folio}/ask", {"body": "¿Cuál?", "fields": ["unit_id"]})
    surfer = await come_in(app, scene.db, person_id=scene.ana.id)
    await surfer.get(f"/tramites/{folio}/responder")
    search = f"/tramites/{folio}/responder/unidades"
    await surfer.send(search, via=f"{search}#unit_id", message="Era esta.", **{"unit_id-search": "ñoñeria"})
    assert str(unit.id) in surfer.html
    assert "Era esta." in surfer.html
    sent = {"message": "Era esta.", "send": "yes", "unit_id": str(unit.id)}
    done = await surfer.send(f"/tramites/{folio}/responder/documentos", **sent)
    assert done.status_code == 303
    assert (await steps.row(scene, folio)).answers["unit_id"] == str(unit.id)


async def test_it_is_answered_with_words_and_reads_so(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    surfer = await come_in(app, scene.db, staff_id=scene.officer.staff_id)
    await surfer.get(f"{CASE}{folio}")
    assert "Contestar" in surfer.text
    assert "Aprobar" not in surfer.text
    assert "Negar" not in surfer.text
    silent = await surfer.send(f"{CASE}{folio}/decidir", action="approve", reasons="answered", message=" \u200b")
    assert silent.status_code == 422
    assert "Escriba la respuesta con palabras" in surfer.text
    await surfer.send(f"{CASE}{folio}/decidir", action="approve", reasons="answered", message="Abrió a las 9.")
    # The hidden field of the letter, taken out by hand: not what was previewed.
    assert (await surfer.send(f"{CASE}{folio}/decidir/confirmar", message="")).status_code == 409
    await surfer.get(f"{CASE}{folio}")
    await surfer.send(f"{CASE}{folio}/decidir", action="approve", reasons="answered", message="Abrió a las 9.")
    assert (await surfer.send(f"{CASE}{folio}/decidir/confirmar")).status_code == 303
    await surfer.get(f"{CASE}{folio}")
    assert "Contestada" in surfer.text
    citizen = await come_in(app, scene.db, person_id=scene.ana.id)
    await citizen.get(f"/tramites/{folio}")
    assert "Contestada" in citizen.text
    assert "Aprobada" not in citizen.text
    assert "Abrió a las 9." in citizen.text


async def test_many_are_not_answered_without_words(app: FastAPI, scene: Scene) -> None:
    folios = [await steps.complain(scene, story=f"La farmacia {n} estaba cerrada.") for n in range(2)]
    surfer = await come_in(app, scene.db, staff_id=scene.officer.staff_id)
    await surfer.get(QUEUE)
    await surfer.send(f"{QUEUE}/varias", folio=folios)
    silent = await surfer.send(f"{QUEUE}/varias", reason="answered", message="")
    assert silent.status_code == 422
    assert "Escriba la respuesta con palabras" in surfer.text
    assert "Decidir así" not in surfer.text
    await surfer.send(f"{QUEUE}/varias", reason="answered", message="Ya abre a las 9.")
    await surfer.send(f"{QUEUE}/varias/decidir", reason="answered", message="Ya abre a las 9.")
    assert surfer.text.count("Contestada") == 2
    assert await steps.how_many(scene, Request, Request.outcome == "approved") == 2
