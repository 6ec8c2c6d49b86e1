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


@dataclass(frozen=True, kw_only=True)
class DrawEvent(DomainEvent):
    """A draw of the seats of a schedule's day. The subject is the draw."""

    on_date: date


@dataclass(frozen=True, kw_only=True)
class DrawOpened(DrawEvent):
    """The registration for a draw opened. `seed_digest` is the SHA-256 of its seed, which is published when the
    registration closes. The subject is the draw, as in every event of one."""

    type: ClassVar[str] = "draw.opened"
    room: int
    seed_digest: str
    closes_at: datetime
    public_at: datetime


@dataclass(frozen=True, kw_only=True)
class DrawDrawn(DrawEvent):
    """The order of a draw follows from its seed, which is published; `seats` are offered to `registrations`."""

    type: ClassVar[str] = "draw.drawn"
    seats: int
    registrations: int


@dataclass(frozen=True, kw_only=True)
class DrawEnded(DrawEvent):
    """What no one of the draw took is the public's; `taken` counts the seats that were accepted."""

    type: ClassVar[str] = "draw.ended"
    taken: int


@dataclass(frozen=True, kw_only=True)
class DrawRegistrationEvent(DomainEvent):
    """A person's registration for a draw. The subject is the registration."""

    draw_id: UUID
    on_date: date


@dataclass(frozen=True, kw_only=True)
class DrawRegistered(DrawRegistrationEvent):
    """A person registered for a draw. The subject is the registration, as in every event of one."""

    type: ClassVar[str] = "draw-registration.added"


@dataclass(frozen=True, kw_only=True)
class DrawRegistrationCancelled(DrawRegistrationEvent):
    """A registration was cancelled: by its person, or with their account."""

    type: ClassVar[str] = "draw-registration.cancelled"


@dataclass(frozen=True, kw_only=True)
class DrawWithoutSeat(DrawRegistrationEvent):
    """The draw ended and no seat was left for the registration; `is_withdrawn`: they were taken out of the agenda."""

    type: ClassVar[str] = "draw-registration.without-seat"
    is_withdrawn: bool = False
