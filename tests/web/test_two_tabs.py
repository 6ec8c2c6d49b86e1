"""Two tabs of one browser, and buttons pressed twice: a form acts on what its page showed, and once."""

from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from app.registry.models import Person
from tests.appointments import factories as places
from tests.conftest import Database
from tests.identity.browser_sessions import SERVICE, Clinic
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, another_tab, count, signed_in_browser, twice, unsigned
from tests.web.tabs import family, to_time

CHANGED = "Esto cambió mientras tenía abierta la página"


async def booked_by(db: Database) -> list[str]:
    async with db.transaction() as session:
        found = await session.execute(text("SELECT person_id FROM appointment WHERE status = 'booked'"))
        return [str(row.person_id) for row in found]


async def post(browser: Browser, path: str, form: dict[str, Any]) -> httpx.Response:
    return await browser.client.post(path, data=form)


# ---- appointments


async def to_review(tab: Browser, clinic: Clinic, person: Person, number: int) -> None:
    for page, answer in (
        ("quien", {"person": str(person.id)}),
        ("motivo", {"service": SERVICE}),
        ("clinica", {"unit": str(clinic.unit.id)}),
    ):
        await tab.get(f"/citas/{page}")
        assert (await tab.send(f"/citas/{page}", **answer)).status_code == 303, page
    await to_time(tab, clinic, number)


async def test_confirming_mine_does_not_book_my_childs(app: FastAPI, db: Database) -> None:
    clinic = await Clinic.open(db)
    child = await family(db, clinic)
    mine = await signed_in_browser(app, db, person_id=clinic.ana.id)
    childs = another_tab(mine)
    await to_review(mine, clinic, clinic.ana, 0)
    form = mine.form("/citas/revisar")
    await to_review(childs, clinic, child, 1)
    refused = await post(mine, "/citas/revisar", form)
    assert refused.status_code == 409
    assert CHANGED in refused.text
    assert child.given_names in refused.text, "what would be confirmed now is shown"
    assert await booked_by(db) == []
    assert (await childs.send("/citas/revisar")).headers["location"] == "/citas/listo"
    assert await booked_by(db) == [str(child.id)]
    late = await mine.client.post("/citas/revisar", data=form, follow_redirects=True)
    assert (late.status_code, CHANGED in late.text) == (409, True), "not «done», with the child's folio"
    assert unsigned(str(late.url)).endswith("/mi?aviso=cambio")
    assert await booked_by(db) == [str(child.id)]


async def test_a_step_of_a_journey_is_for_whom_its_page_said(app: FastAPI, db: Database) -> None:
    clinic = await Clinic.open(db)
    child = await family(db, clinic)
    mine = await signed_in_browser(app, db, person_id=clinic.ana.id)
    childs = another_tab(mine)
    await mine.get("/citas/quien")
    await mine.send("/citas/quien", person=str(clinic.ana.id))
    await mine.get("/citas/motivo")
    await childs.get("/citas/quien")
    await childs.send("/citas/quien", person=str(child.id))
    refused = await mine.send("/citas/motivo", service=SERVICE)
    assert refused.status_code == 409
    assert CHANGED in mine.text
    assert (await mine.client.get("/citas/clinica")).headers["location"] == "/citas/motivo", "nothing was answered"


async def test_moving_one_appointment_does_not_move_another(app: FastAPI, db: Database) -> None:
    clinic = await Clinic.open(db)
    child = await family(db, clinic)
    async with db.transaction() as session:
        first = await places.booked(session, clinic.ana, places.place(clinic.unit, clinic.times[0]))
        second = await places.booked(
            session, child, places.place(clinic.unit, clinic.times[1]), places.citizen(clinic.ana)
        )
    one = await signed_in_browser(app, db, person_id=clinic.ana.id)
    other = another_tab(one)
    clinic.times.append(clinic.times[2] + (clinic.times[2] - clinic.times[1]))
    for number, tab, folio in ((2, one, first.folio), (3, other, second.folio)):
        await tab.get(f"/citas/{folio}")
        await tab.send(f"/citas/{folio}/mover")
        await to_time(tab, clinic, number)
    refused = await one.send("/citas/revisar")
    assert refused.status_code == 409
    async with db.transaction() as session:
        places_now = {
            (row.folio, row.start_at)
            for row in (await session.execute(text("SELECT folio, start_at FROM appointment")))
        }
    assert places_now == {(first.folio, clinic.times[0]), (second.folio, clinic.times[1])}


