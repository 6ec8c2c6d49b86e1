"""Routes that programs may call: each names its scope in its signature.

`Scoped` accepts the access token of a client and a personal token with the scope, and the access token of staff, whose
role the use case looks at. Every other dependency refuses the first two.
"""

from typing import Annotated, Any

from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase

from app.clients.rules import ApiScope
from app.clients.service.personal_tokens import holder_of
from app.clients.service.tokens import client_by_token
from app.identity.dependencies import anonymous_of, bearer_of, staff_of, token_of
from app.identity.problems import ScopeMissing, TokenExpired
from app.identity.tokens import CLIENT_TOKEN_PREFIX, PERSONAL_TOKEN_PREFIX, STAFF
from app.kernel.actor import Anonymous, Client, Staff
from app.kernel.db import raw_connection
from app.kernel.http.context import CALLER_QUOTA, CallerQuota
from app.kernel.problems import TooManyRequests

INVALID_TOKEN = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class Scoped(SecurityBase):
    """Who may call a route of this scope; with `is_public` anyone, who then sees what is public."""

    def __init__(self, scope: ApiScope, *, is_public: bool = False) -> None:
        self.model = HTTPBearerModel(
            description="An access token from /sign-in/tokens; where an operation names a scope, also a client's from"
            " /oauth/token, and a personal token."
        )
        self.scheme_name = "bearer"
        self.scope = scope
        self.is_public = is_public

    async def __call__(self, request: Request) -> Any:
        if self.is_public and "authorization" not in request.headers:
            return await anonymous_of(request)
        token = token_of(request)
        if token.startswith(CLIENT_TOKEN_PREFIX):
            return await self._client(request, token)
        if token.startswith(PERSONAL_TOKEN_PREFIX):
            return await self._holder(token)
        bearer = await bearer_of(request)
        if self.is_public and bearer.kind != STAFF:
            return await anonymous_of(request)  # citizens see what anyone does
        return await staff_of(bearer)

    async def _client(self, request: Request, token: str) -> Client:
        async with raw_connection() as hot:
            call = await client_by_token(hot, token)
        if call is None:
            raise TokenExpired(headers=INVALID_TOKEN)
        left = max(0, call.quota - call.count)
        request.scope["state"][CALLER_QUOTA] = CallerQuota("client", call.quota, left, call.reset_seconds)
        if call.count > call.quota:
            raise TooManyRequests(retry_after=call.reset_seconds)
        self._require(call.client.scopes)
        return call.client

    async def _holder(self, token: str) -> Staff:
        async with raw_connection() as hot:
            holder = await holder_of(hot, token)
        if holder is None:
            raise TokenExpired(headers=INVALID_TOKEN)
        self._require(holder.scopes)
        return holder.staff

    def _require(self, scopes: frozenset[str]) -> None:
        if self.scope not in scopes:
            challenge = f'Bearer error="insufficient_scope", scope="{self.scope}"'
            raise ScopeMissing(headers={"WWW-Authenticate": challenge})


metrics_api = Scoped(ApiScope.METRICS, is_public=True)
exports_api = Scoped(ApiScope.EXPORTS, is_public=True)
appointments_api = Scoped(ApiScope.APPOINTMENTS)
tickets_api = Scoped(ApiScope.TICKETS)

SCOPED = (metrics_api, exports_api, appointments_api, tickets_api)
"""Every dependency of a route that programs may call."""

# OpenAPI names the scope beside the scheme.
MetricsApi = Annotated[Anonymous | Staff | Client, Security(metrics_api, scopes=[ApiScope.METRICS.value])]
ExportsApi = Annotated[Anonymous | Staff | Client, Security(exports_api, scopes=[ApiScope.EXPORTS.value])]
AppointmentsApi = Annotated[Staff | Client, Security(appointments_api, scopes=[ApiScope.APPOINTMENTS.value])]
TicketsApi = Annotated[Staff | Client, Security(tickets_api, scopes=[ApiScope.TICKETS.value])]
