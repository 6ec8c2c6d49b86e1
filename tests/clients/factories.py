"""Clients, their tokens and their assertions, made over the use cases and over HTTP."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from app.clients.rules import ASSERTION_TYPE, ApiScope
from app.clients.service import clients
from app.clients.service.clients import Terms
from app.identity.service.staff import add_staff
from app.kernel import clock, ids
from app.kernel import db as kernel_db
from app.kernel.actor import Role, System
from tests.conftest import Database

ADMIN = System("test")
TOKEN, REVOKE = "/api/v1/oauth/token", "/api/v1/oauth/revoke"
ISSUER = "http://127.0.0.1:8000"
METRIC = "/api/v1/metrics/completion"
GRANT = {"grant_type": "client_credentials"}


@dataclass
class Program:
    """A client with a secret, as the program of another system has it."""

    http: httpx.AsyncClient
    id: UUID
    secret: str
    credential_id: UUID

    async def ask(self, **form: str) -> httpx.Response:
        """Ask for a token by HTTP Basic."""
        return await self.http.post(TOKEN, data=GRANT | form, headers=basic(self.id, self.secret))

    async def bearer(self, **form: str) -> dict[str, str]:
        answer = await self.ask(**form)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def basic(client_id: object, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()}


def terms(*scopes: ApiScope, units: frozenset[UUID] | None = None, per_minute: int = 60) -> Terms:
    return Terms("Expediente", "soporte@ejemplo.mx", frozenset(scopes or {ApiScope.METRICS}), units, per_minute)


async def program(
    http: httpx.AsyncClient, *scopes: ApiScope, units: frozenset[UUID] | None = None, per_minute: int = 60
) -> Program:
    """A client with these scopes, and its secret."""
    async with kernel_db.transaction() as session:
        made = await clients.add_client(session, ADMIN, terms(*scopes, units=units, per_minute=per_minute))
        given = await clients.add_secret(session, ADMIN, made.id)
    return Program(http, made.id, given.secret, given.credential.id)


Key = ECKey | RSAKey | OKPKey


async def register(client_id: UUID, key: Key) -> UUID:
    """Register the public part of a key; returns the id of the credential."""
    async with kernel_db.transaction() as session:
        return (await clients.add_key(session, ADMIN, client_id, key.as_dict(private=False))).id


def claims(client_id: UUID, **changed: Any) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    given = {"iss": str(client_id), "sub": str(client_id), "aud": ISSUER + TOKEN, "exp": now + 120, "iat": now}
    return {name: one for name, one in (given | {"jti": str(ids.new_id())} | changed).items() if one is not None}


def signed(key: Any, algorithm: str, given: dict[str, Any]) -> dict[str, str]:
    """The form of an assertion."""
    token = jwt.encode({"alg": algorithm}, given, key, algorithms=[algorithm])
    return GRANT | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": token}


async def hire(db: Database, role: Role) -> UUID:
    """Add a member of staff of all units; returns their id."""
    async with db.transaction() as session:
        made = await add_staff(
            session,
            ADMIN,
            username=f"{role.value}-{ids.new_id()}",
            full_name="Rosa Díaz",
            role=role,
            password="una frase bastante larga",
            unit_ids=None,
        )
    return made.staff_id
