"""A person as staff see them (S12): contact, rights, requests, appointments, family, consents; who looked is kept."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.appointments.queries import appointments_of
from app.catalog.queries import service_version
from app.catalog.shelf import shelf
from app.identity import service as identity
from app.identity.access import StaffWeb, VisitWeb, require_role
from app.kernel.db import Tx
from app.kernel.facts import record
from app.places.queries import zone_of
from app.registry.queries import rights_of, today_of
from app.requests import queries
from app.requests.events import PersonViewed
from app.requests.queries import WORKERS
from app.web.rendering import show

router = APIRouter(prefix="/ventanilla/personas")

MOST_SHOWN = 20


@router.get("/{person_id}")
async def person_page(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, person_id: UUID) -> Response:
    """Only people of the actor's units, or with a request there."""
    require_role(actor, WORKERS)
    person = await queries.person_for_work(tx, actor, person_id)
    await record(tx, actor, PersonViewed(subject_id=person.id, person_id=person.id, unit_id=person.unit_id))
    rows = await queries.requests_of(tx, actor, person.id)
    today = await today_of(tx, person)
    return show(
        request,
        visit,
        "staff/person.html",
        person=person,
        rights=await rights_of(tx, person.id, today),
        requests=[(row, await service_version(tx, row.service, row.service_version)) for row in rows],
        appointments=await appointments_of(tx, actor, person.id, limit=MOST_SHOWN),
        account=await identity.account_of(tx, person.id),
        services=shelf(),
        family=await queries.family_for_work(tx, person.id, today),
        consents=await queries.consents_about(tx, person.id),
        views=await queries.views_of(tx, person.id),
        zone=await zone_of(tx, person.unit_id),
        back="/ventanilla/buscar",
    )
