"""What plots of data call their periods, what they single out, and what they say is missing."""

from dataclasses import replace
from datetime import UTC, date, datetime

import httpx
import pytest
import time_machine
from fastapi import FastAPI

from app.commands.saving_report import as_markdown
from app.kernel import clock
from app.kernel.i18n import use_language
from app.places.rules import DEFAULT_ZONE
from app.savings.models import Release
from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.model import Bar
from app.savings.rules.tables import Row, Table
from app.savings.rules.uncertainty import Interval
from app.savings.schemas import IntervalOut, QueryOut, SavedOut, SavingsOut
from app.web.data import labels, numbers, parameter_labels, plots
from tests.conftest import Database
from tests.web import factories
from tests.web.factories import BETA, BOARD, analyst_of, said_by, year_of_transactions

NOW = datetime(2026, 11, 29, 18, tzinfo=UTC)
SINCE, UNTIL = date(2026, 10, 1), date(2026, 12, 31)


def table(group: str, *rows: Row, since: date = SINCE, until: date = UNTIL, metric: str = "savings") -> Table:
    total = Row((), 1.0, 0.5, 1.5, sum(row.n or 0 for row in rows))
    unit = "points" if metric == "satisfaction" else "h"
    return Table(MetricQuery(since, until, group_by=(group,)), metric, unit, (group,), rows, total)


def row(key: object, n: int | None = 50, value: float = 10.0) -> Row:
    return Row((key,), value, value - 1, value + 1, n)


QUARTERS = {
    "es": ("en el trimestre de octubre a diciembre de 2026 (incompleto)", "a diciembre de 2026, hasta hoy"),
    "en": ("in the quarter from October to December 2026 (incomplete)", "October 2026 to December 2026, to date"),
}


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_quarter_is_called_by_its_months_everywhere(language: str) -> None:
    asked, nothing = table("quarter", row(SINCE)), IntervalOut(value=1, low=1, high=2)
    saved = {"n": 50, "suppressed": False, "hours": nothing, "mxn": nothing, "value_mxn": nothing}
    query = QueryOut.model_validate({name: getattr(asked.query, name) for name in MetricQuery.__dataclass_fields__})
    parameters = {"version": 1, "prices": 2025, "seed": 1, "draws": 10, "bars": [], "leaves_out": []}
    report = SavingsOut(
        query=query,
        total=SavedOut(keys={}, **saved),
        groups=[SavedOut(keys={"quarter": "2026-10-01"}, **saved)],
        **parameters,
    )
    title, caption = QUARTERS[language]
    with use_language(language), time_machine.travel(NOW):
        plot, text = plots.of_table("horas", asked), as_markdown(report, []).decode()
    assert plot.title.endswith(title)
    assert plot.rows[0][0] == title.partition(" ")[2].removeprefix("el ").removeprefix("the ")
    assert caption in plot.caption
    assert f"| {plot.rows[0][0]} |" in text
    assert plot.csv().splitlines()[1].endswith("True,2026-12-31")


@pytest.mark.parametrize(("group", "name"), [("day", "1 de octubre de 2026"), ("year", "2026")])
def test_days_and_years_of_a_report_are_called_so(group: str, name: str) -> None:
    assert labels.name_of(group, SINCE) == name


def test_a_running_month_is_called_incomplete_in_title_and_caption() -> None:
    since, until = date(2026, 11, 1), date(2026, 11, 30)
    with time_machine.travel(NOW):
        line = plots.of_table("x", table("month", row(date(2026, 11, 1)), since=since, until=until))
        bars = plots.of_table("x", table("state", row("OC"), since=since, until=until))
        over = plots.of_table("x", table("state", row("OC"), since=SINCE, until=date(2026, 10, 31)))
    assert line.title.endswith("en noviembre de 2026 (incompleto)")
    assert "noviembre de 2026, hasta hoy (incompleto)" in line.caption
    assert bars.title.endswith("(hasta hoy)")
    assert "hasta hoy" in bars.caption
    assert "hoy" not in over.title + over.caption


async def test_the_dashboards_say_that_the_running_month_is_incomplete(app: FastAPI, db: Database) -> None:
    analyst = await analyst_of(app, db)
    month = f"{clock.today(DEFAULT_ZONE):%Y-%m}"
    for path in (BOARD, f"{BOARD}/atencion"):
        await analyst.get(f"{path}?desde={month}&hasta={month}")
        assert "hasta hoy (incompleto)." in analyst.text, path


async def test_nothing_found_is_not_zero(app: FastAPI, db: Database) -> None:
    await year_of_transactions(db)
    analyst = await analyst_of(app, db)
    await analyst.get(f"{BOARD}?estado=YN")
    assert "Sin datos con estos filtros" in analyst.text
    for zero in ("Cerca de 0", "Marca negra", "Trámites que cuentan 0"):
        assert zero not in analyst.text
    await analyst.get(BOARD)
    assert "Trámites que cuentan 4,320" in analyst.text


async def test_the_public_sum_names_the_months_it_leaves_out(client: httpx.AsyncClient, db: Database) -> None:
    this, before = factories.this_year(), factories.the_year_before()
    async with db.transaction() as session:
        await factories.released(session, this[:-2])
        await factories.released(session, before)
        for month in this[-2:]:
            session.add(Release(family="savings", period=month, is_suppressed=True, released_at=NOW))
    page = (await client.get("/datos")).text
    names = numbers.month_names(sorted(this[-2:]))
    assert said_by(page).count(f"No incluye {names}, que no se publican.") == 2, "beside the figure and in the caption"
    assert "ahora, " not in said_by(page), "ten months aren't compared with twelve"
    with use_language("en"):
        names = numbers.month_names(sorted(this[-2:]))
    assert f"It leaves out {names}, which are not published." in said_by((await client.get("/en/datos")).text)


def test_few_answers_are_no_headline() -> None:
    few, more = row("dental", 3, 5.0), row("weeks", 10, 4.0)
    since, until = date(2026, 1, 1), date(2026, 3, 31)

    def title(*rows: Row) -> str:
        return plots.of_table("x", table("service", *rows, since=since, until=until, metric="satisfaction")).title

    assert labels.service("weeks") in title(few, more)
    assert "más en" in title(few, more)
    assert title(few) == "Satisfacción, de 1 a 5: muy pocos casos para destacar uno"


def test_the_tornado_says_names_and_leaves_zeros_to_the_file() -> None:
    unknown = replace(BETA, scope="unknown")
    assert "Sin trámite conocido" in parameter_labels.parameter(unknown)
    bars = [Bar(unknown, 90.0, 110.0, 100.0), Bar(BETA, 100.0, 100.2, 100.0)]
    tornado = plots.of_bars("x", bars, Interval(100.0, 80.0, 120.0, 100.0), SINCE, UNTIL)
    assert (len(tornado.rows), len(tornado.records)) == (1, 2)
    assert "solo están en el CSV" in tornado.note
