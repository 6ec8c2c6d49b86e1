"""A second tab that sends what another did already: its page says so, with the outcome; what differs is a warning."""

import asyncio

from fastapi import FastAPI

from app.kernel.actor import Role
from tests.appointments import factories as places
from tests.conftest import Database
from tests.identity.browser_sessions import SERVICE, Clinic
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, another_tab, count, signed_in_browser
from tests.web.tabs import to_time

CASE = "/ventanilla/solicitudes/"
ALREADY, CHANGED = "Esto ya estaba hecho.", "Esto cambió mientras tenía abierta la página"


async def say(tab: Browser, path: str, via: str = "", **fields: str) -> str:
    """What the page says to which a form of the last page leads."""
    answer = await tab.send(path, via=via, **fields)
    if answer.status_code == 303:
        assert (await tab.get(answer.headers["location"])).status_code == 200
    return tab.text


def is_calm(said: str) -> bool:
    """It says that it was done, without a warning."""
    return ALREADY in said and CHANGED not in said


# ---- a citizen


async def test_an_appointment_cancelled_in_two_tabs(app: FastAPI, db: Database) -> None:
    clinic = await Clinic.open(db)
    async with db.transaction() as session:
        made = await places.booked(session, clinic.ana, places.place(clinic.unit, clinic.times[0]))
    first = await signed_in_browser(app, db, person_id=clinic.ana.id)
    second = another_tab(first)
    path = f"/citas/{made.folio}/cancelar"
    await first.get(path)
    await second.get(path)
    assert ALREADY not in await say(first, path, reason="other")
    said = await say(second, path, reason="better")  # whatever the reason, it is cancelled
    assert is_calm(said)
    assert "Esta cita está cancelada." in said
    await second.get(f"/citas/{made.folio}")
    assert ALREADY not in second.text
    assert await count(db, "SELECT count(*) FROM event WHERE type = 'appointment.cancelled'") == 1


async def test_an_appointment_confirmed_in_two_tabs(app: FastAPI, db: Database) -> None:
    clinic = await Clinic.open(db)
    first = await signed_in_browser(app, db, person_id=clinic.ana.id)
    second = another_tab(first)
    await first.get("/citas/quien")
    await first.get("/citas/motivo")
    await first.send("/citas/motivo", service=SERVICE)
    await first.get("/citas/clinica")
    await first.send("/citas/clinica", unit=str(clinic.unit.id))
    await to_time(first, clinic, 0)
    await second.get("/citas/revisar")
    assert (await first.send("/citas/revisar")).headers["location"] == "/citas/listo"
    said = await say(second, "/citas/revisar")
    assert is_calm(said)
    assert second.here.startswith("/citas/C-"), "the appointment itself, whatever this browser books next"
    assert await count(db, "SELECT count(*) FROM appointment") == 1


async def test_a_request_submitted_and_withdrawn_in_two_tabs(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.start("complaint", **steps.STORY)).json()["folio"]
    first = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    second = another_tab(first)
    for page, said_then in (("revisar", "Recibimos su solicitud"), ("retirar", "Retiró la solicitud")):
        path = f"/tramites/{folio}/{page}"
        await first.get(path)
        await second.get(path)
        assert said_then in await say(first, path)
        said = await say(second, path)
        assert is_calm(said), page
        assert said_then in said
    assert await count(scene.db, "SELECT count(*) FROM event WHERE type = 'request.withdrawn'") == 1


async def test_a_draft_discarded_in_two_tabs(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.start("complaint")).json()["folio"]
    first = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    second = another_tab(first)
    for tab in (first, second):
        await tab.get(f"/tramites/{folio}")
    await say(first, f"/tramites/{folio}/descartar")
    assert is_calm(await say(second, f"/tramites/{folio}/descartar")), "not «we can't find it»"


