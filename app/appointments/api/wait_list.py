"""The wait list: ask to be offered freed times, see, change and leave; answer an offer; the odds; for supervisors the
log and how fair it is."""

from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.api.booking import CHANGES, RULES, WHO
from app.appointments.queries import wait_list, wait_list_fairness
from app.appointments.queries.wait_list import EntryView, odds_at
from app.appointments.schemas import AppointmentOut, Service
from app.appointments.service import wait_answers, wait_entries
from app.appointments.service.wait_entries import Asked
from app.appointments.wait_list import Wish
from app.appointments.wait_problems import AlreadyWaiting, WaitEntryOver, WaitOfferOver
from app.appointments.wait_schemas import (
    FairnessOut,
    LoggedOffer,
    OddsOut,
    WaitEntryIn,
    WaitEntryOut,
    WaitOfferOut,
    WaitWishIn,
)
from app.identity.dependencies import ASSISTED, AnonymousApi, LowPersonApi, ServedCitizenApi, StaffApi
from app.kernel.actor import Citizen, Staff
from app.kernel.etags import etag, versions_of
from app.kernel.http.openapi import problem_responses, sends
from app.kernel.http.parameters import IdempotencyKey, IfMatch, PageQuery, Read, Tx
from app.kernel.http.responses import (
    idempotent_response,
    json_response,
    request_fingerprint,
    response_of,
    set_links,
)
from app.kernel.i18n import N_
from app.kernel.idempotency import IdempotencyRequest
from app.kernel.paging import encode_cursor, position_after
from app.kernel.parsing import iso_instant
from app.kernel.problems import FieldError, Invalid, KeyReused, NotFound, PreconditionRequired, Stale, Unauthorized
from app.places.queries import unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import family_of
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1", tags=["wait list"])

ENTRY = (*WHO, WaitEntryOver, Stale, PreconditionRequired)
OFFER = (*WHO, WaitOfferOver, KeyReused)


def _wish(body: WaitWishIn) -> Wish:
    return Wish(frozenset(body.weekdays), body.shift, timedelta(hours=body.notice_hours), body.room)


def _whom(actor: Citizen | Staff, person_id: UUID | None) -> UUID:
    if person_id is not None:
        return person_id
    if isinstance(actor, Staff):
        raise Invalid(fields=[FieldError("person_id", N_("Diga para qué persona es."), "missing")])
    return actor.person_id


async def _out(session: AsyncSession, view: EntryView) -> WaitEntryOut:
    offer = None
    if view.offer_id is not None:
        offer = WaitOfferOut.model_validate(
            {
                "id": view.offer_id,
                "room": view.offer_room,
                "start_at": view.offer_start_at,
                "expires_at": view.offer_expires_at,
            }
        )
    odds = OddsOut.model_validate(await odds_at(session, view.unit_id, view.service))
    fields = {name: value for name, value in asdict(view).items() if name in WaitEntryOut.model_fields}
    return WaitEntryOut.model_validate(fields | {"offer": offer, "odds": odds})


@router.get(
    "/wait-list",
    operation_id="list_wait_entries",
    openapi_extra=ASSISTED,
    dependencies=[RECORDS_VIEWS],
    summary="My entries of the wait list and my family's",
    responses=problem_responses(Unauthorized),
)
async def list_wait_entries(actor: ServedCitizenApi, tx: Tx) -> list[WaitEntryOut]:
    """Those that haven't ended, with the time that is offered and the odds."""
    family = await family_of(tx, actor)
    record_views(actor, ViewContext.APPOINTMENT, {one.person.id: one.person.unit_id for one in family})
    found = await wait_list.entries_of(tx, [one.person.id for one in family])
    return [await _out(tx, one) for one in found]


