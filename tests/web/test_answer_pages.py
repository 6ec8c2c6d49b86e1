"""A form that is answered by a page leads to the page's own address: Back and reload find it, and once the
form has had its effect they find the page as things are now."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.identity.service.stored_forms import MAX_RESPONSES
from app.kernel.actor import Assurance, Role
from app.web.answer_pages import OWN_PREFIX, RESPONSE_PREFIX
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, count, signed_in_browser

CASE, QUEUE = "/ventanilla/solicitudes/", "/ventanilla/cola"


async def at_desk(app: FastAPI, scene: Scene, role: Role = Role.OFFICER) -> tuple[Browser, actors.Officer]:
    who = await steps.hire(scene, role)
    return await signed_in_browser(app, scene.db, staff_id=who.staff_id), who


async def to_decide(scene: Scene, officer: actors.Officer) -> str:
    folio = (await (await steps.create_person(scene)).submit_request("data-correct", **actors.sex()))["folio"]
    await officer.claim(folio)
    return str(folio)


def address_of(answer: httpx.Response) -> str:
    """Where the POST led."""
    where = answer.headers.get("x-answer-page", "")
    assert urlsplit(where).path.removeprefix("/en").startswith(RESPONSE_PREFIX), answer.text[:300]
    return str(where)


async def test_back_from_a_decision_finds_the_request_as_it_is_now(app: FastAPI, scene: Scene) -> None:
    browser, officer = await at_desk(app, scene)
    folio = await to_decide(scene, officer)
    case = f"{CASE}{folio}"
    await browser.get(f"{case}?hecho=tomada&folio={folio}")
    wrong = await browser.send(f"{case}/decidir", action="refuse")
    assert wrong.status_code == 422
    preview = await browser.send(f"{case}/decidir", quick="documents-agree")
    assert preview.status_code == 200
    for _ in range(2):
        again = await browser.client.get(address_of(preview))
        assert (again.status_code, again.text) == (200, preview.text), "a reload shows the same"
    assert (await browser.client.get(address_of(wrong))).status_code == 422
    assert (await browser.send(f"{case}/decidir/confirmar")).status_code == 303
    for earlier in (preview, wrong):
        back = await browser.get(address_of(earlier))
        assert back.status_code == 303
        assert urlsplit(back.headers["location"]).path == case
        await browser.get(back.headers["location"])
        assert "Aprobada" in browser.text


async def test_a_preview_sent_after_back_is_still_the_form_that_was_shown(app: FastAPI, scene: Scene) -> None:
    browser, officer = await at_desk(app, scene)
    folio = await to_decide(scene, officer)
    await browser.get(f"{CASE}{folio}")
    preview = await browser.send(f"{CASE}{folio}/decidir", quick="documents-agree")
    await browser.get(CASE + folio)
    await browser.get(address_of(preview))
    assert (await browser.send(f"{CASE}{folio}/decidir/confirmar")).status_code == 303
    assert (await steps.row(scene, folio)).outcome == "approved"


async def test_every_page_that_answers_a_form_has_an_address(app: FastAPI, scene: Scene) -> None:
    boss, who = await at_desk(app, scene, Role.ADMIN)
    folios = [await steps.complain(scene, await steps.create_person(scene)) for _ in range(2)]
    mine = await to_decide(scene, who)
    case = f"{CASE}{mine}"
    answers: dict[str, Any] = {"reason": "answered", "message": "Ya lo vimos."}
    flows: list[tuple[str, str, dict[str, Any]]] = [
        (QUEUE, f"{QUEUE}/varias", {"folio": folios}),
        (QUEUE, f"{QUEUE}/varias", {}),
        (QUEUE, f"{QUEUE}/asignar", {"folio": folios, "staff_id": str(who.staff_id)}),
        (case, f"{case}/sigo", {"message": "A medias."}),
        (case, f"{case}/mensaje", {"body": "Nota.", "note": "yes", "message": "A medias."}),
        (case, f"{case}/enviar/buscar", {"via": f"{case}/decidir", "unit_search": "nada"}),
        (case, f"{case}/pedir", {"ask": ""}),
        ("/ventanilla/codigo", "/ventanilla/codigo", {"curp": scene.ana.curp}),
        ("/ventanilla/codigo", "/ventanilla/codigo", {"curp": "X"}),
        ("/ventanilla/accesos", "/ventanilla/accesos", {"who": "X"}),
        ("/ventanilla/personal/nuevo", "/ventanilla/personal/nuevo", {"username": ""}),
    ]
    for page, path, fields in flows:
        await boss.get(page)
        answer = await boss.send(path, **fields)
        again = await boss.client.get(address_of(answer))
        assert (again.status_code, again.text) == (answer.status_code, answer.text), path
    await boss.get(QUEUE)
    await boss.send(f"{QUEUE}/varias", folio=folios)
    await boss.send(f"{QUEUE}/varias", **answers)
    done = await boss.send(f"{QUEUE}/varias/decidir", **answers)
    assert "Decididas" in boss.text
    assert (await boss.client.get(address_of(done))).text == done.text


async def test_it_is_for_who_sent_the_form_while_signed_in(app: FastAPI, scene: Scene) -> None:
    browser, officer = await at_desk(app, scene)
    folio = await to_decide(scene, officer)
    await browser.get(f"{CASE}{folio}")
    where = address_of(await browser.send(f"{CASE}{folio}/decidir", quick="documents-agree"))
    colleague, _who = await at_desk(app, scene)
    other = await colleague.client.get(where)
    assert other.status_code == 303
    citizen = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    assert (await citizen.client.get(where)).status_code in (401, 403)
    stored = "SELECT count(*) FROM stored_form WHERE encode(ciphertext, 'escape') LIKE '%html%'"
    assert await count(scene.db, stored) == 0, "encrypted"
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE stored_form SET expires_at = now() - interval '1 minute'"))
    assert (await browser.client.get(where)).status_code == 303, "an hour later"
    where = address_of(await browser.send(f"{CASE}{folio}/decidir", quick="documents-agree"))
    await browser.get(f"{CASE}{folio}")
    await browser.send("/ventanilla/salir")
    assert await count(scene.db, "SELECT count(*) FROM stored_form") == 0, "signing out deletes it"


async def test_its_views_are_recorded_again(app: FastAPI, scene: Scene) -> None:
    browser, officer = await at_desk(app, scene)
    folio = await to_decide(scene, officer)
    await browser.get(f"{CASE}{folio}")
    where = address_of(await browser.send(f"{CASE}{folio}/decidir", quick="documents-agree"))
    person_id = (await steps.row(scene, folio)).person_id
    await steps.run(scene, "DELETE FROM personal_data_view")
    await browser.client.get(where)
    seen = "SELECT count(*) FROM personal_data_view WHERE person_id = :id AND 'case' = ANY (contexts)"
    assert await count(scene.db, seen, id=person_id) == 1


async def test_the_newest_are_stored_beside_what_was_typed(app: FastAPI, scene: Scene) -> None:
    browser, _officer = await at_desk(app, scene)
    await browser.get(QUEUE)
    for _ in range(MAX_RESPONSES + 3):
        await browser.send(f"{QUEUE}/varias")
    assert await count(scene.db, "SELECT count(*) FROM stored_form") == MAX_RESPONSES


@pytest.mark.parametrize("de", ["//evil.example", "https://evil.example", "/\\evil", ""])
async def test_it_leads_to_no_other_host(app: FastAPI, scene: Scene, de: str) -> None:
    browser, _officer = await at_desk(app, scene)
    removed = await browser.client.get(f"{RESPONSE_PREFIX}none", params={"de": de})
    assert removed.headers["location"] == "/ventanilla"


async def test_in_english_it_stays_english(app: FastAPI, scene: Scene) -> None:
    browser, officer = await at_desk(app, scene)
    folio = await to_decide(scene, officer)
    await browser.get(f"/en{CASE}{folio}")
    answer = await browser.send(f"/en{CASE}{folio}/decidir", quick="documents-agree")
    where = address_of(answer)
    assert where.startswith(f"/en{RESPONSE_PREFIX}")
    assert parse_qs(urlsplit(where).query)["de"] == [f"{CASE}{folio}"]
    page = await browser.client.get(where)
    assert page.headers["content-language"] == "en"
    await browser.send(f"/en{CASE}{folio}/decidir/confirmar")
    assert (await browser.client.get(where)).headers["location"] == f"/en{CASE}{folio}"


async def test_a_form_of_a_citizen_leads_to_the_page_that_answers_it(app: FastAPI, scene: Scene) -> None:
    """Refused, it shows what was typed and where the error is; sent, Back leads to the request as it is."""
    folio = await steps.complain(scene)
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    page = f"/tramites/{folio}"
    await browser.get(page)
    wrong = await browser.send(f"{page}/mensajes", message="")
    where = wrong.headers["x-answer-page"]
    assert urlsplit(where).path.startswith(OWN_PREFIX)
    again = await browser.get(where)
    assert (again.status_code, again.text) == (422, wrong.text)
    assert "<title>Error:" in again.text
    assert re.search(r'class="govuk-error-summary"[^>]*autofocus', again.text), "what is wrong has the focus"
    other = await signed_in_browser(app, scene.db, person_id=(await steps.create_person(scene)).person_id)
    assert (await other.get(where)).headers["location"] == page, "another's page is shown to no one else"
    low = await signed_in_browser(app, scene.db, person_id=scene.ana.id, assurance=Assurance.LOW)
    assert (await low.get(where)).headers["location"] == page, "nor to who only knows the person's data"
    assert (await browser.send(f"{page}/mensajes", message="¿Cuándo?")).status_code == 303
    assert (await browser.get(where)).headers["location"] == page
