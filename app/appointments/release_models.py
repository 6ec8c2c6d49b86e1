"""Tables of the fair release: the waves that were released."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, SmallInteger, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.appointments.models import SERVICE_SHAPE
from app.kernel.db import Base


class ReleasedWave(Base):
    """A wave of a schedule's day that was released, once. Its seats are those whose percent is from `above` to below
    `below`; hours, length and places of the schedule as they were tell which those are."""

    __tablename__ = "released_wave"
    __table_args__ = (
        CheckConstraint(SERVICE_SHAPE, name="service"),
        CheckConstraint("above >= 0 AND below > above AND below <= 100", name="shares"),
        CheckConstraint("seats >= 0", name="seats"),
        Index("uq_released_wave", "unit_id", "schedule_id", "on_date", "wave", unique=True),
        Index(None, "unit_id", "released_at"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    schedule_id: Mapped[UUID]
    room: Mapped[int] = mapped_column(Integer)
    service: Mapped[str]
    on_date: Mapped[date]
    wave: Mapped[int] = mapped_column(SmallInteger)
    above: Mapped[int] = mapped_column(SmallInteger)
    below: Mapped[int] = mapped_column(SmallInteger)
    starts: Mapped[time]
    slot_minutes: Mapped[int] = mapped_column(SmallInteger)
    capacity: Mapped[int] = mapped_column(SmallInteger)
    released_at: Mapped[datetime]
    """When it was to be released, and was: seats are free by themselves from then on."""
    seats: Mapped[int] = mapped_column(Integer)
