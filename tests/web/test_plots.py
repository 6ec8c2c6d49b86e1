"""Plots as specifications and as pictures: what is drawn is what was found, names whole, incomplete periods shown as
such; and a drawing process that is slow or refuses."""

import re
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import altair
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from app.savings.rules.groups import is_cut, last_day_of
from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.model import Bar
from app.savings.rules.parameters import Parameter
from app.savings.rules.tables import Row, Table
from app.savings.rules.uncertainty import Interval
from app.web.data import numbers, plots, specs
from app.web.data.svg_renderer import SvgRenderer, styled_svg, svg_renderer

WAIT = Parameter("wait_minutes", "", "", "pert", 30.0, 60.0, 120.0, "min", None, "Prensa", "assumption", None)


@pytest.fixture(scope="module", autouse=True)
async def _one_renderer() -> AsyncIterator[None]:
    yield
    await svg_renderer.close()


SPEC = specs.series([{"key": "2026-01-01", "value": 2.0, "low": 1.0, "high": 3.0}], "h")


async def test_a_drawing_that_takes_too_long_is_let_go_and_not_waited_for_again() -> None:
    slow = SvgRenderer((sys.executable, "-c", "import time; time.sleep(60)"), first=0.3)
    assert await slow.draw(SPEC) is None
    assert slow._process is None, "it was ended"
    assert await slow.draw({**SPEC, "height": 90}) is None
    assert slow._process is None, "nothing is started while it rests"


async def test_what_the_engine_refuses_is_no_picture_and_the_next_one_is() -> None:
    assert await svg_renderer.draw({"mark": "no such mark"}) is None
    svg = await svg_renderer.draw(SPEC)
    assert svg
    assert await svg_renderer.draw(SPEC) is svg, "kept"
    dressed_up = styled_svg(svg, "p", "Un <título>", "Qué se ve")
    assert dressed_up.startswith('<svg role="img" aria-labelledby="p-t p-d" class="v-plot"')
    assert '<title id="p-t">Un &lt;título&gt;</title><desc' in dressed_up
    assert not re.search(r"^<svg[^>]* (width|height)=", dressed_up)
    assert "viewBox=" in dressed_up
    assert " style=" not in dressed_up, "the pages' policy would refuse it"
    assert "aria-roledescription" not in dressed_up


def test_every_kind_of_plot_is_valid_vega_lite() -> None:
    rows = [{"key": "A", "value": 2.0, "low": 1.0, "high": 3.0}]
    kinds = [SPEC, specs.series([*SPEC["data"]["values"]] * 2, "share"), specs.bars(rows, "MXN", "x", short=True)]
    kinds += [specs.bars(rows, unit, "x") for unit in numbers.UNITS]
    kinds.append(specs.tornado([{"key": "A", "at_low": 1.0, "at_high": 2.0}], "h", "x", 1.5))
    for spec in kinds:
        altair.Chart.from_dict(spec)
        bars = [layer for layer in spec["layer"] if layer["mark"]["type"] == "bar"]
        assert all(bar["encoding"]["x"]["scale"] == {"zero": True} for bar in bars), "bars begin at zero"


def test_names_are_whole_in_both_drawings() -> None:
    name = "Visitas que pide el trámite en persona: trámites con visita"
    rows = [{"key": one, "value": 2.0, "low": 1.0, "high": 3.0} for one in (name, "Citas")]
    spans = [{"key": name, "at_low": 1.0, "at_high": 2.0}]
    drawn = [
        (specs.bars(rows, "h", "x", wide=wide), specs.tornado(spans, "h", "x", 1.5, wide=wide))
        for wide in (False, True)
    ]
    for narrow_or_wide, most in zip(drawn, (specs.LONGEST_NAME, specs.LONGEST_BESIDE), strict=True):
        for spec in narrow_or_wide:
            lines = spec["data"]["values"][0]["key"].split("\n")
            assert " ".join(lines) == name
            assert max(map(len, lines)) <= most
            altair.Chart.from_dict(spec)
    named = specs.bars([*rows, rows[1] | {"key": "No se pudo. Lo de otra persona no se informa."}], "h", "x")
    assert [one["key"] for one in named["data"]["values"]][1:] == ["Citas", "No se pudo"]
    alike = specs.bars([rows[1] | {"key": f"No se pudo. {why}."} for why in ("Falta", "Sobra")], "h", "x")
    assert [one["key"] for one in alike["data"]["values"]] == ["No se pudo. Falta.", "No se pudo. Sobra."]
    assert {spec["width"] for spec in drawn[0]} == {specs.WIDTH}
    assert {spec["width"] for spec in drawn[1]} == {specs.WIDE}


