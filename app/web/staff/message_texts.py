"""The texts of messages, for administrators: list, edit with a preview, test, versions, restore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from app.identity.permissions import Action, require
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import LANGUAGES, N_
from app.kernel.parsing import whole_number
from app.kernel.problems import FieldError, Invalid, NotFound, Problem, Stale, TooManyRequests
from app.notifications.contacts import EMAIL, SMS
from app.notifications.templates import editing, views
from app.notifications.templates.declarations import Part, Template, Wording
from app.notifications.templates.editing import TestSend, template_of
from app.places.rules import DEFAULT_ZONE
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm, Look
from app.web.forms import SubmittedForm
from app.web.rendering import finish, show
from app.web.staff.header import HEADER, done, outdate

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix="/ventanilla/textos", dependencies=[HEADER])

PAGE = "/ventanilla/textos"
TemplateId = Annotated[str, Path(max_length=60)]
LANGUAGE_NAMES = {"es": N_("Español"), "en": N_("Inglés")}
PART_NAMES = {
    Part.SUBJECT: N_("Asunto del correo"),
    Part.BODY: N_("Correo"),
    Part.SMS: N_("Mensaje de texto"),
    Part.PUSH: N_("Aviso en el navegador"),
}
TEST_STATES = {
    "pending": N_("Saliendo"),
    "sent": N_("Enviada"),
    "shown": N_("En el correo de desarrollo"),
    "dropped": N_("No se pudo enviar"),
}


def _name(part: Part, language: str) -> str:
    return f"{part.value}_{language}"


@router.get("")
async def texts_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Every message, by what it is about."""
    listed = await views.list_templates(tx, actor)
    return show(
        request,
        browser,
        "staff/message_texts.html",
        listed=listed,
        zone=DEFAULT_ZONE,
        back="/ventanilla",
    )


@router.get("/{template_id}")
async def edit_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, template_id: TemplateId
) -> Response:
    """The texts in both languages, and the data that they may have."""
    return await _page(request, browser, actor, tx, template_of(template_id))


async def _page(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    template: Template,
    form: SubmittedForm | None = None,
    problem: Problem | None = None,
    **more: Any,
) -> Response:
    """The page with the texts in force, or with what was typed."""
    shown = await views.shown_template(tx, actor, template)
    outdate(request, shown.version)
    stored = {_name(part, code): shown.wordings[code].part(part) for code in LANGUAGES for part in template.parts}
    is_typed = form is not None and _name(Part.SUBJECT, LANGUAGES[0]) in form.values
    typed = {**stored, **(form.values if form is not None and is_typed else {})}
    return show(
        request,
        browser,
        "staff/message_text.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        about=template,
        version=shown.version,
        shown=[template.id, shown.version],
        typed=typed,
        languages=LANGUAGE_NAMES,
        parts=[(part, PART_NAMES[part]) for part in template.parts],
        part_names=PART_NAMES,
        tests=await views.recent_tests(tx, actor, template),
        test_states=TEST_STATES,
        zone=DEFAULT_ZONE,
        back=PAGE,
        **more,
    )


def _typed(template: Template, form: SubmittedForm) -> dict[str, Wording]:
    return {
        code: Wording(*(form.values.get(_name(part, code), "") if part in template.parts else "" for part in Part))
        for code in LANGUAGES
    }


def _note(template: Template, form: SubmittedForm) -> bool:
    """Note what is wrong with the typed texts, each at its field; return whether nothing is."""
    for issue in editing.issues_of(template, _typed(template, form)):
        form.wrong(issue.field, issue.message())
    return not form.errors


@router.post("/{template_id}/vista-previa")
async def preview(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Look, template_id: TemplateId
) -> Response:
    """How the typed texts look with sample data; nothing is stored."""
    require(actor, Action.MANAGE_MESSAGE_TEXTS)
    template = template_of(template_id)
    found = []
    if form.refusal is None and _note(template, form):
        found = views.previews(template, editing.normal_wordings(_typed(template, form)))
    return await _page(request, browser, actor, tx, template, form, previews=found)


