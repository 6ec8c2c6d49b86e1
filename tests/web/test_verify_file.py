"""The public page that checks documents and files, and the list of those held for staff."""

from fastapi import FastAPI

from app.certificates import service
from app.kernel.actor import Role
from app.kernel.i18n import use_language
from app.requests.queries.own import own_request
from tests.appointments import factories as places
from tests.documents.samples import pdf
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import signed_in_browser

PDF = "application/pdf"


async def certificate(scene: Scene) -> tuple[str, str, bytes]:
    """Folio, code and bytes of a certificate of weeks of Ana's."""
    folio = (await scene.citizen.submit_request("weeks"))["folio"]
    async with scene.db.transaction() as session:
        ana = places.citizen(scene.ana)
        with use_language("es"):
            made = await service.issue(session, ana, await own_request(session, ana, folio), "es")
        return made.folio, made.code, await service.read_content(made)


async def test_folio_and_code_show_what_is_certified(app: FastAPI, scene: Scene) -> None:
    folio, code, _data = await certificate(scene)
    browser = await signed_in_browser(app, scene.db)
    await browser.get("/verificar")
    await browser.send("/verificar", folio=folio, code=code)
    assert "Auténtico y vigente" in browser.text
    assert all(shown in browser.text for shown in ("Lo que acredita", "Semanas cotizadas", "Días cotizados", "•••"))
    assert scene.ana.nss is not None
    assert scene.ana.nss not in browser.html
    assert scene.ana.curp not in browser.html


async def test_a_file_is_said_to_be_ours_altered_or_not_ours(app: FastAPI, scene: Scene) -> None:
    _folio, _code, data = await certificate(scene)
    browser = await signed_in_browser(app, scene.db)
    for sent, said in (
        (data, "El archivo es el mismo que expedimos, sin cambios"),
        (data + b"\n", "El archivo fue alterado"),
        (pdf(), "No es un documento nuestro"),
        (b"%PDF-1.4" + b"x" * 1_500_000, "El archivo pesa más de 1 MB"),
        (b"%PDF-1.4" + b"x" * 1_048_570, "El archivo pesa más de 1 MB"),
    ):
        await browser.get("/verificar")
        answer = await browser.send("/verificar/archivo", files={"file": ("hoja.pdf", sent, PDF)})
        assert answer.status_code == (422 if "pesa" in said else 200), answer.text
        assert said in browser.text


async def test_staff_see_the_documents_that_were_held(app: FastAPI, scene: Scene) -> None:
    await steps.run(scene, f"UPDATE person SET given_names = '陈' WHERE id = '{scene.ana.id}'")
    folio = (await scene.citizen.submit_request("weeks"))["folio"]
    refused = await scene.client.get(f"/api/v1/requests/{folio}/certificate", headers=scene.citizen.headers)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/glyphs-missing")
    elsewhere = await steps.hire(scene, Role.OFFICER, await steps.unit(scene))
    for officer, sees in ((scene.officer, True), (elsewhere, False)):
        browser = await signed_in_browser(app, scene.db, staff_id=officer.staff_id)
        answer = await browser.get("/ventanilla/constancias")
        assert answer.status_code == 200
        assert (folio in browser.text and "陈" in browser.text) is sees