MONTHS = Table(
    MetricQuery(date(2026, 1, 10), date(2026, 11, 29), group_by=("month",)),
    "savings",
    "h",
    ("month",),
    tuple(Row((date(2026, month, 1),), 10.0 * month, 8.0 * month, 12.0 * month, 100) for month in range(1, 12)),
    Row((), 660.0, 600.0, 700.0, 1),
)


def test_periods_that_are_not_whole_are_drawn_so_and_said() -> None:
    with time_machine.travel(datetime(2026, 11, 29, 18, tzinfo=UTC)):
        plot = plots.of_table("x", MONTHS)
    assert [record["key"] for record in plot.records if record["incomplete"]] == ["2026-01-01", "2026-11-01"]
    assert plot.rows[0][0] == "enero de 2026 (incompleto)"
    assert plot.title.endswith("en octubre de 2026"), "the last whole one"
    assert plot.spec is not None
    line, dashed, hollow = plot.spec["layer"][1:]
    assert [one["key"] for one in line["data"]["values"]] == [f"2026-{month:02d}-01" for month in range(2, 11)]
    assert [one["key"][5:7] for one in dashed["data"]["values"]] == ["01", "02", "10", "11"]
    assert [one["key"][5:7] for one in hollow["data"]["values"]] == ["01", "11"]
    assert " ".join(plot.spec["title"]["text"]).startswith("horas · línea: el valor; franja: 90 de cada 100")
    assert plot.caption.startswith("1 caso, ")
    altair.Chart.from_dict(plot.spec)
    assert plot.wide_spec is not None
    altair.Chart.from_dict(plot.wide_spec)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 400), st.sampled_from(["day", "week", "month"]))
def test_a_period_is_whole_when_all_its_days_were_asked_for_and_are_over(since: date, days: int, group: str) -> None:
    until, today = since + timedelta(days=days), since + timedelta(days=200)
    first = {"day": since, "week": since - timedelta(days=since.weekday()), "month": since.replace(day=1)}[group]
    last = last_day_of(group, first)
    assert first <= since <= last
    assert is_cut(group, first, since, until, today) is (first < since or last > until or last >= today)


def test_nothing_is_saved_at_the_window_and_nothing_found_is_said() -> None:
    rows = (Row(("dental",), 0.0, 0.0, 0.0, 10),)
    asked = replace(MONTHS.query, channels=("desk",), group_by=("service",))
    desk = plots.of_table("x", replace(MONTHS, query=asked, columns=("service",), rows=rows))
    assert (desk.title, desk.spec) == ("Horas ahorradas: Por ventanilla no se ahorra: con ella se compara", None)
    nothing = plots.of_table("x", replace(MONTHS, rows=()))
    assert nothing.title == "Horas ahorradas: sin datos con estos filtros"
    assert plots.of_bars("x", [], Interval(0.0, 0.0, 0.0, 0.0), date(2026, 1, 1), date(2026, 2, 1)).title == (
        "Sin datos con estos filtros"
    )


def test_every_service_is_in_the_plot_and_every_figure_in_the_table() -> None:
    rows = tuple(Row((f"specialist-{letter * 5}",), 1.0, 0.5, 2.0, 10) for letter in "abcdefghijklmnopq")
    asked = replace(MONTHS.query, group_by=("service",))
    plot = plots.of_table("x", replace(MONTHS, query=asked, columns=("service",), rows=rows))
    assert plot.spec is not None
    assert len(plot.spec["data"]["values"]) == len(rows)
    bars = [Bar(replace(WAIT, place=str(n)), 90.0 - n, 110.0 + n, 100.0) for n in range(20)]
    tornado = plots.of_bars("x", bars, Interval(120.0, 80.0, 160.0, 121.0), date(2026, 1, 1), date(2026, 2, 1))
    assert tornado.spec is not None
    assert (len(tornado.rows), len(tornado.records), len(tornado.spec["data"]["values"])) == (20, 20, 12)
    assert {one["centre"] for one in tornado.spec["data"]["values"]} == {100.0}, "its own, not the draws' median"
    (mark,) = [one for one in tornado.spec["layer"] if one["mark"]["type"] == "tick"]
    assert mark["encoding"]["x"]["field"] == "centre", "where the mark stands"
    assert "Marca negra: 100 horas" in tornado.caption
    assert not any("…" in one["key"] for one in tornado.spec["data"]["values"])
