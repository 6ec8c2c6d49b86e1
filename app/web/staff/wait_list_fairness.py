"""For the supervisor: what became of the unit's freed seats, whether offers were fair, and the log of each."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from app.appointments.queries import wait_list_fairness
from app.appointments.queries.wait_list_fairness import DAYS
from app.appointments.small_groups import MIN_PEOPLE
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.tabular.files import safe_cell
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.data import labels as data_labels
from app.web.rendering import show
from app.web.staff.header import HEADER
from app.web.staff.supervision import minutes_words, share_words
from app.web.staff.unit_choice import choose_page, supervised_choice

router = APIRouter(prefix="/ventanilla/jefatura/lista-de-espera", dependencies=[HEADER])

PAGE = "/ventanilla/jefatura/lista-de-espera"
SHOWN = 50
NEEDS = {
    "affected": N_("Su cita no se va a poder atender"),
    "without": N_("Sin cita"),
    "earlier": N_("Quiere un horario antes"),
}
ANSWERS = {
    "accepted": N_("Aceptó"),
    "declined": N_("Rechazó"),
    "expired": N_("No contestó"),
    "unreachable": N_("No se le pudo avisar"),
    "withdrawn": N_("Se retiró"),
}
DIMENSIONS = {"need": (N_("Necesidad"), NEEDS), "age": data_labels.SEGMENTS["age"], "sex": data_labels.SEGMENTS["sex"]}
COLUMNS = (
    *("dimension", "value", "entries", "offers", "accepted", "declined", "expired", "unreachable", "median_minutes"),
)


def minutes(value: float | None) -> str:
    """Minutes in words; a dash where there are none."""
    return minutes_words(value) if value is not None else "–"


@router.get("")
async def fairness_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Freed seats, offers by group, and the latest offers; no one is named."""
    choice = await supervised_choice(tx, actor, request)
    unit = choice.unit
    if unit is None:
        return choose_page(request, browser, choice, PAGE)
    return show(
        request,
        browser,
        "staff/wait_list.html",
        unit=unit,
        fairness=await wait_list_fairness.fairness_of(tx, actor, unit.id),
        log=await wait_list_fairness.log_of(tx, actor, unit.id, limit=SHOWN),
        dimensions=DIMENSIONS,
        needs=NEEDS,
        answers=ANSWERS,
        days=DAYS,
        least=MIN_PEOPLE,
        minutes=minutes,
        share_words=share_words,
        back=f"/ventanilla/jefatura?unidad={unit.id}",
    )


@router.get(".csv")
async def fairness_file(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """The groups as a table; a suppressed figure is empty."""
    choice = await supervised_choice(tx, actor, request)
    if choice.unit is None:
        return choose_page(request, browser, choice, f"{PAGE}.csv")
    fairness = await wait_list_fairness.fairness_of(tx, actor, choice.unit.id)
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for one in fairness.groups:
        cells = asdict(one)
        writer.writerow({name: safe_cell(cell) if isinstance(cell, str) else cell for name, cell in cells.items()})
    headers = {"Content-Disposition": f'attachment; filename="lista-de-espera-{choice.unit.clues}.csv"'}
    return PlainTextResponse(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
