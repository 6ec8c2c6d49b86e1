"""Certificates. The key begins with the person, as requests' and documents' do."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class Certificate(Base):
    """A signed document of a request, in one language. The bytes lie in storage under `storage_key`.

    `holder_label` is all that the public page may show of the person. `decided_at` orders certificates of a kind:
    the newest decision stands, whichever of them was asked for first.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint("language IN ('es', 'en')", name="language"),
        CheckConstraint("char_length(code) = 10", name="code"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("(superseded_by IS NULL) = (superseded_at IS NULL)", name="superseded"),
        UniqueConstraint("person_id", "request_id", "language"),
        Index(None, "folio"),
        Index(None, "storage_key"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    request_id: Mapped[UUID]
    folio: Mapped[str]
    code: Mapped[str]
    template: Mapped[str]
    language: Mapped[str]
    holder_label: Mapped[str]
    storage_key: Mapped[str]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(Integer)
    decided_at: Mapped[datetime]
    issued_at: Mapped[datetime]
    issued_on: Mapped[date]
    valid_until: Mapped[date | None]
    superseded_by: Mapped[UUID | None]
    superseded_at: Mapped[datetime | None]
