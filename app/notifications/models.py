"""Tables of messages, of reminders, and of notices to people without a contact."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, SmallInteger, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base
from app.notifications.rules import TO_NO_CITIZEN

STATUSES = "status IN ('pending', 'shown', 'sent', 'dead-letter', 'resolved', 'dropped', 'uncertain')"
MOMENT = "moment IN ('days-3', 'day-1', 'hours-3')"


class Message(Base):
    """A message to a person about an event. Event, person and address are unique, so replaying the log writes it once.
    `body` is null for codes until shown on a development machine: codes are stored encrypted elsewhere and read only
    for sending; so are reminders, whose links are secret. `sending_at` is set during delivery: a message found in that
    state later may have been sent. `dropped`: what it is about has changed. `uncertain`: it may have been sent, and
    isn't again.

    `template` and `data`, the values of its placeholders, are null for what was stored before templates, and for codes
    and reminders. `template_version` is the version that it was written with last: the one it was sent with.
    `draft`: of a test, the texts that were typed. `delivered_at`, `delayed_at` and `failed_at` are what was reported
    after it was sent, the earliest of each (of delays the latest); `failure_code` is that of the failure."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id", "channel", "recipient"),
        CheckConstraint("channel IN ('email', 'sms', 'push')", name="channel"),
        CheckConstraint(STATUSES, name="status"),
        CheckConstraint("status <> 'dead-letter' OR last_error IS NOT NULL", name="dead_letter_has_reason"),
        CheckConstraint("failure_code IS NULL OR failed_at IS NOT NULL", name="failure_code"),
        Index("ix_message_person", "person_id", "created_at"),
        Index("ix_message_failed", "failed_at", postgresql_where=text("failed_at IS NOT NULL")),
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
    template: Mapped[str | None]
    template_version: Mapped[int | None] = mapped_column(Integer)
    data: Mapped[dict[str, Any] | None]
    draft: Mapped[dict[str, Any] | None]
    delivered_at: Mapped[datetime | None]
    delayed_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure_code: Mapped[str | None]

    @property
    def citizen_id(self) -> UUID | None:
        """The person that it is for; None for what isn't sent to a citizen."""
        return None if self.kind in TO_NO_CITIZEN else self.person_id

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


class Reminder(Base):
    """A moment of an appointment at which its person is reminded: once per appointment, time and moment. The id is the
    digest of these three, so that a row that is inserted again is the same one. `answer`: what was done by a link of
    its messages, of which one (`answered_by`), the version of the appointment that it left, and the time moved to."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("appointment_id", "start_at", "moment"),
        CheckConstraint(MOMENT, name="moment"),
        CheckConstraint("status IN ('queued', 'waiting', 'composed', 'dropped')", name="status"),
        CheckConstraint("answer IN ('confirmed', 'moved', 'cancelled')", name="answer"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_at"),
        CheckConstraint("(answer IS NULL) = (answered_by IS NULL)", name="answered_by"),
        CheckConstraint("(answer IS NULL) = (answered_version IS NULL)", name="answered_version"),
        CheckConstraint("(moved_to IS NOT NULL) = (answer IS NOT DISTINCT FROM 'moved')", name="moved_to"),
        Index("ix_reminder_waiting", "unit_id", postgresql_where=text("status = 'waiting'")),
        Index(None, "created_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[UUID]
    appointment_id: Mapped[UUID]
    start_at: Mapped[datetime]
    moment: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'queued'"))
    created_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
    answered_version: Mapped[int | None]
    moved_to: Mapped[datetime | None]


class ReminderProgress(Base):
    """Until when the reminders of a unit have been enqueued. Its row is locked by who enqueues them."""

    __tablename__ = "reminder_progress"

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    until: Mapped[datetime]


class ReminderPreference(Base):
    """At which moments a person wants reminders, and by which channel (null: as their other messages). No row: the
    usual moments."""

    __tablename__ = "reminder_preference"
    __table_args__ = (CheckConstraint("channel IN ('email', 'sms')", name="channel"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    days_3: Mapped[bool]
    day_1: Mapped[bool]
    hours_3: Mapped[bool]
    channel: Mapped[str | None]
    changed_at: Mapped[datetime]


class ContactFailure(Base):
    """Messages in a row that a person's contact refused for good. `digest` identifies the contact. `is_reported`: the
    last refusal was reported after the message had been sent, so that another one taken disproves nothing."""

    __tablename__ = "contact_failure"
    __table_args__ = (
        CheckConstraint("channel IN ('email', 'sms')", name="channel"),
        CheckConstraint("failures > 0", name="failures"),
    )

    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes]
    failures: Mapped[int] = mapped_column(Integer)
    failed_at: Mapped[datetime]
    is_reported: Mapped[bool] = mapped_column(server_default=text("false"))


class TemplateVersion(Base):
    """A version of a message's texts, in each language; version 0 is the default and has no row. Null `texts`: the
    default was restored. `restored_from`: the version whose texts these are."""

    __tablename__ = "message_template_version"
    __table_args__ = (CheckConstraint("version > 0", name="version"),)

    template: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    texts: Mapped[dict[str, Any] | None]
    restored_from: Mapped[int | None] = mapped_column(Integer)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]


class StatementSubscription(Base):
    """A person who wants a message each January about the statement of the year before. `notified_year`: the last year
    that they got one about, or that was over when they subscribed."""

    __tablename__ = "statement_subscription"
    __table_args__ = (Index(None, "notified_year"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[datetime]
    notified_year: Mapped[int] = mapped_column(SmallInteger)
