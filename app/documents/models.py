"""The table of documents. Its key begins with the person, like that of requests."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class Document(Base):
    """A file of a person about a subject (a request's id). Its bytes are in storage under `storage_key`."""

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint(
            "media_type IN ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')", name="media_type"
        ),
        CheckConstraint("scan IN ('unscanned', 'clean')", name="scan"),
        CheckConstraint("state IN ('received', 'accepted', 'rejected')", name="state"),
        CheckConstraint("state <> 'rejected' OR reason IS NOT NULL", name="rejected_with_reason"),
        CheckConstraint("size > 0", name="size"),
        Index(None, "person_id", "subject_id"),
        Index(None, "storage_key"),
    )

    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    subject_id: Mapped[UUID]
    kind: Mapped[str]
    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    storage_key: Mapped[str]
    scan: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'received'"))
    reason: Mapped[str | None]
    uploaded_at: Mapped[datetime]
