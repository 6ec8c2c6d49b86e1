"""Analysts change the figures on pages: a draft, row by row or by a file, looked over and published for good."""

import re
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI

from app.kernel.actor import Role
from app.savings.queries import versions
from app.savings.rules.parameters import KEYS, Parameter
from app.savings.service import csv_io
from tests.conftest import Database
from tests.web import factories
from tests.web.browser import Browser, signed_in_browser
from tests.web.factories import analyst_of, hire

HERE = "/datos/linea-base"
FARE = {"clave": "fare", "alcance": "", "lugar": ""}
ROW: dict[str, Any] = {
    "key": "fare",
    "scope": "",
    "place": "",
    "distribution": "pert",
    "low": "20",
    "value": "40",
    "high": "80",
    "price_year": "2026",
    "source": "Tarifas de octubre de 2026",
    "confidence": "official",
    "sample": "",
}


@pytest.fixture
async def draft(app: FastAPI, db: Database) -> Browser:
    """An analyst with a draft of version 2."""
    analyst = await analyst_of(app, db)
    await analyst.get(HERE)
    made = await analyst.send(HERE, note="Tarifas nuevas")
    assert made.headers["location"] == f"{HERE}/2"
    return analyst


async def parameter(db: Database, version: int, *named: str) -> Parameter | None:
    async with db.transaction() as session:
        rows = await versions.parameters_of(session, version)
    return next((row for row in rows if (row.key, row.scope, row.place) == named), None)


async def test_each_note_is_under_the_table_that_refers_to_it(draft: Browser) -> None:
    for path in ("/datos/metodo", f"{HERE}/1", f"{HERE}/2"):
        page = (await draft.get(path)).text
        tables = re.findall(r'<details class="govuk-details v-parameter".*?</details>', page, re.DOTALL)
        assert len(tables) == len(KEYS), path
        for table in tables:
            assert set(re.findall(r'href="#([a-z_]+-\d+)"', table)) == set(re.findall(r'<li id="([a-z_]+-\d+)"', table))


async def test_a_row_is_changed_and_the_change_is_shown(draft: Browser, db: Database) -> None:
    await draft.get(f"{HERE}/2/cifra?{urlencode(FARE)}")
    saved = await draft.send(f"{HERE}/2/cifra", **ROW)
    assert saved.headers["location"] == f"{HERE}/2#k-fare"
    changed = await parameter(db, 2, "fare", "", "")
    assert changed is not None
    assert (changed.low, changed.value, changed.high, changed.price_year) == (20.0, 40.0, 80.0, 2026)
    await draft.get(f"{HERE}/2")
    assert "Rosa Díaz Pasajes de ida y vuelta, por visita:" in draft.text
    assert "→ pert 20.0/40.0/80.0 MXN 2026" in draft.text
    assert await parameter(db, 1, "fare", "", "") != changed, "a published version stays"


async def test_what_is_wrong_stands_beside_its_field_and_the_rest_stays(draft: Browser, db: Database) -> None:
    await draft.get(f"{HERE}/2/cifra?{urlencode(FARE)}")
    for wrong, field in (
        ({"low": "many"}, "low"),
        ({"low": "90"}, "value"),
        ({"source": ""}, "source"),
        ({"price_year": ""}, "price_year"),
        ({"confidence": "sure"}, "confidence"),
        ({"value": ""}, "value"),
        ({"sample": "1.5"}, "sample"),
    ):
        answer = await draft.send(f"{HERE}/2/cifra", **{**ROW, **wrong})
        assert answer.status_code == 422, wrong
        assert f'id="{field}-error"' in answer.text, wrong
        assert f'href="#{field}"' in answer.text, wrong
        assert 'value="80"' in answer.text, "the form is kept"
    assert await parameter(db, 2, "fare", "", "") == await parameter(db, 1, "fare", "", "")


