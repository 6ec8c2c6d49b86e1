"""Events of clients and personal tokens. They contain no name, contact, secret or key."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ClientAdded(DomainEvent):
    """An administrator added a client; `units` is null for every unit. The subject is the client."""

    type: ClassVar[str] = "client.added"
    scopes: list[str]
    units: list[str] | None


@dataclass(frozen=True, kw_only=True)
class ClientChanged(DomainEvent):
    """An administrator changed a client: its scopes and units before and after, and which other fields."""

    type: ClassVar[str] = "client.changed"
    scopes_before: list[str]
    scopes: list[str]
    units_before: list[str] | None
    units: list[str] | None
    fields: list[str]


@dataclass(frozen=True, kw_only=True)
class ClientRevoked(DomainEvent):
    """A client may do nothing any more."""

    type: ClassVar[str] = "client.revoked"


@dataclass(frozen=True, kw_only=True)
class CredentialAdded(DomainEvent):
    """A client was given a `secret` or a public `key`."""

    type: ClassVar[str] = "client.credential-added"
    credential_id: UUID
    credential_kind: str


@dataclass(frozen=True, kw_only=True)
class CredentialRevoked(DomainEvent):
    """A secret or key of a client ended, with the access tokens that were issued for it."""

    type: ClassVar[str] = "client.credential-revoked"
    credential_id: UUID
    credential_kind: str


@dataclass(frozen=True, kw_only=True)
class ClientTokenIssued(DomainEvent):
    """A client proved one of its credentials and got an access token."""

    type: ClassVar[str] = "client.token-issued"
    credential_id: UUID
    scopes: list[str]


@dataclass(frozen=True, kw_only=True)
class ClientRefused(DomainEvent):
    """A wrong credential was sent for a client."""

    type: ClassVar[str] = "client.refused"


@dataclass(frozen=True, kw_only=True)
class PersonalTokenCreated(DomainEvent):
    """A member of staff made a personal token. The subject is the token."""

    type: ClassVar[str] = "personal-token.created"
    scopes: list[str]
    days: int


@dataclass(frozen=True, kw_only=True)
class PersonalTokenRevoked(DomainEvent):
    """A personal token was revoked, by its owner or an administrator (`owner_id` says whose it was)."""

    type: ClassVar[str] = "personal-token.revoked"
    owner_id: UUID
