"""Tables of certificates. Their key begins with the person, like those of requests and documents."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class Certificate(Base):
    """A signed document of a decision, in one language. Its bytes are in storage under `storage_key`.

    `holder_label` is what the public page may show of the name. `decided_at` orders certificates of a kind: the latest
    decision is in force, regardless of which document was requested first.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint("language IN ('es', 'en')", name="language"),
        CheckConstraint("char_length(code) = 10", name="code"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("(superseded_by IS NULL) = (superseded_at IS NULL)", name="superseded"),
        UniqueConstraint("person_id", "request_id", "language", "decision_id"),
        Index(None, "folio"),
        Index(None, "storage_key"),
        Index(None, "sha256", postgresql_using="hash"),
        Index(None, "signer", postgresql_using="hash"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    request_id: Mapped[UUID]
    decision_id: Mapped[UUID]
    folio: Mapped[str]
    code: Mapped[str]
    template: Mapped[str]
    language: Mapped[str]
    holder_label: Mapped[str]
    storage_key: Mapped[str]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    signer: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of the signing certificate: keys are replaced, and old documents must stay verifiable."""
    certified: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Facts shown on verification by folio and code."""
    size: Mapped[int] = mapped_column(Integer)
    decided_at: Mapped[datetime]
    issued_at: Mapped[datetime]
    issued_on: Mapped[date]
    valid_until: Mapped[date | None]
    superseded_by: Mapped[UUID | None]
    superseded_at: Mapped[datetime | None]


class UnprintableCertificate(Base):
    """A request whose document can't be typeset: which characters, and since when. Shown to staff."""

    __tablename__ = "unprintable_certificate"
    __table_args__ = (Index(None, "unit_id", "reported_at"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    request_folio: Mapped[str]
    unit_id: Mapped[UUID | None]
    template: Mapped[str]
    letters: Mapped[str]
    reported_at: Mapped[datetime]
