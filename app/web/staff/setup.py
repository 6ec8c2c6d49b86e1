"""Where a member of staff sets their own password and authenticator, with the one-time link they were given."""

import io
from collections.abc import Sequence
from typing import Annotated

import segno
from fastapi import APIRouter, Path, Request, Response
from markupsafe import Markup

from app.identity.service.staff_setup import Setup, complete_setup, find_setup, validate_setup
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, gettext
from app.kernel.problems import FieldError, Invalid
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb
from app.web.forms import NotedForm, SubmittedForm
from app.web.rendering import safe_svg, show

router = APIRouter(prefix="/ventanilla/alta")

Token = Annotated[str, Path(max_length=100)]


@router.get("/{token}")
async def setup_page(
    request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, tx: Tx, token: Token
) -> Response:
    """Reading it uses nothing up."""
    return _page(request, browser, await find_setup(tx, token))


def _page(request: Request, browser: BrowserSession, setup: Setup, form: SubmittedForm | None = None) -> Response:
    return show(
        request,
        browser,
        "staff/setup.html",
        errors=form.errors if form else None,
        setup=setup,
        secret=_in_fours(setup.secret) if setup.secret else None,
        picture=_picture(setup.uri) if setup.uri else None,
    )


def _in_fours(secret: str) -> str:
    return " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))


def _picture(uri: str) -> Markup:
    """The address for an authenticator app as a QR code."""
    out = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        border=4,
        light="#fff",
        svgclass=None,
        lineclass=None,
    )
    return safe_svg(out.getvalue().decode())


@router.post("/{token}")
async def setup_sent(
    request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, tx: Tx, form: NotedForm, token: Token
) -> Response:
    """Sets them; the link works once. Sent twice, it is said twice."""
    if form.errors:
        return _page(request, browser, await find_setup(tx, token), form)
    password = form.values.get("password", "")
    code = "".join(form.get("code").split())
    if password == form.values.get("again", ""):
        try:
            async with savepoint(tx):
                await complete_setup(tx, token, password=password, code=code)
        except Invalid as problem:
            _mark(form, problem.fields)
        else:
            return show(request, browser, "staff/setup_done.html")
        return _page(request, browser, await find_setup(tx, token), form)
    setup = await find_setup(tx, token)
    _mark(form, validate_setup(setup, password=password, code=code))
    form.wrong("again", N_("Las dos contraseñas no son iguales."))
    return _page(request, browser, setup, form)


def _mark(form: SubmittedForm, wrong: Sequence[FieldError]) -> None:
    """Say at each field all that is wrong with it."""
    for name in dict.fromkeys(error.field for error in wrong):
        form.wrong(name, " ".join(gettext(error.message) for error in wrong if error.field == name))
