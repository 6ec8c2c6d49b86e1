"""Schemas of tickets: what an arrival gives, what staff see, and what is done with one."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from app.desk.rules.tickets import LeftBecause, TicketStatus
from app.desk.schemas.forecasts import ForecastOut
from app.desk.schemas.names import AnyFolio, ServiceName
from app.kernel.schemas import FromRow, Incoming


class TicketIn(Incoming):
    """Someone without an appointment. `is_protected`: older, pregnant, with a disability or a small child; who is 60 or
    more by the registry is protected without it."""

    service: ServiceName
    person_id: UUID | None = None
    request_folio: AnyFolio | None = None
    is_protected: bool = False


class CheckInIn(Incoming):
    """The folio of an appointment of today."""

    folio: AnyFolio
    is_protected: bool = False


class LeaveIn(Incoming):
    """Why the person left without being attended."""

    because: Literal["no-answer", "gave-up", "redirected"]


class IdentifyIn(Incoming):
    """Whose ticket it is."""

    person_id: UUID


class PersonCorrectedIn(Incoming):
    """Whose ticket it is instead; null when they are unknown. `because`: another person of the list was chosen, someone
    else stands there with that number, or who they are couldn't be confirmed. `is_protected`: who stands there is
    moved forward for a reason that the registry doesn't know."""

    person_id: UUID | None
    because: Literal["wrong-choice", "slip-of-another", "unsure"]
    is_protected: bool = False


class TicketTransferIn(Incoming):
    """The queue to which the person goes on."""

    service: ServiceName


class NewTicketOut(FromRow):
    """A ticket as the slip shows it: `number` is what is called, `code` opens its own page, `/turno/{code}`.
    `appointment_folio` and `due_at`: the appointment that its person is checked in for with it."""

    id: UUID
    unit_id: UUID
    number: str
    service: str
    status: TicketStatus
    on_date: date
    arrived_at: datetime
    code: str
    forecast: ForecastOut | None
    appointment_folio: str | None
    due_at: datetime | None


class TicketOut(FromRow):
    """A ticket for staff of its unit. `place`: how many are called up to it in its queue, while it waits. `room`: the
    only one that may call it. `version` is its ETag."""

    id: UUID
    unit_id: UUID
    on_date: date
    number: str
    service: str
    status: TicketStatus
    person_id: UUID | None
    full_name: str | None
    appointment_folio: str | None
    request_folio: str | None
    room: int | None
    is_protected: bool
    arrived_at: datetime
    due_at: datetime | None
    calls: int
    called_at: datetime | None
    counter: int | None
    served_at: datetime | None
    ended_at: datetime | None
    left_because: LeftBecause | None
    version: int
    timezone: str
    place: int | None
