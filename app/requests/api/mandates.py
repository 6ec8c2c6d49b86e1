"""Consent for another person to file requests on one's behalf: bodies and routes."""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.catalog.loader import load_services
from app.identity.dependencies import CitizenApi
from app.identity.problems import OwnCurp, TooManyMandates
from app.identity.service import mandates
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, Read, Tx
from app.kernel.http.responses import idempotent_model
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, KeyReused, NotFound, Unauthorized
from app.kernel.schemas import FromRow, Incoming
from app.registry.identifiers import parse_curp
from app.registry.queries import own_person, today_of
from app.requests.schemas import Code

router = APIRouter(prefix="/api/v1/mandates", tags=["requests"])

LONGEST = timedelta(days=730)


class MandateIn(Incoming):
    """Consent that the person with this CURP files these services for me until a day."""

    delegate_curp: Annotated[str, Field(max_length=30)]
    services: Annotated[list[Code], Field(min_length=1, max_length=50)]
    ends_on: date


class MandateOut(FromRow):
    """A consent given. It holds from when the person of that CURP has an account: whether they do isn't said."""

    id: UUID
    delegate_curp: str
    services: list[str]
    starts_on: date
    ends_on: date
    revoked_at: datetime | None


def services_given(services: list[str]) -> list[str]:
    """Return the services a consent names, when each may be filed by a delegate.

    Raises:
        Invalid: one of them can't.
    """
    allowed = {service.id for service in load_services().values() if "mandate" in service.on_behalf}
    if set(services) - allowed:
        raise Invalid(
            fields=[
                FieldError("services", N_("Alguno de esos trámites no puede hacerlo otra persona."), "not_delegable")
            ]
        )
    return services


@router.post(
    "",
    operation_id="grant_mandate",
    status_code=201,
    summary="Create a mandate to file requests for me",
    response_model=MandateOut,
    responses=problem_responses(Unauthorized, OwnCurp, TooManyMandates, Invalid, KeyReused),
)
async def grant_mandate(actor: CitizenApi, tx: Tx, body: MandateIn, key: IdempotencyKey, request: Request) -> Response:
    """For some services and until a day, at most two years ahead; it can be revoked at any time."""

    async def grant() -> MandateOut:
        today = await today_of(tx, await own_person(tx, actor))
        if not today <= body.ends_on <= today + LONGEST:
            raise Invalid(fields=[FieldError("ends_on", N_("Elija una fecha de hoy a dos años."), "not_near_today")])
        try:
            curp = parse_curp(body.delegate_curp)
        except ValueError as error:
            raise Invalid(fields=[FieldError("delegate_curp", str(error), "value_error")]) from error
        services = services_given(body.services)
        given = await mandates.grant_mandate(
            tx, actor, delegate_curp=curp, services=services, starts_on=today, ends_on=body.ends_on
        )
        return MandateOut.model_validate(given)

    return await idempotent_model(tx, actor, key, request, grant, 201)


@router.get("", operation_id="list_mandates", summary="Consents I gave", responses=problem_responses(Unauthorized))
async def list_mandates(actor: CitizenApi, read: Read) -> list[MandateOut]:
    """Latest first, those revoked too."""
    return [MandateOut.model_validate(one) for one in await mandates.mandates_of(read, actor)]


@router.delete(
    "/{mandate_id}",
    operation_id="revoke_mandate",
    status_code=204,
    summary="Take a consent back",
    responses=problem_responses(Unauthorized, NotFound),
)
async def revoke_mandate(actor: CitizenApi, tx: Tx, mandate_id: UUID) -> Response:
    """From now on they can neither file nor see anything for me."""
    await mandates.revoke_mandate(tx, actor, mandate_id)
    return Response(status_code=204)
