"""Schemas of the day's list and of who came."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from app.appointments.rules import Status
from app.appointments.schemas import AffectedReason
from app.desk.rules.tickets import TicketStatus
from app.kernel.schemas import FromRow

WITHOUT_PERSON: Mapping[str, None] = {"person_id": None, "full_name": None}
"""What is left out of a line or a ticket for who may not see whose it is."""


class DayLineOut(FromRow):
    """An appointment of the day, whose it is, and the ticket with which they came. `person_id` and `full_name` are null
    for a client without the scope `appointments.people`."""

    folio: str
    person_id: UUID | None
    full_name: str | None
    service: str
    room: int
    start_at: datetime
    minutes: int
    status: Status
    affected: AffectedReason | None
    timezone: str
    ticket_id: UUID | None
    ticket_number: str | None
    ticket_status: TicketStatus | None
    ticket_service: str | None
    ticket_version: int | None
    arrived_at: datetime | None
    called_at: datetime | None
    is_confirmed: bool


class AttendanceOut(BaseModel):
    """What became of an appointment."""

    folio: str
    status: Status
    version: int
