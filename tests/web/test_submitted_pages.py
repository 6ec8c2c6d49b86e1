"""After submitting: the confirmation, what happens next, what is said after each action, and the answer on the page."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.identity.models import Account
from app.kernel import clock
from app.kernel.i18n import format_day
from app.registry.models import SickLeave
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import asked, ended, visit, window
from tests.web.browser import Browser, count, signed_in_browser, unsigned


async def citizen_of(app: FastAPI, scene: Scene) -> Browser:
    return await signed_in_browser(app, scene.db, person_id=scene.ana.id)


async def account(scene: Scene) -> None:
    """A contact to be written to."""
    async with scene.db.transaction() as session:
        session.add(
            Account(
                person_id=scene.ana.id,
                curp=scene.ana.curp,
                email="ana@ejemplo.mx",
                language="es",
                created_at=clock.now(),
                assurance="full",
            )
        )


async def test_a_request_is_confirmed_and_says_what_comes_next(app: FastAPI, scene: Scene) -> None:
    await account(scene)
    folio = (await scene.citizen.start("complaint", **steps.STORY)).json()["folio"]
    browser = await citizen_of(app, scene)
    await browser.get(f"/tramites/{folio}/revisar")
    sent = await browser.send(f"/tramites/{folio}/revisar")
    assert sent.headers["location"] == f"/tramites/{folio}/listo"
    await browser.get(sent.headers["location"])
    row = await steps.row(scene, folio)
    assert row.due_on is not None
    assert "Recibimos su solicitud" in browser.text
    assert f"La respuesta llega a más tardar el {format_day(row.due_on)}" in browser.text
    assert f"La revisa una persona de {scene.unit.name}" in browser.text
    assert "Le avisamos a an•••@ejemplo.mx" in browser.text
    assert folio in browser.text


@pytest.mark.parametrize("page", ["revisar", "paso/1", "documentos", "listo"])
async def test_back_and_reload_lead_to_the_confirmation(app: FastAPI, scene: Scene, page: str) -> None:
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    browser = await citizen_of(app, scene)
    answer = await browser.get(f"/tramites/{folio}/{page}")
    if page != "listo":
        assert answer.headers["location"] == f"/tramites/{folio}/listo"
        await browser.get(answer.headers["location"])
    assert "Recibimos su solicitud" in browser.text
    assert await count(scene.db, "SELECT count(*) FROM event WHERE type = 'request.submitted'") == 1


async def test_a_draft_is_not_confirmed(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.start("complaint", **steps.STORY)).json()["folio"]
    browser = await citizen_of(app, scene)
    assert (await browser.get(f"/tramites/{folio}/listo")).headers["location"] == f"/tramites/{folio}"


async def test_what_is_decided_at_once_is_confirmed_on_its_own_page(app: FastAPI, scene: Scene) -> None:
    browser = await citizen_of(app, scene)
    await browser.get("/tramites/weeks/quien")
    page = (await browser.send("/tramites/weeks/quien")).headers["location"]
    await browser.get(page)
    review = (await browser.send(page, by_employer="yes")).headers["location"]
    folio = review.split("/")[2]
    await browser.get(review)
    sent = await browser.send(f"/tramites/{folio}/revisar")
    final = await browser.get(sent.headers["location"])
    assert unsigned(final.headers["location"]) == f"/tramites/{folio}?hecho=enviada"
    await browser.get(final.headers["location"])
    assert "Recibimos su solicitud." in browser.text
    assert "Contestada" in browser.text


async def test_another_is_not_shown_the_confirmation(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    other = await steps.create_person(scene)
    stranger = await signed_in_browser(app, scene.db, person_id=other.person_id)
    assert (await stranger.get(f"/tramites/{folio}/listo")).status_code == 404


async def test_each_action_says_that_it_was_done(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    browser, page = await citizen_of(app, scene), f"/tramites/{folio}"
    await browser.get(page)
    sent = await browser.send(f"{page}/mensajes", message="¿Cómo va?")
    await browser.get(sent.headers["location"])
    assert "Hecho Enviamos su mensaje." in browser.text
    assert "govuk-notification-banner--success" in browser.html
    assert 'name="page" value="' + page + '"' in browser.html, "a form of the page goes back to it without the banner"
    await scene.officer.claim(folio)
    await scene.officer.post(f"{folio}/ask", {"body": "¿Qué día?", "fields": ["happened_on"]})
    await browser.get(f"{page}/responder")
    day = steps.ago(3)
    boxes = {f"happened_on-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}
    answered = await browser.send(f"{page}/responder/documentos", send="yes", message="Ese día.", **boxes)
    await browser.get(answered.headers["location"])
    assert "Hecho Recibimos su respuesta. La revisión sigue." in browser.text
    await browser.get(f"{page}/retirar")
    removed = await browser.send(f"{page}/retirar")
    await browser.get(removed.headers["location"])
    assert "Hecho Retiró la solicitud: ya nadie la revisa." in browser.text


@pytest.mark.parametrize("what", ["mensaje", "respuesta", "retirada", "revision", "opinion", "otra", "<b>"])
async def test_an_address_alone_says_nothing_was_done(app: FastAPI, scene: Scene, what: str) -> None:
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    browser = await citizen_of(app, scene)
    assert (await browser.get(f"/tramites/{folio}?hecho={what}")).status_code == 200
    assert "Hecho" not in browser.text


def stages(browser: Browser) -> list[tuple[str, str]]:
    """The steps of a request and where each stands."""
    return re.findall(r"v-stage--(\w+)\"[^>]*><strong>([^<]+)", browser.html)


async def test_the_steps_ahead_are_shown(app: FastAPI, scene: Scene) -> None:
    who = await steps.old_worker(scene)
    folio = await asked(scene, who)
    browser = await signed_in_browser(app, scene.db, person_id=who.person_id)
    await browser.get(f"/tramites/{folio}")
    due_on = (await steps.row(scene, folio)).due_on
    assert due_on is not None
    assert stages(browser) == [
        ("done", "Recibida"),
        ("now", "En revisión"),
        ("ahead", "Cita en ventanilla"),
        ("ahead", "Decisión"),
    ]
    assert f"Se decide a más tardar el {format_day(due_on)}" in browser.text
    (start_at, _other) = await window(scene)
    await scene.officer.claim(folio)
    assert (await visit(scene.officer, folio, start_at, unit=scene.unit)).status_code == 201
    await browser.get(f"/tramites/{folio}")
    assert ("now", "Cita en ventanilla") in stages(browser)
    tomorrow = format_day(steps.TODAY + timedelta(days=1))
    assert tomorrow in browser.text.lower()
    assert f"{scene.unit.name} · Ventanilla 1" in browser.text
    await browser.get(f"/tramites/{folio}/retirar")
    assert "También se cancela su cita en ventanilla del" in browser.text
    assert tomorrow in browser.text


async def test_the_newest_comes_first(app: FastAPI, scene: Scene) -> None:
    folio = await ended(scene, "approved")
    browser = await citizen_of(app, scene)
    await browser.get(f"/tramites/{folio}")
    happened = browser.text.partition("Qué ha pasado")[2]
    assert happened.index("Se decidió") < happened.index("La recibimos") < happened.index("Empezó la solicitud")
    assert browser.text.index("Qué ha pasado") < browser.text.index("Escribir a quien la atiende")
    assert stages(browser) == [], "nothing is ahead of what has ended"


async def test_a_message_that_needs_no_answer_was_read(app: FastAPI, scene: Scene) -> None:
    folio = await ended(scene, "approved")
    await scene.citizen.post(folio, "messages", body="Gracias.")
    browser = await citizen_of(app, scene)
    await browser.get(f"/tramites/{folio}")
    assert "Leímos su mensaje" not in browser.text
    assert (await scene.officer.post(f"{folio}/resolve-message")).status_code in (200, 204)
    await browser.get(f"/tramites/{folio}")
    assert f"Leímos su mensaje el {format_day(steps.TODAY)}; no hacía falta contestar." in browser.text
    await scene.citizen.post(folio, "messages", body="Otra cosa.")
    await browser.get(f"/tramites/{folio}")
    assert "Leímos su mensaje el" not in browser.text, "of the new one nothing is known yet"


async def test_documents_are_listed_by_what_they_are(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    browser = await citizen_of(app, scene)
    await browser.get(f"/tramites/{folio}")
    for name in ("Identificación oficial", "Acta de nacimiento"):
        assert re.search(rf"{name} foto\.png \(\d+ kB\) Recibido", browser.text), name


async def at_once(app: FastAPI, scene: Scene, service: str, **answers: Any) -> Browser:
    folio = (await scene.citizen.submit_request(service, **answers))["folio"]
    browser = await citizen_of(app, scene)
    await browser.get(f"/tramites/{folio}")
    assert "Descargar el documento (PDF)" in browser.text
    return browser


async def test_the_number_is_on_the_page(app: FastAPI, scene: Scene) -> None:
    browser = await at_once(app, scene, "nss-find")
    assert f'<p class="v-given">{scene.ana.nss}</p>' in browser.html


async def test_the_weeks_are_on_the_page_by_employer(app: FastAPI, scene: Scene) -> None:
    async with scene.db.transaction() as session:
        past = {"starts_on": date(2010, 1, 1), "ends_on": date(2012, 12, 31)}
        await places.affiliate(session, scene.ana, employer="B7", **past)
    browser = await at_once(app, scene, "weeks", by_employer=True)
    assert re.search(r"se le reconocen \d+ semanas cotizadas", browser.text)
    assert 'data-label="Registro patronal">B7</td>' in browser.html
    assert "1,096" in browser.text, "days of that employer"


async def test_the_rights_are_on_the_page(app: FastAPI, scene: Scene) -> None:
    browser = await at_once(app, scene, "vigencia")
    assert "tiene vigente su derecho a la atención médica" in browser.text
    assert "No constan personas dependientes." in browser.text


async def test_the_sick_leave_is_on_the_page_with_its_payment(app: FastAPI, scene: Scene) -> None:
    async with scene.db.transaction() as session:
        session.add(
            SickLeave(
                person_id=scene.ana.id,
                folio="AB123456",
                kind="illness",
                starts_on=steps.ago(30),
                days=10,
                daily_wage=500,
            )
        )
    browser = await at_once(app, scene, "sick-leave")
    assert "AB123456" in browser.text
    assert 'data-label="Días pagados">' in browser.html
    assert 'v-nowrap" data-label="Pago">$' in browser.html, "an amount is never broken"
    assert "No constan incapacidades" not in browser.text


async def test_the_account_shows_what_the_registry_says(app: FastAPI, scene: Scene) -> None:
    browser = await citizen_of(app, scene)
    await browser.get("/mi")
    assert scene.ana.nss is not None
    assert "Hola, Ana" in browser.text
    for shown in (scene.ana.nss, scene.ana.curp, scene.unit.name, "Consultorio 1, turno matutino", "Vigentes"):
        assert shown in browser.text, shown
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE web_session SET assurance = 'low'"))
    await browser.get("/mi")
    for hidden in (scene.ana.nss, scene.ana.curp, scene.unit.name, "Consultorio", "Ana"):
        assert hidden not in browser.text, hidden


async def test_what_is_to_be_done_comes_first(app: FastAPI, scene: Scene) -> None:
    browser = await citizen_of(app, scene)
    await browser.get("/mi")
    assert "Le toca hacer" not in browser.text
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    await scene.officer.claim(folio)
    await scene.officer.post(f"{folio}/ask", {"body": "¿Qué día?", "fields": ["happened_on"]})
    await scene.citizen.start("nursery")
    await browser.get("/mi")
    todo = browser.text.partition("Le toca hacer")[2].partition("Próximas citas")[0]
    assert "Responda a más tardar el" in todo
    assert "Falta terminarla y enviarla." not in todo, "an appointment has a day, a draft has none"
    assert "Falta terminarla y enviarla." in browser.text.partition("Próximas citas")[2]
    assert browser.text.count(folio) == 1


async def test_the_header_says_where_one_is_and_who_is_there(app: FastAPI, scene: Scene) -> None:
    browser = await citizen_of(app, scene)
    await browser.get("/mi")
    header = browser.html.partition("<header")[2].partition("</header>")[0]
    assert '<a href="/mi" aria-current="page">' in header
    assert header.count("aria-current") == 1
    assert "Ana" in header
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    await browser.get(f"/tramites/{folio}")
    header = browser.html.partition("<header")[2].partition("</header>")[0]
    assert '<a href="/tramites" aria-current="true">' in header
    assert 'action="/salir"' in header
    await browser.get("/en/tramites")
    assert 'href="/en/tramites" aria-current="page"' in browser.html
