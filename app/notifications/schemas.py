"""HTTP schemas of messages."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from app.kernel.schemas import FromRow, Incoming
from app.notifications.reminder_rules import Moment
from app.notifications.rules import UnreachedReason


class DeadLetterMessageOut(FromRow):
    """A message that could not be delivered."""

    id: UUID
    kind: str
    channel: str
    recipient: str
    subject: str
    attempts: int
    last_error: str
    created_at: datetime


class UnaddressedNoticeOut(FromRow):
    """What staff must tell a person who has no contact."""

    id: UUID
    kind: str
    person_id: UUID
    unit_id: UUID | None
    folio: str
    reason: UnreachedReason
    subject: str
    body: str
    created_at: datetime


class ReminderPreferencesIn(Incoming):
    """The moments before an appointment at which a person is reminded, and the channel."""

    moments: list[Moment] = Field(max_length=3, description="Empty: no reminders.")
    channel: Literal["email", "sms"] | None = Field(None, description="Null: as other messages.")


class ReminderPreferencesOut(FromRow):
    """The moments before an appointment at which a person is reminded (`days-3` and `day-1` unless they chose others),
    and the channel, null: as other messages."""

    moments: list[Moment]
    channel: Literal["email", "sms"] | None


class StatementSubscription(Incoming):
    """Whether a person is notified each January of the statement of the year before."""

    is_wanted: bool
