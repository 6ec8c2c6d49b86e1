"""Tickets: a number without an appointment, a check-in with one, the queue, and what is done with a ticket."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.problems import ServiceUnknown
from app.clients.dependencies import TicketsApi
from app.desk import problems
from app.desk.models import DeskTicket
from app.desk.queries.tickets import TicketView, ticket_view, tickets_of_day
from app.desk.rules.tickets import CorrectedBecause, LeftBecause
from app.desk.schemas.attendance import WITHOUT_PERSON
from app.desk.schemas.names import ServiceName
from app.desk.schemas.tickets import (
    CheckInIn,
    IdentifyIn,
    LeaveIn,
    NewTicketOut,
    PersonCorrectedIn,
    TicketIn,
    TicketOut,
    TicketTransferIn,
)
from app.desk.service import arrivals, calls, departures, identification
from app.desk.service.check_in import check_in
from app.desk.service.tickets import TicketRef
from app.identity.dependencies import StaffApi
from app.identity.problems import WrongRole
from app.kernel.actor import Client, Staff
from app.kernel.etags import etag, versions_of
from app.kernel.http.openapi import problem_responses, sends
from app.kernel.http.parameters import IdempotencyKey, IfMatch, Read, Tx
from app.kernel.http.responses import idempotent_response, json_response
from app.kernel.problems import Invalid, KeyReused, NotFound, PreconditionRequired, Stale, Unauthorized
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1/desk/units/{unit_id}", tags=["desk"], dependencies=[RECORDS_VIEWS])
STAFF = (Unauthorized, NotFound)
ARRIVAL = (*STAFF, WrongRole, Invalid, KeyReused, problems.AlreadyWaiting)
CHANGE = (*STAFF, KeyReused, PreconditionRequired, Stale, problems.TicketNotInState)
AT_COUNTER = (*CHANGE, problems.CounterClosed)


@router.post(
    "/tickets",
    operation_id="take_number",
    openapi_extra=sends("ETag"),
    status_code=201,
    summary="Give a number to someone without an appointment",
    response_model=NewTicketOut,
    responses=problem_responses(*ARRIVAL, ServiceUnknown),
)
async def take_number(
    actor: StaffApi, tx: Tx, unit_id: UUID, body: TicketIn, key: IdempotencyKey, request: Request
) -> Response:
    """Numbers are consecutive in each queue and day. A person has one open ticket in a queue. Who has an appointment
    for that now, or within two hours, is checked in for it."""

    async def make() -> Response:
        ticket = await arrivals.take_number(
            tx,
            actor,
            unit_id,
            body.service,
            person_id=body.person_id,
            request_folio=body.request_folio,
            is_protected=body.is_protected,
        )
        return _given(ticket)

    return await idempotent_response(tx, actor, key, request, make)


@router.post(
    "/check-ins",
    operation_id="check_in",
    openapi_extra=sends("ETag", "Location"),
    status_code=201,
    summary="Check in for an appointment",
    response_model=NewTicketOut,
    responses=problem_responses(
        *ARRIVAL,
        problems.AppointmentElsewhere,
        problems.AppointmentOnAnotherDay,
        problems.AppointmentNotOpen,
        problems.AppointmentClosed,
    ),
)
async def post_check_in(
    actor: StaffApi, tx: Tx, unit_id: UUID, body: CheckInIn, key: IdempotencyKey, request: Request
) -> Response:
    """The person has come, early or late; their place in the queue follows from the time of the appointment. A number
    that they took there without it becomes the appointment's."""

    async def make() -> Response:
        return _given(await check_in(tx, actor, unit_id, body.folio, is_protected=body.is_protected))

    return await idempotent_response(tx, actor, key, request, make)


def _given(ticket: arrivals.NewTicket) -> Response:
    location = f"/api/v1/desk/units/{ticket.unit_id}/tickets/{ticket.id}"
    return json_response(NewTicketOut.model_validate(ticket), 201, version=ticket.version, location=location)