async def test_another_answer_to_a_withdrawn_request_is_a_warning(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    first = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    second = another_tab(first)
    await second.get(f"/tramites/{folio}")
    await first.get(f"/tramites/{folio}/retirar")
    await say(first, f"/tramites/{folio}/retirar")
    said = await say(second, f"/tramites/{folio}/mensajes", message="¿Cómo va?")
    assert CHANGED in said
    assert ALREADY not in said


# ---- staff


async def test_a_decision_made_in_two_tabs(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    first = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    second, other = another_tab(first), another_tab(first)
    for tab in (first, second):
        await tab.get(f"{CASE}{folio}")
    assert "Tomó la solicitud" in await say(first, f"{CASE}{folio}/tomar")
    assert is_calm(await say(second, f"{CASE}{folio}/tomar"))
    for tab, message in ((first, "Se atendió."), (second, "Se atendió."), (other, "Otra carta.")):
        await tab.get(f"{CASE}{folio}")
        await tab.send(f"{CASE}{folio}/decidir", action="approve", reasons="answered", message=message)
    confirm = f"{CASE}{folio}/decidir/confirmar"
    outcome = f"La solicitud {folio} quedó decidida"
    assert outcome in await say(first, confirm)
    said = await say(second, confirm)
    assert is_calm(said)
    assert outcome in said
    said = await say(other, confirm)
    assert CHANGED in said, "another letter"
    assert ALREADY not in said
    assert await count(scene.db, "SELECT count(*) FROM event WHERE type = 'request.decided'") == 1


async def test_the_decision_of_someone_else_is_a_warning(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    colleague = await steps.hire(scene, Role.OFFICER)
    mine = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    theirs = await signed_in_browser(app, scene.db, staff_id=colleague.staff_id)
    for tab in (mine, theirs):
        await tab.get(f"{CASE}{folio}")
    await say(mine, f"{CASE}{folio}/tomar")
    said = await say(theirs, f"{CASE}{folio}/tomar")
    assert CHANGED in said
    assert ALREADY not in said


async def test_many_assigned_in_two_tabs(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    boss = await scene.supervisor()
    first = await signed_in_browser(app, scene.db, staff_id=boss.staff_id)
    second, other = another_tab(first), another_tab(first)
    for tab in (first, second):
        await tab.get("/ventanilla/cola")
    path, many = "/ventanilla/cola/asignar", "/ventanilla/cola/varias"
    done = await say(first, path, via=many, folio=folio, staff_id=str(scene.officer.staff_id))
    assert "Rosa Díaz" in done
    other.html, other.here = second.html, second.here
    again = await say(second, path, via=many, folio=folio, staff_id=str(scene.officer.staff_id))
    assert CHANGED in again, "who has it now may not be who the first tab gave it to"
    assert CHANGED in await say(other, path, via=many, folio=folio, staff_id=str(boss.staff_id)), "another colleague"


async def test_what_was_given_back_since_is_not_said_to_be_done(app: FastAPI, scene: Scene) -> None:
    """Taken, given back, and taken by a colleague: a tab from before doesn't say that the request is one's own."""
    folio = await steps.complain(scene)
    colleague = await steps.hire(scene, Role.OFFICER)
    first = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    second = another_tab(first)
    for tab in (first, second):
        await tab.get(f"{CASE}{folio}")
    await say(first, f"{CASE}{folio}/tomar")
    await say(first, f"{CASE}{folio}/soltar")
    await colleague.claim(folio)
    text = await say(second, f"{CASE}{folio}/tomar")
    assert ALREADY not in text
    assert "Tomó la solicitud" not in text


async def test_an_appointment_confirmed_in_two_tabs_at_the_same_moment(app: FastAPI, db: Database) -> None:
    clinic = await Clinic.open(db)
    first = await signed_in_browser(app, db, person_id=clinic.ana.id)
    second = another_tab(first)
    await first.get("/citas/quien")
    await first.get("/citas/motivo")
    await first.send("/citas/motivo", service=SERVICE)
    await first.get("/citas/clinica")
    await first.send("/citas/clinica", unit=str(clinic.unit.id))
    await to_time(first, clinic, 0)
    await second.get("/citas/revisar")
    answers = await asyncio.gather(first.send("/citas/revisar"), second.send("/citas/revisar"))
    assert [one.status_code for one in answers] == [303, 303], "neither page says that the time was lost"
    assert await count(db, "SELECT count(*) FROM appointment") == 1


async def test_what_was_given_to_another_since_is_a_warning(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    colleague = await steps.hire(scene, Role.OFFICER)
    boss = await scene.supervisor()
    first = await signed_in_browser(app, scene.db, staff_id=boss.staff_id)
    second = another_tab(first)
    for tab in (first, second):
        await tab.get(f"{CASE}{folio}")
    await say(first, f"{CASE}{folio}/asignar", staff_id=str(scene.officer.staff_id))
    await first.get(f"{CASE}{folio}")
    await say(first, f"{CASE}{folio}/asignar", staff_id=str(colleague.staff_id))
    text = await say(second, f"{CASE}{folio}/asignar", staff_id=str(scene.officer.staff_id))
    assert CHANGED in text
    assert ALREADY not in text
