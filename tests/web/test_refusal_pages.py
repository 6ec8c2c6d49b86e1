"""What pages say of a refusal, beforehand and afterwards: the internal review by its name, and the means of the law."""

import re

from fastapi import FastAPI
from sqlalchemy import text

from app.kernel import clock
from app.kernel.actor import Role
from app.kernel.i18n import format_day
from tests.notifications.mailbox import work
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.web.browser import forms_of, signed_in_browser


async def test_a_service_says_beforehand_what_refusal_and_silence_mean(app: FastAPI, scene: Scene) -> None:
    tab = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await tab.get("/tramites/pension")
    for said in (
        "Revisión interna",
        "No es el recurso de inconformidad ni detiene su plazo",
        "Consejo Consultivo Delegacional",
        "Demanda ante el tribunal laboral",
        "retirar en una sola exhibición el saldo de su cuenta de AFORE",
        "Si en tres meses no le contestamos",
        "Es nuestra lectura de la ley.",
        "tiene 10 días hábiles para contestar",
        "la solicitud se desecha sin decidirse",
    ):
        assert said in tab.text, said
    await tab.get("/en/tramites/unemployment")
    assert "If we do not answer within three months" in tab.text
    await tab.get("/tramites/complaint")
    assert "por confirmarse" in tab.text, "its term is doubtful"
    assert [word for word in ("Recurso de inconformidad", "tribunal laboral", "tres meses") if word in tab.text] == []
    await tab.get("/tramites/weeks")
    assert "Si en tres meses" not in tab.text, "it is answered at once"


async def test_a_refused_request_names_each_means_and_gives_its_document(app: FastAPI, scene: Scene) -> None:
    done = await scene.citizen.submit_request(
        "unemployment", afore="AFORE Uno", clabe=actors.CLABE, understands_weeks=True
    )
    tab = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await tab.get(f"/tramites/{done['folio']}")
    for said in ("Vio la decisión el", "Revisión interna", "Recurso de inconformidad", "tribunal laboral", "art. 295"):
        assert said in tab.text, said
    assert "Descargar la resolución de negativa (PDF)" in tab.text
    checks = re.search(r'<ul class="govuk-list v-checks">(.*?)</ul>', tab.html, re.DOTALL)
    assert checks
    lines = re.findall(r"<li>(.*?)</li>", checks.group(1), re.DOTALL)
    beside = r"<strong [^<]*</strong> <span>[^<]+(<span class=\"v-source\">[^<]+</span>)?</span>"
    assert [line for line in lines if not re.fullmatch(beside, line)] == [], "the article is in the column of the text"
    assert any("No cumple" in line and "v-source" in line for line in lines)
    assert "otra revisión" not in tab.text
    await tab.get(f"/tramites/{done['folio']}/revision")
    assert "no es el recurso de inconformidad ni una demanda" in tab.text
    document = await tab.get(f"/tramites/{done['folio']}/constancia")
    assert document.headers["content-type"] == "application/pdf"


async def test_a_refusal_without_a_review_names_none(app: FastAPI, scene: Scene) -> None:
    """What is answered at once has no internal review, and its page speaks of none."""
    done = await scene.citizen.submit_request("not-insured")
    assert done["outcome"] == "refused"
    tab = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await tab.get(f"/tramites/{done['folio']}")
    assert "tribunal laboral" in tab.text
    assert "revisión interna" not in tab.text.lower()
    await tab.get("/tramites/unemployment")
    assert "ni la revisión interna" in tab.text, "where there is one"


async def test_a_refusal_that_was_confirmed_says_so_beside_its_document(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    await scene.officer.claim(folio)
    await scene.officer.decide(folio, "refuse", "documents-disagree")
    tab = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await tab.get(f"/tramites/{folio}")
    assert "El documento dice que se confirmó" not in tab.text
    await scene.citizen.post(folio, "appeal", body="El acta sí lo dice.")
    boss = await scene.supervisor()
    await boss.claim(folio)
    await boss.decide(folio, "refuse", "documents-disagree")
    await tab.get(f"/tramites/{folio}")
    on = format_day(clock.today("America/Mexico_City"))
    assert f"El documento dice que se confirmó en la revisión interna el {on}." in tab.text
    assert "El que se expidió antes sigue siendo válido." in tab.text


async def test_figures_of_law_are_linked_where_they_decide_or_are_said(app: FastAPI, scene: Scene) -> None:
    link = 'href="/cifras-de-ley"'
    tab = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    refused = await scene.citizen.submit_request(
        "unemployment", afore="AFORE Uno", clabe=actors.CLABE, understands_weeks=True
    )
    draft = (await scene.citizen.start("modality-40")).json()["folio"]
    pages = ("unemployment", refused["folio"], "modality-40/quien", f"{draft}/paso/1", f"{draft}/revisar")
    for page in pages:
        await tab.get(f"/tramites/{page}")
        assert link in tab.html, page
    complaint = await steps.complain(scene)
    for page in ("complaint", "complaint/quien", complaint, f"{draft}/paso/2"):
        await tab.get(f"/tramites/{page}")
        assert link not in tab.html, page


async def test_while_it_is_reviewed_the_page_says_what_silence_means(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.sex()))["folio"]
    tab = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await tab.get(f"/tramites/{folio}")
    assert "Si en tres meses no le contestamos" in tab.text
    await tab.get(f"/tramites/{await steps.complain(scene)}")
    assert "Si en tres meses" not in tab.text


