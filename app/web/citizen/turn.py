"""The page of a turn, for the phone of who waits: where they stand, for how long, and where to go when they are called.

It is open to who holds the code. The page asks to be loaded again by a header, which needs no program; a reader can
stop that.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from app.desk.queries.turns import turn_by_code
from app.desk.rules.tickets import ENDED
from app.desk.service.forecasts import forecast_of
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import NotFound
from app.web.browser import AnonymousWeb, BrowserSessionWeb
from app.web.rendering import show

router = APIRouter()

SECONDS = 20
LEFT = {
    "no-answer": N_(
        "Lo llamamos y no contestó. Si sigue aquí, avise en recepción: por 30 minutos pueden devolverlo a su lugar."
    ),
    "gave-up": N_("Avisó que se iba, y su turno se cerró. Si fue un error, avise en recepción."),
    "redirected": N_("Lo mandaron a otro lugar, y este turno se cerró. Si no sabe a dónde ir, pregunte en recepción."),
    "closed": N_("La unidad cerró sin haberlo llamado. No cuenta como falta: en recepción le dicen cuándo volver."),
}


@router.get("/turno/{code}")
async def turn_page(
    request: Request,
    browser: BrowserSessionWeb,
    _actor: AnonymousWeb,
    tx: Tx,
    code: Annotated[str, Path(max_length=64)],
    stay: Annotated[bool, Query(alias="fija")] = False,
) -> Response:
    """Number, place and range; or where to go, or how it ended."""
    try:
        turn = await turn_by_code(tx, code)
    except NotFound:
        return show(request, browser, "citizen/turn_unknown.html", status=404)
    made = await forecast_of(tx, turn.waiting) if turn.waiting is not None else None
    reloads = turn.status not in ENDED and not stay
    page = show(
        request,
        browser,
        "citizen/turn.html",
        turn=turn,
        forecast=made,
        left=LEFT.get(turn.left_because or "", ""),
        reloads=reloads,
        is_ended=turn.status in ENDED,
        seconds=SECONDS,
    )
    if reloads:
        page.headers["Refresh"] = str(SECONDS)
    return page
