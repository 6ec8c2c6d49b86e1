"""What crosses HTTP about messages."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class ParkedMessageOut(BaseModel):
    """A message that could not be delivered."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    channel: str
    recipient: str
    subject: str
    tries: int
    last_error: str
    created_at: datetime
