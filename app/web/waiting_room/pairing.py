"""Where a kiosk or board is paired: the code that staff were shown is typed here, once."""

from fastapi import APIRouter, Request, Response

from app.identity.problems import WrongPairingCode
from app.identity.service.unit_devices import pair_device
from app.kernel.actor import DeviceKind
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import TooManyRequests
from app.kernel.settings import get_settings
from app.web.browser import AnonymousWeb, BrowserSessionWeb, unit_device_cookie_name
from app.web.forms import NotedForm, SubmittedForm
from app.web.rendering import redirect, refused, show

router = APIRouter()

COOKIE_SECONDS = 400 * 86_400
"""The longest lifetime that browsers accept."""
HOME = {DeviceKind.KIOSK: "/ventanilla/quiosco", DeviceKind.BOARD: "/pantalla"}


def _page(request: Request, kind: DeviceKind, form: SubmittedForm | None = None) -> Response:
    return show(
        request,
        None,
        "waiting_room/pairing.html",
        errors=form.errors if form else None,
        kind=kind.value,
        sends_to=f"{HOME[kind]}/vincular",
    )


async def _pair(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, form: NotedForm, kind: DeviceKind
) -> Response:
    code = form.required("code", N_("Escriba el código."))
    if form.errors:
        return _page(request, kind, form)
    try:
        async with savepoint(tx):
            _device, token = await pair_device(tx, actor, code, kind)
    except (WrongPairingCode, TooManyRequests) as problem:
        return refused(form, "code", problem, lambda: _page(request, kind, form))
    answer = redirect(request, browser, HOME[kind])
    answer.set_cookie(
        unit_device_cookie_name(),
        token,
        max_age=COOKIE_SECONDS,
        path="/",
        secure=get_settings().secure_cookies,
        httponly=True,
        samesite="strict",
    )
    return answer


@router.get("/ventanilla/quiosco/vincular")
async def kiosk_pairing_page(request: Request, _actor: AnonymousWeb) -> Response:
    """Anyone may read it: the code is what counts."""
    return _page(request, DeviceKind.KIOSK)


@router.post("/ventanilla/quiosco/vincular")
async def pair_kiosk(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, form: NotedForm
) -> Response:
    """From here on this browser is the kiosk."""
    return await _pair(request, browser, actor, tx, form, DeviceKind.KIOSK)


@router.get("/pantalla/vincular")
async def board_pairing_page(request: Request, _actor: AnonymousWeb) -> Response:
    """Anyone may read it: the code is what counts."""
    return _page(request, DeviceKind.BOARD)


@router.post("/pantalla/vincular")
async def pair_board(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, form: NotedForm
) -> Response:
    """From here on this browser opens the board of its unit."""
    return await _pair(request, browser, actor, tx, form, DeviceKind.BOARD)
