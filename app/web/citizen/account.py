"""An account's own safety: confirm who one is, change where codes go, and say that something wasn't oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from app.identity.dependencies import address_of
from app.identity.events import ContactChanged, DeskCodeIssued, MandateGranted, MandateRevoked, NewDeviceSeen
from app.identity.problems import ProofMissing, WrongCode
from app.identity.service import account_freeze, accounts, contacts
from app.identity.service.account_freeze import ReportedEvent
from app.identity.settings import identity_settings
from app.kernel.actor import Anonymous, Assurance, Channel, Citizen
from app.kernel.db import savepoint
from app.kernel.http.pages import local_path
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, language
from app.kernel.parsing import is_digits
from app.kernel.problems import TooManyRequests
from app.registry.queries import find_person, own_person
from app.registry.sign_in import send_code
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.booking_review import masked
from app.web.citizen.sign_in import expect, submitted_contact
from app.web.effects import Effect
from app.web.forms import Form, NextPage, SubmittedForm
from app.web.rendering import redirect, show, start_again

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.identity.models import Account

router = APIRouter()

MAX_CODE = 8
DESK_CODE = "desk-code"
WAYS = ["email", "phone"]
WHAT_HAPPENED = {
    ContactChanged.type: N_("Cambió el correo o teléfono de su cuenta."),
    NewDeviceSeen.type: N_("Alguien entró a su cuenta desde un teléfono, computadora o programa nuevo."),
    DeskCodeIssued.type: N_("En la recepción de una clínica dieron un código para entrar a su cuenta."),
    MandateGranted.type: N_("Se dio permiso a otra persona para hacer trámites por usted."),
    MandateRevoked.type: N_("Se quitó el permiso de otra persona para hacer trámites por usted."),
}
Token = Annotated[str, Path(max_length=100)]


@router.get("/mi/confirmar")
async def confirm_page(
    request: Request, browser: BrowserSessionWeb, _actor: LowCitizenWeb, next_page: NextPage = ""
) -> Response:
    """What the low level of assurance leaves out, and the two ways to the full one."""
    if browser.is_sure:
        return redirect(request, browser, local_path(next_page) or "/mi")
    return show(request, browser, "citizen/confirm_identity.html", next_page=local_path(next_page), back="/mi")


@router.post("/mi/confirmar")
async def confirm_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Form
) -> Response:
    """Sends a code to the contact of the registry, if there is one; the next page takes it, or one of the desk."""
    person = await own_person(tx, actor)
    challenge = await send_code(
        tx, _caller(request, browser), identifier=person.curp, language=language(), full_only=True
    )
    await expect(tx, browser, challenge, person.curp, form, raising=True)
    return redirect(request, browser, "/entrar/codigo")


def _caller(request: Request, browser: BrowserSession) -> Anonymous:
    """Where the person comes from: codes are counted by it."""
    return Anonymous(Channel.WEB, address_of(request), browser.device, browser.known_device)


@router.get("/mi/contacto")
async def contact_page(request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """Where codes go from now on."""
    return await _contact_page(request, browser, actor, tx)


def _on_file(account: Account | None) -> list[object]:
    """Where codes go now, which is what changes."""
    return ["contact", account.email, account.phone] if account else ["contact"]


async def _contact_page(
    request: Request, browser: BrowserSession, actor: Citizen, tx: AsyncSession, form: SubmittedForm | None = None
) -> Response:
    account = await accounts.account_of(tx, actor.person_id)
    return show(
        request,
        browser,
        "citizen/new_contact.html",
        errors=form.errors if form else None,
        typed=form.values if form else {},
        contact=masked(account.email or account.phone) if account else None,
        shown=_on_file(account),
        back="/mi",
    )


@router.post("/mi/contacto")
async def contact_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect
) -> Response:
    """A code goes to the new contact, and another to the one on file."""
    way = form.one_of("way", WAYS, N_("Elija a dónde enviamos los códigos."))
    contact = submitted_contact(form, way)
    if not form.holds(_on_file(await accounts.account_of(tx, actor.person_id))) or form.errors:
        return await _contact_page(request, browser, actor, tx, form)
    try:
        change = await contacts.start_change(tx, actor, _caller(request, browser), contact, language())
    except TooManyRequests as problem:
        form.wrong("way", f"{problem.heading()}. {problem.advice()}")
        return await _contact_page(request, browser, actor, tx, form)
    browser.remember(
        change={"new": str(change.new_id), "confirm": str(change.confirm_id) if change.confirm_id else None},
        change_to=masked(contact.email or contact.phone),
    )
    return redirect(request, browser, "/mi/contacto/codigo")


@router.get("/mi/contacto/codigo")
async def contact_code_page(request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """Both codes, on one page."""
    if "change" not in browser.answers:
        return redirect(request, browser, "/mi/contacto")
    return await _contact_code_page(request, browser, actor, tx)


async def _contact_code_page(
    request: Request, browser: BrowserSession, actor: Citizen, tx: AsyncSession, form: SubmittedForm | None = None
) -> Response:
    account = await accounts.account_of(tx, actor.person_id)
    return show(
        request,
        browser,
        "citizen/new_contact_code.html",
        errors=form.errors if form else None,
        typed=form.values if form else {},
        old=masked(account.email or account.phone) if account else None,
        new=browser.answers.get("change_to"),
        asks_proof=_asks_proof(browser),
        shown=browser.answers.get("change"),
        minutes=identity_settings().code_minutes,
        back="/mi/contacto",
    )


def _asks_proof(browser: BrowserSession) -> bool:
    """Who signed in with a desk code has shown a document; who has no contact on file has nothing to prove."""
    by_desk = browser.row is not None and browser.row.signed_in_by == DESK_CODE
    return not by_desk and browser.answers["change"]["confirm"] is not None


@router.post("/mi/contacto/codigo")
async def contact_code_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect
) -> Response:
    """With both right, the contact is the new one, and every other browser and program is signed out."""
    change = browser.answers.get("change")
    if change is None:
        return start_again(request, browser, form, "/mi/contacto")
    if not form.holds(change):
        return await _contact_code_page(request, browser, actor, tx, form)
    new_code = _typed_code(form, "new_code", N_("Escriba el código que enviamos al contacto nuevo."))
    proof = ""
    if _asks_proof(browser):
        proof = _typed_code(form, "proof", N_("Escriba el código del contacto anterior, o uno de recepción."))
    if not form.errors:
        await _change(browser, actor, tx, form, new_code, proof)
    if form.errors:
        return await _contact_code_page(request, browser, actor, tx, form)
    back = browser.answers.get("back")
    browser.remember(change=None, change_to=None, back=None)
    return redirect(request, browser, back or "/mi")


async def _change(
    browser: BrowserSession, actor: Citizen, tx: AsyncSession, form: SubmittedForm, new_code: str, proof: str
) -> None:
    assert browser.row is not None
    pending = browser.answers["change"]
    change = contacts.Change(UUID(pending["new"]), UUID(pending["confirm"]) if pending["confirm"] else None)
    try:
        async with savepoint(tx):
            level = await contacts.change_contact(
                tx, actor, change, new_code=new_code, proof=proof, signed_in_by=browser.row.signed_in_by
            )
    except WrongCode:
        form.wrong("new_code", N_("El código no es correcto o ya venció. Revise el mensaje más reciente."))
    except ProofMissing:
        form.wrong("proof", N_("El código no es correcto o ya venció. Pida uno en la recepción de su clínica."))
    else:
        browser.row.assurance = level.value
        person = await find_person(tx, actor.person_id) if level is Assurance.FULL else None
        browser.remember(name=person.given_names if person else None)


def _typed_code(form: SubmittedForm, name: str, empty: str) -> str:
    code = "".join(form.required(name, empty).split()).replace("-", "")
    if code and not (is_digits(code) and len(code) <= MAX_CODE):
        form.wrong(name, N_("El código sólo tiene números, 6 u 8."))
    return code


@router.get("/no-fui-yo/{token}")
async def not_me_page(
    request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, tx: Tx, token: Token
) -> Response:
    """What happened, and a button: a program that follows links to scan mail must not freeze an account."""
    report = await account_freeze.read_report_link(tx, token)
    return _not_me(request, browser, report)


def _not_me(request: Request, browser: BrowserSession, report: ReportedEvent) -> Response:
    happened, shown = WHAT_HAPPENED[report.type], [report.type, report.is_over]
    return show(request, browser, "citizen/not_me.html", report=report, happened=happened, shown=shown, done=False)


@router.post("/no-fui-yo/{token}")
async def not_me_sent(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, form: Effect, token: Token
) -> Response:
    """Sessions and tokens end at once, and only a desk code opens the account."""
    report = await account_freeze.read_report_link(tx, token)
    if not form.holds([report.type, report.is_over]):
        return _not_me(request, browser, report)
    report = await account_freeze.freeze(tx, actor, token)
    ended = browser.row is not None and browser.row.person_id == report.person_id
    if browser.row is not None and ended:
        browser.row, browser.ended = None, True
    return show(
        request,
        browser,
        "citizen/not_me.html",
        report=report,
        happened=WHAT_HAPPENED[report.type],
        done=not report.is_over,
    )
