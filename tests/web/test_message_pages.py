"""The pages of messages about requests that don't wait for staff."""

from fastapi import FastAPI

from app.kernel.actor import Role
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.requests.factories import ended
from tests.web.browser import another_tab, signed_in_browser, twice

CASE, QUEUE = "/ventanilla/solicitudes/", "/ventanilla/cola"


async def test_from_the_citizen_to_the_answer(app: FastAPI, scene: Scene) -> None:
    folio = await ended(scene, "refused")
    citizen = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await citizen.get(f"/tramites/{folio}")
    assert "Un mensaje no cambia lo que se decidió" in citizen.text
    assert f'href="/tramites/{folio}/revision"' in citizen.html
    path = f"/tramites/{folio}/mensajes"
    answers = await twice(citizen, path, citizen.form(path, message="¿A dónde voy?"))
    assert [one.status_code for one in answers] == [303, 303]
    await citizen.get(f"/tramites/{folio}")
    assert "Recibimos su mensaje. Le contestamos a más tardar el" in citizen.text
    assert citizen.text.count("¿A dónde voy?") == 1

    officer = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await officer.get("/ventanilla")
    assert "Mensajes por contestar 1" in officer.text
    await officer.get(f"{QUEUE}?asunto=message")
    assert folio in officer.text
    await officer.get(f"{QUEUE}?asunto=decision")
    assert folio not in officer.text
    await officer.get(QUEUE)
    assert (await officer.send(f"{QUEUE}/siguiente")).headers["location"].startswith(f"{CASE}{folio}?hecho=tomada")
    stale = another_tab(officer)
    await officer.get(f"{CASE}{folio}")
    await stale.get(f"{CASE}{folio}")
    assert "La persona escribió un mensaje y espera respuesta" in officer.text
    assert "Ver cómo quedaría" not in officer.text
    assert (await officer.send(f"{CASE}{folio}/mensaje", note="no", body="A la ventanilla 3.")).status_code == 303
    late = await stale.send(f"{CASE}{folio}/leido")
    assert late.status_code == 409
    await officer.get(f"{CASE}{folio}")
    assert "espera respuesta" not in officer.text
    await citizen.get(f"/tramites/{folio}")
    assert "A la ventanilla 3." in citizen.text
    assert "Recibimos su mensaje" not in citizen.text


async def test_one_that_needs_no_answer_is_closed(app: FastAPI, scene: Scene) -> None:
    folio = await ended(scene, "approved")
    await scene.citizen.post(folio, "messages", body="Gracias.")
    other = await steps.hire(scene, Role.OFFICER)
    officer = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await officer.get(f"{CASE}{folio}")
    assert (await officer.send(f"{CASE}{folio}/leido")).status_code == 303
    assert await steps.item(scene, folio) is None
    await officer.get(f"{CASE}{folio}")
    assert "Rosa Díaz leyó el mensaje" in officer.text
    await scene.citizen.post(folio, "messages", body="Otra cosa.")
    await other.claim(folio)
    await officer.get(f"{CASE}{folio}")
    assert "No hace falta contestar" not in officer.text, "a colleague has it"
    held = await officer.send(f"{CASE}{folio}/mensaje", note="no", body="Le contesto yo.")
    assert held.status_code == 409
    assert "Le contesto yo." in officer.html


async def test_many_decided_at_once_leave_a_message_alone(app: FastAPI, scene: Scene) -> None:
    folio = await ended(scene, "approved")
    await scene.citizen.post(folio, "messages", body="Gracias.")
    officer = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await officer.get(QUEUE)
    await officer.send(f"{QUEUE}/varias", folio=folio)
    await officer.send(f"{QUEUE}/varias", reason="answered", message="Con gusto.")
    assert "No se puede" in officer.text
    assert await steps.item(scene, folio) is not None
