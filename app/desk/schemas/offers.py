"""Schemas of offers: freed appointments for those who wait without one."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from app.kernel.schemas import FromRow


class DeskOfferOut(FromRow):
    """A freed time offered to a ticket. `freed`: why it is free. `place`: which of those who wait without an
    appointment the ticket was. `appointment_folio`: of what was booked; the place of an absent person has none."""

    id: UUID
    unit_id: UUID
    ticket_id: UUID
    number: str
    service: str
    person_id: UUID | None
    full_name: str | None
    room: int
    start_at: datetime
    minutes: int
    freed: Literal["cancelled", "moved", "missed"]
    place: int
    status: Literal["open", "accepted", "declined", "lapsed"]
    made_at: datetime
    answered_at: datetime | None
    appointment_folio: str | None
    timezone: str


class OffersOut(FromRow):
    """What is offered now. `to_identify`: numbers of tickets whose person isn't known; a time that is booked can be
    offered to them once they are identified."""

    offers: list[DeskOfferOut]
    to_identify: list[str]
