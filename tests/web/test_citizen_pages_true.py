"""What citizen pages say and lead to is so: files, minutes, withdrawn requests, the Enter key, methods, hours."""

import re
from datetime import date, timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.kernel.settings import forget_settings
from app.savings.rules.groups import last_day_of, period_of
from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.tables import Row, Table
from app.web.data.plots import of_table
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.web.browser import signed_in_browser
from tests.web.tabs import back_to, new_client, silent, started

PDF = "application/pdf"


async def test_after_signing_in_again_it_says_that_the_file_is_missing(app: FastAPI, scene: Scene) -> None:
    folio = str((await scene.citizen.start("data-correct")).json()["folio"])
    await scene.citizen.save(folio, field="name", second_surname="Muñoz")
    page = f"/tramites/{folio}/documentos"
    tab = await new_client(app, scene.db, person_id=scene.ana.id)
    for is_attached in (False, True):
        await tab.get(page)
        kind = re.findall(r'name="file-([a-z-]+)"', tab.html)[0]
        form = tab.form(page, kind=kind)
        await silent(scene.db)
        sent = {f"file-{kind}": ("foto.png", actors.picture("green", size=900), "image/png")}
        lost = await tab.client.post(f"{page}?kind={kind}", data=form, files=sent)
        await tab.get(lost.headers["location"])
        assert "Los archivos no se guardan" in tab.text
        tab = await new_client(app, scene.db, person_id=scene.ana.id)
        await tab.get(back_to(lost))
        assert "El archivo no se guardó: elíjalo otra vez." in tab.text
        opened = re.search(rf'<details[^>]* open>(?:(?!</details>).)*file-{kind}"', tab.html, re.DOTALL)
        assert bool(opened) == is_attached, "said where it is seen"
        taken = await tab.client.post(f"{page}?kind={kind}", data=tab.form(page, kind=kind), files=sent)
        assert taken.status_code == 303


async def test_a_page_without_files_says_nothing_of_them(app: FastAPI, scene: Scene) -> None:
    step = f"/tramites/{await started(scene)}/paso/1"
    tab = await new_client(app, scene.db, person_id=scene.ana.id)
    await tab.get(step)
    await silent(scene.db)
    lost = await tab.send(step, about="complaint", story="x")
    again = await new_client(app, scene.db, person_id=scene.ana.id)
    await again.get(back_to(lost))
    assert "Recuperamos lo que escribió" in again.text
    assert "rchivo" not in again.text


@pytest.mark.parametrize(("minutes", "said"), [(1, "Pasó más de 1 minuto y"), (45, "Pasaron más de 45 minutos y")])
async def test_the_sign_in_page_says_the_minutes_that_are_set(
    app: FastAPI, scene: Scene, monkeypatch: pytest.MonkeyPatch, minutes: int, said: str
) -> None:
    tab = await new_client(app, scene.db, person_id=scene.ana.id)
    await silent(scene.db, 60)
    with monkeypatch.context() as changed:
        changed.setenv("VENTANILLA_SESSION_IDLE_MINUTES", str(minutes))
        forget_settings()
        await tab.get("/entrar")
    forget_settings()
    assert said in tab.text


async def test_a_withdrawn_request_is_shown_as_it_stands(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    page = f"/tramites/{folio}"
    tab = await new_client(app, scene.db, person_id=scene.ana.id)
    await tab.get(f"{page}/retirar")
    await tab.send(f"{page}/retirar")
    for old in ("listo", "retirar"):
        led = await tab.get(f"{page}/{old}")
        assert (led.status_code, led.headers["location"]) == (303, page)
    await tab.get(page)
    assert "Recibimos su solicitud" not in tab.text


async def test_enter_presses_the_buttons_of_the_page_not_the_search(app: FastAPI, scene: Scene) -> None:
    step = f"/tramites/{await started(scene)}/paso/1"
    tab = await new_client(app, scene.db, person_id=scene.ana.id)
    await tab.get(step)
    form = tab.html[tab.html.index(f'action="{step}"') :]
    first = re.findall(r"<button[^>]*>", form)[0]
    assert "unidades" in form, "a search button stands inside"
    assert "formaction" not in first


@pytest.mark.parametrize(
    ("name", "sent", "said"),
    [
        ("", b"", "Elija el archivo PDF."),
        ("hoja.pdf", b"", "El archivo está vacío"),
        ("hoja.txt", b"Hola.", "El archivo no es un PDF"),
        ("hoja.pdf", b"\x89PNG\r\n\x1a\n", "El archivo no es un PDF"),
        ("hoja.pdf", b"%PDF-1.7 y nada", "No pudimos leer el archivo"),
    ],
)
async def test_what_is_wrong_with_a_file_to_check_is_named(
    app: FastAPI, scene: Scene, name: str, sent: bytes, said: str
) -> None:
    tab = await signed_in_browser(app, scene.db)
    await tab.get("/verificar")
    answer = await tab.send("/verificar/archivo", files={"file": (name, sent, PDF)})
    assert (answer.status_code, said in tab.text) == (422, True), tab.text


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/entrar", "GET, HEAD, OPTIONS, POST"),
        ("PUT", "/folio", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/ayuda", "GET, HEAD, OPTIONS"),
        ("GET", "/salir", "OPTIONS, POST"),
        ("HEAD", "/salir", "OPTIONS, POST"),
        ("PATCH", "/citas/quien", "GET, HEAD, OPTIONS, POST"),
    ],
)
async def test_allow_names_every_method_of_an_address(
    client: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_a_plot_is_interrupted_where_nothing_is_published_and_covers_what_was_asked() -> None:
    asked = MetricQuery(date(2025, 1, 1), date(2025, 12, 31), group_by=("month",))
    rows = tuple(
        Row((date(2025, month, 1),), None, None, None, None, suppressed=True)
        if month == 6
        else Row((date(2025, month, 1),), 9.0 + month, 8.0, 22.0, 30)
        for month in range(4, 13)
    )
    table = Table(asked, "savings", "h", ("month",), rows, Row((), 100.0, 90.0, 110.0, 300))
    spec = of_table("horas", table).spec
    assert spec is not None
    drawn = {one["key"]: one["value"] for one in spec["data"]["values"]}
    assert list(drawn) == [f"2025-{month:02d}-01" for month in range(1, 13)]
    assert [key[5:7] for key, value in drawn.items() if value is None] == ["01", "02", "03", "06"]


@pytest.mark.parametrize("period", ["day", "week", "month", "quarter", "year"])
def test_every_day_lies_in_one_period(period: str) -> None:
    day = date(2024, 12, 20)
    for _day in range(450):
        first = period_of(period, day)
        assert first <= day <= last_day_of(period, first)
        assert period_of(period, last_day_of(period, first)) == first
        day += timedelta(days=1)
