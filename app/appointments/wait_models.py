"""Tables of the wait list: who waits, which seats were freed, and what was offered to whom. And how often a person
held a seat on a day."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.appointments.models import MAX_SEAT_LENGTH, SERVICE_SHAPE
from app.kernel.db import Base

SHIFT = "shift IN ('M', 'V', 'N')"


class WaitEntry(Base):
    """A person who is offered freed seats of a service at a unit, and which times they would take.

    `appointment_id`: theirs, which an accepted offer moves. `asked_at` is their place in the order; `renewed_at` the
    last sign that they still wait. `ignored`: offers in a row without an answer.
    """

    __tablename__ = "wait_entry"
    __table_args__ = (
        CheckConstraint(SERVICE_SHAPE, name="service"),
        CheckConstraint(SHIFT, name="shift"),
        CheckConstraint("weekdays <@ ARRAY[1,2,3,4,5,6,7]::smallint[] AND cardinality(weekdays) > 0", name="weekdays"),
        CheckConstraint("notice_hours BETWEEN 2 AND 168", name="notice_hours"),
        CheckConstraint("status IN ('active', 'paused', 'ended')", name="status"),
        CheckConstraint("(status = 'ended') = (end_reason IS NOT NULL AND ended_at IS NOT NULL)", name="ended"),
        CheckConstraint(
            "end_reason IN ('accepted', 'left', 'appointment-over', 'appointment-cancelled', 'booked-elsewhere',"
            " 'not-eligible', 'expired', 'draw-over')",
            name="end_reason",
        ),
        CheckConstraint("ignored >= 0", name="ignored"),
        # A person waits once for a service; entries of draws apart, which have the registration's id.
        Index(
            "uq_wait_entry_person",
            *("person_id", "service"),
            unique=True,
            postgresql_where=text("status <> 'ended' AND draw_id IS NULL"),
        ),
        # Asked when a seat is freed: does anyone wait for its like?
        Index("ix_wait_entry_active", "unit_id", "service", "asked_at", postgresql_where=text("status = 'active'")),
        Index(None, "id"),
        Index(None, "person_id"),
        Index("ix_wait_entry_ended", "unit_id", "service", "ended_at", postgresql_where=text("status = 'ended'")),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    service: Mapped[str]
    appointment_id: Mapped[UUID | None]
    draw_id: Mapped[UUID | None]
    """Of an entry that is offered a seat of a draw, the draw: its person registered for it."""
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    shift: Mapped[str | None]
    room: Mapped[int | None] = mapped_column(Integer)
    notice_hours: Mapped[int] = mapped_column(SmallInteger)
    asked_at: Mapped[datetime]
    renewed_at: Mapped[datetime]
    asked_by_kind: Mapped[str]
    asked_by_id: Mapped[UUID | None]
    channel: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'active'"))
    ignored: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    end_reason: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))


class FreedSeat(Base):
    """A seat that a cancellation or a move freed while someone waited for its like. Until `outcome` is set, it is the
    list's: reserved by its release delay, or held by an offer. It is looked at next at `look_at`.
    """

    __tablename__ = "freed_seat"
    __table_args__ = (
        CheckConstraint("outcome IN ('accepted', 'returned', 'taken')", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended_at"),
        CheckConstraint(f"minutes BETWEEN 5 AND {MAX_SEAT_LENGTH}", name="minutes"),
        Index(
            "uq_freed_seat_open",
            *("unit_id", "room", "start_at", "seat"),
            unique=True,
            postgresql_where=text("outcome IS NULL"),
        ),
        Index("ix_freed_seat_look_at", "look_at", "unit_id", postgresql_where=text("outcome IS NULL")),
        Index(None, "unit_id", "freed_at"),
        Index("ix_freed_seat_draw", "unit_id", "draw_id", postgresql_where=text("draw_id IS NOT NULL")),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    service: Mapped[str]
    shift: Mapped[str]
    room: Mapped[int] = mapped_column(Integer)
    start_at: Mapped[datetime]
    on_date: Mapped[date]
    seat: Mapped[int] = mapped_column(SmallInteger)
    minutes: Mapped[int] = mapped_column(SmallInteger)
    freed_at: Mapped[datetime]
    look_at: Mapped[datetime]
    outcome: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    draw_id: Mapped[UUID | None]
    """Of a seat that is offered after a draw, the draw."""


class WaitOffer(Base):
    """A freed seat offered to a person of the wait list: the log of who was offered what, when, why, and the answer.

    The seat names the offer as its holder and its hold. `place`: where the entry was in the order of those whom the
    seat fitted; `need`: its class; `had_start_at`: the time that the person had.
    """

    __tablename__ = "wait_offer"
    __table_args__ = (
        CheckConstraint("need IN ('affected', 'without', 'earlier')", name="need"),
        CheckConstraint("place BETWEEN 1 AND candidates", name="place"),
        CheckConstraint("expires_at > made_at AND expires_at < start_at", name="expires_at"),
        CheckConstraint("answer IN ('accepted', 'declined', 'expired', 'unreachable', 'withdrawn')", name="answer"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_at"),
        ForeignKeyConstraint(["unit_id", "entry_id"], ["wait_entry.unit_id", "wait_entry.id"]),
        ForeignKeyConstraint(["unit_id", "freed_seat_id"], ["freed_seat.unit_id", "freed_seat.id"]),
        # One open offer of a seat, one open offer of an entry; and one acceptance of a freed seat.
        Index(
            "uq_wait_offer_seat",
            *("unit_id", "room", "start_at", "seat"),
            unique=True,
            postgresql_where=text("answer IS NULL"),
        ),
        Index("uq_wait_offer_entry", "unit_id", "entry_id", unique=True, postgresql_where=text("answer IS NULL")),
        Index(
            "uq_wait_offer_accepted",
            *("unit_id", "freed_seat_id"),
            unique=True,
            postgresql_where=text("answer = 'accepted'"),
        ),
        # A message names the offer alone.
        Index(None, "id"),
        Index(None, "unit_id", "entry_id"),
        Index(None, "unit_id", "freed_seat_id"),
        Index(None, "unit_id", "made_at"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    entry_id: Mapped[UUID]
    freed_seat_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    service: Mapped[str]
    room: Mapped[int] = mapped_column(Integer)
    start_at: Mapped[datetime]
    seat: Mapped[int] = mapped_column(SmallInteger)
    need: Mapped[str]
    place: Mapped[int] = mapped_column(Integer)
    candidates: Mapped[int] = mapped_column(Integer)
    had_start_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    """The kind of who answered."""


class HoldCount(Base):
    """How often a person held a seat on a day, by the clock of the unit where they did. Unlogged, because it is written
    at each hold: after a crash of the database the count of that day begins again, and nothing else is lost."""

    __tablename__ = "hold_count"
    __table_args__ = (
        CheckConstraint("holds > 0", name="holds"),
        {"postgresql_with": {"fillfactor": "70"}, "prefixes": ["UNLOGGED"]},
    )

    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    holds: Mapped[int] = mapped_column(Integer)