async def test_an_appointment_is_cancelled_as_it_was_shown_and_once(app: FastAPI, db: Database) -> None:
    clinic = await Clinic.open(db)
    async with db.transaction() as session:
        made = await places.booked(session, clinic.ana, places.place(clinic.unit, clinic.times[0]))
    old = await signed_in_browser(app, db, person_id=clinic.ana.id)
    new = another_tab(old)
    path = f"/citas/{made.folio}/cancelar"
    await old.get(path)
    await db_run(db, "UPDATE appointment SET version = version + 1")
    refused = await old.send(path, reason="other")
    assert refused.status_code == 409
    assert 'value="other" checked' in old.html.replace("'", '"'), "what was chosen stays"
    await new.get(path)
    answers = await twice(new, path, new.form(path, reason="other"))
    assert [(one.status_code, one.headers["location"]) for one in answers] == [(303, f"/citas/{made.folio}")] * 2
    assert await count(db, "SELECT count(*) FROM event WHERE type = 'appointment.cancelled'") == 1


async def db_run(db: Database, statement: str, **values: Any) -> None:
    async with db.transaction() as session:
        await session.execute(text(statement), values)


async def test_an_appointment_confirmed_twice_is_one(app: FastAPI, db: Database) -> None:
    clinic = await Clinic.open(db)
    tab = await signed_in_browser(app, db, person_id=clinic.ana.id)
    await tab.get("/citas/quien")
    await tab.get("/citas/motivo")
    await tab.send("/citas/motivo", service=SERVICE)
    await tab.get("/citas/clinica")
    await tab.send("/citas/clinica", unit=str(clinic.unit.id))
    await to_time(tab, clinic, 0)
    answers = await twice(tab, "/citas/revisar", tab.form("/citas/revisar"))
    assert [one.headers.get("location") for one in answers] == ["/citas/listo"] * 2
    assert await booked_by(db) == [str(clinic.ana.id)]


# ---- requests


async def test_what_is_submitted_is_what_was_reviewed(app: FastAPI, scene: Scene) -> None:
    draft = (await scene.citizen.start("complaint", **steps.STORY)).json()["folio"]
    tab = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    other = another_tab(tab)
    review, step = f"/tramites/{draft}/revisar", f"/tramites/{draft}/paso/1"
    await tab.get(review)
    await other.get(step)
    assert (await other.send(step, about="complaint", story="No había nadie en la ventanilla.")).status_code == 303
    refused = await tab.send(review)
    assert refused.status_code == 409
    assert CHANGED in tab.text
    assert "No había nadie en la ventanilla." in tab.text, "the present state is shown"
    assert (await steps.row(scene, draft)).kind == "draft"
    answers = await twice(tab, review, tab.form(review))
    assert [one.headers.get("location") for one in answers] == [f"/tramites/{draft}/listo"] * 2
    assert await count(scene.db, "SELECT count(*) FROM event WHERE type = 'request.submitted'") == 1


async def test_a_page_of_a_draft_does_not_overwrite_what_another_tab_saved(app: FastAPI, scene: Scene) -> None:
    draft = (await scene.citizen.start("complaint")).json()["folio"]
    tab = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    other = another_tab(tab)
    step = f"/tramites/{draft}/paso/1"
    await tab.get(step)
    await other.get(step)
    await other.send(step, about="complaint", story="Lo que guardó la otra.")
    refused = await tab.send(step, about="thanks", story="Lo que escribí aquí.")
    assert refused.status_code == 409
    assert "Lo que escribí aquí." in tab.html, "what was typed is kept"
    assert "Lo que guardó la otra." in tab.text, "and what is saved is shown"
    assert (await steps.row(scene, draft)).answers["story"] == "Lo que guardó la otra."
    assert (await tab.send(step, about="thanks", story="Lo que escribí aquí.")).status_code == 303
    assert (await steps.row(scene, draft)).answers["story"] == "Lo que escribí aquí."


