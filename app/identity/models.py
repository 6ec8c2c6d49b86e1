"""Tables of identity. Secrets are stored as digests; a one-time code is encrypted until sent, then wiped."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base

PURPOSES = "'sign-in', 'registry', 'enrol', 'open', 'contact', 'confirm', 'desk', 'assist'"
LEVELS = "assurance IN ('low', 'full')"
ROLES = "role IN ('receptionist', 'officer', 'supervisor', 'analyst', 'admin')"

# Purposes of encrypted columns: see `kernel.key_rotation`.
CODE_PURPOSE, TOTP_PURPOSE, FORM_PURPOSE = "sign-in-code", "totp", "stored form"


class Account(Base):
    """A person who has signed in before, and the contact that receives codes; without contacts, desk codes only. A CURP
    has one account, and possibly another of a declared person whose identity was never verified.

    `assurance` is the level that proving the contact gives. While `frozen_at` is set only a desk code signs in; it
    unfreezes the account, and events until then (`settled_until`) can't freeze it again.
    """

    __tablename__ = "account"
    __table_args__ = (CheckConstraint(LEVELS, name="assurance"),)

    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    curp: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    language: Mapped[str] = mapped_column(server_default=text("'es'"))
    created_at: Mapped[datetime]
    assurance: Mapped[str] = mapped_column(server_default=text("'low'"))
    frozen_at: Mapped[datetime | None]
    settled_until: Mapped[datetime | None]


class FormerContact(Base):
    """A replaced contact of an account: for a while it still receives security notices."""

    __tablename__ = "former_contact"
    __table_args__ = (CheckConstraint(LEVELS, name="assurance"), Index(None, "replaced_at"))

    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    email: Mapped[str | None]
    phone: Mapped[str | None]
    language: Mapped[str]
    assurance: Mapped[str]
    replaced_at: Mapped[datetime]


class TokenRevocation(Base):
    """Access tokens of a person issued up to `before` are revoked. Stored while such a token could be unexpired."""

    __tablename__ = "token_revocation"
    __table_args__ = (Index(None, "before"),)

    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    before: Mapped[datetime]


class SignInCode(Base):
    """A one-time code and its purpose. `person_id` is null for a challenge without a person: the caller can't tell.
    `email` or `phone` is the contact it proves; both are null for a desk code.

    `sign-in` goes to the account's contact, `registry` to the registry's, `enrol` to a new one of a person without
    either; `open` to the contact of who says to have a CURP; `contact` proves the new contact of a change and `confirm`
    the one it replaces. `assist` is read out to staff who act for the person, and signs no one in.
    """

    __tablename__ = "sign_in_code"
    __table_args__ = (
        CheckConstraint(f"purpose IN ({PURPOSES})", name="purpose"),
        Index(None, "expires_at"),
        Index(None, "person_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID | None]
    curp: Mapped[str | None]
    purpose: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    language: Mapped[str]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    link_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary, info={"encrypted": CODE_PURPOSE})
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebSession(Base):
    """A browser's session: anonymous until sign-in. `answers` holds the answers of multi-page flows on the server.

    `assurance` is the level of the signed-in person, `signed_in_by` the method. `active_seconds` is the active time
    since the last event, `last_active_at` the step from which it is counted.
    """

    __tablename__ = "web_session"
    __table_args__ = (
        CheckConstraint("person_id IS NULL OR staff_id IS NULL", name="one_owner"),
        CheckConstraint(LEVELS, name="assurance"),
        CheckConstraint("(person_id IS NULL) = (assurance IS NULL)", name="assurance_of_person"),
        Index(None, "expires_at"),
        Index("ix_web_session_person_id", "person_id", postgresql_where=text("person_id IS NOT NULL")),
        Index("ix_web_session_staff_id", "staff_id", postgresql_where=text("staff_id IS NOT NULL")),
    )

    token_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID | None]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    csrf: Mapped[str]
    answers: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    active_seconds: Mapped[float] = mapped_column(server_default=text("0"))
    last_active_at: Mapped[datetime | None]
    device: Mapped[str | None]
    assurance: Mapped[str | None]
    signed_in_by: Mapped[str | None]


class StoredForm(Base):
    """A form submitted after its session had expired: encrypted, accessible to its owner only, for an hour. `owner` is
    a keyed digest of the user who was shown the page, `path` the form's target. `is_response`: what a form was answered
    with; `page` is then its number and `path` the page that the form was on."""

    __tablename__ = "stored_form"
    __table_args__ = (CheckConstraint("octet_length(ciphertext) <= 262144", name="size"), Index(None, "expires_at"))

    owner: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    page: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str]
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": FORM_PURPOSE})
    is_response: Mapped[bool] = mapped_column(server_default=text("false"))
    expires_at: Mapped[datetime]


class RefreshToken(Base):
    """A refresh token of a rotating family. Reuse revokes the whole family, which also expires."""

    __tablename__ = "refresh_token"
    __table_args__ = (
        CheckConstraint(LEVELS, name="assurance"),
        CheckConstraint("(person_id IS NULL) = (assurance IS NULL)", name="assurance_of_person"),
        Index(None, "family_id"),
        Index(None, "expires_at"),
        Index(None, "staff_id"),
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    family_id: Mapped[UUID]
    person_id: Mapped[UUID | None]
    assurance: Mapped[str | None]
    staff_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    family_ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class StaffMember(Base):
    """A member of staff. `totp_step` is the last time step used, so that a code serves once. Password and
    authenticator are null until set up; `is_demo` while both are the published demonstration credentials."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint(ROLES, name="role"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str | None]
    totp_secret_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary, info={"encrypted": TOTP_PURPOSE})
    totp_step: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    all_units: Mapped[bool]
    is_active: Mapped[bool]
    is_demo: Mapped[bool] = mapped_column(server_default=text("false"))
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    created_at: Mapped[datetime]


