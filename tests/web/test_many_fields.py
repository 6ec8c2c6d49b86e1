"""A form of a million empty fields is refused before it is parsed: parsing it would hold everyone up."""

import time

import pytest
from fastapi import FastAPI
from python_multipart.multipart import QuerystringParser

from tests.conftest import Database
from tests.requests.conftest import Scene
from tests.web.browser import signed_in_browser

MANY = b"&" * 1_000_000
HEADERS = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}


def cost_of_parsing() -> float:
    """The processor time that it takes at the least, on this machine as busy as it is."""
    began = time.process_time()
    parser = QuerystringParser({})
    parser.write(MANY)
    parser.finalize()
    return time.process_time() - began


@pytest.mark.parametrize("path", ["/entrar", "/citas/quien", "/mi/borrar", "/ventanilla/entrar", "/verificar"])
async def test_it_is_refused_at_once(app: FastAPI, db: Database, path: str) -> None:
    browser = await signed_in_browser(app, db)
    await browser.client.post(path, content=b"a=b", headers=HEADERS)
    began = time.process_time()
    answer = await browser.client.post(path, content=MANY, headers=HEADERS)
    assert answer.status_code in {303, 400, 403}
    assert time.process_time() - began < cost_of_parsing()


async def test_of_who_is_signed_in_too(app: FastAPI, scene: Scene) -> None:
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await browser.client.post("/citas/quien", content=b"a=b", headers=HEADERS)
    began = time.process_time()
    answer = await browser.client.post("/citas/quien", content=b"csrf=x&" + MANY, headers=HEADERS)
    assert answer.status_code in {400, 403}
    assert time.process_time() - began < cost_of_parsing()
