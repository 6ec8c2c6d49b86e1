"""Freed appointments offered to those who wait without one: who is offered which time and why, and their answer."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.appointments import problems as appointment_problems
from app.desk.problems import OfferOver
from app.desk.queries.offers import OfferView
from app.desk.schemas.offers import DeskOfferOut, OffersOut
from app.desk.service import offers
from app.identity.dependencies import StaffApi
from app.kernel.actor import Staff
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, Tx
from app.kernel.http.responses import idempotent_response, json_response, request_fingerprint
from app.kernel.idempotency import IdempotencyRequest
from app.kernel.problems import KeyReused, NotFound, Unauthorized
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1/desk/units/{unit_id}/offers", tags=["desk"], dependencies=[RECORDS_VIEWS])
ANSWER = (Unauthorized, NotFound, KeyReused, OfferOver)


@router.get(
    "",
    operation_id="list_freed_times",
    summary="Freed appointments offered to those who wait without one",
    responses=problem_responses(Unauthorized, NotFound),
)
async def list_freed_times(actor: StaffApi, tx: Tx, unit_id: UUID) -> OffersOut:
    """By time. What can be offered now is, and is recorded; an offer stays until it is answered or lapses."""
    found = await offers.offers_now(tx, actor, unit_id)
    for one in found.offers:
        _record_view(actor, one)
    return OffersOut.model_validate(found)


@router.post(
    "/{ticket_id}/accept",
    operation_id="accept_freed_time",
    summary="The ticket takes the time that it is offered",
    response_model=DeskOfferOut,
    responses=problem_responses(
        *ANSWER,
        appointment_problems.SlotTaken,
        appointment_problems.AlreadyBooked,
        appointment_problems.DailyLimit,
        appointment_problems.NotInForce,
        appointment_problems.NotYourUnit,
        appointment_problems.SameTime,
    ),
)
async def accept_freed_time(
    actor: StaffApi, tx: Tx, unit_id: UUID, ticket_id: UUID, key: IdempotencyKey, request: Request
) -> Response:
    """A time that was given back is booked for the ticket's person; of an absent person the ticket takes the place in
    the queue, and nothing is booked."""
    mark = await request_fingerprint(request)

    async def make() -> Response:
        return _answer(actor, await offers.accept(tx, actor, unit_id, ticket_id, IdempotencyRequest(key, mark)))

    return await idempotent_response(tx, actor, key, request, make)


@router.post(
    "/{ticket_id}/decline",
    operation_id="decline_freed_time",
    summary="The person doesn't want the time",
    response_model=DeskOfferOut,
    responses=problem_responses(*ANSWER),
)
async def decline_freed_time(
    actor: StaffApi, tx: Tx, unit_id: UUID, ticket_id: UUID, key: IdempotencyKey, request: Request
) -> Response:
    """The ticket keeps its place and isn't offered that hour again; the next in order is."""

    async def make() -> Response:
        return _answer(actor, await offers.decline(tx, actor, unit_id, ticket_id))

    return await idempotent_response(tx, actor, key, request, make)


def _answer(actor: Staff, offer: OfferView) -> Response:
    _record_view(actor, offer)
    return json_response(DeskOfferOut.model_validate(offer), 200)


def _record_view(actor: Staff, offer: OfferView) -> None:
    if offer.person_id is not None:
        record_views(actor, ViewContext.DESK, {offer.person_id: offer.unit_id})
