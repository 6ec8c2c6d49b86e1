"""What analysts look at: what was saved, and how people were served; every view in the address, every plot with its
table, its numbers and its specification."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from app.identity.permissions import Action, require
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, _
from app.kernel.problems import Invalid, NotFound
from app.places.queries import is_demonstration
from app.places.rules import DEFAULT_ZONE
from app.savings.rules.groups import PERIODS
from app.savings.rules.metrics import METRICS
from app.savings.rules.tables import Row, Table
from app.savings.service import metrics
from app.savings.service.estimates import SavingsEstimate, estimate_savings
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.data import labels, numbers, parameter_labels
from app.web.data.filters import MONTHS_BACK, Chosen, Filters, known_services, months, segments
from app.web.data.plots import NO_DATA, Plot, of_bars, of_table, picture
from app.web.rendering import show
from app.web.staff.header import HEADER

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix="/datos/tablero")

BY_PERIOD = "period"
NO_PEOPLE = N_("Sin filtrar por canal ni por grupo de personas: de esto no se guarda.")
NO_WEEKS = N_("Por mes: de esto no se guarda la semana.")
NOT_SO = N_("Con estos filtros no se puede decir.")


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot of a page: the metric and what it is grouped by; `period` is what the reader chose."""

    metric: str
    group_by: str


HOURS, TORNADO = "horas", "incertidumbre"
SAVED = {
    HOURS: Chart("savings", BY_PERIOD),
    "por-tramite": Chart("savings", "service"),
    "por-estado": Chart("savings", "state"),
    "en-linea": Chart("take-up", BY_PERIOD),
    "terminados": Chart("completion", "service"),
}
SERVED = {
    "espera": Chart("wait", BY_PERIOD),
    "inasistencia": Chart("no-show", BY_PERIOD),
    "tercer-horario": Chart("third-next-available", BY_PERIOD),
    "decision": Chart("time-to-decide", "service"),
    "satisfaccion": Chart("satisfaction", "service"),
    "motivos": Chart("refusal-reasons", "reason"),
}
CHARTS = SAVED | SERVED
Name = Annotated[str, Path(pattern=r"^[a-z-]{1,30}$")]


@router.get("", dependencies=[HEADER])
async def saved_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, filters: Chosen
) -> Response:
    """What was saved: in all, over time, by service and state, and what the interval hangs on."""
    require(actor, Action.MANAGE_SAVINGS)
    answer, tables = await metrics.tables_of_savings(tx, actor, filters.query(filters.every))
    others = {name: await plot_of(tx, actor, name, filters) for name in SAVED if name != HOURS}
    plots = [of_table(HOURS, tables["savings"]), tornado_of(answer), *others.values()]
    more = {"answer": answer, "nothing": _nothing(answer)}
    return await _page(request, browser, tx, "data/saved.html", filters, plots, here="/datos/tablero", **more)


def _nothing(answer: SavingsEstimate) -> str:
    """That the choice matches nothing, in words; empty where it does."""
    group = answer.total
    found = group.counted or any(end for one in group.quantities.values() for end in (one.low, one.median, one.high))
    return "" if found else _(NO_DATA)


@router.get("/atencion", dependencies=[HEADER])
async def served_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, filters: Chosen
) -> Response:
    """How people were served: waits, absences, access, decisions, satisfaction, reasons of refusals."""
    require(actor, Action.MANAGE_SAVINGS)
    plots = [await plot_of(tx, actor, name, filters) for name in SERVED]
    return await _page(request, browser, tx, "data/served.html", filters, plots, here="/datos/tablero/atencion")


@router.get("/graficas/{name}.json")
async def specification(actor: StaffWeb, tx: Tx, filters: Chosen, name: Name) -> Response:
    """A plot's Vega-Lite specification, with its numbers: it opens in any editor of them."""
    plot = await _one(tx, actor, name, filters)
    return spec_file(plot)


@router.get("/graficas/{name}.csv")
async def table_file(actor: StaffWeb, tx: Tx, filters: Chosen, name: Name) -> Response:
    """A plot's numbers for a spreadsheet."""
    return csv_file(await _one(tx, actor, name, filters))


def spec_file(plot: Plot) -> Response:
    """Return a plot's specification as a download.

    Raises:
        NotFound: there was nothing to draw.
    """
    if plot.spec is None:
        raise NotFound
    return JSONResponse(plot.spec, headers={"Content-Disposition": f'attachment; filename="{plot.name}.vl.json"'})


def csv_file(plot: Plot) -> Response:
    """Return a plot's numbers as a download."""
    headers = {"Content-Disposition": f'attachment; filename="{plot.name}.csv"'}
    return PlainTextResponse(plot.csv(), media_type="text/csv; charset=utf-8", headers=headers)


async def _one(tx: AsyncSession, actor: Staff, name: str, filters: Filters) -> Plot:
    require(actor, Action.MANAGE_SAVINGS)
    if filters.errors:
        raise Invalid(fields=list(filters.errors))
    if name == TORNADO:
        return tornado_of(await estimate_savings(tx, filters.query(), bars=True))
    if name not in CHARTS:
        raise NotFound
    return await plot_of(tx, actor, name, filters)


def tornado_of(answer: SavingsEstimate) -> Plot:
    """Return the tornado: which parameters widen the interval."""
    return of_bars(TORNADO, answer.bars, answer.total.hours, answer.query.since, answer.query.until)


async def plot_of(tx: AsyncSession, actor: Staff, name: str, filters: Filters) -> Plot:
    """Return a plot for the filters chosen: unsupported filters are left out of its query, with a note."""
    chart = CHARTS[name]
    metric = METRICS[chart.metric]
    group_by = filters.every if chart.group_by == BY_PERIOD else chart.group_by
    notes = []
    if group_by in PERIODS and group_by not in metric.groups:
        group_by, notes = "month", [_(NO_WEEKS)]
    query = filters.query(group_by)
    if metric.source not in {"savings", "transactions"} and (query.channels or query.segment):
        query = replace(query, channels=(), segment="", segment_values=())
        notes.append(_(NO_PEOPLE))
    try:
        table = await metrics.table(tx, actor, chart.metric, query)
    except Invalid:
        table = Table(query, chart.metric, metric.unit, (group_by,), (), Row((), None, None, None, None))
        notes.append(_(NOT_SO))
    return of_table(name, table, note=" ".join(notes))


async def _page(
    request: Request,
    browser: BrowserSession,
    tx: AsyncSession,
    template: str,
    filters: Filters,
    plots: list[Plot],
    *,
    here: str,
    **more: Any,
) -> Response:
    today = clock.today(DEFAULT_ZONE)
    return show(
        request,
        browser,
        template,
        errors=list(filters.errors) or None,
        plots=[(plot, await picture(plot)) for plot in plots],
        filters=filters,
        typed=filters.typed,
        months={f"{month:%Y-%m}": numbers.month_name(month) for month in months(today, MONTHS_BACK)},
        services=known_services(),
        segments=segments(),
        regions=parameter_labels.REGIONS,
        chosen=filters.in_words(),
        period=numbers.sentence(numbers.span(filters.since, filters.until, today)),
        data_labels=labels,
        numbers=numbers,
        files=f"{here.partition('/atencion')[0]}/graficas/",
        query=filters.address(),
        is_demo=await is_demonstration(tx),
        here=here,
        is_analyst=True,
        **more,
    )
