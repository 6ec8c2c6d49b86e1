"""The first time at the portal: with a social-security number, or without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response

from app.identity.problems import FirstTimeMismatch
from app.kernel.actor import Anonymous
from app.kernel.http.pages import local_path
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import Problem, TooManyRequests
from app.registry.identifiers import parse_curp, parse_nss, parse_postal_code
from app.registry.names import NOT_OF_CURP, may_have_curp, parse_name
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb
from app.web.citizen.sign_in import (
    NAMES,
    WAYS,
    SignInFlow,
    expect,
    flow_of,
    is_signed_in,
    send_first_code,
    submitted_contact,
)
from app.web.forms import NextPage, NotedForm, SubmittedForm
from app.web.rendering import redirect, refused, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter()

CONTACT = "/mi/contacto"


@router.get("/entrar/contacto")
@router.get("/citas/contacto")
async def contact_page(
    request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, next_page: NextPage = ""
) -> Response:
    """What must match the registry, and where the code goes. Who is signed in changes their contact instead."""
    return (
        redirect(request, browser, CONTACT)
        if is_signed_in(browser)
        else _first(request, browser, next_page, has_number=True)
    )


@router.get("/entrar/sin-numero")
@router.get("/citas/sin-numero")
async def numberless_page(
    request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, next_page: NextPage = ""
) -> Response:
    """For who never had a number: CURP, name and postal code open an account."""
    return (
        redirect(request, browser, CONTACT)
        if is_signed_in(browser)
        else _first(request, browser, next_page, has_number=False)
    )


def _first(request: Request, browser: BrowserSession, next_page: str, *, has_number: bool) -> Response:
    typed = {"curp": browser.answers.get("identifier", ""), "next": local_path(next_page)}
    return _page(request, browser, SubmittedForm(typed), has_number=has_number)


def _page(
    request: Request, browser: BrowserSession, form: SubmittedForm, *, has_number: bool, problem: Problem | None = None
) -> Response:
    flow = flow_of(request)
    return show(
        request,
        browser,
        "citizen/contact.html",
        status=problem.status if problem else 200,
        errors=form.errors,
        problem=problem,
        typed=form.values,
        flow=flow,
        has_number=has_number,
        next_page=local_path(form.get("next")),
        back=flow.identity,
    )


@router.post("/entrar/contacto")
@router.post("/citas/contacto")
async def contact_sent(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, form: NotedForm
) -> Response:
    """Sends a code if the three match. If they don't, that is said, and what to do; not which of them differs."""
    nss = form.parsed("nss", parse_nss, "") if form.get("nss") else None
    return await _sent(request, browser, actor, tx, form, {"nss": nss}, has_number=True)


@router.post("/entrar/sin-numero")
@router.post("/citas/sin-numero")
async def numberless_sent(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, form: NotedForm
) -> Response:
    """Sends a code to the contact typed, whether or not the registry knows the CURP."""
    names = {
        "given_names": form.parsed("given_names", parse_name, N_("Escriba su nombre.")),
        "first_surname": form.parsed("first_surname", parse_name, "") if form.get("first_surname") else "",
        "second_surname": form.parsed("second_surname", parse_name, "") if form.get("second_surname") else "",
    }
    return await _sent(request, browser, actor, tx, form, {"nss": None, **names}, has_number=False)


async def _sent(
    request: Request,
    browser: BrowserSession,
    actor: Anonymous,
    tx: AsyncSession,
    form: SubmittedForm,
    known: dict[str, Any],
    *,
    has_number: bool,
) -> Response:
    if is_signed_in(browser):
        return redirect(request, browser, CONTACT)
    flow: SignInFlow = flow_of(request)
    curp = form.parsed("curp", parse_curp, N_("Escriba su CURP."))
    if curp and not may_have_curp(curp, known.get("given_names", ""), known.get("first_surname", "")):
        form.wrong("given_names", NOT_OF_CURP)
    postal_code = form.parsed("postal_code", parse_postal_code, N_("Escriba su código postal."))
    way = form.one_of("way", WAYS, N_("Elija a dónde enviamos el código."))
    contact = submitted_contact(form, way)
    order = ["curp", "nss", *NAMES, "postal_code"]
    form.errors.sort(key=lambda error: order.index(error.field) if error.field in order else len(order))
    if form.errors:
        return _page(request, browser, form, has_number=has_number)
    if way == "neither":
        return show(request, browser, "citizen/desk_code.html", flow=flow, back=flow.contact)
    first_time = {**known, "postal_code": postal_code, "email": contact.email, "phone": contact.phone}
    try:
        challenge = await send_first_code(tx, actor, curp, first_time)
    except FirstTimeMismatch as problem:
        return _page(request, browser, form, has_number=has_number, problem=problem)
    except TooManyRequests as problem:
        return refused(form, "curp", problem, lambda: _page(request, browser, form, has_number=has_number))
    await expect(tx, browser, challenge, curp, form)
    browser.remember(first_time=first_time)
    return redirect(request, browser, flow.code)