async def test_a_row_is_added_once_and_removed(draft: Browser, db: Database) -> None:
    await draft.get(f"{HERE}/2/cifra")
    new = {**ROW, "scope": "pension", "place": "OC", "is_new": "yes"}
    assert (await draft.send(f"{HERE}/2/cifra", **new)).status_code == 303
    assert await parameter(db, 2, "fare", "pension", "OC") is not None
    await draft.get(f"{HERE}/2/cifra")
    again = await draft.send(f"{HERE}/2/cifra", **new)
    assert again.status_code == 422
    assert "Ya hay una cifra de lo mismo" in draft.text
    await draft.get(f"{HERE}/2")
    assert "Pensión de vejez o cesantía, Oaxaca" in draft.text
    await draft.get(f"{HERE}/2/cifra?clave=fare&alcance=pension&lugar=OC")
    removed = await draft.send(f"{HERE}/2/cifra/quitar")
    assert removed.status_code == 303
    assert await parameter(db, 2, "fare", "pension", "OC") is None


async def test_what_another_person_changed_meanwhile_is_not_lost_unseen(
    draft: Browser, app: FastAPI, db: Database
) -> None:
    await draft.get(f"{HERE}/2/cifra?{urlencode(FARE)}")
    other = await analyst_of(app, db)
    await other.get(f"{HERE}/2/cifra?{urlencode(FARE)}")
    await other.send(f"{HERE}/2/cifra", **{**ROW, "value": "50"})
    refused = await draft.send(f"{HERE}/2/cifra", **ROW)
    assert refused.status_code == 422
    assert "Otra persona cambió esta cifra" in draft.text
    assert (await draft.send(f"{HERE}/2/cifra", **ROW)).status_code == 303


async def test_figures_go_through_a_spreadsheet_and_back(draft: Browser, db: Database) -> None:
    text = (await draft.client.get(f"{HERE}/2/cifras.csv")).text
    rows = csv_io.from_csv(text)
    fewer = [row for row in rows if not (row.key == "fare" and row.scope)][1:]
    await draft.get(f"{HERE}/2")
    sent = {"file": ("cifras.csv", csv_io.to_csv(fewer).encode(), "text/csv")}
    assert (await draft.send(f"{HERE}/2/archivo", files=sent)).status_code == 303
    async with db.transaction() as session:
        assert len(await versions.parameters_of(session, 2)) == len(fewer)
    await draft.get(f"{HERE}/2")
    assert "Cambió todas las cifras por las de un archivo." in draft.text


HEADER = "key,scope,place,distribution,low,value,high,unit,price_year,source,confidence"
FIXED = "fare,,,fixed,1,1,1,MXN,2025"
FILES = {
    b"": "Elija el archivo CSV.",
    "key\nEsperá".encode("latin-1"): "Guárdelo como CSV UTF-8",
    b"key,value\nfare,1\n": "Faltan columnas",
    f"{HEADER}\nfare,,,pert,9,1,2,MXN,2025,x y z,press\n".encode(): "Línea 2, value:",
    f'{HEADER}\n{FIXED},"x y z,press\nother{FIXED},x y z,press\n'.encode(): "que cada comilla se cierre",
    f"{HEADER}\n{FIXED},{'x' * 200_000},press\n".encode(): "que cada comilla se cierre",
}


async def test_a_file_that_is_not_right_changes_nothing(draft: Browser, db: Database) -> None:
    for data, said in FILES.items():
        await draft.get(f"{HERE}/2")
        sent = {"file": ("cifras.csv" if data else "", data, "text/csv")}
        answer = await draft.send(f"{HERE}/2/archivo", files=sent)
        assert answer.status_code == 422
        assert said in draft.text
    async with db.transaction() as session:
        assert await versions.parameters_of(session, 2) == await versions.parameters_of(session, 1)


