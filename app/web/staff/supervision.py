"""The supervisor's page: who serves, who waits and how long, the rates of appointments; and where to act."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response

from app.appointments.queries.rebooking import open_answers
from app.desk.queries.forecasts import PUBLIC_DAYS, accuracy_of
from app.desk.queries.supervision import overview_of, rates_of
from app.kernel import clock
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, gettext, ngettext
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.data import numbers
from app.web.rendering import show
from app.web.staff.header import HEADER
from app.web.staff.unit_choice import choose_page, supervised_choice

router = APIRouter(prefix="/ventanilla/jefatura", dependencies=[HEADER])

PAGE = "/ventanilla/jefatura"
RELOAD_SECONDS = 15
HOUR = 60
COUNTER_STATES = {"open": N_("Abierta"), "paused": N_("En pausa")}


def minutes_words(minutes: float) -> str:
    """A wait, as people say it: «12 min», «1 h 5 min»."""
    whole = round(minutes)
    if whole < HOUR:
        return gettext(N_("%(minutes)s min")) % {"minutes": whole}
    return gettext(N_("%(hours)s h %(minutes)s min")) % {"hours": whole // HOUR, "minutes": whole % HOUR}


def seconds_words(seconds: float | None) -> str:
    """A wait in seconds, in words; a dash where there is none."""
    return minutes_words(seconds / 60) if seconds is not None else "–"


def share_words(share: float | None) -> str:
    """A share in whole per cent; a dash where there is nothing to divide by."""
    return f"{share:.0%}".replace("%", " %") if share is not None else "–"


def days_words(days: int | None) -> str:
    """In how many days: today, tomorrow, in 5 days."""
    if days is None:
        return gettext(N_("No hay tres horarios libres"))
    if days == 0:
        return gettext(N_("hoy"))
    return ngettext("en %(count)s día", "en %(count)s días", days) % {"count": days}


@router.get("")
async def overview_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """As it is now. Who chooses so has it reloaded every 15 seconds; it isn't by itself, since that moves the focus."""
    choice = await supervised_choice(tx, actor, request)
    unit = choice.unit
    if unit is None:
        return choose_page(request, browser, choice, PAGE)
    now = clock.now()

    def since(moment: datetime | None) -> str:
        return seconds_words((now - moment).total_seconds()) if moment else "–"

    return show(
        request,
        browser,
        "staff/supervision.html",
        unit=unit,
        overview=await overview_of(tx, actor, unit.id),
        waiting=await open_answers(tx, unit.id),
        states=COUNTER_STATES,
        since=since,
        seconds_words=seconds_words,
        reload=RELOAD_SECONDS if request.query_params.get("sola") == "si" else 0,
        back="/ventanilla",
    )


@router.get("/indicadores")
async def rates_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Utilisation by room and week, no-shows with their denominator, the third next available time by service, and how
    good the forecasts of waits were."""
    choice = await supervised_choice(tx, actor, request)
    unit = choice.unit
    if unit is None:
        return choose_page(request, browser, choice, f"{PAGE}/indicadores")
    return show(
        request,
        browser,
        "staff/rates.html",
        unit=unit,
        rates=await rates_of(tx, actor, unit.id),
        forecasts=await accuracy_of(tx, unit.id, clock.now() - PUBLIC_DAYS),
        numbers=numbers,
        share_words=share_words,
        days_words=days_words,
        back=f"{PAGE}?unidad={unit.id}",
    )
