"""A forgotten social-security number, at the low level of assurance: sent to the contact that the clinic has."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.kernel.http.parameters import Tx
from app.kernel.problems import TooManyRequests
from app.registry.reminders import remind_number
from app.web.browser import BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.effects import Effect
from app.web.forms import SubmittedForm
from app.web.rendering import refused, show

router = APIRouter()
SHOWN = ["nss-reminder"]


@router.get("/mi/numero")
async def number_page(request: Request, browser: BrowserSessionWeb, _actor: LowCitizenWeb) -> Response:
    """Where the number goes, and how to be shown it here."""
    return _page(request, browser)


def _page(
    request: Request, browser: BrowserSession, *, is_sent: bool = False, form: SubmittedForm | None = None
) -> Response:
    context: dict[str, Any] = {"is_sent": is_sent, "shown": SHOWN, "back": "/tramites/nss-find"}
    return show(request, browser, "citizen/number.html", errors=form.errors if form else None, **context)


@router.post("/mi/numero")
async def number_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect
) -> Response:
    """Sent, if there is a number and a contact of the clinic's: the page is the same either way."""
    if not form.holds(SHOWN):
        return _page(request, browser)
    try:
        await remind_number(tx, actor)
    except TooManyRequests as problem:
        return refused(form, "send", problem, lambda: _page(request, browser, form=form))
    return _page(request, browser, is_sent=True)