@router.get(
    "/tickets",
    operation_id="list_tickets",
    summary="Today's tickets of a unit, in the order in which they are called",
    responses=problem_responses(*STAFF),
)
async def list_tickets(
    actor: TicketsApi,
    read: Read,
    unit_id: UUID,
    service: Annotated[list[ServiceName] | None, Query(max_length=20)] = None,
    ended: Annotated[bool, Query(description="Those that ended too.")] = False,
) -> list[TicketOut]:
    """At a counter first, then those that wait, then the others. A client doesn't see whose they are."""
    rows = await tickets_of_day(read, actor, unit_id, services=service, open_only=not ended)
    if isinstance(actor, Client):
        return [_without_person(row) for row in rows]
    record_views(actor, ViewContext.DESK, {row.person_id: unit_id for row in rows if row.person_id is not None})
    return [TicketOut.model_validate(row) for row in rows]


@router.get(
    "/tickets/{ticket_id}", operation_id="get_ticket", summary="One ticket", responses=problem_responses(*STAFF)
)
async def get_ticket(actor: TicketsApi, read: Read, unit_id: UUID, ticket_id: UUID, response: Response) -> TicketOut:
    """Its ETag is the version to send in If-Match. A client doesn't see whose it is."""
    row = await ticket_view(read, actor, unit_id, ticket_id)
    response.headers["ETag"] = etag(row.version)
    if isinstance(actor, Client):
        return _without_person(row)
    _record_view(actor, row)
    return TicketOut.model_validate(row)


def _without_person(row: TicketView) -> TicketOut:
    return TicketOut.model_validate(row).model_copy(update=WITHOUT_PERSON)


@dataclass(frozen=True, slots=True)
class TicketChange:
    """A change of a ticket that staff ask for, once per idempotency key, of a version that they saw."""

    actor: Staff
    tx: AsyncSession
    at: TicketRef
    key: str
    request: Request

    async def answer(self, change: Callable[[AsyncSession, Staff, TicketRef], Awaitable[DeskTicket]]) -> Response:
        """Make the change; the answer is the ticket as it is then."""

        async def make() -> Response:
            await change(self.tx, self.actor, self.at)
            row = await ticket_view(self.tx, self.actor, self.at.unit_id, self.at.id)
            _record_view(self.actor, row)
            return json_response(TicketOut.model_validate(row), 200, version=row.version)

        return await idempotent_response(self.tx, self.actor, self.key, self.request, make)


async def _change(
    actor: StaffApi,
    tx: Tx,
    unit_id: UUID,
    ticket_id: UUID,
    key: IdempotencyKey,
    request: Request,
    if_match: IfMatch = None,
) -> TicketChange:
    return TicketChange(actor, tx, TicketRef(unit_id, ticket_id, versions_of(if_match)), key, request)


Change = Annotated[TicketChange, Depends(_change, scope="function")]


def _record_view(actor: Staff, row: TicketView) -> None:
    if row.person_id is not None:
        record_views(actor, ViewContext.DESK, {row.person_id: row.unit_id})


@router.post(
    "/tickets/{ticket_id}/call",
    operation_id="call_ticket",
    summary="Call this ticket to the counter, out of its order",
    response_model=TicketOut,
    responses=problem_responses(*AT_COUNTER, problems.CounterBusy),
)
async def call_ticket(change: Change) -> Response:
    """For a doctor who sees who is there, and a person who came back."""
    return await change.answer(calls.call_ticket)


@router.post(
    "/tickets/{ticket_id}/call-again",
    operation_id="call_ticket_again",
    summary="Call the counter's ticket again",
    response_model=TicketOut,
    responses=problem_responses(*AT_COUNTER),
)
async def call_again(change: Change) -> Response:
    """Its person hasn't come to the counter."""
    return await change.answer(calls.call_again)


@router.post(
    "/tickets/{ticket_id}/serve",
    operation_id="serve_ticket",
    summary="The person is at the counter",
    response_model=TicketOut,
    responses=problem_responses(*AT_COUNTER),
)
async def serve_ticket(change: Change) -> Response:
    """Their wait is over."""
    return await change.answer(calls.serve)


