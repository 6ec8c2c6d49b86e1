"""What pages of data say: one figure with its interval, plots whose numbers are those of their tables, and the table
alone where a plot can't be drawn."""

import re
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.actor import Role
from app.kernel.i18n import use_language
from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.tables import Row, Table
from app.savings.rules.uncertainty import without_noise
from app.web.data import numbers, parameter_labels, plots
from app.web.data.svg_renderer import SvgRenderer, svg_renderer
from tests.appointments import factories as places
from tests.conftest import Database
from tests.web import factories
from tests.web.browser import signed_in_browser
from tests.web.factories import BETA, BOARD, analyst_of, hire, said_by, year_of_transactions

BROKEN = SvgRenderer((sys.executable, "-c", "raise SystemExit(1)"))


@pytest.fixture(scope="module", autouse=True)
async def _one_renderer() -> AsyncIterator[None]:
    yield
    await svg_renderer.close()


def table_of(html: str, name: str) -> list[list[str]]:
    """The rows of a plot's table, as shown."""
    parameter = re.search(rf'<figure class="v-figure" id="{name}">.*?</figure>', html, re.DOTALL)
    assert parameter, f"no plot {name}"
    rows = re.findall(r"<tr>(.*?)</tr>", parameter.group().partition("<tbody>")[2], re.DOTALL)
    return [[unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


async def test_everyone_is_shown_one_figure_with_its_interval(client: httpx.AsyncClient, db: Database) -> None:
    await year_of_transactions(db)
    page = (await client.get("/datos")).text
    said = said_by(page)
    headline = re.search(r'class="v-headline">(.*?)<', page)
    assert headline
    assert re.fullmatch(r"entre [\d.,]+ y [\d.,]+( mil)? horas", headline.group(1))
    assert "Trámites y citas que cuentan: 4,320" in said
    assert "100 % más" in said
    assert said.count("pesos") >= 2
    assert "no se suma" in said
    assert page.count("<svg") == 2, "one for a telephone, one for a wide window"
    assert "Datos de demostración" not in said
    rows = table_of(page, "horas-por-mes")
    assert len(rows) == 12
    assert rows[-1][0] == numbers.month_name(factories.this_year()[0])
    assert "What people saved" in (await client.get("/en/datos")).text


async def test_demonstration_data_says_so_at_the_top(client: httpx.AsyncClient, db: Database) -> None:
    async with db.transaction() as session:
        await places.unit(session, name="UMF 1 Centro (demostración)")
    for path in ("/datos", "/datos/metodo", "/datos/descargas"):
        assert "Datos de demostración." in said_by((await client.get(path)).text), path


async def test_few_people_are_not_spoken_of(client: httpx.AsyncClient, db: Database) -> None:
    async with db.transaction() as session:
        await factories.transactions(session, factories.this_year()[:1], count=4, services=["weeks"], states=["OC"])
    page = await client.get("/datos")
    assert "Todavía no hay suficientes trámites" in said_by(page.text)
    assert "v-headline" not in page.text
    rows = (await client.get("/datos/graficas/horas-por-mes.csv")).text.splitlines()
    assert all(row.split(",")[2] == "" for row in rows[1:]), rows


async def test_the_dashboard_is_for_analysts(app: FastAPI, client: httpx.AsyncClient, db: Database) -> None:
    paths = [BOARD, f"{BOARD}/atencion", f"{BOARD}/graficas/horas.csv", "/datos/linea-base", "/datos/linea-base/1"]
    receptionist = await signed_in_browser(app, db, staff_id=await hire(db, Role.RECEPTIONIST))
    for path in paths:
        assert (await receptionist.get(path)).status_code == 403, path
        answer = await client.get(path, headers={"Accept": "text/html"})
        assert answer.headers["location"].startswith("/ventanilla/entrar?next=/datos/"), path


async def test_every_page_of_data_says_who_of_staff_is_signed_in(app: FastAPI, db: Database) -> None:
    analyst = await analyst_of(app, db)
    public = ["/datos", "/datos/descargas", "/datos/api", "/datos/metodo", "/datos/metodo/1"]
    for path in [*public, BOARD, f"{BOARD}/atencion", "/datos/linea-base", "/datos/linea-base/1"]:
        page = (await analyst.get(path)).text
        assert "v-header__who--staff" in page, path
        assert "Mi trabajo" in page, path


async def test_a_plot_shows_the_numbers_of_its_table(app: FastAPI, db: Database) -> None:
    await year_of_transactions(db)
    analyst = await analyst_of(app, db)
    found = []
    for path in (BOARD, f"{BOARD}/atencion"):
        page = (await analyst.get(path)).text
        for name in re.findall(r'<figure class="v-figure" id="([a-z-]+)">', page):
            answer = await analyst.client.get(f"{BOARD}/graficas/{name}.json")
            assert (answer.status_code == 200) == (f'id="{name}-t"' in page), "drawn where there is something to draw"
            if answer.status_code == 200:
                drawn = answer.json()["data"]["values"]
                shown = [row[1:4] for row in table_of(page, name)]
                unit = (await analyst.client.get(f"{BOARD}/graficas/{name}.csv")).text.splitlines()[1].split(",")[1]
                assert shown[: len(drawn)] == [cells_of(record, unit) for record in drawn], name
                found.append(name)
    assert len(found) >= 8, found


def cells_of(record: dict[str, Any], unit: str) -> list[str]:
    """The numbers of a plot, as its table writes them."""
    if "swing" in record:
        return [numbers.plain("h", record[name]) for name in ("at_low", "at_high", "swing")]
    ends = "–" if record["value"] is None else "sin intervalo"
    without = {"value": "sin publicar" if record.get("suppressed") else "sin datos", "low": ends, "high": ends}
    return [without[name] if record[name] is None else numbers.plain(unit, record[name]) for name in without]


async def test_what_a_baseline_says_of_itself_is_in_the_readers_language(client: httpx.AsyncClient) -> None:
    assert "Cifras iniciales" in (await client.get("/datos/metodo")).text
    english = (await client.get("/en/datos/metodo")).text
    assert "Initial parameters" in english
    assert "Cifras iniciales" not in english


async def test_what_is_chosen_is_in_the_address_and_in_every_number(app: FastAPI, db: Database) -> None:
    await year_of_transactions(db)
    analyst = await analyst_of(app, db)
    cases = {"": "4,320", "?estado=OC": "2,160", "?estado=OC&servicio=weeks": "1,080", "?segmento=sex:M": "2,592"}
    month = f"{factories.this_year()[0]:%Y-%m}"
    cases[f"?desde={month}&hasta={month}"] = "360"
    for query, count in cases.items():
        await analyst.get(BOARD + query)
        assert f"Trámites que cuentan {count} " in analyst.text, query
    link = unescape(re.findall(r'href="([^"]+horas\.csv[^"]*)"', analyst.html)[0])
    assert len((await analyst.client.get(link)).text.splitlines()) == 2, "the file has the choice too"
    await analyst.get(f"{BOARD}/atencion?segmento=sex:M")
    assert "Sin filtrar por canal ni por grupo de personas" in analyst.text


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("es", "Horas ahorradas: entre 180 y 280 horas en la semana del 26 de octubre de 2026"),
        ("en", "Hours saved: between 180 and 280 hours in the week of October 26, 2026"),
    ],
)
def test_weeks_are_shown_by_their_first_day(language: str, title: str) -> None:
    week = Row((date(2026, 10, 26),), 230.0, 180.0, 280.0, 90)
    query = MetricQuery(date(2026, 10, 1), date(2026, 11, 1), group_by=("week",))
    with use_language(language), time_machine.travel(datetime(2026, 11, 29, 18, tzinfo=UTC)):
        plot = plots.of_table("horas", Table(query, "savings", "h", ("week",), (week,), week))
    assert plot.title == title


