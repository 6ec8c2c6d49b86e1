"""A text too long for any field is refused at its field, on the form, with what was typed."""

import httpx
import pytest
from fastapi import FastAPI

from app.web.forms import MAX_LENGTH
from tests.conftest import Database
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser

LONG = "A" * (MAX_LENGTH * 5)
SAID = "Es demasiado largo: caben 2,000 letras y escribió 10,000."


@pytest.mark.parametrize(
    ("path", "field", "others"),
    [
        ("/entrar", "identifier", {}),
        ("/citas/identidad", "identifier", {}),
        ("/entrar/contacto", "curp", {"postal_code": "06700", "way": "neither"}),
        ("/entrar/sin-numero", "given_names", {"way": "neither"}),
        ("/verificar", "code", {"folio": "C-1"}),
        ("/folio", "folio", {"birth-day": "1", "birth-month": "2", "birth-year": "1990"}),
        ("/ventanilla/entrar", "username", {"password": "x", "code": "123456"}),
    ],
)
async def test_the_form_comes_back(client: httpx.AsyncClient, path: str, field: str, others: dict[str, str]) -> None:
    browser = Browser(client)
    await browser.get(path)
    answer = await browser.send(path, **{field: LONG, **others})
    assert answer.status_code in {200, 422}
    assert "<form" in answer.text
    assert answer.text.count(SAID) == 2, "in the summary and at the field"
    assert LONG in answer.text, "what was typed is there"


async def test_a_search_takes_the_beginning(app: FastAPI, db: Database, scene: Scene) -> None:
    browser = await signed_in_browser(app, db, staff_id=scene.officer.staff_id)
    await browser.get("/ventanilla/buscar")
    assert (await browser.send("/ventanilla/buscar", q=LONG)).status_code == 303
