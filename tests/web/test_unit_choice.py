"""The one chooser of a unit: words of its name or its CLUES, wherever staff of several units work."""

import pytest
from fastapi import FastAPI

from app.kernel.actor import Role
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import signed_in_browser
from tests.web.reception import staff_browser

DESK, SUPERVISORS = "/ventanilla", "/ventanilla/jefatura"
PAGES = (
    SUPERVISORS,
    f"{SUPERVISORS}/cierres",
    f"{SUPERVISORS}/agendas",
    f"{SUPERVISORS}/agendas/nueva",
    f"{SUPERVISORS}/indicadores",
    f"{SUPERVISORS}/filas",
    f"{DESK}/agenda",
    f"{DESK}/recepcion",
    f"{DESK}/recepcion/ofertas",
    f"{DESK}/aparatos",
    f"{DESK}/personal/nuevo",
    f"{DESK}/mostrador",
    f"{DESK}/consultorio",
)


@pytest.mark.parametrize("page", PAGES)
async def test_words_of_a_name_find_a_unit_on_every_page(app: FastAPI, scene: Scene, page: str) -> None:
    there = await steps.unit(scene, "UMF 7 Aguascalientes")
    everywhere = await staff_browser(app, scene.db, Role.ADMIN)
    for typed in ("aguascalientes", "UMF 7 Aguascalientes", "  umf   aguas "):
        await everywhere.get(f"{page}?unidad={typed}")
        assert f'href="{page}?unidad={there.clues}"' in everywhere.html, typed
        assert f'value="{" ".join(typed.split())}"' in everywhere.html, "what was typed stays"
        assert "1 unidad con esas palabras" in everywhere.text
    await everywhere.get(f"{page}?unidad=zzzz")
    assert "Ninguna unidad tiene esas palabras: «zzzz»." in everywhere.text
    assert 'value="zzzz"' in everywhere.html
    await everywhere.get(f"{page}?unidad=")
    assert "Escriba una palabra del nombre de la unidad, o su CLUES." in everywhere.text
    answer = await everywhere.get(f"{page}?unidad={there.clues.lower()}")
    if answer.status_code == 303:
        await everywhere.get(answer.headers["location"])
    assert "UMF 7 Aguascalientes" in everywhere.text
    assert "esas palabras" not in everywhere.text


async def test_who_works_at_some_units_finds_those_alone(app: FastAPI, scene: Scene) -> None:
    here = await steps.unit(scene, "UMF 8 Tijuana Norte")
    await steps.unit(scene, "UMF 9 Tijuana Sur")
    boss = await steps.hire(scene, Role.SUPERVISOR, scene.unit, here)
    tab = await signed_in_browser(app, scene.db, staff_id=boss.staff_id)
    await tab.get(SUPERVISORS)
    assert scene.unit.name in tab.text
    assert "UMF 8 Tijuana Norte" in tab.text
    await tab.get(f"{SUPERVISORS}?unidad=tijuana")
    assert "UMF 8 Tijuana Norte" in tab.text
    assert "UMF 9 Tijuana Sur" not in tab.text
    await tab.get(f"{SUPERVISORS}?unidad=sur")
    assert "Ninguna unidad tiene esas palabras" in tab.text
    assert "Sus unidades" in tab.text, "nothing was found, and theirs are there to choose from"


async def test_a_clues_is_read_as_people_write_it(app: FastAPI, scene: Scene) -> None:
    there = await steps.unit(scene, "UMF 7 Aguascalientes")
    everywhere = await staff_browser(app, scene.db, Role.ADMIN)
    clues = there.clues
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in clues)
    for typed in (
        f"{clues[:5]}-{clues[5:]}",
        f"{clues[:2]} {clues[2:5]} {clues[5:]}",
        f"{clues[:5]}–{clues[5:].lower()}",
        wide,
    ):
        await everywhere.get(f"{SUPERVISORS}?unidad={typed}")
        assert there.name in everywhere.text, typed
        assert "Elija la unidad" not in everywhere.text, typed
