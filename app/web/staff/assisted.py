"""Act for a person at the counter or on the telephone: whom, on which channel, who they are, and what to do. What is
done then is on the citizens' own pages (`app.web.assisted`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.appointments.queries.draws import registrations_of
from app.appointments.queries.own import may_act_for, presented_appointment, upcoming_appointments
from app.catalog.loader import load_services
from app.desk.rules.assistance import IdentityCheck, SeenDocument, checks_on
from app.desk.rules.identity_questions import MAX_ATTEMPTS, NEEDED, TOO_FEW, Question, are_whole
from app.desk.service import assistances
from app.identity.permissions import Action, require
from app.identity.service import assistance
from app.kernel.actor import Channel, Staff
from app.kernel.http.pages import local_path
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, language
from app.kernel.problems import NotFound, Problem
from app.places.queries import unit_by_id, zone_of
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import find_person, person_by_id
from app.registry.sign_in import find_person as find_by_identifier
from app.registry.sign_in import parse_identifier
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.queries import own
from app.requests.queries.people import person_of_folio
from app.web.assisted import open_for, record_family, shown_of
from app.web.assisted_labels import CHANNELS, CHECKS, DOCUMENTS, HINTS, QUESTIONS
from app.web.assisted_paths import ASSISTED, PREFIX, home_of
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.citizen.booking_flow import clear
from app.web.citizen.booking_review import masked
from app.web.effects import Effect, EffectForm
from app.web.forms import SubmittedForm
from app.web.rendering import finish, redirect, show, start_again
from app.web.staff.header import HEADER

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.identity.models import Assistance
    from app.registry.models import Person

router = APIRouter(prefix=PREFIX, dependencies=[RECORDS_VIEWS, HEADER])

MAX_REQUESTS = 20
BIRTH_BOXES = ("birth-day", "birth-month", "birth-year")
Next = Annotated[str, Query(alias="next", max_length=200)]


@router.get("")
async def index_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Whom: one box; and the people whom the member of staff is helping."""
    require(actor, Action.ATTEND_PEOPLE)
    return await _index(request, browser, actor, tx, SubmittedForm({}))


async def _index(
    request: Request, browser: BrowserSession, actor: Staff, tx: AsyncSession, form: SubmittedForm
) -> Response:
    rows = await assistance.open_assistances(tx, actor)
    people = {row.person_id: await person_by_id(tx, row.person_id) for row in rows}
    record_views(actor, ViewContext.ASSISTANCE, {person.id: person.unit_id for person in people.values()})
    return show(
        request,
        browser,
        "staff/assisted_index.html",
        errors=form.errors,
        typed=form.values,
        going_on=[(row, people[row.person_id]) for row in rows],
        channels=CHANNELS,
        shown=[],
        back="/ventanilla",
    )


@router.post("")
async def person_sought(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect
) -> Response:
    """By CURP, social-security number, or the folio of an appointment or a request."""
    require(actor, Action.ATTEND_PEOPLE)
    text = form.required("who", N_("Escriba la CURP, el número de seguridad social o un folio."))
    form.holds([])
    found = await _person_of(tx, text) if text and form.refusal is None else None
    if text and found is None and form.refusal is None:
        form.wrong("who", N_("No encontramos a nadie con ese dato. Revíselo con la persona."))
    if found is None or form.refusal is not None:
        return await _index(request, browser, actor, tx, form)
    return finish(request, browser, form, home_of(found))


async def _person_of(tx: AsyncSession, text: str) -> UUID | None:
    try:
        return (await presented_appointment(tx, text)).person_id
    except NotFound:
        pass
    by_request = await person_of_folio(tx, text)
    if by_request is not None:
        return by_request
    try:
        person = await find_by_identifier(tx, parse_identifier(text))
    except ValueError:
        return None
    return person.id if person is not None else None


@router.get("/{person_id}")
async def assistance_page(
    request: Request,
    browser: BrowserSessionWeb,
    actor: StaffWeb,
    tx: Tx,
    person_id: UUID,
    next_page: Next = "",
) -> Response:
    """How the person is there; who they are; what can be done. People of other units: where they are helped."""
    person = await _person(tx, actor, person_id)
    return await _page(request, browser, actor, tx, person, SubmittedForm({"next": next_page}))


