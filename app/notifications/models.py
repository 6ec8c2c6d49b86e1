"""Tables of messages and of notices to people without a contact."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base

STATUSES = "status IN ('pending', 'shown', 'sent', 'dead-letter', 'resolved')"


class Message(Base):
    """A message to a person about an event. Event, person and address are unique, so replaying the log writes it once.
    `body` is null for codes until shown on a development machine: codes are stored encrypted elsewhere and read only
    for sending. `sending_at` is set during delivery: a message found in that state later may have been sent."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id", "channel", "recipient"),
        CheckConstraint("channel IN ('email', 'sms')", name="channel"),
        CheckConstraint(STATUSES, name="status"),
        CheckConstraint("status <> 'dead-letter' OR last_error IS NOT NULL", name="dead_letter_has_reason"),
        Index(None, "created_at"),
        Index("ix_message_pending", "kind", "created_at", postgresql_where=text("status = 'pending'")),
        Index("ix_message_dead_letter", "id", postgresql_where=text("status = 'dead-letter'")),
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
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    sending_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]

    @property
    def has_calendar(self) -> bool:
        return self.calendar is not None


OPEN_NOTICE = "resolved_at IS NULL AND superseded_at IS NULL"


class UnaddressedNotice(Base):
    """A notice for a person whom no message can reach; staff of the unit give it and record it. Once per
    event and person. `body` is in Spanish, for staff."""

    __tablename__ = "unaddressed_notice"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        CheckConstraint("reason IN ('no-contact', 'frozen', 'unproven')", name="reason"),
        CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name="resolved_by_somebody"),
        CheckConstraint("resolved_at IS NULL OR superseded_at IS NULL", name="superseded_open"),
        Index("ix_unaddressed_notice_open", "unit_id", "id", postgresql_where=text(OPEN_NOTICE)),
        Index("ix_unaddressed_notice_open_subject", "subject_id", "person_id", postgresql_where=text(OPEN_NOTICE)),
        Index(None, "resolved_at"),
        Index(None, "superseded_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    event_id: Mapped[UUID]
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    person_id: Mapped[UUID]
    unit_id: Mapped[UUID | None]
    folio: Mapped[str | None]
    """Of the request or appointment; null where the news names none, as a registered relative's."""
    reason: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None]
    superseded_at: Mapped[datetime | None]
    """Since when there is later news about the same appointment or request: no one passes this on any more."""