async def test_a_draft_is_published_after_a_look_at_what_changes(
    draft: Browser, client: httpx.AsyncClient, db: Database
) -> None:
    assert (await client.get("/datos/metodo/2")).status_code == 404, "a draft is nobody else's"
    assert (await client.get("/datos/metodo/2/cifras.csv")).status_code == 404
    await draft.get(f"{HERE}/2/cifra?{urlencode(FARE)}")
    await draft.send(f"{HERE}/2/cifra", **ROW)
    await draft.get(f"{HERE}/2/publicar")
    assert "Pasajes de ida y vuelta, por visita: era 15 / 30 / 70 pesos, ahora 20 / 40 / 80 pesos" in draft.text
    forms = {f"{HERE}/2/publicar": draft.form(f"{HERE}/2/publicar")}
    await draft.get(f"{HERE}/2")
    forms[f"{HERE}/2/archivo"] = draft.form(f"{HERE}/2/archivo")
    await draft.get(f"{HERE}/2/cifra?{urlencode(FARE)}")
    forms[f"{HERE}/2/cifra/quitar"] = draft.form(f"{HERE}/2/cifra/quitar")
    await draft.get(f"{HERE}/2/publicar")
    assert (await draft.send(f"{HERE}/2/publicar")).status_code == 303
    page = (await client.get("/datos/metodo")).text
    assert "Versión 2 de las cifras" in page
    assert "era 15 / 30 / 70 pesos, ahora 20 / 40 / 80 pesos" in page
    assert "Versión 1 de las cifras" in (await client.get("/datos/metodo/1")).text
    await draft.get(f"{HERE}/2")
    assert "Publicó la versión." in draft.text
    assert (await draft.get(f"{HERE}/2/cifra?{urlencode(FARE)}")).status_code == 409
    assert (await draft.send(f"{HERE}/2/cifra", **ROW)).status_code >= 400
    for path in (f"{HERE}/2/archivo", f"{HERE}/2/publicar", f"{HERE}/2/cifra/quitar"):
        sent = {"file": ("cifras.csv", csv_io.to_csv([]).encode(), "text/csv")} if path.endswith("archivo") else None
        key = {"key": "fare", "scope": "", "place": ""}
        assert (await draft.client.post(path, files=sent, data=forms[path] | key)).status_code in {303, 409}, path
    assert await parameter(db, 2, "fare", "", "") is not None


async def test_one_draft_at_a_time_and_for_analysts_alone(draft: Browser, app: FastAPI, db: Database) -> None:
    await draft.get(HERE)
    second = await draft.send(HERE, via=f"{HERE}/medir", note="Otra")
    assert second.status_code == 409
    assert "Ya hay un borrador" in draft.text
    officer = await signed_in_browser(app, db, staff_id=await hire(db, Role.SUPERVISOR))
    await officer.get("/ventanilla")
    for path in (HERE, f"{HERE}/medir", f"{HERE}/2/archivo", f"{HERE}/2/publicar", f"{HERE}/2/cifra"):
        assert (await officer.send(path, note="x", **ROW)).status_code == 403, path
    assert (await officer.send(f"{HERE}/2/cifra/quitar", **ROW)).status_code == 403


async def test_what_was_measured_is_brought_into_the_draft(app: FastAPI, db: Database) -> None:
    async with db.transaction() as session:
        await factories.walk_ins(session, factories.this_year())
    analyst = await analyst_of(app, db)
    await analyst.get(HERE)
    months = {"since": f"{factories.this_year()[-1]:%Y-%m}", "until": f"{factories.this_year()[0]:%Y-%m}"}
    done = await analyst.send(f"{HERE}/medir", **months)
    await analyst.get(done.headers["location"])
    assert "Se trajeron 6 cifras medidas." in analyst.text
    assert "Medida aquí (600)" in analyst.text
    await analyst.get(HERE)
    wrong = await analyst.send(f"{HERE}/medir", since=months["until"], until="2020-01")
    assert wrong.status_code == 422
    assert "El último mes es anterior al primero." in analyst.text


async def test_a_draft_is_discarded_after_showing_what_is_lost(draft: Browser, db: Database) -> None:
    await draft.get(f"{HERE}/2/descartar")
    assert "Tarifas nuevas" in draft.text
    first = draft.form(f"{HERE}/2/descartar")
    removed = await draft.send(f"{HERE}/2/descartar")
    assert removed.headers["location"] == HERE
    assert await parameter(db, 2, "fare", "", "") is None
    assert await parameter(db, 1, "fare", "", "") is not None
    await draft.get(HERE)
    await draft.send(HERE, note="Tarifas de otra persona")
    await draft.get(f"{HERE}/2")
    assert "Descartó un borrador de este número." in draft.text
    late = await draft.client.post(f"{HERE}/2/descartar", data=first | {"idempotency_key": "x" * 22})
    assert late.status_code == 409
    assert "Esto cambió mientras tenía abierta la página" in late.text
    assert "Tarifas de otra persona" in late.text
    assert await parameter(db, 2, "fare", "", "") is not None