async def _person(tx: AsyncSession, actor: Staff, person_id: UUID) -> Person:
    require(actor, Action.ATTEND_PEOPLE)
    person = await find_person(tx, person_id)
    if person is None:
        raise NotFound
    record_views(actor, ViewContext.ASSISTANCE, {person.id: person.unit_id})
    return person


async def _page(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    person: Person,
    form: SubmittedForm,
    problem: Problem | None = None,
) -> Response:
    row = await open_for(tx, browser, actor, person.id, lock=False)
    if row is None and not await may_act_for(tx, actor, person.id):
        unit = await unit_by_id(tx, person.unit_id) if person.unit_id is not None else None
        return show(
            request, browser, "staff/assisted_elsewhere.html", person=person, unit=unit, back="/ventanilla/asistida"
        )
    context = _context(row, form) | {
        "person": person,
        "row": row,
        "problem": problem,
        "status": problem.status if problem else 200,
        "errors": form.errors,
        "typed": form.values,
        "shown": facts_of(person, row),
        "anchors": {"birth": "birth-day"},
        "back": "/ventanilla/asistida",
        "has_contact": row is not None and await assistances.has_contact(tx, row),
    }
    if row is None:
        return show(request, browser, "staff/assisted_start.html", **context)
    request.scope["state"][ASSISTED] = shown_of(row, person, await zone_of(tx, row.unit_id))
    if browser.served is None:
        return show(request, browser, "staff/assisted_identity.html", **context)
    await record_family(tx, browser.served)
    return show(
        request,
        browser,
        "staff/assisted_menu.html",
        **context,
        appointments=await upcoming_appointments(tx, browser.served),
        registrations=await registrations_of(tx, [person.id]),
        requests=await own.own_requests(tx, browser.served, limit=MAX_REQUESTS),
        services=load_services(),
    )


def facts_of(person: Person, row: Assistance | None) -> list[object]:
    """What a form of these pages is about: the assistance as it stands."""
    if row is None:
        return [person.id, None]
    return [person.id, row.id, row.identity, row.attempts, row.challenge_id]


def _context(row: Assistance | None, form: SubmittedForm) -> dict[str, Any]:
    offered = checks_on(Channel(row.channel)) if row is not None else []
    can_ask = row is not None and bool(row.asked) and row.attempts < MAX_ATTEMPTS
    return {
        "channels": CHANNELS,
        "documents": DOCUMENTS,
        "checks": CHECKS,
        "questions": QUESTIONS,
        "hints": HINTS,
        "needed": NEEDED,
        "left": MAX_ATTEMPTS - row.attempts if row is not None else MAX_ATTEMPTS,
        "sees_document": IdentityCheck.DOCUMENT in offered,
        "asked": row.asked if row is not None and can_ask else [],
        "next_page": local_path(form.get("next")),
    }


def _onward(person_id: UUID, form: SubmittedForm) -> str:
    """Where a page leads once it is known who the person is: where the clerk was going, below the same assistance."""
    wanted = local_path(form.get("next"))
    home = home_of(person_id)
    return wanted if wanted.startswith(home + "/") else home


@router.post("/{person_id}/inicio")
async def started(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, person_id: UUID
) -> Response:
    """The assistance begins, at the counter or on the telephone."""
    person = await _person(tx, actor, person_id)
    row = await assistance.open_assistance(tx, actor, person_id, lock=True)
    channel = form.one_of("channel", CHANNELS, N_("Elija cómo atiende a la persona."))
    if form.errors or not form.holds(facts_of(person, row)):
        return await _page(request, browser, actor, tx, person, form)
    await assistances.start(tx, actor, person_id, Channel(channel))
    return finish(request, browser, form, _here(person_id, form))


async def _open(tx: AsyncSession, actor: Staff, person_id: UUID) -> tuple[Person, Assistance | None]:
    person = await _person(tx, actor, person_id)
    return person, await assistance.open_assistance(tx, actor, person_id, lock=True)


