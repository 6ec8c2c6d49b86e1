"""Sign-in: identity, code, first time, magic link, sign-out. The same pages serve two flows: on the way to an
appointment (`/citas/…`) and directly to one's own page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from app.identity.problems import FirstTimeMismatch, WrongCode
from app.identity.rules import Contact
from app.identity.service import accounts, codes, sessions
from app.identity.service.proofs import SignInResult
from app.identity.service.sessions import Proof
from app.identity.service.stored_forms import delete_forms_of
from app.identity.settings import identity_settings
from app.kernel.actor import Anonymous, Assurance, Channel, Citizen
from app.kernel.http.pages import local_path
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, language
from app.kernel.idempotency import KEY_FIELD
from app.kernel.parsing import is_digits
from app.kernel.problems import TooManyRequests
from app.notifications import push_subscriptions
from app.registry.contact import normal_email, normal_phone
from app.registry.enrolment import enrol
from app.registry.masks import masked_identifier
from app.registry.names import Names
from app.registry.queries import find_person
from app.registry.sign_in import masked_link_owner, parse_identifier, resolve_curp, send_code
from app.web.browser import (
    AnonymousWeb,
    BrowserSession,
    BrowserSessionWeb,
    SignInSessionWeb,
    ensure_session,
    make_proof,
    remember_device,
    replay_sign_in,
)
from app.web.effects import owner_of
from app.web.forms import Form, NextPage, NotedForm, SubmittedForm, new_key
from app.web.rendering import redirect, refused, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter()

EXPIRED = 410
MAX_CODE = 8
WAYS = ["email", "phone", "neither"]
NAMES = ("given_names", "first_surname", "second_surname")
Token = Annotated[str, Path(max_length=100)]


@dataclass(frozen=True, slots=True)
class SignInFlow:
    """A sign-in flow: its pages, and where it leads."""

    identity: str
    contact: str
    numberless: str
    code: str
    back: str
    leads_to: str


BOOKING = SignInFlow(
    "/citas/identidad", "/citas/contacto", "/citas/sin-numero", "/citas/codigo", "/citas", "/citas/quien"
)
DIRECT = SignInFlow("/entrar", "/entrar/contacto", "/entrar/sin-numero", "/entrar/codigo", "/", "/mi")


def flow_of(request: Request) -> SignInFlow:
    """Return the sign-in flow this page belongs to."""
    return BOOKING if request.scope["path"].startswith("/citas") else DIRECT


def is_signed_in(browser: BrowserSession) -> bool:
    """Return whether a citizen is signed in at this browser."""
    return browser.row is not None and browser.row.person_id is not None


@router.get("/entrar")
@router.get("/citas/identidad")
async def identity_page(
    request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, next_page: NextPage = ""
) -> Response:
    """CURP or social-security number."""
    flow = flow_of(request)
    if is_signed_in(browser):
        return redirect(request, browser, local_path(next_page) or flow.leads_to)
    context: dict[str, Any] = {"flow": flow, "next_page": local_path(next_page), "lapsed": browser.idle is not None}
    context["idle_minutes"] = identity_settings().session_idle_minutes
    return show(request, browser, "citizen/identity.html", typed={}, back=flow.back, **context)


@router.post("/entrar")
@router.post("/citas/identidad")
async def identity_sent(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, form: NotedForm
) -> Response:
    """Sends a code if there is an account; the next page is the same either way."""
    flow = flow_of(request)
    identifier = form.parsed("identifier", parse_identifier, N_("Escriba su CURP o su número de seguridad social."))
    if form.errors:
        return _identity_again(request, browser, flow, form)
    try:
        challenge = await send_code(tx, actor, identifier=identifier, language=language())
    except TooManyRequests as problem:
        return refused(form, "identifier", problem, lambda: _identity_again(request, browser, flow, form))
    await expect(tx, browser, challenge, identifier, form)
    return redirect(request, browser, flow.code)


def _identity_again(request: Request, browser: BrowserSession, flow: SignInFlow, form: SubmittedForm) -> Response:
    context: dict[str, Any] = {"flow": flow, "next_page": local_path(form.get("next")), "lapsed": False}
    return show(
        request, browser, "citizen/identity.html", errors=form.errors, typed=form.values, back=flow.back, **context
    )


async def expect(
    tx: AsyncSession,
    browser: BrowserSession,
    challenge: UUID,
    identifier: str,
    form: SubmittedForm,
    *,
    raising: bool = False,
) -> None:
    """Remember the code that this browser waits for, and where to go once it is proved. `raising`: a caller at the low
    level of assurance requests the full one."""
    await ensure_session(tx, browser)
    back = local_path(form.get("next")) or browser.answers.get("back")
    browser.remember(
        challenge=str(challenge),
        identifier=identifier,
        back=back,
        first_time=None,
        resent=None,
        raising=raising or None,
    )


async def send_first_code(tx: AsyncSession, actor: Anonymous, curp: str, typed: dict[str, Any]) -> UUID:
    """The code of a first time, with what was typed then: also for another one."""
    contact = Contact(typed["email"], typed["phone"])
    names = Names(*(typed.get(name) or "" for name in NAMES))
    known = {"nss": typed["nss"], "postal_code": typed["postal_code"], "names": names}
    return await enrol(tx, actor, curp=curp, contact=contact, language=language(), **known)


def submitted_contact(form: SubmittedForm, way: str) -> Contact:
    """The e-mail or telephone of a form, whichever was chosen; notes what is wrong with it."""
    if way == "email":
        return Contact(email=form.parsed("email", normal_email, N_("Escriba su correo.")) or None)
    if way == "phone":
        return Contact(phone=form.parsed("phone", normal_phone, N_("Escriba su teléfono.")) or None)
    return Contact()


@router.get("/entrar/codigo")
@router.get("/citas/codigo")
async def code_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """The code from the message, or from the desk."""
    flow = flow_of(request)
    if "challenge" not in browser.answers:
        return redirect(request, browser, flow.identity)
    return _code_again(request, browser, flow)


def _code_again(
    request: Request, browser: BrowserSession, flow: SignInFlow, form: SubmittedForm | None = None
) -> Response:
    return show(
        request,
        browser,
        "citizen/code.html",
        errors=form.errors if form else None,
        flow=flow,
        minutes=identity_settings().code_minutes,
        resent=browser.answers.get("resent"),
        whose=masked_identifier(browser.answers.get("identifier") or ""),
        raising=bool(browser.answers.get("raising")),
        first_time=browser.answers.get("first_time"),
        idempotency_key=(form.get(KEY_FIELD) if form else "") or new_key(),
        back=flow.identity,
    )


@router.post("/entrar/codigo")
@router.post("/citas/codigo")
async def code_sent(
    request: Request, browser: SignInSessionWeb, actor: AnonymousWeb, tx: Tx, form: NotedForm
) -> Response:
    """The right code signs in; a wrong one is said beside the field, and counted. Sent twice, it leads to the same."""
    flow = flow_of(request)
    code = "".join(form.required("code", N_("Escriba el código que recibió.")).split()).replace("-", "")
    proof = make_proof(browser, form.get(KEY_FIELD), "code", code)
    landed = await replay_sign_in(tx, browser, proof)
    if landed is not None:
        return redirect(request, browser, landed)
    challenge = browser.answers.get("challenge")
    if challenge is None:
        return redirect(request, browser, flow.identity)
    if code and (not is_digits(code) or len(code) > MAX_CODE):
        form.wrong("code", N_("El código sólo tiene números, 6 u 8."))
    if form.errors:
        return _code_again(request, browser, flow, form)
    try:
        proved = await codes.verify_code(
            tx, actor, challenge_id=UUID(challenge), code=code, session_id=_session_id(browser)
        )
    except WrongCode:
        form.wrong("code", N_("El código no es correcto o ya venció. Revise el mensaje más reciente o pida otro."))
        return _code_again(request, browser, flow, form)
    except TooManyRequests as problem:
        return refused(form, "code", problem, lambda: _code_again(request, browser, flow, form))
    return await _complete_sign_in(request, browser, tx, proved, flow, proof)


def _session_id(browser: BrowserSession) -> UUID | None:
    return browser.row.id if browser.row is not None else None


async def _complete_sign_in(
    request: Request, browser: BrowserSession, tx: AsyncSession, proved: SignInResult, flow: SignInFlow, proof: Proof
) -> Response:
    back = "/mi/contacto" if proved.needs_contact else browser.answers.get("back") or flow.leads_to
    prefix = request.scope["state"].get("prefix", "")
    landed = back.removeprefix(prefix) if prefix else back
    browser.row, browser.fresh_token = await sessions.sign_in_session(
        tx,
        browser.row,
        person_id=proved.person_id,
        idle=browser.idle,
        device=browser.device,
        proof=proof,
        landed=landed,
        assurance=proved.assurance,
        signed_in_by=proved.how,
    )
    # A browser that notifies someone else doesn't go on doing so.
    signed_in = Citizen(proved.person_id, Channel.WEB, device=browser.device, assurance=proved.assurance)
    await push_subscriptions.end_in_browser(tx, signed_in, browser.known_device, but_of=proved.person_id)
    # Who must choose a contact first still goes where they wanted.
    back = browser.answers.get("back") if proved.needs_contact else None
    browser.remember(challenge=None, identifier=None, back=back, resent=None, first_time=None, raising=None)
    person = await find_person(tx, proved.person_id) if proved.assurance is Assurance.FULL else None
    browser.remember(name=person.given_names if person else None)
    account = await accounts.account_of(tx, proved.person_id)
    if account is not None:
        remember_device(browser, account.curp)
    return redirect(request, browser, landed)


@router.post("/entrar/otro-codigo")
@router.post("/citas/otro-codigo")
async def send_again(request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, form: Form) -> Response:
    """Another code, to the account's contact."""
    flow = flow_of(request)
    identifier = browser.answers.get("identifier")
    if identifier is None:
        return redirect(request, browser, flow.identity)
    first_time = browser.answers.get("first_time")
    try:
        if first_time is None:
            raising = bool(browser.answers.get("raising"))
            challenge = await send_code(tx, actor, identifier=identifier, language=language(), full_only=raising)
        else:
            challenge = await send_first_code(tx, actor, identifier, first_time)
    except FirstTimeMismatch:  # the registry was corrected meanwhile
        return redirect(request, browser, flow.contact)
    except TooManyRequests as problem:
        return refused(form, "code", problem, lambda: _code_again(request, browser, flow, form))
    browser.remember(challenge=str(challenge), resent=True)
    return redirect(request, browser, flow.code)


