"""Tables of the fair release: the waves that were released, draws, and who registered for them."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.appointments.models import SERVICE_SHAPE
from app.kernel.db import Base

SEED_PURPOSE = "draw-seed"


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


class Draw(Base):
    """The draw of a schedule's day. `seed_ciphertext` is the seed until it is published as `seed`; the digest that was
    published before binds it. Triggers keep what was published: `draw_is_as_published`."""

    __tablename__ = "draw"
    __table_args__ = (
        CheckConstraint(SERVICE_SHAPE, name="service"),
        CheckConstraint("status IN ('open', 'drawn', 'ended')", name="status"),
        CheckConstraint("opens_at < closes_at AND closes_at < public_at", name="moments_in_order"),
        CheckConstraint("(status = 'open') = (seed IS NULL)", name="seed"),
        CheckConstraint("encode(sha256(seed), 'hex') = seed_digest", name="seed_is_as_committed"),
        CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended_at"),
        CheckConstraint("seats >= 0 AND registrations >= 0", name="counts"),
        Index("uq_draw", "unit_id", "schedule_id", "on_date", unique=True),
        Index(None, "id"),
        Index("ix_draw_active", "unit_id", "service", postgresql_where=text("status <> 'ended'")),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    schedule_id: Mapped[UUID]
    room: Mapped[int] = mapped_column(Integer)
    shift: Mapped[str]
    service: Mapped[str]
    on_date: Mapped[date]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    public_at: Mapped[datetime]
    seed_digest: Mapped[str]
    seed_ciphertext: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": SEED_PURPOSE})
    seed: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(server_default=text("'open'"))
    seats: Mapped[int] = mapped_column(Integer)
    """While it is open, those that it has now; then those that were offered."""
    registrations: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Those that were drawn."""
    drawn_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class DrawRegistration(Base):
    """A person's registration for a draw, with the public code by which it is drawn. Its `position` is set once, when
    the seed is published: trigger `draw_registration_is_as_drawn`. An offer is made to its entry of the wait list,
    which has the same id."""

    __tablename__ = "draw_registration"
    __table_args__ = (
        CheckConstraint("position >= 1", name="position"),
        ForeignKeyConstraint(["unit_id", "draw_id"], ["draw.unit_id", "draw.id"]),
        Index("uq_draw_registration_code", "unit_id", "draw_id", "code", unique=True),
        Index("uq_draw_registration_position", "unit_id", "draw_id", "position", unique=True),
        # A person registers once for a draw; who cancelled may register again.
        Index(
            "uq_draw_registration_person",
            *("unit_id", "draw_id", "person_id"),
            unique=True,
            postgresql_where=text("cancelled_at IS NULL"),
        ),
        Index(None, "person_id"),
        Index(None, "id"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    draw_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    code: Mapped[str]
    registered_at: Mapped[datetime]
    registered_by_kind: Mapped[str]
    registered_by_id: Mapped[UUID | None]
    channel: Mapped[str]
    position: Mapped[int | None] = mapped_column(Integer)
    cancelled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
