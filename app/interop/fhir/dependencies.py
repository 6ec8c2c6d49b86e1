"""Who may search appointments: a person, staff who help one, and a client with the scope."""

from typing import Annotated, Any

from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase

from app.clients.dependencies import appointments_api
from app.clients.rules import ApiScope
from app.identity.dependencies import served_citizen_of, token_of
from app.identity.tokens import CLIENT_TOKEN_PREFIX
from app.kernel.actor import Citizen, Client


class _AppointmentReader(SecurityBase):
    def __init__(self) -> None:
        self.model = HTTPBearerModel(description="A person's access token, or a client's with the scope.")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Any:
        if token_of(request).startswith(CLIENT_TOKEN_PREFIX):
            return await appointments_api(request)
        return await served_citizen_of(request)


appointment_reader = _AppointmentReader()
AppointmentReader = Annotated[Citizen | Client, Security(appointment_reader, scopes=[ApiScope.APPOINTMENTS.value])]
