"""The public release: what people saved, in plain words, with what it leaves out; and where the numbers are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request, Response

from app.kernel import clock
from app.kernel.actor import Anonymous
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, _
from app.kernel.problems import NotFound
from app.places.queries import is_demonstration
from app.places.rules import DEFAULT_ZONE
from app.savings.export.files import Span
from app.savings.queries import versions
from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.tables import Row, Table
from app.savings.service import metrics
from app.web.browser import AnonymousWeb, BrowserSessionWeb
from app.web.data import labels, numbers
from app.web.data.dashboard import csv_file, spec_file
from app.web.data.filters import last_year, year_before
from app.web.data.plots import Plot, not_in_it, of_table, picture
from app.web.rendering import show
from app.web.staff.header import HEADER

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix="/datos")

HOURS, MONEY, VALUE = "savings", "savings-money", "savings-time-value"
PLOT = "horas-por-mes"
EXAMPLES = {
    "/api/v1/metrics": N_("Qué medidas hay"),
    "/api/v1/metrics/savings?group_by=month&since={since}&until={until}": N_("Horas ahorradas por mes"),
    "/api/v1/metrics/wait?group_by=month&since={since}&until={until}&format=csv": N_(
        "Minutos de espera por mes, en CSV"
    ),
    "/api/v1/exports": N_("Qué tablas se pueden bajar enteras"),
    "/api/v1/exports/released?format=csv": N_("Una tabla entera"),
}
"""What programs can ask without a key; a test asks all of it."""


@dataclass(frozen=True, slots=True)
class YearSummary:
    """The page's numbers: the year, the year before, and both kinds of pesos apart."""

    hours: Table
    before: Table
    money: Row
    value: Row


async def year_summary(session: AsyncSession, actor: Anonymous) -> YearSummary:
    """The last twelve whole months, as anyone may see them."""
    since, until = last_year(clock.today(DEFAULT_ZONE))
    earlier = year_before(since)

    _whole, now = await metrics.tables_of_savings(session, actor, MetricQuery(since, until, group_by=("month",)))
    before = await metrics.table(session, actor, HOURS, MetricQuery(*earlier, group_by=("month",)))
    return YearSummary(now[HOURS], before, now[MONEY].total, now[VALUE].total)


@router.get("", dependencies=[HEADER])
async def saved_page(request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx) -> Response:
    """Show the savings with their interval, their components, and what they leave out."""
    found = await year_summary(tx, actor)
    plot = _plot(found.hours)
    return show(
        request,
        browser,
        "data/public.html",
        private=False,
        summary=found,
        headline=_range("h", found.hours.total),
        before=_range("h", found.before.total),
        missing=not_in_it(found.hours),
        missing_before=not_in_it(found.before),
        change=_change(found.hours, found.before),
        money=_range("MXN", found.money),
        value=_range("MXN", found.value),
        plot=plot,
        picture=await picture(plot),
        numbers=numbers,
        is_demo=await is_demonstration(tx),
        here="/datos",
    )


def _plot(table: Table) -> Plot:
    return of_table(PLOT, table)


def _range(unit: str, row: Row) -> str:
    """The interval in words; empty without observations, or where it is suppressed."""
    return numbers.spoken(unit, row.low, row.high) if row.low is not None and row.high is not None and row.n else ""


def _change(this: Table, earlier: Table) -> str:
    """How much more or less than before, in the middle of both intervals; empty where that can't be said, or the same
    months of both years aren't published."""
    now, before = this.total, earlier.total
    if _suppressed_cells(this) != _suppressed_cells(earlier):
        return ""
    if not now.value or not before.value or not before.n or before.value < 0:
        return ""
    percent = round(100 * (now.value / before.value - 1))
    if percent == 0:
        return _("casi lo mismo")
    return (_("%(percent)s %% más") if percent > 0 else _("%(percent)s %% menos")) % {"percent": abs(percent)}


def _suppressed_cells(table: Table) -> set[int]:
    return {row.keys[0].month for row in table.rows if row.suppressed}


@router.get("/graficas/{name}.json")
async def specification(actor: AnonymousWeb, tx: Tx, name: Annotated[str, Path(pattern=r"^[a-z-]{1,30}$")]) -> Response:
    """The Vega-Lite specification of the public plot."""
    return spec_file(await _public(tx, actor, name))


@router.get("/graficas/{name}.csv")
async def table_file(actor: AnonymousWeb, tx: Tx, name: Annotated[str, Path(pattern=r"^[a-z-]{1,30}$")]) -> Response:
    """The numbers of the public plot."""
    return csv_file(await _public(tx, actor, name))


async def _public(tx: AsyncSession, actor: Anonymous, name: str) -> Plot:
    if name != PLOT:
        raise NotFound
    since, until = last_year(clock.today(DEFAULT_ZONE))
    return _plot(await metrics.table(tx, actor, HOURS, MetricQuery(since, until, group_by=("month",))))


@router.get("/descargas", dependencies=[HEADER])
async def downloads_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, tx: Tx) -> Response:
    """Where the numbers and the figures are."""
    listed = [row for row in await versions.list_baselines(tx) if row.published_at is not None]
    return show(
        request,
        browser,
        "data/downloads.html",
        private=False,
        versions=listed,
        tables=Span(is_public=True).tables(),
        data_labels=labels,
        plot_name=PLOT,
        is_demo=await is_demonstration(tx),
        here="/datos/descargas",
    )


@router.get("/api", dependencies=[HEADER])
async def api_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """How programs ask for the same."""
    since, until = last_year(clock.today(DEFAULT_ZONE))
    examples = [(path.format(since=since, until=until), text) for path, text in EXAMPLES.items()]
    return show(request, browser, "data/api.html", private=False, examples=examples, here="/datos/api")
