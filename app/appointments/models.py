"""Tables of appointments. Keys of what grows begin with the unit, so the data can be spread by unit."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base

SERVICE_SHAPE = "service IN ('family-medicine', 'dental', 'preventive', 'window') OR service ~ '^specialist-[a-z-]+$'"

AFFECTED = "affected IN ('holiday', 'leave', 'training', 'maintenance', 'emergency', 'schedule', 'unit')"


MAX_SEAT_LENGTH = 240
"""Minutes. The seats that can overlap a time begin less than this before it."""

PLACE = "hashtextextended(unit_id::text || ':' || room::text, 0)"


class Schedule(Base):
    """The weekly pattern of a room: these weekdays, these hours by the unit's clock, this service."""

    __tablename__ = "schedule"
    __table_args__ = (
        CheckConstraint(SERVICE_SHAPE, name="service"),
        CheckConstraint("shift IN ('M', 'V', 'N')", name="shift"),
        CheckConstraint("ends > starts OR ends = '00:00'", name="hours_in_order"),
        CheckConstraint(f"slot_minutes BETWEEN 5 AND {MAX_SEAT_LENGTH}", name="slot_minutes"),
        CheckConstraint("capacity BETWEEN 1 AND 100", name="capacity"),
        # The day before the first: it was ended before it began.
        CheckConstraint("valid_to >= valid_from - 1", name="dates_in_order"),
        CheckConstraint("weekdays <@ ARRAY[1,2,3,4,5,6,7]::smallint[] AND cardinality(weekdays) > 0", name="weekdays"),
        CheckConstraint("jsonb_exists(release, 'waves') <> jsonb_exists(release, 'draw')", name="release"),
        Index(None, "unit_id", "room"),
        # Schedules that don't release their seats at once.
        Index("ix_schedule_release", "unit_id", "service", postgresql_where=text("release IS NOT NULL")),
        ForeignKeyConstraint(["unit_id", "room"], ["room.unit_id", "room.number"]),
        # A room has one schedule at a time, so its seats can't overlap. By ranges alone: equality of a unit and a room
        # in such a constraint needs an extension, and not every server has it.
        ExcludeConstraint(
            (text(f"int8range({PLACE}, {PLACE}, '[]')"), "&&"),
            (text("schedule_week(weekdays, starts, ends)"), "&&"),
            (text("daterange(valid_from, valid_to + 1)"), "&&"),
            using="gist",
            name="ex_schedule_overlap",
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    room: Mapped[int] = mapped_column(Integer)
    shift: Mapped[str]
    service: Mapped[str]
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    starts: Mapped[time]
    ends: Mapped[time]
    slot_minutes: Mapped[int] = mapped_column(SmallInteger)
    capacity: Mapped[int] = mapped_column(SmallInteger)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    release: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """When its seats can be booked first: `release.release_of`. None: at once."""
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))


