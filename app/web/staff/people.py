"""A person as staff see them: contact, rights, requests, appointments, family, consents; who saw their data."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.appointments.queries.own import appointments_of
from app.catalog.loader import load_services
from app.catalog.queries import service_version
from app.identity.permissions import Action, require
from app.identity.service import accounts
from app.kernel.http.parameters import Tx
from app.notifications import deliveries, reliability, unaddressed
from app.notifications.contacts import zone_of
from app.notifications.labels import CHANNELS, DELIVERY_STATES, MESSAGE_NAMES
from app.registry.access_history import ViewFilter, find_views
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import rights_of, today_of
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.queries import people
from app.requests.queries.case_file import refusals_with_document
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.labels import CONTEXTS, READER_ROLES
from app.web.rendering import show
from app.web.staff.header import HEADER
from app.web.staff.list_query import clocks_of

router = APIRouter(prefix="/ventanilla/personas", dependencies=[RECORDS_VIEWS, HEADER])

MAX_SHOWN = 20


@router.get("/{person_id}")
async def person_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, person_id: UUID
) -> Response:
    """Only people of the actor's units, or with a request there."""
    require(actor, Action.WORK_REQUESTS)
    person = await people.person_for_work(tx, actor, person_id)
    rows = await people.requests_of(tx, actor, person.id)
    today = await today_of(tx, person)
    family = await people.family_for_work(tx, person.id, today)
    consents = await people.consents_about(tx, person.id)
    # The page names them beside the person.
    others = {member.person.id for member in family} | {one.other_id for one in consents if one.other_id}
    record_views(actor, ViewContext.RELATED, dict.fromkeys(others - {person.id}, person.unit_id))
    record_views(actor, ViewContext.PERSON, {person.id: person.unit_id})
    appointments = await appointments_of(tx, actor, person.id, limit=MAX_SHOWN)
    views = await find_views(tx, ViewFilter(person_id=person.id), limit=MAX_SHOWN)
    return show(
        request,
        browser,
        "staff/person.html",
        failing=await reliability.unreliable_contacts(tx, person.id),
        messages=await deliveries.deliveries_of(tx, actor, person.id),
        message_names=MESSAGE_NAMES,
        message_states=DELIVERY_STATES,
        channels=CHANNELS,
        zone=await zone_of(tx, person.id),
        person=person,
        rights=await rights_of(tx, person.id, today),
        requests=[(row, await service_version(tx, row.service, row.service_version)) for row in rows],
        with_document=await refusals_with_document(tx, rows),
        appointments=appointments,
        visit_clocks=clocks_of(actor, (one.timezone for one in appointments)),
        to_tell=(await unaddressed.notice_summary(tx, actor, person_id=person.id)).open,
        account=await accounts.account_of(tx, person.id),
        services=load_services(),
        family=family,
        consents=consents,
        views=views,
        view_clocks=clocks_of(actor, (one.timezone for one in views)),
        contexts=CONTEXTS,
        roles=READER_ROLES,
        back="/ventanilla/buscar",
    )
