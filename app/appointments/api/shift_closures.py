"""A doctor is absent: preview and close a shift, see who answered, and answer the time that is offered instead."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import problems
from app.appointments.api.booking import CHANGES, RULES, WHO
from app.appointments.queries.own import own_appointment
from app.appointments.queries.rebooking import AffectedPerson, OpenOffer, open_offer, people_of_closure
from app.appointments.release_schemas import HitDrawOut
from app.appointments.schemas import (
    AffectedPersonOut,
    AppointmentOut,
    OfferedTime,
    RebookingOfferOut,
    RebookingOut,
    ShiftClosureIn,
    ShiftClosureMakeIn,
    ShiftClosureOut,
    ShiftClosurePreview,
)
from app.appointments.service import answers, shift_closures
from app.appointments.service.rebooking import Offered
from app.appointments.service.shift_closures import ShiftSpan, cause_of
from app.identity.dependencies import LowPersonApi, StaffApi
from app.identity.permissions import Action, require
from app.identity.problems import WrongRole
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.etags import versions_of
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, IfMatch, Read, Tx
from app.kernel.http.responses import idempotent_response, json_response, request_fingerprint, response_of
from app.kernel.idempotency import IdempotencyRequest
from app.kernel.problems import Invalid, KeyReused, NotFound, Unauthorized
from app.places.queries import zone_of
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import names_of
from app.registry.reachability import unreachable
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1", tags=["schedules"], dependencies=[RECORDS_VIEWS])

Folio = Annotated[str, Path(max_length=20, description="As printed; small letters and missing dashes are fine.")]
STAFF = (Unauthorized, NotFound, problems.UnitNotManaged)
CLOSING = (*STAFF, Invalid, problems.RoomUnknown)


def _span(body: ShiftClosureIn) -> ShiftSpan:
    return ShiftSpan(body.unit_id, body.room, body.shift, body.first, body.last, body.reason)


@router.post(
    "/shift-closures/preview",
    operation_id="preview_shift_closure",
    summary="Whom closing a shift hits, and where each would go",
    responses=problem_responses(*CLOSING),
)
async def preview_shift_closure(actor: StaffApi, tx: Tx, body: ShiftClosureIn) -> ShiftClosurePreview:
    """Nothing is changed. Its `digest` makes the closure do just what this shows."""
    closed = await shift_closures.preview_closure(tx, actor, _span(body))
    return ShiftClosurePreview(
        digest=shift_closures.digest_of_closure(closed),
        closed_seats=closed.closed_seats,
        hits=await hits_of(tx, actor, body.unit_id, closed.offers),
        listed_before=len(closed.affected) - len({one.folio for one in closed.offers}),
        draws=[HitDrawOut.of(one) for one in closed.draws],
    )


@router.post(
    "/shift-closures",
    operation_id="close_shift",
    status_code=201,
    summary="Close a room's day or shift, and hold another time for each person",
    response_model=ShiftClosureOut,
    responses=problem_responses(*CLOSING, problems.PreviewOutdated, KeyReused),
)
async def close_shift(
    actor: StaffApi, tx: Tx, body: ShiftClosureMakeIn, key: IdempotencyKey, request: Request
) -> Response:
    """Free and held seats close; each person whom it hits is notified once, with the time that is held for them. Taken
    back by deleting the schedule exception of the same id."""

    async def make() -> Response:
        closed = await shift_closures.close_shift(tx, actor, _span(body))
        shift_closures.require_shown(body.digest, shift_closures.digest_of_closure(closed))
        hits = await hits_of(tx, actor, body.unit_id, closed.offers)
        out = ShiftClosureOut(id=closed.id, closed_seats=closed.closed_seats, hits=hits)
        return json_response(out, 201, location=f"/api/v1/shift-closures/{closed.id}/people")

    return await idempotent_response(tx, actor, key, request, make)


async def hits_of(session: AsyncSession, actor: Staff, unit_id: UUID, offers: Sequence[Offered]) -> list[RebookingOut]:
    """Return each by name, in the order of the original times."""
    record_views(actor, ViewContext.APPOINTMENT, dict.fromkeys({one.person_id for one in offers}, unit_id))
    names = await names_of(session, {one.person_id for one in offers})
    return [
        RebookingOut(
            folio=one.folio,
            person_id=one.person_id,
            name=names[one.person_id],
            service=one.service,
            room=one.room,
            start_at=one.start_at,
            offered=OfferedTime(unit_id=seat.unit_id, room=seat.room, start_at=seat.start_at)
            if (seat := one.placement.seat)
            else None,
            tier=one.placement.tier.value if one.placement.tier else None,
            reply_by=one.reply_by,
            held_until=one.held_until,
        )
        for one in sorted(offers, key=lambda one: (one.start_at, one.folio))
    ]


@router.get(
    "/shift-closures/{closure_id}/people",
    operation_id="list_people_of_closure",
    summary="Who has answered, who hasn't, and whom to ring",
    responses=problem_responses(*STAFF),
)
async def list_people_of_closure(actor: StaffApi, read: Read, closure_id: UUID) -> list[AffectedPersonOut]:
    """By the original time, with a telephone number for those without an answer. The id is that of a closure, or of a
    schedule that was changed."""
    closure = await cause_of(read, actor, closure_id)
    people = await people_of_closure(read, closure_id)
    record_views(actor, ViewContext.APPOINTMENT, dict.fromkeys({one.person_id for one in people}, closure.unit_id))
    today = clock.today(await zone_of(read, closure.unit_id))
    mute = await unreachable(read, {one.person_id for one in people}, today)
    return [_person_out(one, mute) for one in people]


def _person_out(one: AffectedPerson, mute: set[UUID]) -> AffectedPersonOut:
    return AffectedPersonOut.model_validate(
        {
            "folio": one.folio,
            "person_id": one.person_id,
            "name": one.full_name,
            "service": one.service,
            "room": one.room,
            "start_at": one.start_at,
            "offered": _time(one),
            "tier": one.tier,
            "reply_by": one.reply_by,
            "held_until": one.held_until,
            "reply_status": one.reply_status(mute).value,
            "answer": one.answer,
            "answered_at": one.answered_at,
            "answered_by": one.answered_by,
            "is_held": one.is_held,
            "phone": one.phone,
            "reachable": one.person_id not in mute,
            "calls": one.calls,
        }
    )


def _time(one: AffectedPerson | OpenOffer) -> OfferedTime | None:
    if one.to_unit_id is None or one.to_room is None or one.to_start_at is None:
        return None
    return OfferedTime(unit_id=one.to_unit_id, room=one.to_room, start_at=one.to_start_at)


@router.get(
    "/appointments/{folio}/offer",
    operation_id="get_offer",
    summary="The time that is offered instead of one that can't be attended",
    responses=problem_responses(*WHO),
)
async def get_offer(actor: LowPersonApi, read: Read, folio: Folio) -> RebookingOfferOut:
    """404 where there is none. To choose another time or cancel, move or cancel the appointment as usual."""
    own = await own_appointment(read, actor, folio)
    offer = await open_offer(read, own.unit_id, own.id)
    if offer is None or own.affected is None:
        raise NotFound
    record_views(actor, ViewContext.APPOINTMENT, {own.person_id: own.unit_id})
    return RebookingOfferOut(
        folio=own.folio,
        offered=_time(offer) if offer.is_held else None,
        unit_name=offer.to_unit_name,
        timezone=offer.to_timezone,
        reply_by=offer.reply_by,
        held_until=offer.held_until,
    )


@router.post(
    "/appointments/{folio}/offer/accept",
    operation_id="accept_offer",
    summary="Accept the offered time in one step",
    response_model=AppointmentOut,
    responses=problem_responses(*WHO, *RULES, *CHANGES, problems.OfferOver, problems.HoldExpired),
)
async def accept_offer(
    actor: LowPersonApi, tx: Tx, folio: Folio, key: IdempotencyKey, request: Request, if_match: IfMatch = None
) -> Response:
    """The appointment moves to it; at another unit, a new one takes its place. Staff record so an answer by phone."""
    once = IdempotencyRequest(key, await request_fingerprint(request))
    done = await answers.accept(tx, actor, folio, once, version=versions_of(if_match))
    record_views(actor, ViewContext.APPOINTMENT, {done.value.person_id: done.value.unit_id})
    return response_of(done)


@router.post(
    "/appointments/{folio}/offer/calls",
    operation_id="record_offer_call",
    status_code=204,
    summary="Record that staff rang and got no answer",
    responses=problem_responses(*WHO, WrongRole, problems.OfferOver, KeyReused),
)
async def record_offer_call(actor: StaffApi, tx: Tx, folio: Folio, key: IdempotencyKey, request: Request) -> Response:
    """An answer on the phone is recorded by accepting, moving or cancelling for the person."""
    require(actor, Action.ATTEND_PEOPLE)

    async def make() -> Response:
        await answers.record_call(tx, actor, folio)
        return Response(status_code=204)

    return await idempotent_response(tx, actor, key, request, make)
