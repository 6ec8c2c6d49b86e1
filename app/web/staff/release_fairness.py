"""For the supervisor: how the unit's seats were released, and who got them."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.appointments.queries.release_fairness import release_fairness
from app.appointments.queries.wait_list_fairness import DAYS
from app.appointments.small_groups import MIN_PEOPLE
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.data import labels as data_labels
from app.web.rendering import show
from app.web.staff.header import HEADER
from app.web.staff.supervision import share_words
from app.web.staff.unit_choice import choose_page, supervised_choice

router = APIRouter(prefix="/ventanilla/jefatura/reparto", dependencies=[HEADER])

PAGE = "/ventanilla/jefatura/reparto"
STATUSES = {"open": N_("Registro abierto"), "drawn": N_("Se están ofreciendo"), "ended": N_("Terminó")}


@router.get("")
async def fairness_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Waves and who got their seats; no one is named."""
    choice = await supervised_choice(tx, actor, request)
    unit = choice.unit
    if unit is None:
        return choose_page(request, browser, choice, PAGE)
    return show(
        request,
        browser,
        "staff/releases.html",
        unit=unit,
        fairness=await release_fairness(tx, actor, unit.id),
        dimensions={name: data_labels.SEGMENTS[name] for name in ("age", "sex")},
        statuses=STATUSES,
        days=DAYS,
        least=MIN_PEOPLE,
        share_words=share_words,
        back=f"/ventanilla/jefatura?unidad={unit.id}",
    )
