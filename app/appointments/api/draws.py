"""Draws: those that are open, one with its proof, and a person's registrations."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.appointments.api.booking import RULES, WHO
from app.appointments.queries import draws as reads
from app.appointments.release_problems import AlreadyRegistered, NoEarlierSeat, RegistrationClosed, RegistrationOver
from app.appointments.release_schemas import DrawnOut, DrawOut, DrawProofOut, DrawRegistrationIn, DrawRegistrationOut
from app.appointments.schemas import Service
from app.appointments.service import draw_registrations
from app.identity.dependencies import ASSISTED, AnonymousApi, LowPersonApi, ServedCitizenApi
from app.kernel.actor import Staff
from app.kernel.etags import etag, versions_of
from app.kernel.http.openapi import problem_responses, sends
from app.kernel.http.parameters import IdempotencyKey, IfMatch, Read, Tx
from app.kernel.http.responses import idempotent_response, json_response
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, KeyReused, NotFound, PreconditionRequired, Stale, Unauthorized
from app.places.queries import unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import family_of
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1", tags=["fair release"])


@router.get(
    "/units/{unit_id}/draws",
    operation_id="list_open_draws",
    summary="Draws of a service at a unit that people can register for",
    responses=problem_responses(NotFound),
)
async def list_open_draws(_actor: AnonymousApi, read: Read, unit_id: UUID, service: Service) -> list[DrawOut]:
    """By day, with seats against registrations. Public."""
    await unit_by_id(read, unit_id)
    return [DrawOut.model_validate(one) for one in await reads.open_draws(read, unit_id, service)]


@router.get(
    "/draws/{draw_id}",
    operation_id="get_draw",
    summary="A draw, with what proves it",
    responses=problem_responses(NotFound),
)
async def get_draw(_actor: AnonymousApi, read: Read, draw_id: UUID) -> DrawProofOut:
    """The digest of the seed, and once it was drawn the seed and the order of the codes. It names no one; public."""
    view = await reads.draw_view(read, draw_id)
    order = [DrawnOut.model_validate(one) for one in await reads.drawn_order(read, view)]
    fields = DrawOut.model_validate(view).model_dump() | {"registered": view.registrations, "registrations": order}
    return DrawProofOut.model_validate(fields)


@router.post(
    "/draws/{draw_id}/registrations",
    operation_id="register_for_draw",
    openapi_extra=ASSISTED | sends("Location"),
    dependencies=[RECORDS_VIEWS],
    status_code=201,
    summary="Register for a draw",
    response_model=DrawRegistrationOut,
    responses=problem_responses(*WHO, *RULES, RegistrationClosed, AlreadyRegistered, NoEarlierSeat, KeyReused),
)
async def register_for_draw(
    actor: LowPersonApi, tx: Tx, draw_id: UUID, body: DrawRegistrationIn, key: IdempotencyKey, request: Request
) -> Response:
    """Once a person and draw; an accepted seat moves the appointment that they have in the service, or books the
    first."""
    person_id = body.person_id
    if person_id is None:
        if isinstance(actor, Staff):
            raise Invalid(fields=[FieldError("person_id", N_("Diga para qué persona es."), "missing")])
        person_id = actor.person_id

    async def make() -> Response:
        made = await draw_registrations.register(tx, actor, draw_id, person_id)
        view = await reads.registration_view(tx, actor, made.id)
        location = f"/api/v1/draw-registrations/{made.id}"
        return json_response(DrawRegistrationOut.model_validate(view), 201, version=view.version, location=location)

    record_views(actor, ViewContext.APPOINTMENT, {person_id: (await reads.draw_view(tx, draw_id)).unit_id})
    return await idempotent_response(tx, actor, key, request, make)


@router.get(
    "/draw-registrations",
    operation_id="list_draw_registrations",
    openapi_extra=ASSISTED,
    dependencies=[RECORDS_VIEWS],
    summary="My registrations for draws and my family's",
    responses=problem_responses(Unauthorized),
)
async def list_draw_registrations(actor: ServedCitizenApi, tx: Tx) -> list[DrawRegistrationOut]:
    """Of days to come, with what became of each."""
    family = await family_of(tx, actor)
    record_views(actor, ViewContext.APPOINTMENT, {one.person.id: one.person.unit_id for one in family})
    found = await reads.registrations_of(tx, [one.person.id for one in family])
    return [DrawRegistrationOut.model_validate(one) for one in found]


@router.get(
    "/draw-registrations/{registration_id}",
    operation_id="get_draw_registration",
    openapi_extra=ASSISTED,
    dependencies=[RECORDS_VIEWS],
    summary="One registration for a draw",
    responses=problem_responses(*WHO),
)
async def get_draw_registration(
    actor: LowPersonApi, tx: Tx, registration_id: UUID, response: Response
) -> DrawRegistrationOut:
    """Its ETag is the version to send in If-Match when cancelling it. An offer is answered at `wait-offers`."""
    view = await reads.registration_view(tx, actor, registration_id)
    record_views(actor, ViewContext.APPOINTMENT, {view.person_id: view.unit_id})
    response.headers["ETag"] = etag(view.version)
    return DrawRegistrationOut.model_validate(view)


@router.delete(
    "/draw-registrations/{registration_id}",
    operation_id="cancel_draw_registration",
    openapi_extra=ASSISTED,
    status_code=204,
    summary="Cancel a registration for a draw",
    responses=problem_responses(*WHO, RegistrationOver, Stale, PreconditionRequired),
)
async def cancel_draw_registration(
    actor: LowPersonApi, tx: Tx, registration_id: UUID, if_match: IfMatch = None
) -> Response:
    """Before the draw it takes no part; after it, what was being offered goes to the next in order."""
    await draw_registrations.cancel(tx, actor, registration_id, version=versions_of(if_match))
    return Response(status_code=204)