@router.post("/{template_id}")
async def save(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, template_id: TemplateId
) -> Response:
    """A new version of the texts, unless something is wrong with them."""
    require(actor, Action.MANAGE_MESSAGE_TEXTS)
    template = template_of(template_id)
    version = await editing.version_of(tx, template.id)
    if not _note(template, form) or not form.holds([template.id, version]):
        return await _page(request, browser, actor, tx, template, form)
    try:
        async with savepoint(tx):
            version = await editing.save_texts(tx, actor, template.id, _typed(template, form), version)
    except Stale as problem:
        return await _page(request, browser, actor, tx, template, form, problem)
    return finish(request, browser, form, done(f"{PAGE}/{template.id}", "texto", version=version))


@router.post("/{template_id}/prueba")
async def test(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, template_id: TemplateId
) -> Response:
    """Send the typed texts with sample data to a contact of theirs; they stay typed, and aren't stored."""
    require(actor, Action.MANAGE_MESSAGE_TEXTS)
    template = template_of(template_id)
    to = form.required("to", N_("Escriba su correo o su celular."))
    code = form.one_of("test_language", list(LANGUAGE_NAMES), N_("Elija un idioma."))
    version = await editing.version_of(tx, template.id)
    if not to or not code or not _note(template, form) or not form.holds([template.id, version]):
        return await _page(request, browser, actor, tx, template, form)
    try:
        async with savepoint(tx):
            wanted = TestSend(next(one for one in LANGUAGES if one == code), EMAIL if "@" in to else SMS, to)
            await editing.send_test(tx, actor, template.id, _typed(template, form), wanted)
    except TooManyRequests as problem:
        form.wrong("to", f"{problem.heading()}. {problem.advice()}")
        return await _page(request, browser, actor, tx, template, form)
    except Invalid as problem:
        form.errors += [FieldError("to", one.message) for one in problem.fields]
        return await _page(request, browser, actor, tx, template, form)
    form.leave_open([template.id, version])
    return await _page(request, browser, actor, tx, template, form, tested=to)


@router.get("/{template_id}/versiones")
async def versions_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, template_id: TemplateId
) -> Response:
    """Who changed what and when, the latest first."""
    return await _versions(request, browser, actor, tx, template_of(template_id))


async def _versions(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    template: Template,
    problem: Problem | None = None,
) -> Response:
    versions = await views.list_versions(tx, actor, template)
    return show(
        request,
        browser,
        "staff/message_text_versions.html",
        status=problem.status if problem else 200,
        problem=problem,
        about=template,
        versions=versions,
        languages=LANGUAGE_NAMES,
        part_names=PART_NAMES,
        shown=[template.id, versions[0].version],
        zone=DEFAULT_ZONE,
        back=f"{PAGE}/{template.id}",
    )


@router.post("/{template_id}/restaurar")
async def restore(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, template_id: TemplateId
) -> Response:
    """Use the texts of an earlier version again."""
    require(actor, Action.MANAGE_MESSAGE_TEXTS)
    template = template_of(template_id)
    version = await editing.version_of(tx, template.id)
    if not form.holds([template.id, version]):
        return await _versions(request, browser, actor, tx, template)
    try:
        async with savepoint(tx):
            version = await editing.restore_texts(tx, actor, template.id, _chosen(form), version)
    except (Stale, Invalid) as problem:
        return await _versions(request, browser, actor, tx, template, problem)
    return finish(request, browser, form, done(f"{PAGE}/{template.id}", "texto-restaurado", version=version))


def _chosen(form: EffectForm) -> int:
    """The version to restore.

    Raises:
        NotFound: it is none.
    """
    try:
        return whole_number(form.get("version"))
    except ValueError as error:
        raise NotFound from error
