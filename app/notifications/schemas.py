"""HTTP schemas of messages."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from app.notifications.models import UnreachedReason


class DeadLetterMessageOut(BaseModel):
    """A message that could not be delivered."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    channel: str
    recipient: str
    subject: str
    attempts: int
    last_error: str
    created_at: datetime


class UnaddressedNoticeOut(BaseModel):
    """What staff must tell a person who has no contact."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    person_id: UUID
    unit_id: UUID | None
    folio: str
    reason: UnreachedReason
    subject: str
    body: str
    created_at: datetime
