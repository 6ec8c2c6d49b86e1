"""HTTP schemas of clients and personal tokens."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from app.clients.rules import DEFAULT_PER_MINUTE, MAX_CONTACT, MAX_NAME, MAX_PER_MINUTE, ApiScope
from app.kernel.schemas import FromRow, Incoming, OneLine

MAX_UNITS = 100


class ClientIn(Incoming):
    """What a client is: who looks after it, what it may read, at which units (null: every one), until when."""

    name: Annotated[OneLine, Field(min_length=1, max_length=MAX_NAME, examples=["Expediente clínico"])]
    contact: Annotated[OneLine, Field(min_length=1, max_length=MAX_CONTACT, examples=["soporte@ejemplo.mx"])]
    scopes: Annotated[set[ApiScope], Field(min_length=1)]
    unit_ids: Annotated[set[UUID], Field(min_length=1, max_length=MAX_UNITS)] | None = None
    per_minute: Annotated[int, Field(ge=1, le=MAX_PER_MINUTE)] = DEFAULT_PER_MINUTE
    expires_at: AwareDatetime | None = None


class KeyIn(Incoming):
    """A public key as JWK (RFC 7517): RSA from 2048 bits, EC P-256 or OKP Ed25519."""

    jwk: dict[str, Any]


class ClientOut(FromRow):
    """A client. `version` is its ETag."""

    id: UUID
    name: str
    contact: str
    scopes: list[ApiScope]
    unit_ids: list[UUID] | None
    per_minute: int
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    version: int


class CredentialOut(FromRow):
    """A secret or key of a client, by the end of it."""

    id: UUID
    kind: Literal["secret", "key"]
    hint: str
    created_at: datetime
    last_used_at: datetime | None


class SecretOut(BaseModel):
    """A client's new secret: null in a repetition of the request, since it is shown once and stored nowhere."""

    client_id: UUID
    credential: CredentialOut
    secret: Annotated[str | None, Field(examples=["vts_8vTn0c4hX2pYw1sQm5Rk7LbZ3dJf6gUa9eHiOoVtKxN"])]


class PersonalTokenOut(FromRow):
    """A personal token, by the end of it."""

    id: UUID
    name: str
    scopes: list[ApiScope]
    hint: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class OwnedTokenOut(PersonalTokenOut):
    """The same, and whose it is."""

    username: str


class TokenOut(BaseModel):
    """An access token of a client (RFC 6749, 5.1)."""

    access_token: Annotated[str, Field(examples=["vta_8vTn0c4hX2pYw1sQm5Rk7LbZ3dJf6gUa9eHiOoVtKxN"])]
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 # its kind
    expires_in: int
    scope: str


class OAuthErrorOut(BaseModel):
    """A refusal (RFC 6749, 5.2)."""

    error: str
    error_description: str


class ServerMetadataOut(BaseModel):
    """Where tokens are had and how clients prove themselves (RFC 8414)."""

    issuer: str
    token_endpoint: str
    revocation_endpoint: str
    scopes_supported: list[ApiScope]
    response_types_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_signing_alg_values_supported: list[str]
    service_documentation: str