@router.post(
    "/wait-list",
    operation_id="add_wait_entry",
    openapi_extra=ASSISTED,
    dependencies=[RECORDS_VIEWS],
    status_code=201,
    summary="Ask to be offered freed times",
    response_model=WaitEntryOut,
    responses=problem_responses(*WHO, *RULES, AlreadyWaiting),
)
async def add_wait_entry(
    actor: LowPersonApi, tx: Tx, body: WaitEntryIn, key: IdempotencyKey, request: Request
) -> Response:
    """An accepted time moves the appointment that the person has in the service, or books the first. What is freed is
    offered in the published order: class of need, then time of asking."""
    person_id = _whom(actor, body.person_id)

    async def make() -> Response:
        asked = Asked(person_id, body.unit_id, body.service)
        made = await wait_entries.add(tx, actor, asked, _wish(body))
        view = await wait_list.entry_of(tx, actor, made.id)
        location = f"/api/v1/wait-list/{made.id}"
        return json_response(await _out(tx, view), 201, version=view.version, location=location)

    record_views(actor, ViewContext.APPOINTMENT, {person_id: body.unit_id})
    return await idempotent_response(tx, actor, key, request, make)


@router.get(
    "/wait-list/{entry_id}",
    operation_id="get_wait_entry",
    openapi_extra=ASSISTED,
    dependencies=[RECORDS_VIEWS],
    summary="One entry of the wait list",
    responses=problem_responses(*WHO),
)
async def get_wait_entry(actor: LowPersonApi, tx: Tx, entry_id: UUID, response: Response) -> WaitEntryOut:
    """Its ETag is the version to send in If-Match when changing it."""
    view = await wait_list.entry_of(tx, actor, entry_id)
    record_views(actor, ViewContext.APPOINTMENT, {view.person_id: view.unit_id})
    response.headers["ETag"] = etag(view.version)
    return await _out(tx, view)


@router.put(
    "/wait-list/{entry_id}",
    operation_id="change_wait_entry",
    openapi_extra=ASSISTED,
    dependencies=[RECORDS_VIEWS],
    summary="Change which freed times the person would take",
    responses=problem_responses(*ENTRY),
)
async def change_wait_entry(
    actor: LowPersonApi,
    tx: Tx,
    entry_id: UUID,
    body: WaitWishIn,
    response: Response,
    if_match: IfMatch = None,
) -> WaitEntryOut:
    """Their place in the order stays. A time that is being offered is withdrawn."""
    version = versions_of(if_match)
    made = await wait_entries.change(tx, actor, entry_id, _wish(body), version=version)
    record_views(actor, ViewContext.APPOINTMENT, {made.person_id: made.unit_id})
    response.headers["ETag"] = etag(made.version)
    return await _out(tx, await wait_list.entry_of(tx, actor, entry_id))


@router.delete(
    "/wait-list/{entry_id}",
    operation_id="leave_wait_list",
    openapi_extra=ASSISTED,
    status_code=204,
    summary="Leave the wait list",
    responses=problem_responses(*ENTRY),
)
async def leave_wait_list(actor: LowPersonApi, tx: Tx, entry_id: UUID, if_match: IfMatch = None) -> Response:
    """The person's appointment stays; what was being offered goes to the next in order."""
    version = versions_of(if_match)
    await wait_entries.leave(tx, actor, entry_id, version=version)
    return Response(status_code=204)


@router.post(
    "/wait-list/{entry_id}/resume",
    operation_id="resume_wait_entry",
    openapi_extra=ASSISTED,
    dependencies=[RECORDS_VIEWS],
    summary="Be offered freed times again after a pause",
    response_model=WaitEntryOut,
    responses=problem_responses(*ENTRY, KeyReused),
)
async def resume_wait_entry(
    actor: LowPersonApi,
    tx: Tx,
    entry_id: UUID,
    key: IdempotencyKey,
    request: Request,
    if_match: IfMatch = None,
) -> Response:
    """An entry is paused after three offers without an answer, or when no message arrives."""
    version = versions_of(if_match)

    async def make() -> Response:
        made = await wait_entries.resume(tx, actor, entry_id, version=version)
        view = await wait_list.entry_of(tx, actor, entry_id)
        record_views(actor, ViewContext.APPOINTMENT, {made.person_id: made.unit_id})
        return json_response(await _out(tx, view), 200, version=view.version)

    return await idempotent_response(tx, actor, key, request, make)


