"""The table of messages."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base

STATUSES = "status IN ('pending', 'shown', 'sent', 'parked', 'dismissed')"


class Message(Base):
    """One message to one person about one event. The event, the person and the address make it unique, so a log
    read twice writes once. `body` is null for a code until it is shown on a development machine: codes are kept
    sealed elsewhere and read only to be sent. `sending_at` is set while it is handed to the server: one that is found
    so later may have left."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id", "channel", "recipient"),
        CheckConstraint("channel IN ('email', 'sms')", name="channel"),
        CheckConstraint(STATUSES, name="status"),
        CheckConstraint("status <> 'parked' OR last_error IS NOT NULL", name="parked_has_reason"),
        Index(None, "created_at"),
        Index("ix_message_pending", "kind", "created_at", postgresql_where=text("status = 'pending'")),
        Index("ix_message_parked", "id", postgresql_where=text("status = 'parked'")),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    event_id: Mapped[UUID]
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    person_id: Mapped[UUID]
    channel: Mapped[str]
    recipient: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str | None]
    link: Mapped[str | None]
    calendar: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default=text("'pending'"))
    tries: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    sending_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]

    @property
    def has_calendar(self) -> bool:
        return self.calendar is not None