async def test_staff_open_the_document_of_a_refusal_and_that_is_recorded(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    await scene.officer.claim(folio)
    await scene.officer.decide(folio, "refuse", "documents-disagree")
    tab = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    link = f'href="/ventanilla/solicitudes/{folio}/constancia"'
    await tab.get(f"/ventanilla/solicitudes/{folio}")
    assert "Abrir o imprimir: Resolución de negativa (PDF)" in tab.text
    assert link in tab.html
    assert "No espera nada del personal" not in tab.text, "there is somebody to be notified"
    assert "No hay nada que decidir. Falta avisar a la persona" in tab.text
    await work(until_messages=0)
    assert (await tab.get(f"/ventanilla/personas/{scene.ana.id}")).status_code == 200
    assert "avísele usted" in tab.text
    await tab.get("/ventanilla/por-avisar")
    places = [form.actions[0] for form in forms_of(tab.html)]
    for path in [place for place in places if place.startswith("/ventanilla/por-avisar/")]:
        await tab.get("/ventanilla/por-avisar")
        await tab.send(path)
    for path in (f"/ventanilla/solicitudes/{folio}", f"/ventanilla/personas/{scene.ana.id}"):
        assert (await tab.get(path)).status_code == 200
        assert "avísele" not in tab.text, path
        assert "Falta avisar" not in tab.text, path
    await tab.get(f"/ventanilla/solicitudes/{folio}")
    assert "No espera nada del personal: se avisó a la persona el" in tab.text
    assert (await tab.get(f"/ventanilla/personas/{scene.ana.id}")).status_code == 200
    assert link in tab.html
    document = await tab.client.get(f"/ventanilla/solicitudes/{folio}/constancia")
    assert document.headers["content-type"] == "application/pdf"
    assert document.headers["content-disposition"].startswith("inline")
    views = text("SELECT count(*) FROM personal_data_view WHERE person_id = :id AND 'certificate' = ANY (contexts)")
    async with scene.db.transaction() as session:
        assert await session.scalar(views, {"id": scene.ana.id}) == 1
    assert (await scene.citizen.get(folio))["refusal"]["notified_on"] is not None
    other = await steps.hire(scene, Role.OFFICER, await steps.unit(scene))
    elsewhere = await signed_in_browser(app, scene.db, staff_id=other.staff_id)
    assert (await elsewhere.get(f"/ventanilla/solicitudes/{folio}/constancia")).status_code == 404
    front = await signed_in_browser(app, scene.db, staff_id=(await steps.hire(scene, Role.RECEPTIONIST)).staff_id)
    assert (await front.get(f"/ventanilla/solicitudes/{folio}/constancia")).status_code == 403


async def test_a_complaint_is_answered_everywhere(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    tab = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    case = f"/ventanilla/solicitudes/{folio}"
    letter = {"action": "refuse", "reasons": "not-ours", "message": "Acuda a la Profeco."}
    await tab.get(case)
    await tab.send(f"{case}/decidir", **letter)
    assert "Se le da la respuesta por escrito" in tab.text
    said = [tab.text]
    await tab.send(f"{case}/decidir/confirmar")
    citizen = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    for browser, path in (
        (tab, case),
        (tab, f"/ventanilla/personas/{scene.ana.id}"),
        (citizen, "/tramites/complaint"),
        (citizen, f"/tramites/{folio}"),
        (citizen, f"/tramites/{folio}/revision"),
    ):
        assert (await browser.get(path)).status_code == 200
        said.append(browser.text)
    await scene.citizen.post(folio, "appeal", body="Sí es suyo.")
    await tab.get(case)
    assert "Usted ya participó en esta solicitud" in tab.text
    boss = await scene.supervisor()
    await boss.claim(folio)
    reviewer = await signed_in_browser(app, scene.db, staff_id=boss.staff_id)
    await reviewer.get(case)
    said += [tab.text, reviewer.text]
    await reviewer.send(f"{case}/decidir", **letter)
    assert "La revisión interna mantiene la decisión." in reviewer.text
    said.append(reviewer.text)
    assert [page for page in said if "negativa" in page.lower() or "se niega" in page.lower()] == []


async def test_an_internal_review_shows_the_decision_it_is_about(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    await scene.officer.claim(folio)
    await scene.officer.decide(folio, "refuse", "documents-disagree", message="El acta dice «Muñiz».")
    tab = await signed_in_browser(app, scene.db, staff_id=(await scene.supervisor()).staff_id)
    await tab.get(f"/ventanilla/solicitudes/{folio}")
    assert "La decisión que se revisa" not in tab.text
    await scene.citizen.get(folio)
    await scene.citizen.post(folio, "appeal", body="Sí coinciden.")
    await tab.get(f"/ventanilla/solicitudes/{folio}")
    due_on = format_day((await steps.row(scene, folio)).due_on or steps.TODAY)
    for words in (
        "Revisión interna: Corregir mis datos",
        f"La revisión interna vence el {due_on}.",
        "La decisión que se revisa",
        "Los documentos dicen otra cosa.",
        "El acta dice «Muñiz».",
        "Lo que dice la persona: Sí coinciden.",
    ):
        assert words in tab.text, words
