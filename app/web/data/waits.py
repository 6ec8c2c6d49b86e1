"""How good the forecasts of waits were, by unit: what was promised, and what came."""

from fastapi import APIRouter, Request, Response

from app.desk.queries import forecasts
from app.kernel.http.parameters import Tx
from app.places.queries import is_demonstration
from app.web.browser import AnonymousWeb, BrowserSessionWeb
from app.web.data import numbers
from app.web.rendering import show
from app.web.staff.header import HEADER

router = APIRouter(prefix="/datos/espera")


@router.get("", dependencies=[HEADER])
async def waits_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, tx: Tx) -> Response:
    """Of the last 90 days; units with fewer than ten people called are left out."""
    units = await forecasts.accuracy_by_unit(tx, forecasts.public_since())
    return show(
        request,
        browser,
        "data/waits.html",
        private=False,
        units=units,
        total=forecasts.together(units),
        least=forecasts.MIN_PEOPLE,
        numbers=numbers,
        is_demo=await is_demonstration(tx),
        here="/datos/espera",
    )