class StaffSetupLink(Base):
    """A one-time link with which a member of staff sets their password, their authenticator (its secret is stored here,
    encrypted), or both."""

    __tablename__ = "staff_setup_link"
    __table_args__ = (Index(None, "staff_id"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    sets_password: Mapped[bool]
    totp_secret_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary, info={"encrypted": TOTP_PURPOSE})
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffUnit(Base):
    """A unit where a member of staff works."""

    __tablename__ = "staff_unit"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)


class DeviceToken(Base):
    """A kiosk or board of a unit, and the token with which it acts. A pairing code is typed on it within minutes and
    exchanged for the token, once; of both, only digests are stored."""

    __tablename__ = "device_token"
    __table_args__ = (
        CheckConstraint("kind IN ('kiosk', 'board')", name="kind"),
        CheckConstraint("(code_digest IS NULL) = (code_expires_at IS NULL)", name="code_expires_at"),
        CheckConstraint("revoked_at IS NULL OR (digest IS NULL AND code_digest IS NULL)", name="revoked_at"),
        Index("uq_device_token_digest", "digest", unique=True),
        Index("uq_device_token_code_digest", "code_digest", unique=True),
        Index(None, "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[UUID]
    kind: Mapped[str]
    name: Mapped[str]
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    code_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    code_expires_at: Mapped[datetime | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    paired_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))


class Mandate(Base):
    """A person's authorization for a delegate to file requests for them: which services, until when. Stored when
    revoked.

    `delegate_id` is null until the person of `delegate_curp` has an account, which granting a mandate doesn't reveal.
    """

    __tablename__ = "mandate"
    __table_args__ = (
        CheckConstraint("grantor_id <> delegate_id", name="not_oneself"),
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        Index(None, "delegate_id"),
        Index("ix_mandate_waiting", "delegate_curp", postgresql_where=text("delegate_id IS NULL")),
    )

    grantor_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    delegate_id: Mapped[UUID | None]
    delegate_curp: Mapped[str]
    services: Mapped[list[str]] = mapped_column(ARRAY(Text))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    granted_at: Mapped[datetime]
    channel: Mapped[str]
    revoked_at: Mapped[datetime | None]


class Assistance(Base):
    """A member of staff acts for a person, at the counter (`desk`) or on the telephone (`phone`), until they end it or
    30 minutes pass without a step.

    `identity` is how the person's identity was checked last, `assurance` the level that it gives; both are null before,
    and nothing can be done. `asked` are the questions of the list, `attempts` the answers that were wrong. `answers`
    holds those of multi-page flows, as those of a web session, until it ends.
    """

    __tablename__ = "assistance"
    __table_args__ = (
        CheckConstraint("channel IN ('desk', 'phone')", name="channel"),
        CheckConstraint("identity IN ('document', 'questions', 'code')", name="identity"),
        CheckConstraint("ended_by IN ('staff', 'idle', 'access')", name="ended_by"),
        CheckConstraint(LEVELS, name="assurance"),
        CheckConstraint("num_nonnulls(identity, assurance, checked_at) IN (0, 3)", name="checked"),
        CheckConstraint("(document IS NOT NULL) = (identity IS NOT DISTINCT FROM 'document')", name="document"),
        CheckConstraint("document IS NULL OR channel = 'desk'", name="document_at_desk"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "uq_assistance_open",
            *("staff_id", "person_id"),
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "person_id"),
        Index("ix_assistance_seen_at", "seen_at", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    unit_id: Mapped[UUID]
    role: Mapped[str]
    channel: Mapped[str]
    identity: Mapped[str | None]
    document: Mapped[str | None]
    assurance: Mapped[str | None]
    asked: Mapped[list[str]] = mapped_column(ARRAY(Text))
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    challenge_id: Mapped[UUID | None]
    answers: Mapped[dict[str, Any]]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
