"""The list of services: found by the words people use, each with its time; and the front page."""

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.loader import load_services
from app.kernel.ids import new_folio
from app.web.citizen.service_search import found_by
from tests.requests.conftest import Scene
from tests.web.browser import signed_in_browser

NONE = new_folio("R")
ASKED = [
    ("jubilarme", "pension"),
    ("jubilación", "pension"),
    ("PENSION", "pension"),
    ("bebé", "dependant-add"),
    ("registrar a mi hijo", "dependant-add"),
    ("que me registren con mi esposo", "dependant-add"),
    ("me despidieron", "unemployment"),
    ("me mudé", "clinic-change"),
    ("embarazo", "sick-leave"),
    ("guarderia", "nursery"),
    ("acta mal escrita", "data-correct"),
    ("semanas", "weeks"),
    ("queja", "complaint"),
    ("retirement", "pension"),
]


@pytest.mark.parametrize(("typed", "service"), ASKED)
def test_what_people_type_finds_the_service(typed: str, service: str) -> None:
    assert service in [one.id for one in found_by(typed, load_services().values())][:2], typed


@pytest.mark.parametrize("service", sorted(load_services()))
def test_every_service_is_found_by_its_name(service: str) -> None:
    assert service in [one.id for one in found_by(str(load_services()[service].name), load_services().values())]


@given(st.text(max_size=300))
def test_whatever_is_typed_there_is_a_list(typed: str) -> None:
    found = found_by(typed, load_services().values())
    assert len({one.id for one in found}) == len(found)


@pytest.mark.parametrize("typed", ["", "   ", "de la", "xyzzy", "<b>", "%"])
def test_what_says_nothing_finds_nothing(typed: str) -> None:
    assert found_by(typed, load_services().values()) == []


async def test_the_search_is_a_plain_form(app: FastAPI, scene: Scene) -> None:
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await browser.get("/tramites")
    assert '<form class="v-search v-no-print" method="get" action="/tramites"' in browser.html
    await browser.get("/tramites?q=jubilarme")
    assert "1 trámite para «jubilarme»" in browser.text
    assert browser.html.count('<li class="v-line">') == 1
    assert 'name="robots" content="noindex"' in browser.html
    await browser.get("/tramites?q=%3Cscript%3Exyzzy")
    assert "Ninguno para «<script>xyzzy»" in browser.text
    assert "<script>xyzzy" not in browser.html
    assert (await browser.get("/tramites?q=" + "a" * 300)).status_code == 422


async def test_the_front_page_leads_first_to_help_and_to_an_appointment(app: FastAPI, scene: Scene) -> None:
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await browser.get("/")
    assert browser.text.index("En una emergencia") < browser.text.index("Pedir una cita")
    assert browser.html.count("v-task--first") == 1
    assert 'href="/verificar"' in browser.html
    assert "iniciar sesión" in browser.text


async def test_a_page_that_is_not_there_speaks_of_a_folio_only_where_there_is_one(app: FastAPI, scene: Scene) -> None:
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    browser.client.headers["Accept"] = "text/html"
    for path, word in (("/tramites/no-hay", "dirección"), (f"/tramites/{NONE}", "folio")):
        assert (await browser.get(path)).status_code == 404
        assert f"Revise {'la' if word == 'dirección' else 'el'} {word} o vuelva al inicio." in browser.text, path
