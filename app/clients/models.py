"""Tables of clients and personal tokens. Of secrets and tokens only digests are stored; of keys the public part."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class ApiClient(Base):
    """A program of another system: what it may read, at which units (null: every one), and how often. The calls of the
    minute `window_at` are counted in `window_count`."""

    __tablename__ = "api_client"
    __table_args__ = (
        CheckConstraint("per_minute > 0", name="per_minute"),
        CheckConstraint("cardinality(scopes) > 0", name="scopes"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str]
    contact: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    unit_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    per_minute: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    window_at: Mapped[datetime | None]
    window_count: Mapped[int] = mapped_column(server_default=text("0"))
    version: Mapped[int] = mapped_column(server_default=text("1"))


class ApiCredential(Base):
    """A secret or a public key (JWK) of a client. `hint`: the end of the secret, or of the key's thumbprint, by which
    people tell it from the other."""

    __tablename__ = "api_credential"
    __table_args__ = (
        CheckConstraint("kind IN ('secret', 'key')", name="kind"),
        CheckConstraint("(kind = 'secret') = (digest IS NOT NULL)", name="digest"),
        CheckConstraint("(kind = 'key') = (jwk IS NOT NULL)", name="jwk"),
        Index("ix_api_credential_client_id", "client_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("api_client.id"))
    kind: Mapped[str]
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    jwk: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    hint: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiToken(Base):
    """An access token of a client, until it expires."""

    __tablename__ = "api_token"
    __table_args__ = (Index(None, "expires_at"), Index(None, "client_id"), Index(None, "credential_id"))

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("api_client.id"))
    credential_id: Mapped[UUID] = mapped_column(ForeignKey("api_credential.id"))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ClientAssertion(Base):
    """The id of a signed assertion that a client used: it serves once. Stored until the assertion has expired."""

    __tablename__ = "client_assertion"
    __table_args__ = (Index(None, "expires_at"),)

    client_id: Mapped[UUID] = mapped_column(ForeignKey("api_client.id"), primary_key=True)
    jti_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    expires_at: Mapped[datetime]


class PersonalToken(Base):
    """A token with which a member of staff's own programs read. It is worth nothing once their account has changed
    (`staff_version`): another role, other units, deactivated, credentials reset."""

    __tablename__ = "personal_token"
    __table_args__ = (
        CheckConstraint("expires_at <= created_at + interval '366 days'", name="expires_at"),
        CheckConstraint("cardinality(scopes) > 0", name="scopes"),
        Index("uq_personal_token_digest", "digest", unique=True),
        Index(None, "staff_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    staff_version: Mapped[int]
    name: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    hint: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