class ScheduleException(Base):
    """A time when a unit, a shift or a room doesn't attend, and why. Its seats are closed."""

    __tablename__ = "schedule_exception"
    __table_args__ = (
        CheckConstraint("reason IN ('holiday', 'leave', 'training', 'maintenance', 'emergency')", name="reason"),
        CheckConstraint("shift IN ('M', 'V', 'N')", name="shift"),
        CheckConstraint("ends_at > starts_at", name="times_in_order"),
        Index(None, "unit_id", "starts_at"),
        ForeignKeyConstraint(["unit_id", "room"], ["room.unit_id", "room.number"]),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    room: Mapped[int | None] = mapped_column(Integer)
    shift: Mapped[str | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]


class Seat(Base):
    """One place for one person. Its identity is where and when; nothing is counted, so nothing is counted twice.

    `free_from` is when it is released first, and later the end of the release delay after a cancellation; `freed_by`,
    its last holder, may take it before. `closed_by` names the exception, day off or ended schedule that closes it: a
    booked seat carries it too, so that it closes when the appointment is moved.

    Two open seats of a room (`closed_by` is null) never overlap, except the places of one time: the triggers
    `seat_added_overlaps_none` and `seat_changed_overlaps_none` refuse them as the constraint `ex_seat_overlap`.
    """

    __tablename__ = "seat"
    __table_args__ = (
        CheckConstraint("state IN ('free', 'held', 'booked', 'closed')", name="state"),
        CheckConstraint("(state IN ('held', 'booked')) = (holder_id IS NOT NULL)", name="holder"),
        CheckConstraint("(state = 'held') = (hold_id IS NOT NULL AND held_until IS NOT NULL)", name="hold"),
        CheckConstraint("(state = 'booked') = (appointment_id IS NOT NULL)", name="appointment"),
        CheckConstraint("state <> 'closed' OR closed_by IS NOT NULL", name="closed"),
        CheckConstraint(f"minutes BETWEEN 5 AND {MAX_SEAT_LENGTH}", name="minutes"),
        # A closed seat is neither offered nor held; the trigger of the same name rejects a booking of one.
        CheckConstraint("closed_by IS NULL OR state IN ('closed', 'booked')", name="closed_is_not_offered"),
        Index(
            "ix_seat_offer",
            *("unit_id", "service", "on_date", "start_at", "room", "seat"),
            postgresql_include=["state", "held_until", "free_from", "freed_by", "shift"],
            postgresql_where=text("state IN ('free', 'held')"),
        ),
        # One hold a person and service. The unit is part of it so that units can live on different machines; it
        # comes last so that the same index finds a person's holds.
        Index(
            "uq_seat_holder",
            *("holder_id", "service", "unit_id"),
            unique=True,
            postgresql_where=text("state = 'held'"),
        ),
        {"postgresql_with": {"fillfactor": "80"}},
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    room: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    start_at: Mapped[datetime] = mapped_column(primary_key=True)
    seat: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    service: Mapped[str]
    shift: Mapped[str]
    on_date: Mapped[date]
    minutes: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(server_default=text("'free'"))
    free_from: Mapped[datetime] = mapped_column(server_default=text("'epoch'"))
    freed_by: Mapped[UUID | None]
    holder_id: Mapped[UUID | None]
    hold_id: Mapped[UUID | None]
    held_until: Mapped[datetime | None]
    appointment_id: Mapped[UUID | None]
    closed_by: Mapped[UUID | None]


class Appointment(Base):
    """A person's appointment. Ended ones stay: they are history and feed the measurement."""

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint(SERVICE_SHAPE, name="service"),
        CheckConstraint("status IN ('booked', 'cancelled', 'attended', 'missed', 'unserved')", name="status"),
        UniqueConstraint("unit_id", "folio"),
        Index(None, "folio"),
        Index(None, "person_id", "start_at"),
        # The day's list of a unit.
        Index(None, "unit_id", "on_date"),
        CheckConstraint(AFFECTED, name="affected"),
        Index(
            "ix_appointment_affected",
            *("unit_id", "start_at"),
            postgresql_where=text("affected IS NOT NULL AND status = 'booked'"),
        ),
        # What is due for a reminder.
        Index(
            "ix_appointment_start",
            *("unit_id", "start_at"),
            postgresql_where=text("status = 'booked' AND affected IS NULL"),
        ),
        # The last defence against overbooking: two live appointments can't share a seat.
        Index(
            "uq_appointment_seat",
            *("unit_id", "room", "start_at", "seat"),
            unique=True,
            postgresql_where=text("status = 'booked'"),
        ),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    folio: Mapped[str]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    service: Mapped[str]
    room: Mapped[int] = mapped_column(Integer)
    start_at: Mapped[datetime]
    on_date: Mapped[date]
    seat: Mapped[int] = mapped_column(SmallInteger)
    minutes: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[str] = mapped_column(server_default=text("'booked'"))
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    channel: Mapped[str]
    booked_by_kind: Mapped[str]
    booked_by_id: Mapped[UUID | None]
    cancel_reason: Mapped[str | None]
    affected: Mapped[str | None]
    """Why it can't take place as booked: what closed its seat or its unit since."""
    confirmed_start_at: Mapped[datetime | None]
    """The time for which the person said that they will come: of another time it says nothing."""
    request_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ActiveAppointment(Base):
    """The appointment a person has open in a service: there can be one. A past one gives way to the next.

    No two of a person begin at the same minute, whatever the service.
    """

    __tablename__ = "active_appointment"
    __table_args__ = (Index("uq_active_appointment_start", "person_id", "start_at", unique=True),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID]
    appointment_id: Mapped[UUID]
    start_at: Mapped[datetime]


class Referral(Base):
    """A family doctor's order to see a specialist: which service, at which unit, between which days."""

    __tablename__ = "referral"
    __table_args__ = (
        CheckConstraint("service ~ '^specialist-[a-z-]+$'", name="service"),
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        Index(None, "person_id", "service"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    service: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    issued_by: Mapped[UUID | None]
    created_at: Mapped[datetime]


class RebookingOffer(Base):
    """A time held for a person instead of one that a closure hits, or, without a seat, the choice left to them; and how
    they answered. The seat names the offer as its hold: until `held_until` only this offer can take it.

    `cause_id`: the closure, day off or schedule. `room` and `start_at` are the original ones.
    """

    __tablename__ = "rebooking_offer"
    __table_args__ = (
        CheckConstraint("tier IN ('room', 'shift', 'unit')", name="tier"),
        CheckConstraint(
            "num_nonnulls(tier, to_unit_id, to_room, to_start_at, to_seat, to_minutes, held_until) IN (0, 7)",
            name="seat_is_whole",
        ),
        CheckConstraint("answer IN ('accepted', 'other-time', 'cancelled', 'withdrawn')", name="answer"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_at"),
        CheckConstraint("held_until > created_at AND held_until < to_start_at", name="held_until"),
        CheckConstraint("calls >= 0", name="calls"),
        ForeignKeyConstraint(["unit_id", "appointment_id"], ["appointment.unit_id", "appointment.id"]),
        # An appointment has one offer at a time.
        Index(
            "uq_rebooking_offer_open",
            *("unit_id", "appointment_id"),
            unique=True,
            postgresql_where=text("answer IS NULL"),
        ),
        Index(None, "cause_id"),
        Index(
            "ix_rebooking_offer_seat",
            *("to_unit_id", "to_start_at"),
            postgresql_where=text("answer IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    appointment_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    cause_id: Mapped[UUID]
    room: Mapped[int] = mapped_column(Integer)
    start_at: Mapped[datetime]
    tier: Mapped[str | None]
    to_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    to_room: Mapped[int | None] = mapped_column(Integer)
    to_start_at: Mapped[datetime | None]
    to_seat: Mapped[int | None] = mapped_column(SmallInteger)
    to_minutes: Mapped[int | None] = mapped_column(SmallInteger)
    reply_by: Mapped[datetime]
    held_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    """The kind of who answered: citizen, or staff for them on the phone."""
    calls: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    called_at: Mapped[datetime | None]


class RoomDay(Base):
    """How many seats of a room were open for a service on a day: kept when the seats of past days are deleted."""

    __tablename__ = "room_day"
    __table_args__ = (CheckConstraint("seats >= 0", name="seats"),)

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    room: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    service: Mapped[str] = mapped_column(primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    seats: Mapped[int] = mapped_column(Integer)