CANNOT_BE = {
    "desde=2026-05&hasta=2026-01": "hasta",
    "desde=mayo": "desde",
    "desde=2026-13": "desde",
    "servicio=nothing": "servicio",
    "segmento=sex:Z": "segmento",
    "cada=week&segmento=sex:M": "cada",
    "desde=2020-01&hasta=2025-12&cada=week": "cada",
}


async def test_a_choice_that_cannot_be_is_said_beside_it(app: FastAPI, db: Database) -> None:
    analyst = await analyst_of(app, db)
    for query, field in CANNOT_BE.items():
        page = await analyst.get(f"{BOARD}?{query}")
        assert page.status_code == 422, query
        assert f'href="#{field}"' in page.text, query
        assert f'id="{field}-error"' in page.text, query
        assert (await analyst.client.get(f"{BOARD}/graficas/horas.csv?{query}")).status_code == 422, query


async def test_without_the_drawing_process_the_table_is_there(
    app: FastAPI, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plots, "svg_renderer", BROKEN)
    await year_of_transactions(db)
    analyst = await analyst_of(app, db)
    page = await analyst.get(BOARD)
    assert page.status_code == 200
    assert "<svg" not in page.text
    assert "La gráfica no se pudo dibujar ahora" in analyst.text
    assert len(table_of(page.text, "horas")) == 12
    assert page.text.count('<details class="govuk-details" open>') == page.text.count('<figure class="v-figure"')


