"""Routes of a kiosk, by its token: check in, take a number. It acts at its own unit only."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.desk import problems
from app.desk.queries.kiosk import kiosk_services, kiosk_ticket
from app.desk.schemas.devices import KioskCheckInIn, KioskServicesOut, KioskTicketIn, KioskTicketOut
from app.desk.service.arrivals import NewTicket
from app.desk.service.kiosk import check_in_at_kiosk, take_number_at_kiosk
from app.identity.dependencies import KioskApi, address_of
from app.identity.problems import TokenExpired, WrongRole
from app.kernel.actor import Anonymous, Channel
from app.kernel.http.openapi import problem_responses, sends
from app.kernel.http.parameters import IdempotencyKey, Read, Tx
from app.kernel.http.responses import idempotent_response, json_response
from app.kernel.problems import KeyReused, NotFound, TooManyRequests, Unauthorized

router = APIRouter(prefix="/api/v1/kiosk", tags=["kiosk"])
KIOSK = (Unauthorized, TokenExpired, WrongRole)


async def _caller(request: Request) -> Anonymous:
    return Anonymous(Channel.DESK, address_of(request))


Caller = Annotated[Anonymous, Depends(_caller)]


@router.get(
    "/services",
    operation_id="list_kiosk_services",
    summary="What a kiosk gives numbers for",
    responses=problem_responses(*KIOSK),
)
async def list_kiosk_services(device: KioskApi, read: Read) -> KioskServicesOut:
    """What its unit attends now or has attended; no specialties."""
    return KioskServicesOut(services=await kiosk_services(read, device))


@router.post(
    "/check-ins",
    operation_id="kiosk_check_in",
    status_code=201,
    summary="Check in at a kiosk",
    openapi_extra=sends("Location"),
    response_model=KioskTicketOut,
    responses=problem_responses(
        *KIOSK,
        KeyReused,
        TooManyRequests,
        problems.NoAppointmentHere,
        problems.AlreadyWaiting,
        problems.AppointmentElsewhere,
        problems.AppointmentOnAnotherDay,
        problems.AppointmentNotOpen,
        problems.AppointmentClosed,
    ),
)
async def kiosk_check_in(
    device: KioskApi, caller: Caller, tx: Tx, body: KioskCheckInIn, key: IdempotencyKey, request: Request
) -> Response:
    """With the folio of an appointment (its QR code holds it), a CURP or a social-security number."""

    async def make() -> Response:
        made = await check_in_at_kiosk(tx, device, caller, body.typed)
        out = KioskTicketOut.model_validate(await kiosk_ticket(tx, device, made.id))
        return json_response(out, 201, location=f"/api/v1/kiosk/tickets/{made.id}")

    return await idempotent_response(tx, device, key, request, make)


@router.post(
    "/tickets",
    operation_id="kiosk_take_number",
    status_code=201,
    summary="Take a number at a kiosk",
    response_model=KioskTicketOut,
    responses=problem_responses(*KIOSK, KeyReused, NotFound, TooManyRequests),
)
async def kiosk_take_number(
    device: KioskApi, tx: Tx, body: KioskTicketIn, key: IdempotencyKey, request: Request
) -> Response:
    """For someone without an appointment, whom the kiosk doesn't know."""

    async def make() -> Response:
        made: NewTicket = await take_number_at_kiosk(tx, device, body.service, is_protected=body.is_protected)
        return json_response(KioskTicketOut.model_validate(await kiosk_ticket(tx, device, made.id)), 201)

    return await idempotent_response(tx, device, key, request, make)


@router.get(
    "/tickets/{ticket_id}",
    operation_id="kiosk_ticket",
    summary="A ticket as its slip shows it",
    responses=problem_responses(*KIOSK, NotFound),
)
async def get_kiosk_ticket(device: KioskApi, read: Read, ticket_id: UUID) -> KioskTicketOut:
    """Its number and how many are called before it: no person and no service."""
    return KioskTicketOut.model_validate(await kiosk_ticket(read, device, ticket_id))