@router.post(
    "/wait-offers/{offer_id}/accept",
    operation_id="accept_wait_offer",
    openapi_extra=ASSISTED | sends("Location"),
    dependencies=[RECORDS_VIEWS],
    summary="Accept the freed time that is offered",
    response_model=AppointmentOut,
    responses=problem_responses(*OFFER, *RULES, *CHANGES)
    | {201: {"description": "Their first appointment is booked.", "model": AppointmentOut}},
)
async def accept_wait_offer(
    actor: LowPersonApi, tx: Tx, offer_id: UUID, key: IdempotencyKey, request: Request, if_match: IfMatch = None
) -> Response:
    """Moves the appointment, or books the first, in one step. If-Match is the version of the entry."""
    once = IdempotencyRequest(key, await request_fingerprint(request))
    done = await wait_answers.accept(tx, actor, offer_id, once, version=versions_of(if_match))
    record_views(actor, ViewContext.APPOINTMENT, {done.value.person_id: done.value.unit_id})
    return response_of(done)


@router.post(
    "/wait-offers/{offer_id}/decline",
    operation_id="decline_wait_offer",
    openapi_extra=ASSISTED,
    status_code=204,
    summary="Decline the freed time that is offered",
    responses=problem_responses(*OFFER),
)
async def decline_wait_offer(
    actor: LowPersonApi, tx: Tx, offer_id: UUID, key: IdempotencyKey, request: Request
) -> Response:
    """The next in order is asked; the entry stays on the list, and that hour isn't offered to it again."""

    async def make() -> Response:
        await wait_answers.decline(tx, actor, offer_id)
        return Response(status_code=204)

    return await idempotent_response(tx, actor, key, request, make)


@router.get(
    "/units/{unit_id}/wait-list/odds",
    operation_id="get_wait_list_odds",
    summary="How many who waited for a service at a unit got a time",
    responses=problem_responses(NotFound),
)
async def get_wait_list_odds(_actor: AnonymousApi, tx: Tx, unit_id: UUID, service: Service) -> OddsOut:
    """Of the entries that ended in the last 90 days, those left out that their person ended; public."""
    await unit_by_id(tx, unit_id)
    return OddsOut.model_validate(await odds_at(tx, unit_id, service))


@router.get(
    "/units/{unit_id}/wait-list/fairness",
    operation_id="get_wait_list_fairness",
    summary="What became of a unit's freed seats, and offers by group",
    responses=problem_responses(Unauthorized, NotFound),
)
async def get_wait_list_fairness(actor: StaffApi, read: Read, unit_id: UUID) -> FairnessOut:
    """Of the last 90 days, for its supervisor. Small groups are suppressed."""
    return FairnessOut.model_validate(await wait_list_fairness.fairness_of(read, actor, unit_id))


@router.get(
    "/units/{unit_id}/wait-list/offers",
    operation_id="list_wait_offers",
    summary="The log of a unit's offers to the wait list",
    responses=problem_responses(Unauthorized, NotFound),
)
async def list_wait_offers(
    actor: StaffApi, read: Read, unit_id: UUID, page: PageQuery, request: Request, response: Response
) -> list[LoggedOffer]:
    """Who was offered what, when and why, and the answer: entries by id, no one by name. Latest first."""
    after = position_after(page.after, iso_instant, UUID)
    rows = await wait_list_fairness.log_of(read, actor, unit_id, limit=page.limit + 1, after=after)
    shown = rows[: page.limit]
    more = len(rows) > page.limit
    set_links(response, request, encode_cursor(shown[-1].made_at.isoformat(), str(shown[-1].id)) if more else None)
    return [LoggedOffer.model_validate(one) for one in shown]