@pytest.mark.parametrize(
    ("unit", "low", "high", "es", "en"),
    [
        ("h", 51_600.0, 70_400.0, "entre 52 y 70 mil horas", "between 52 and 70 thousand hours"),
        ("h", 520.4, 1_234.0, "entre 520 y 1,200 horas", "between 520 and 1,200 hours"),
        ("h", 9_500.0, 10_400.0, "entre 9,500 y 10,000 horas", "between 9,500 and 10,000 hours"),
        ("MXN", 1_240_000.0, 1_930_000.0, "entre 1.2 y 1.9 millones de pesos", "between 1.2 and 1.9 million pesos"),
        ("h", -3_000.0, 12_000.0, "entre -3,000 y 12,000 horas", "between -3,000 and 12,000 hours"),
        ("h", 7_800.0, 12_000.0, "entre 7,800 y 12,000 horas", "between 7,800 and 12,000 hours"),
        ("MXN", 930_000.0, 1_240_000.0, "entre 930 y 1,200 mil pesos", "between 930 and 1,200 thousand pesos"),
        ("h", -0.2, 0.3, "entre -0.2 y 0.3 horas", "between -0.2 and 0.3 hours"),
        ("h", -1e-12, -0.0, "cerca de 0 horas", "about 0 hours"),
        ("h", 0.0, 0.0, "cerca de 0 horas", "about 0 hours"),
        ("share", 0.116, 0.1246, "entre 11.6 y 12.5 por ciento", "between 11.6 and 12.5 per cent"),
        ("min", 49.98, 50.02, "entre 49.98 y 50.02 minutos", "between 49.98 and 50.02 minutes"),
        ("min", 50.0, 50.001, "cerca de 50 minutos", "about 50 minutes"),
        ("points", 4.27, 4.3, "entre 4.27 y 4.3 de 5", "between 4.27 and 4.3 of 5"),
    ],
)
def test_an_interval_in_words(unit: str, low: float, high: float, es: str, en: str) -> None:
    with use_language("es"):
        assert numbers.spoken(unit, low, high) == es
    with use_language("en"):
        assert numbers.spoken(unit, low, high) == en


def test_a_number_without_interval_is_said_alone() -> None:
    assert plots.interval_text("times", Row(("x",), 12.0, None, None, 12)) == "12 veces"


async def test_what_the_pages_say_can_be_downloaded_can(client: httpx.AsyncClient, db: Database) -> None:
    await year_of_transactions(db)
    downloads, programs = [(await client.get(f"/datos/{page}")).text for page in ("descargas", "api")]
    links = [unescape(link) for link in re.findall(r'<a class="govuk-link" href="([^"]+)" download>', downloads)]
    links += [unescape(link) for link in re.findall(r'curl "http://127.0.0.1:8000([^"]+)"', unescape(programs))]
    assert len(links) >= 15
    for link in links:
        answer = await client.get(link)
        assert answer.status_code == 200, link
        assert answer.content, link


@pytest.mark.parametrize("value", [-0.0, -0.4, -1e-9, 0.2])
def test_what_rounds_to_nothing_is_never_less_than_nothing(value: float) -> None:
    assert numbers.number(value) == numbers.plain("h", value) == "0"
    assert numbers.plain("share", value / 1000) == "0.0"


def test_sums_that_cancel_out_are_nothing() -> None:
    assert [str(without_noise(value)) for value in (-0.0, -1e-12, 1e-12, -0.25)] == ["0.0", "0.0", "0.0", "-0.25"]


def test_a_share_is_shown_by_its_mean_and_ends_with_what_it_was_made_from() -> None:
    low, mean, high, shape = parameter_labels.shown(BETA)
    assert (low, mean, high) == ("0.54", "0.66", "0.77")
    assert shape == "Beta: 29.5 sí, 15.5 no"
    assert parameter_labels.ends(BETA) == "0.54 / 0.66 / 0.77 parte de 1 (Beta: 29.5 sí, 15.5 no)"
    normal = replace(BETA, distribution="normal", key="wait_minutes", unit="min", value=40.0, high=2.0)
    assert parameter_labels.shown(normal)[1:] == ("40.0", parameter_labels.shown(normal)[2], "Normal: error estándar 2")
    assert float(parameter_labels.shown(normal)[0]) == pytest.approx(36.7, abs=0.2)


@given(st.floats(0.5, 500), st.floats(0.5, 500))
def test_a_share_is_between_nothing_and_one(yes: float, no: float) -> None:
    low, mean, high, _shape = parameter_labels.shown(replace(BETA, value=yes, high=no))
    assert 0 <= float(low) <= float(high) <= 1
    assert 0 <= float(mean) <= 1
