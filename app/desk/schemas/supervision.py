"""Schemas of what supervisors see."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.desk.rules.tickets import TicketStatus
from app.kernel.schemas import FromRow


class CounterNowOut(FromRow):
    """Who sits at a counter since when, the ticket they have, and how many they attended today."""

    counter: int
    name: str
    staff_id: UUID
    staff_name: str
    services: list[str]
    status: Literal["open", "paused"]
    opened_at: datetime
    ticket_number: str | None
    ticket_status: TicketStatus | None
    ticket_since: datetime | None
    attended: int


class QueueNowOut(FromRow):
    """A queue today. Median and 90th percentile are of the waits of `called` tickets, in seconds."""

    letter: str
    service: str
    waiting: int
    at_counter: int
    coming_back: int
    waiting_since: Annotated[datetime | None, Field(description="When who waits longest arrived.")]
    attended: int
    called: int
    median_seconds: float | None
    p90_seconds: float | None
    no_answers: int
    gave_up: int
    unserved: int


class OverviewOut(FromRow):
    """A unit at an instant: who serves and who waits."""

    unit_id: UUID
    unit_name: str
    timezone: str
    at: datetime
    on_date: date
    counters: list[CounterNowOut]
    queues: list[QueueNowOut]


class RoomWeekOut(FromRow):
    """A room in the week that begins on `week`. Shares are of the open seats; null without any."""

    room: int
    service: str
    week: date
    seats: int
    booked: int
    attended: int
    booked_share: float | None
    attended_share: float | None


class AttendanceRateOut(FromRow):
    """How appointments ended. `no_show_rate` is missed over `expected`, which is attended and missed."""

    service: str
    attended: int
    missed: int
    cancelled: int
    unserved: int
    expected: int
    no_show_rate: float | None


class ServiceAccessOut(FromRow):
    """The third next available time of a service, and in how many days it is."""

    service: str
    third_next_at: datetime | None
    days: int | None


class RatesOut(FromRow):
    """The rates of a unit's appointments from the first day to the last."""

    first: date
    last: date
    rooms: list[RoomWeekOut]
    attendance: list[AttendanceRateOut]
    access: list[ServiceAccessOut]
