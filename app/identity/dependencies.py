"""FastAPI dependencies that authenticate a program by its bearer token: a route's signature states which actor it
accepts. `Anonymous…` needs no authentication. Those of the pages are in `app.web.browser`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase

from app.identity.device_class import device_of
from app.identity.permissions import require_assurance
from app.identity.problems import TokenExpired, WrongRole
from app.identity.service.revocation import is_revoked
from app.identity.service.staff import staff_by_id
from app.identity.tokens import CITIZEN, STAFF, Bearer, read_access_token
from app.kernel.actor import Anonymous, Channel, Citizen, Staff
from app.kernel.db import raw_connection
from app.kernel.i18n import N_
from app.kernel.problems import Unauthorized

FOR_CITIZENS = N_("Esta dirección es para las personas que hacen sus trámites, y el permiso que envió es de personal.")
FOR_STAFF = N_("Esta dirección es para el personal, y el permiso que envió es de una persona que hace sus trámites.")
SIGN_IN_AS_OTHER = N_("Entre como quien puede hacer esto y envíe el permiso que reciba.")


def address_of(request: Request) -> str:
    """Return the client's address, as reported by trusted proxies."""
    return request.client.host if request.client else "unknown"


class _BearerToken(SecurityBase):
    """The bearer token of a request. FastAPI's own scheme would be another dependency to resolve on each request."""

    def __init__(self) -> None:
        self.model = HTTPBearerModel(description="An access token from /sign-in/tokens.")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Bearer:
        kind, _space, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Unauthorized
        return read_access_token(token)


class _OptionalBearerToken(_BearerToken):
    """An optional bearer token; if present it must be valid."""

    async def __call__(self, request: Request) -> Bearer | None:  # type: ignore[override] # none is an answer here
        return await super().__call__(request) if "authorization" in request.headers else None


# Dependencies are coroutines even if they await nothing: a plain function would run in a thread each time.
bearer_of = _BearerToken()
_optional_bearer = _OptionalBearerToken()


async def _citizen(bearer: Bearer, request: Request) -> Citizen:
    if bearer.kind != CITIZEN:
        raise WrongRole(detail=FOR_CITIZENS, next_step=SIGN_IN_AS_OTHER)
    # The signature proves the subject; only the database knows about revocation.
    async with raw_connection() as hot:
        if await is_revoked(hot, bearer.subject_id, bearer.issued_at):
            raise TokenExpired
    return _holder_of(bearer, request)


def _holder_of(bearer: Bearer, request: Request) -> Citizen:
    return Citizen(
        bearer.subject_id,
        Channel.API,
        bearer.family_id,
        device_of(request.headers),
        assurance=bearer.assurance,
    )


async def _low_citizen_api(bearer: Annotated[Bearer, Depends(bearer_of)], request: Request) -> Citizen:
    return await _citizen(bearer, request)


async def _citizen_api(citizen: Annotated[Citizen, Depends(_low_citizen_api)]) -> Citizen:
    require_assurance(citizen)
    return citizen


async def _staff_token(bearer: Annotated[Bearer, Depends(bearer_of)]) -> Bearer:
    if bearer.kind != STAFF:
        raise WrongRole(detail=FOR_STAFF, next_step=SIGN_IN_AS_OTHER)
    return bearer


async def _staff_api(bearer: Annotated[Bearer, Depends(bearer_of)]) -> Staff:
    token = await _staff_token(bearer)
    async with raw_connection() as hot:
        staff = await staff_by_id(hot, token.subject_id, family=token.family_id)
    if staff is None:
        raise TokenExpired
    return staff


async def _low_person_api(bearer: Annotated[Bearer, Depends(bearer_of)], request: Request) -> Citizen | Staff:
    return await _citizen(bearer, request) if bearer.kind == CITIZEN else await _staff_api(bearer)


@dataclass(frozen=True, slots=True)
class PersonToken:
    """Who acts, by their token alone. `issued_at`: when a citizen's was issued; of staff, it has been looked at."""

    actor: Citizen | Staff
    issued_at: datetime | None


class _PersonToken(_BearerToken):
    async def __call__(self, request: Request) -> PersonToken:  # type: ignore[override] # more than the bearer
        bearer = await super().__call__(request)
        if bearer.kind == CITIZEN:
            return PersonToken(_holder_of(bearer, request), bearer.issued_at)
        return PersonToken(await _staff_api(bearer), None)


_low_person_token = _PersonToken()


async def _person_api(person: Annotated[Citizen | Staff, Depends(_low_person_api)]) -> Citizen | Staff:
    if isinstance(person, Citizen):
        require_assurance(person)
    return person


async def _anonymous_api(request: Request) -> Anonymous:
    return Anonymous(Channel.API, address_of(request), device_of(request.headers))


async def _optional_staff_api(
    anyone: Annotated[Anonymous, Depends(_anonymous_api)], bearer: Annotated[Bearer | None, Depends(_optional_bearer)]
) -> Anonymous | Staff:
    """Return the member of staff of a staff token; any other caller is anonymous."""
    return await _staff_api(bearer) if bearer is not None and bearer.kind == STAFF else anyone


# Citizens at full assurance; `Low…` also accepts low assurance.
CitizenApi = Annotated[Citizen, Depends(_citizen_api)]
LowCitizenApi = Annotated[Citizen, Depends(_low_citizen_api)]
StaffApi = Annotated[Staff, Depends(_staff_api)]
# A member of staff by token only: the route's own statement must check that they are active.
StaffToken = Annotated[Bearer, Depends(_staff_token)]
PersonApi = Annotated[Citizen | Staff, Depends(_person_api)]
LowPersonApi = Annotated[Citizen | Staff, Depends(_low_person_api)]
# The same, by a citizen's token only: the route's own statement must check that it isn't revoked (`IS_REVOKED_SQL`).
LowPersonToken = Annotated[PersonToken, Depends(_low_person_token)]
AnonymousApi = Annotated[Anonymous, Depends(_anonymous_api)]
OptionalStaffApi = Annotated[Anonymous | Staff, Depends(_optional_staff_api)]
