"""The services offered and each one's page: who qualifies, what is needed, how long it takes; and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from app.catalog.definition import Service
from app.catalog.loader import get_service, load_services
from app.identity.permissions import require_assurance
from app.identity.service.activity import SERVICE_ANSWER
from app.kernel.actor import Assurance, Citizen
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import Problem
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import FamilyMember, family_of, find_person
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.problems import AlreadyOpen
from app.requests.queries.own import consents_for
from app.requests.service import drafts, submission
from app.requests.service.drafts import failed_before_start
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.law import figures_used
from app.web.citizen.service_search import found_by
from app.web.effects import Effect
from app.web.forms import SubmittedForm
from app.web.rendering import redirect, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter()

NSS_FIND = "nss-find"
"""At the low level of assurance it isn't shown, but sent to the contact that the clinic has."""
Words = Annotated[str, Query(max_length=200)]
ServiceId = Annotated[str, Path(max_length=60)]
GROUPS = {
    "numbers": N_("Mi número y mis datos"),
    "certificates": N_("Necesito una constancia"),
    "clinic": N_("Me mudé o elijo clínica"),
    "family": N_("Cambió mi familia"),
    "money": N_("Enfermé, dejé de trabajar o me pensiono"),
    "voice": N_("Quiero quejarme u opinar"),
}
"""Groups of services by what happens in a life, in the order of the page."""
MAX_ASKED = ("nss-find", "vigencia", "weeks", "clinic-change")


@router.get("/tramites")
async def services_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, q: Words = "") -> Response:
    """Every service in a line, by what happens in a life; or those that the words of a search find."""
    known, words = load_services(), " ".join(q.split())
    return show(
        request,
        browser,
        "requests/services.html",
        groups=GROUPS,
        grouped={group: [service for service in known.values() if service.group == group] for group in GROUPS},
        most_asked=[known[name] for name in MAX_ASKED if name in known],
        q=words,
        found=found_by(words, known.values()),
        back="/tramites" if words else "/",
        private=bool(words),
    )


@router.get("/tramites/{service_id}")
async def service_page(
    request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, service_id: ServiceId
) -> Response:
    """What it is, who qualifies, what to have at hand."""
    service = get_service(service_id)
    return show(
        request,
        browser,
        "requests/service.html",
        service=service,
        figures=figures_used(service),
        back="/tramites",
        private=False,
    )


@router.get("/tramites/{service_id}/quien", dependencies=[RECORDS_VIEWS])
async def whom_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, service_id: ServiceId
) -> Response:
    """For oneself, a family member, or a person who gave consent; not asked of who has none."""
    service = get_service(service_id)
    if service.id == NSS_FIND and actor.assurance is Assurance.LOW:
        return redirect(request, browser, "/mi/numero")
    require_assurance(actor, Assurance(service.assurance))
    return await _whom(request, browser, actor, tx, service, await _people(tx, actor, service), None)


async def _whom(
    request: Request,
    browser: BrowserSession,
    actor: Citizen,
    tx: AsyncSession,
    service: Service,
    people: list[FamilyMember],
    form: SubmittedForm | None,
    problem: Problem | None = None,
) -> Response:
    """The page says beforehand what would refuse a request whatever is answered: no one fills in a form in vain."""
    stands_against = {}
    if browser.is_sure:
        record_views(actor, ViewContext.CASE, {one.person.id: one.person.unit_id for one in people})
        stands_against = {one.person.id: await failed_before_start(tx, service, one.person) for one in people}
    return show(
        request,
        browser,
        "requests/on_behalf_of.html",
        status=problem.status if problem else 200,
        service=service,
        people=people,
        stands_against=stands_against,
        problem=problem,
        folio=problem.extra.get("folio") if problem else None,
        errors=form.errors if form else None,
        typed=form.values if form else {},
        shown=_offered(service, people),
        back=f"/tramites/{service.id}",
    )


def _offered(service: Service, people: list[FamilyMember]) -> list[object]:
    """Return what may be started here: this service, for these people."""
    return [service.id, service.version, [str(member.person.id) for member in people]]


async def _people(tx: AsyncSession, actor: Citizen, service: Service) -> list[FamilyMember]:
    """Whom the citizen may ask this service for."""
    family = await family_of(tx, actor)
    people = [
        member
        for member in family
        if ("self" if member.person.id == actor.person_id else "family") in service.on_behalf
    ]
    if "mandate" not in service.on_behalf or actor.holder_id is None:
        return people
    known = {member.person.id for member in people}
    for consent in await consents_for(tx, actor.person_id):
        if service.id in consent.services and consent.grantor_id not in known:
            person = await find_person(tx, consent.grantor_id)
            people += [FamilyMember(person, "mandate")] if person else []
            known.add(consent.grantor_id)
    return people


@router.post("/tramites/{service_id}/quien", dependencies=[RECORDS_VIEWS])
async def whom_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, service_id: ServiceId
) -> Response:
    """On to the first page of the form; what needs no answers is answered immediately."""
    service = get_service(service_id)
    require_assurance(actor, Assurance(service.assurance))
    people = await _people(tx, actor, service)
    allowed = {str(member.person.id): member.person for member in people}
    only = next(iter(allowed)) if len(allowed) == 1 else ""
    chosen = only or form.one_of("person", allowed, N_("Elija para quién es."))
    if form.errors or not form.holds(_offered(service, people)):
        return await _whom(request, browser, actor, tx, service, people, form)
    person_id = allowed[chosen].id
    try:
        async with savepoint(tx):
            if service.kind == "instant" and not service.form.pages:
                case = await submission.submit_instant(tx, actor, service.id, person_id, {})
                return redirect(request, browser, f"/tramites/{case.request.folio}")
            case, _is_new = await drafts.start(tx, actor, service.id, person_id, {})
            browser.remember(**{SERVICE_ANSWER: service.id})
    except AlreadyOpen as problem:
        return await _whom(request, browser, actor, tx, service, people, form, problem)
    return redirect(request, browser, f"/tramites/{case.request.folio}/paso/1")
