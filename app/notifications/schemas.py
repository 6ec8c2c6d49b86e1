"""HTTP schemas of messages."""

from datetime import datetime
from uuid import UUID

from app.kernel.schemas import FromRow
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