@router.get("/entrar/enlace/{token}")
async def link_page(
    request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, tx: Tx, token: Token
) -> Response:
    """A page with a button: a program that follows links to scan mail must not use this one up."""
    whose = await masked_link_owner(tx, token)
    return _link_over(request, browser) if whose is None else _link_again(request, browser, whose)


def _link_over(request: Request, browser: BrowserSession) -> Response:
    """It was used, is too old, or never was one: the same page for each."""
    return show(request, browser, "citizen/link_over.html", status=EXPIRED)


def _link_again(
    request: Request, browser: BrowserSession, whose: str | None, form: SubmittedForm | None = None
) -> Response:
    asks = "challenge" not in browser.answers or form is not None
    errors = form.errors if form else None
    typed = form.values if form else {}
    idempotency_key = (form.get(KEY_FIELD) if form else "") or new_key()
    return show(
        request,
        browser,
        "citizen/link.html",
        errors=errors,
        asks=asks,
        typed=typed,
        whose=whose,
        idempotency_key=idempotency_key,
    )


@router.post("/entrar/enlace/{token}")
async def link_used(
    request: Request, browser: SignInSessionWeb, actor: AnonymousWeb, tx: Tx, form: NotedForm, token: Token
) -> Response:
    """Signs in from the browser that asked; from another one, for who also knows the CURP."""
    proof = make_proof(browser, form.get(KEY_FIELD), "link", token)
    landed = await replay_sign_in(tx, browser, proof)
    if landed is not None:
        return redirect(request, browser, landed)
    challenge = browser.answers.get("challenge")
    whose = await masked_link_owner(tx, token)
    if whose is None:
        return _link_over(request, browser)
    curp = None
    if form.get("identifier") or challenge is None:
        identifier = form.parsed("identifier", parse_identifier, N_("Escriba su CURP o su número de seguridad social."))
        curp = await resolve_curp(tx, identifier) if identifier else None
    if form.errors:
        return _link_again(request, browser, whose, form)
    try:
        proved = await codes.verify_link(
            tx,
            actor,
            token=token,
            challenge_id=UUID(challenge) if challenge else None,
            curp=curp,
            session_id=_session_id(browser),
        )
    except WrongCode:
        form.wrong("identifier", N_("El enlace ya se usó, venció o no es de esa persona. Pida otro código."))
        return _link_again(request, browser, whose, form)
    except TooManyRequests as problem:
        return refused(form, "identifier", problem, lambda: _link_again(request, browser, whose, form))
    return await _complete_sign_in(request, browser, tx, proved, DIRECT, proof)


@router.post("/salir")
async def sign_out(request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx) -> Response:
    """Sign out: delete the session here and in the browser, which isn't notified any more."""
    if browser.row is not None:
        await delete_forms_of(tx, owner_of(browser))
        await sessions.end_session(tx, browser.row)
        browser.row, browser.ended = None, True
    await push_subscriptions.end_in_browser(tx, actor, browser.known_device)
    return redirect(request, browser, "/")
