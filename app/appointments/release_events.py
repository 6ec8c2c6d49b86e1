"""Events of the fair release."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class WaveReleased(DomainEvent):
    """A wave of a schedule's day was released: its seats can be booked. The subject is the wave of that day; `seats`
    counts those that are open. Seats are free from `released_at` on by themselves, however late this is recorded."""

    type: ClassVar[str] = "wave.released"
    schedule_id: UUID
    room: int
    on_date: date
    wave: int
    seats: int
    released_at: datetime