async def test_an_instant_service_pressed_twice_is_one_request(app: FastAPI, scene: Scene) -> None:
    tab = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    path = "/tramites/vigencia/quien"
    await tab.get(path)
    first, second = await twice(tab, path, tab.form(path))
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert await count(scene.db, "SELECT count(*) FROM request") == 1
    late = await post(tab, path, tab.form(path))
    assert late.headers["location"] == first.headers["location"], "however late"


async def test_the_same_form_with_other_words_is_not_taken_for_the_first(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    tab = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    path = f"/tramites/{folio}/mensajes"
    await tab.get(f"/tramites/{folio}")
    form = tab.form(path, message="¿Cómo va?")
    assert [one.status_code for one in await twice(tab, path, form)] == [303, 303]
    again = tab._seen(await post(tab, path, form | {"message": "Otra pregunta."}))  # Back, and other words
    assert again.status_code == 409
    assert "Este formulario ya se había enviado" in tab.text
    assert "Otra pregunta." in tab.html
    assert (await tab.send(path, message="Otra pregunta.")).status_code == 303
    assert await count(scene.db, "SELECT count(*) FROM request_message") == 2


async def test_a_form_of_another_person_or_without_its_fields_does_nothing(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    tab = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    path = f"/tramites/{folio}/mensajes"
    for missing in ("idempotency_key", "shown"):
        await tab.get(f"/tramites/{folio}")
        lacking: dict[str, Any] = {missing: None}
        refused = await tab.send(path, message="¿Cómo va?", **lacking)
        assert (refused.status_code, "¿Cómo va?" in tab.html) == (400, True), missing
    await tab.get(f"/tramites/{folio}")
    for mark in ("0" * 32, "é" * 32):
        await tab.get(f"/tramites/{folio}")
        assert (await tab.send(path, message="¿Cómo va?", shown=mark)).status_code == 409
    assert await count(scene.db, "SELECT count(*) FROM request_message") == 0


async def test_every_file_that_was_chosen_is_attached_once(app: FastAPI, scene: Scene) -> None:
    draft = (await scene.citizen.start("data-correct", field="name", second_surname="Muñoz")).json()["folio"]
    tab = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    path = f"/tramites/{draft}/documentos"
    await tab.get(path)
    names = [name for name in ("file-identification", "file-birth-certificate") if f'name="{name}"' in tab.html]
    sent = {
        name: ("foto.png", actors.picture(colour), "image/png")
        for name, colour in zip(names, ("white", "red"), strict=False)
    }
    form = tab.form(path, next="yes")
    answers = await twice(tab, path, form, files=sent)
    assert [one.headers.get("location") for one in answers] == [f"/tramites/{draft}/revisar"] * 2, "going on attaches"
    assert await count(scene.db, "SELECT count(*) FROM document") == len(names) == 2
    await tab.get(path)
    one = actors.picture("blue")
    wrong = {names[0]: ("foto.png", one, "image/png"), names[1]: ("foto.png", b"not a picture", "image/png")}
    shown = await twice(tab, path, tab.form(path, kind=names[0].removeprefix("file-")), files=wrong)
    assert [answer.status_code for answer in shown] == [422, 422]
    assert shown[0].text == shown[1].text, "the good one is attached, once, and the other is refused at its field"
    assert await count(scene.db, "SELECT count(*) FROM document") == 3


async def test_attaching_does_not_wipe_a_typed_message(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", field="name", second_surname="Muñoz"))["folio"]
    await scene.officer.claim(folio)
    said = {"body": "Otra foto, por favor.", "documents": ["identification"]}
    assert (await scene.officer.post(f"{folio}/ask", said)).status_code == 200
    tab = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await tab.get(f"/tramites/{folio}/responder")
    path = f"/tramites/{folio}/responder/documentos"
    sent = {"file-identification": ("foto.png", actors.picture("green"), "image/png")}
    answer = await tab.send(path, files=sent, kind="identification", message="La tomé con más luz.")
    assert answer.status_code == 200
    assert "La tomé con más luz." in tab.html
    assert "Recibido" in tab.text
    assert (await tab.send(path, send="yes", message="La tomé con más luz.")).status_code == 303
    assert (await steps.row(scene, folio)).kind == "review"