@router.post("/{person_id}/documento")
async def document_seen(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, person_id: UUID
) -> Response:
    """Which document the person showed."""
    person, row = await _open(tx, actor, person_id)
    document = form.one_of("document", DOCUMENTS, N_("Elija el documento que vio."))
    if row is None:
        return start_again(request, browser, form, home_of(person_id))
    if form.errors or not form.holds(facts_of(person, row)):
        return await _page(request, browser, actor, tx, person, form)
    try:
        await assistances.see_document(tx, actor, row, SeenDocument(document))
    except Problem as problem:
        return await _page(request, browser, actor, tx, person, form, problem)
    return finish(request, browser, form, _onward(person_id, form))


@router.post("/{person_id}/preguntas")
async def questions_answered(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, person_id: UUID
) -> Response:
    """What the person answered, compared; which answer was wrong isn't said."""
    person, row = await _open(tx, actor, person_id)
    if row is None:
        return start_again(request, browser, form, home_of(person_id))
    said = _answers(row, form)
    if form.errors or not form.holds(facts_of(person, row)):
        return await _page(request, browser, actor, tx, person, form)
    try:
        is_enough = await assistances.answer_questions(tx, actor, row, said)
    except Problem as problem:
        return await _page(request, browser, actor, tx, person, form, problem)
    if not is_enough:
        form.wrong(row.asked[0], N_("Las respuestas no bastan. No diga a la persona cuál falló."))
        form.has_acted = True
        return await _page(request, browser, actor, tx, person, form)
    return finish(request, browser, form, _onward(person_id, form))


def _answers(row: Assistance, form: EffectForm) -> dict[Question, str]:
    """The answers that were given; too few are asked for again without counting as an attempt."""
    said = {}
    for name in row.asked:
        if name == Question.BIRTH:
            given = form.birth_date("birth") if any(form.get(box) for box in BIRTH_BOXES) else None
            said[Question.BIRTH] = given.isoformat() if given is not None else ""
        else:
            said[Question(name)] = form.get(name)
    if not form.errors and not are_whole(list(said), said):
        form.wrong(row.asked[0] if row.asked else "birth", TOO_FEW)
    return said


@router.post("/{person_id}/codigo")
async def code_sent(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, person_id: UUID
) -> Response:
    """A code is sent to the person's contact; the page then asks for it."""
    person, row = await _open(tx, actor, person_id)
    if row is None:
        return start_again(request, browser, form, home_of(person_id))
    if not form.holds(facts_of(person, row)):
        return await _page(request, browser, actor, tx, person, form)
    try:
        contact = await assistances.send_code(tx, actor, row, language())
    except Problem as problem:
        return await _page(request, browser, actor, tx, person, form, problem)
    browser.assistance = row
    browser.remember(code_to=masked(contact.email or contact.phone))
    return redirect(request, browser, _here(person_id, form))


def _here(person_id: UUID, form: SubmittedForm) -> str:
    """The first page again, with where the clerk was going."""
    wanted = _onward(person_id, form)
    return home_of(person_id) + (f"?next={quote(wanted)}" if wanted != home_of(person_id) else "")


@router.post("/{person_id}/codigo/comprobar")
async def code_entered(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, person_id: UUID
) -> Response:
    """The code that the person reads out."""
    person, row = await _open(tx, actor, person_id)
    if row is None:
        return start_again(request, browser, form, home_of(person_id))
    code = form.required("code", N_("Escriba el código que le dice la persona.")).replace(" ", "")
    if form.errors or not form.holds(facts_of(person, row)):
        return await _page(request, browser, actor, tx, person, form)
    if not await assistances.enter_code(tx, actor, row, code):
        form.wrong("code", N_("El código no es ese, ya se usó o venció. Puede mandar otro."))
        form.has_acted = True
        return await _page(request, browser, actor, tx, person, form)
    return finish(request, browser, form, _onward(person_id, form))


@router.post("/{person_id}/terminar")
async def ended(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, person_id: UUID
) -> Response:
    """The assistance is over; a booking that was begun is forgotten."""
    _whose, row = await _open(tx, actor, person_id)
    if row is None:
        return start_again(request, browser, form, home_of(person_id))
    form.require(["end", row.id])
    browser.assistance = row
    clear(browser)
    await assistance.end(tx, actor, row)
    browser.assistance = None
    return finish(request, browser, form, "/ventanilla/asistida")
