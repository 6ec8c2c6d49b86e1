"""English pages say nothing in Spanish but names: of people, places and the portal's own."""

import re
from html import unescape

import pytest
from fastapi import FastAPI

from app.kernel.actor import Role
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser

SPANISH = re.compile(r"\b(el|los|las|una|para|con|por|sin|del|está|este|esta|su|sus|más|qué|cómo|días|hábiles|y|o)\b")
NAMES = re.compile(r"\b(Ley|Reglamento|Instructivo|Acuerdo|Código|Instituto) [^.,;:()]*|San Luis Potosí|UMF [0-9]+ \w+")
"""Of laws and places."""
OPEN = ["", "/citas", "/entrar", "/entrar/sin-numero", "/entrar/contacto", "/folio", "/tramites", "/ayuda"]
OPEN += ["/privacidad", "/accesibilidad", "/verificar", "/verificar/archivo", "/no-existe", "/ventanilla/entrar"]
OPEN += ["/cifras-de-ley"]
OPEN += ["/datos", "/datos/metodo", "/datos/descargas", "/datos/api"]
SERVICES = ["weeks", "data-correct", "complaint", "pension", "dependant-add", "clinic-change"]
ANALYSIS = ["/datos/tablero", "/datos/tablero/atencion", "/datos/linea-base", "/datos/linea-base/1"]
WORK = ["", "/cola", "/en-espera?de=respuesta", "/en-espera?de=visita", "/buscar", "/personal", "/accesos", "/avisos"]
WORK += ["/por-avisar", "/pendientes", "/constancias", "/codigo"]


def spanish_of(browser: Browser) -> list[str]:
    """The Spanish words of the page, with what is around them."""
    page = re.sub(r'<(\w+)[^>]* lang="es[^"]*"[^>]*>.*?</\1>|<p class="[^"]*v-address.*?</p>', "", browser.html)
    said = NAMES.sub("", re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page))))
    return [said[max(0, found.start() - 30) : found.end() + 30] for found in SPANISH.finditer(said)]


@pytest.fixture
async def anyone(app: FastAPI, scene: Scene) -> Browser:
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    browser.client.headers["accept"] = "text/html"
    return browser


async def test_pages_open_to_everyone(anyone: Browser) -> None:
    for path in [*OPEN, *(f"/tramites/{name}" for name in SERVICES)]:
        await anyone.get(f"/en{path}")
        assert spanish_of(anyone) == [], path


async def test_pages_of_a_request(app: FastAPI, scene: Scene, anyone: Browser) -> None:
    draft = (await scene.citizen.start("data-correct", **actors.NAME)).json()["folio"]
    folio = await steps.complain(scene, story="Two hours at the window.")
    for path in ("/mi", "/mi/permisos", "/mi/contacto", "/mi/borrar", "/mi/accesos"):
        await anyone.get(f"/en{path}")
        assert spanish_of(anyone) == [], path
    for path in (f"{draft}", f"{draft}/paso/1", f"{draft}/documentos", f"{draft}/revisar", folio, f"{folio}/retirar"):
        await anyone.get(f"/en/tramites/{path}")
        assert spanish_of(anyone) == [], path
    officer = await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id)
    await scene.officer.claim(folio)
    await officer.get(f"/en/ventanilla/solicitudes/{folio}")
    assert spanish_of(officer) == []


async def test_pages_of_staff(app: FastAPI, scene: Scene) -> None:
    await steps.complain(scene, story="Two hours at the window.")
    for role, paths in (
        (Role.SUPERVISOR, [f"/ventanilla{path}" for path in WORK]),
        (Role.ADMIN, [f"/ventanilla{path}" for path in WORK]),
        (Role.ANALYST, ANALYSIS),
    ):
        browser = await signed_in_browser(app, scene.db, staff_id=(await steps.hire(scene, role)).staff_id)
        browser.client.headers["accept"] = "text/html"
        for path in paths:
            await browser.get(f"/en{path}")
            assert spanish_of(browser) == [], path
