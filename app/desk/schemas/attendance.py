"""Schemas of the day's list and of who came."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from app.kernel.schemas import FromRow


class DayLineOut(FromRow):
    """An appointment of the day, whose it is, and the ticket with which they came."""

    folio: str
    person_id: UUID
    full_name: str
    service: str
    room: int
    start_at: datetime
    minutes: int
    status: str
    affected: str | None
    timezone: str
    ticket_id: UUID | None
    ticket_number: str | None
    ticket_status: str | None
    ticket_service: str | None
    ticket_version: int | None
    arrived_at: datetime | None
    called_at: datetime | None
    is_confirmed: bool


class AttendanceOut(BaseModel):
    """What became of an appointment."""

    folio: str
    status: str
    version: int
