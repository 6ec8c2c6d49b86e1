"""FastAPI dependencies that authenticate a program by its bearer token: a route's signature states which actor it
accepts. `Anonymous…` needs no authentication. Those of the pages are in `app.web.browser`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase

from app.identity.device_class import device_of
from app.identity.permissions import require_assurance
from app.identity.problems import AssistanceNotOpen, ScopeMissing, TokenExpired, WrongRole
from app.identity.service.assistance import use_assistance
from app.identity.service.revocation import is_revoked
from app.identity.service.staff import staff_by_id
from app.identity.service.unit_devices import TOKEN_PREFIX, device_by_token
from app.identity.tokens import (
    CITIZEN,
    CLIENT_TOKEN_PREFIX,
    PERSONAL_TOKEN_PREFIX,
    STAFF,
    Bearer,
    read_access_token,
)
from app.kernel.actor import Anonymous, Channel, Citizen, DeviceKind, Staff, UnitDevice
from app.kernel.db import raw_connection
from app.kernel.i18n import N_
from app.kernel.problems import Unauthorized

FOR_CITIZENS = N_("Esta dirección es para las personas que hacen sus trámites, y el permiso que envió es de personal.")
FOR_STAFF = N_("Esta dirección es para el personal, y el permiso que envió es de una persona que hace sus trámites.")
FOR_PEOPLE = N_("Esta dirección es para personas, y el permiso que envió es de un aparato.")
FOR_DEVICES = N_("Esta dirección es para aparatos, y el permiso que envió es de una persona.")
FOR_OTHER_DEVICES = N_("Esta dirección es para aparatos de otra clase.")
SIGN_IN_AS_OTHER = N_("Entre como quien puede hacer esto y envíe el permiso que reciba.")
START_ASSISTANCE = N_("Empiece la atención de esa persona y envíe su número en Assistance-Id.")
ASSISTANCE_HEADER = "Assistance-Id"
ASSISTED = {
    "parameters": [
        {
            "name": ASSISTANCE_HEADER,
            "in": "header",
            "required": False,
            "schema": {"type": "string", "format": "uuid"},
            "description": "Of staff: the assistance in which they act for its person, by that person's own rules.",
        }
    ]
}
"""For `openapi_extra=` of a route that staff may use for a person."""


def address_of(request: Request) -> str:
    """Return the client's address, as reported by trusted proxies."""
    return request.client.host if request.client else "unknown"


class _BearerToken(SecurityBase):
    """The bearer token of a request. Each dependency of this module that needs it reads it itself: one that depends on
    another takes the framework as long again to resolve, and so does its own scheme."""

    def __init__(self) -> None:
        self.model = HTTPBearerModel(
            description="An access token from /sign-in/tokens; where an operation names a scope, also a client's from"
            " /oauth/token, and a personal token."
        )
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Any:
        return _bearer_of(request)


class _LowCitizen(_BearerToken):
    async def __call__(self, request: Request) -> Citizen:
        return await _citizen(_bearer_of(request), request)


class _FullCitizen(_BearerToken):
    async def __call__(self, request: Request) -> Citizen:
        citizen = await _citizen(_bearer_of(request), request)
        require_assurance(citizen)
        return citizen


class _StaffToken(_BearerToken):
    async def __call__(self, request: Request) -> Bearer:
        return _of_staff(_bearer_of(request))


class _ActiveStaff(_BearerToken):
    async def __call__(self, request: Request) -> Staff:
        return await staff_of(_bearer_of(request))


class _ServedCitizen(_BearerToken):
    """Staff need an assistance of the person, which a header names."""

    async def __call__(self, request: Request) -> Citizen:
        bearer = _bearer_of(request)
        if bearer.kind == CITIZEN:
            return await _citizen(bearer, request)
        served = await _served(await staff_of(bearer), request)
        if served is None:
            raise WrongRole(detail=FOR_CITIZENS, next_step=START_ASSISTANCE)
        return served


class _LowPerson(_BearerToken):
    async def __call__(self, request: Request) -> Citizen | Staff:
        return await _person(_bearer_of(request), request)


class _FullPerson(_BearerToken):
    async def __call__(self, request: Request) -> Citizen | Staff:
        person = await _person(_bearer_of(request), request)
        if isinstance(person, Citizen):
            require_assurance(person)
        return person


class _Device(SecurityBase):
    """The kiosk or board of a bearer token: of this kind, where one is named."""

    def __init__(self, kind: DeviceKind | None = None) -> None:
        self.model = HTTPBearerModel(description="The token of a kiosk or board, from /devices/pair.")
        self.scheme_name = "device"
        self._kind = kind

    async def __call__(self, request: Request) -> UnitDevice:
        token = token_of(request)
        if not token.startswith(TOKEN_PREFIX):
            raise WrongRole(detail=FOR_DEVICES)
        async with raw_connection() as hot:
            device = await device_by_token(hot, token)
        if device is None:
            raise TokenExpired
        if self._kind not in {None, device.device_kind}:
            raise WrongRole(detail=FOR_OTHER_DEVICES)
        return device


