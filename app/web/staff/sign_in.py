"""Staff sign-in: user, password and authenticator code; and the start page."""

from fastapi import APIRouter, Request, Response

from app.catalog.loader import load_services
from app.clients.rules import scopes_for
from app.identity.permissions import Action, may
from app.identity.problems import AuthenticatorUnreadable, WrongCredentials
from app.identity.service import sessions
from app.identity.service.staff import sign_in_staff
from app.identity.service.stored_forms import delete_forms_of
from app.kernel.http.pages import local_path
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.idempotency import KEY_FIELD
from app.kernel.problems import TooManyRequests
from app.notifications.unaddressed import count_open
from app.requests.queries.queue import counts
from app.requests.service.claims import held_by
from app.web.browser import (
    AnonymousWeb,
    BrowserSession,
    BrowserSessionWeb,
    SignInSessionWeb,
    StaffWeb,
    make_proof,
    remember_device,
    replay_sign_in,
)
from app.web.effects import owner_of
from app.web.forms import NextPage, NotedForm, SubmittedForm, new_key
from app.web.rendering import redirect, refused, show
from app.web.staff.header import HEADER
from app.webhooks.queries import count_stopped

router = APIRouter(prefix="/ventanilla")


@router.get("/entrar")
async def sign_in_page(
    request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, next_page: NextPage = ""
) -> Response:
    """Three fields; the code changes every 30 seconds."""
    return show(
        request, browser, "staff/sign_in.html", typed={"next": local_path(next_page)}, idempotency_key=new_key()
    )


@router.post("/entrar")
async def sign_in_sent(
    request: Request, browser: SignInSessionWeb, actor: AnonymousWeb, tx: Tx, form: NotedForm
) -> Response:
    """Which of the three is wrong isn't said. Sent twice, it leads to the same page."""
    username = form.required("username", N_("Escriba su usuario."))
    password = form.values.get("password", "")
    if not password:
        form.wrong("password", N_("Escriba su contraseña."))
    code = "".join(form.required("code", N_("Escriba el código de su aplicación.")).split())
    if form.errors:
        return _sign_in_again(request, browser, form)
    proof = make_proof(browser, form.get(KEY_FIELD), "staff", username, password, code)
    landed = await replay_sign_in(tx, browser, proof)
    if landed is not None:
        return redirect(request, browser, landed)
    try:
        staff = await sign_in_staff(tx, actor, username=username, password=password, code=code)
    except WrongCredentials:
        form.wrong("username", N_("Usuario, contraseña o código incorrectos. El código cambia cada 30 segundos."))
        return _sign_in_again(request, browser, form)
    except TooManyRequests as problem:
        return refused(form, "username", problem, lambda: _sign_in_again(request, browser, form))
    except AuthenticatorUnreadable as problem:
        return refused(form, "code", problem, lambda: _sign_in_again(request, browser, form))
    landed = local_path(form.get("next")) or "/ventanilla"
    browser.row, browser.fresh_token = await sessions.sign_in_session(
        tx, browser.row, staff_id=staff.staff_id, proof=proof, landed=landed
    )
    remember_device(browser, f"staff {username}")
    return redirect(request, browser, landed)


def _sign_in_again(request: Request, browser: BrowserSession, form: SubmittedForm) -> Response:
    typed = {"username": form.get("username"), "next": local_path(form.get("next"))}
    idempotency_key = form.get(KEY_FIELD) or new_key()
    return show(
        request, browser, "staff/sign_in.html", errors=form.errors, typed=typed, idempotency_key=idempotency_key
    )


@router.get("", dependencies=[HEADER])
async def work_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """What I have, what is due, the next one; and what else this role can do."""
    works = may(actor, Action.WORK_REQUESTS)
    return show(
        request,
        browser,
        "staff/work.html",
        staff=actor,
        may_give_codes=may(actor, Action.ATTEND_PEOPLE),
        may_read=may(actor, Action.READ_MESSAGES),
        to_tell=await count_open(tx, actor) if may(actor, Action.NOTIFY_PEOPLE) else None,
        may_keep_staff=may(actor, Action.MANAGE_STAFF),
        may_keep_clients=may(actor, Action.MANAGE_CLIENTS),
        may_have_tokens=bool(scopes_for(actor.role)),
        may_keep_texts=may(actor, Action.MANAGE_MESSAGE_TEXTS),
        may_keep_devices=may(actor, Action.MANAGE_DEVICES),
        may_keep_webhooks=may(actor, Action.MANAGE_WEBHOOKS),
        stopped_webhooks=await count_stopped(tx) if may(actor, Action.MANAGE_WEBHOOKS) else 0,
        may_read_access_log=may(actor, Action.READ_ACCESS_LOG),
        may_analyse=may(actor, Action.MANAGE_SAVINGS),
        counts=await counts(tx, actor) if works else None,
        mine=await held_by(tx, actor) if works else [],
        services=load_services(),
    )


@router.post("/salir")
async def leave(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, tx: Tx) -> Response:
    """Sign out."""
    if browser.row is not None:
        await delete_forms_of(tx, owner_of(browser))
        await sessions.end_session(tx, browser.row)
        browser.row, browser.ended = None, True
    return redirect(request, browser, "/ventanilla/entrar")