@router.post(
    "/tickets/{ticket_id}/finish",
    operation_id="finish_ticket",
    summary="The person was attended",
    response_model=TicketOut,
    responses=problem_responses(*AT_COUNTER),
)
async def finish_ticket(change: Change) -> Response:
    """An appointment it belongs to is attended."""
    return await change.answer(calls.finish)


@router.post(
    "/tickets/{ticket_id}/transfer",
    operation_id="transfer_ticket",
    summary="Send the person on to another queue of the unit",
    response_model=TicketOut,
    responses=problem_responses(*AT_COUNTER, ServiceUnknown, Invalid, problems.AlreadyWaiting),
)
async def transfer_ticket(change: Change, body: TicketTransferIn) -> Response:
    """They keep their number, and the place that their arrival gives them there."""
    return await change.answer(lambda tx, actor, at: departures.transfer(tx, actor, at, body.service))


@router.post(
    "/tickets/{ticket_id}/park",
    operation_id="park_ticket",
    summary="The person comes back later",
    response_model=TicketOut,
    responses=problem_responses(*CHANGE),
)
async def park_ticket(change: Change) -> Response:
    """With a document, or from the laboratory: they keep their place."""
    return await change.answer(departures.park)


@router.post(
    "/tickets/{ticket_id}/return",
    operation_id="return_ticket",
    summary="The person is back",
    response_model=TicketOut,
    responses=problem_responses(*CHANGE),
)
async def return_ticket(change: Change) -> Response:
    """The ticket waits again, at the place it had."""
    return await change.answer(departures.put_back)


@router.post(
    "/tickets/{ticket_id}/leave",
    operation_id="leave_ticket",
    summary="The person left without being attended",
    response_model=TicketOut,
    responses=problem_responses(*CHANGE, problems.CallAgain),
)
async def leave_ticket(change: Change, body: LeaveIn) -> Response:
    """`no-answer` takes as many calls as the unit asks for. It can be undone for 30 minutes."""
    return await change.answer(lambda tx, actor, at: departures.leave(tx, actor, at, LeftBecause(body.because)))


@router.post(
    "/tickets/{ticket_id}/undo-leave",
    operation_id="undo_leave_ticket",
    summary="The person was there after all",
    response_model=TicketOut,
    responses=problem_responses(*CHANGE, problems.TicketUndoTooLate, problems.AlreadyWaiting),
)
async def undo_leave_ticket(change: Change) -> Response:
    """The ticket waits again, at the place it had."""
    return await change.answer(departures.undo_leave)


@router.post(
    "/tickets/{ticket_id}/identify",
    operation_id="identify_ticket",
    summary="Say whose ticket it is",
    response_model=TicketOut,
    responses=problem_responses(*CHANGE, problems.TicketHasPerson, problems.AlreadyWaiting),
)
async def identify_ticket(change: Change, body: IdentifyIn) -> Response:
    """Of a number that was given to someone unknown. It keeps its place; older people are moved forward, and who has an
    appointment for that now, or within two hours, is checked in for it: `appointment_folio` and `due_at` say so."""
    return await change.answer(lambda tx, actor, at: identification.identify(tx, actor, at, body.person_id))


@router.post(
    "/tickets/{ticket_id}/correct-person",
    operation_id="correct_person_of_ticket",
    summary="Correct whose ticket it is",
    response_model=TicketOut,
    responses=problem_responses(*CHANGE, problems.AlreadyWaiting),
)
async def correct_person_of_ticket(change: Change, body: PersonCorrectedIn) -> Response:
    """While it is open. It keeps its number; the appointment that it had of the wrong person is booked as before, and
    that of the right one is taken."""
    because = CorrectedBecause(body.because)
    return await change.answer(
        lambda tx, actor, at: identification.correct(
            tx, actor, at, body.person_id, because, is_protected=body.is_protected
        )
    )


@router.post(
    "/tickets/{ticket_id}/any-room",
    operation_id="let_any_room_attend",
    summary="Let any room of the service call it",
    response_model=TicketOut,
    responses=problem_responses(*CHANGE),
)
async def let_any_room_attend(change: Change) -> Response:
    """When the doctor it waits for isn't there."""
    return await change.answer(departures.let_any_room_attend)