@dataclass(frozen=True, slots=True)
class PersonToken:
    """Who acts, by their token alone. `issued_at`: when a citizen's was issued; of staff, it has been looked at."""

    actor: Citizen | Staff
    issued_at: datetime | None


class _PersonToken(_BearerToken):
    async def __call__(self, request: Request) -> PersonToken:
        bearer = _bearer_of(request)
        if bearer.kind == CITIZEN:
            return PersonToken(_holder_of(bearer, request), bearer.issued_at)
        staff = await staff_of(bearer)
        return PersonToken(await _served(staff, request) or staff, None)


def _bearer_of(request: Request) -> Bearer:
    token = token_of(request)
    if token.startswith(TOKEN_PREFIX):
        raise WrongRole(detail=FOR_PEOPLE, next_step=SIGN_IN_AS_OTHER)
    if token.startswith((CLIENT_TOKEN_PREFIX, PERSONAL_TOKEN_PREFIX)):
        raise ScopeMissing
    return read_access_token(token)


def token_of(request: Request) -> str:
    """The bearer token that a request brings.

    Raises:
        Unauthorized: none.
    """
    kind, _space, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthorized
    return token


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


def _of_staff(bearer: Bearer) -> Bearer:
    if bearer.kind != STAFF:
        raise WrongRole(detail=FOR_STAFF, next_step=SIGN_IN_AS_OTHER)
    return bearer


async def staff_of(bearer: Bearer) -> Staff:
    """The member of staff of an access token, as they are now.

    Raises:
        WrongRole: it is a citizen's. TokenExpired: they aren't active, or the token was revoked.
    """
    token = _of_staff(bearer)
    async with raw_connection() as hot:
        staff = await staff_by_id(hot, token.subject_id, family=token.family_id)
    if staff is None:
        raise TokenExpired
    return staff


async def _person(bearer: Bearer, request: Request) -> Citizen | Staff:
    if bearer.kind == CITIZEN:
        return await _citizen(bearer, request)
    staff = await staff_of(bearer)
    return await _served(staff, request) or staff


async def _served(staff: Staff, request: Request) -> Citizen | None:
    """The person whom staff act for in the assistance that the request names; None when it names none.

    Raises:
        AssistanceNotOpen: it isn't theirs, has ended, or its person's identity wasn't checked.
    """
    named = request.headers.get(ASSISTANCE_HEADER)
    if named is None:
        return None
    try:
        assistance_id = UUID(named)
    except ValueError as error:
        raise AssistanceNotOpen from error
    async with raw_connection() as hot:
        found = await use_assistance(hot, staff, assistance_id)
    if found is None:
        raise AssistanceNotOpen
    return found


# Dependencies are coroutines even if they await nothing: a plain function would run in a thread each time.
bearer_of = _BearerToken()
_low_citizen_api = _LowCitizen()
citizen_of = _low_citizen_api
"""Who sends a request, asked again while it lasts: of a stream."""
_citizen_api = _FullCitizen()
_staff_token = _StaffToken()
_staff_api = _ActiveStaff()
_served_citizen_api = _ServedCitizen()
served_citizen_of = _served_citizen_api
"""The same of a request that may also come from a client."""
_low_person_api = _LowPerson()
_person_api = _FullPerson()
_low_person_token = _PersonToken()
_device_api = _Device()
_kiosk_api = _Device(DeviceKind.KIOSK)


async def anonymous_of(request: Request) -> Anonymous:
    """A caller who isn't authenticated, by address and device."""
    return Anonymous(Channel.API, address_of(request), device_of(request.headers))


# Citizens at full assurance; `Low…` also accepts low assurance.
CitizenApi = Annotated[Citizen, Depends(_citizen_api)]
LowCitizenApi = Annotated[Citizen, Depends(_low_citizen_api)]
# The same as `LowCitizenApi`, and staff who act for a person in an assistance: the actor is that person.
ServedCitizenApi = Annotated[Citizen, Depends(_served_citizen_api)]
StaffApi = Annotated[Staff, Depends(_staff_api)]
# A member of staff by token only: the route's own statement must check that they are active.
StaffToken = Annotated[Bearer, Depends(_staff_token)]
PersonApi = Annotated[Citizen | Staff, Depends(_person_api)]
LowPersonApi = Annotated[Citizen | Staff, Depends(_low_person_api)]
# The same, by a citizen's token only: the route's own statement must check that it isn't revoked (`IS_REVOKED_SQL`).
LowPersonToken = Annotated[PersonToken, Depends(_low_person_token)]
# A kiosk or board of a unit; nothing else accepts its token.
DeviceApi = Annotated[UnitDevice, Depends(_device_api)]
KioskApi = Annotated[UnitDevice, Depends(_kiosk_api)]
AnonymousApi = Annotated[Anonymous, Depends(anonymous_of)]
