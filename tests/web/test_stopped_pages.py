"""The pages of what waits for its citizen or for a visit, and of who came to the window."""

from datetime import timedelta

import time_machine
from fastapi import FastAPI

from app.kernel.i18n import use_language
from app.web.labels import day_of, hour_of
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.requests.factories import to_visit, waiting
from tests.web.browser import Browser, another_tab, signed_in_browser, twice

CASE, LIST = "/ventanilla/solicitudes/", "/ventanilla/en-espera"


async def officer_of(app: FastAPI, scene: Scene) -> Browser:
    return await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)


async def test_the_lists_are_beside_the_queue_with_their_numbers(app: FastAPI, scene: Scene) -> None:
    folios = [await waiting(scene), await waiting(scene, language="en")]
    with_visit, start_at = await to_visit(scene)
    browser = await officer_of(app, scene)
    await browser.get("/ventanilla")
    assert "Esperan respuesta 2 Esperan visita 1" in browser.text
    await browser.get("/ventanilla/cola")
    assert "Esperan respuesta (2)" in browser.text
    await browser.get(f"{LIST}?de=respuesta")
    assert browser.text.index(folios[0]) < browser.text.index(folios[1])
    assert with_visit not in browser.text
    await browser.get(f"{LIST}?de=respuesta&idioma=en&unidad={scene.unit.id}&servicio=complaint&espera=&vence=")
    assert folios[1] in browser.text
    assert folios[0] not in browser.text
    assert "inglés" in browser.text
    assert "Idioma: Inglés" in browser.text
    await browser.get(f"{LIST}?de=visita")
    with use_language("es"):
        when = f"{day_of(start_at, scene.unit.timezone)}, {hour_of(start_at, scene.unit.timezone)}"
    assert with_visit in browser.text
    assert when in browser.text
    await browser.get(f"{LIST}?de=visita&espera=30")
    assert "No hay solicitudes con esos filtros" in browser.text
    await browser.get(f"{CASE}{with_visit}")
    assert f"Cita en ventanilla: {when}" in browser.text


async def test_more_than_a_page_goes_on(app: FastAPI, scene: Scene) -> None:
    folios = [await waiting(scene) for _ in range(26)]
    browser = await officer_of(app, scene)
    await browser.get(f"{LIST}?de=respuesta")
    assert folios[25] not in browser.text
    path = browser.html.split('">Siguientes')[0].rsplit('href="', 1)[1].replace("&amp;", "&")
    await browser.get(path)
    assert folios[25] in browser.text
    assert folios[24] not in browser.text
    assert "Se muestran 1 de 26 solicitudes" in browser.text
    path = browser.html.split('">Anteriores')[0].rsplit('href="', 1)[1].replace("&amp;", "&")
    await browser.get(path)
    assert folios[0] in browser.text
    assert folios[24] in browser.text
    assert folios[25] not in browser.text
    assert "Anteriores" not in browser.text


async def test_who_comes_on_another_day_is_asked_about_and_nothing_typed_is_lost(app: FastAPI, scene: Scene) -> None:
    folio, start_at = await to_visit(scene)
    with time_machine.travel(start_at - timedelta(days=1)):
        tab = await officer_of(app, scene)
        other = another_tab(tab)
        await tab.get(f"{CASE}{folio}")
        await other.get(f"{CASE}{folio}")
        asks = await tab.send(f"{CASE}{folio}/vino", body="Traía todo.")
        assert asks.status_code == 409
        assert "La cita en ventanilla no es hoy" in tab.text
        assert "hoy es" in tab.text
        assert "Traía todo." in tab.html
        assert (await steps.row(scene, folio)).kind == "visit"
        made_up = await tab.send(f"{CASE}{folio}/vino", other_day="2020-01-01")
        assert made_up.status_code == 409, "only the day that the page showed"
        await tab.get(f"{CASE}{folio}")
        await tab.send(f"{CASE}{folio}/vino")
        day = tab.html.split('name="other_day" value="')[1].split('"')[0]
        path = f"{CASE}{folio}/vino"
        answers = await twice(tab, path, tab.form(path, other_day=day))
        assert [one.status_code for one in answers] == [303, 303]
        assert (await steps.row(scene, folio)).status == "signed"
        late = await other.send(path)
        assert late.status_code == 409
        assert "Esto cambió" in other.text
    assert steps.only(await steps.facts(scene, folio, "request.visit-attended")).payload["other_day"] is True


async def test_on_its_day_nothing_is_asked(app: FastAPI, scene: Scene) -> None:
    folio, start_at = await to_visit(scene)
    with time_machine.travel(start_at):
        tab = await officer_of(app, scene)
        await tab.get(f"{CASE}{folio}")
        assert (await tab.send(f"{CASE}{folio}/vino")).status_code == 303
    assert (await steps.row(scene, folio)).status == "signed"
