"""Tables of the desk: queues with their letters, counters that are open, and tickets."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.desk.rules.offers import Freed, OfferStatus
from app.desk.rules.offline import EntryKind, EntryStatus
from app.desk.rules.tickets import AT_COUNTER, OPEN, TicketStatus
from app.kernel.db import Base


def _among(column: str, values: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


NEW_CODE = "encode(substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 16), 'hex')"


class DeskQueue(Base):
    """The tickets of a unit that wait for the same service: the letter of their numbers, and the unit's own terms. A
    unit gets one when the first person arrives for a service."""

    __tablename__ = "desk_queue"
    __table_args__ = (
        UniqueConstraint("unit_id", "letter"),
        CheckConstraint("letter ~ '^[A-Z]$'", name="letter"),
        CheckConstraint("tolerance BETWEEN 0 AND 120", name="tolerance"),
        CheckConstraint("walk_in_offset BETWEEN 0 AND 240", name="walk_in_offset"),
        CheckConstraint("protected BETWEEN 0 AND 240", name="protected"),
        CheckConstraint("appointment_target BETWEEN 1 AND 600", name="appointment_target"),
        CheckConstraint("walk_in_target BETWEEN 1 AND 600", name="walk_in_target"),
        CheckConstraint("grace BETWEEN 0 AND 600", name="grace"),
        CheckConstraint("calls BETWEEN 1 AND 10", name="calls"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    letter: Mapped[str]
    tolerance: Mapped[int] = mapped_column(SmallInteger, server_default=text("10"))
    walk_in_offset: Mapped[int] = mapped_column(SmallInteger, server_default=text("20"))
    protected: Mapped[int] = mapped_column(SmallInteger, server_default=text("15"))
    appointment_target: Mapped[int] = mapped_column(SmallInteger, server_default=text("30"))
    walk_in_target: Mapped[int] = mapped_column(SmallInteger, server_default=text("120"))
    grace: Mapped[int] = mapped_column(SmallInteger, server_default=text("60"))
    calls: Mapped[int] = mapped_column(SmallInteger, server_default=text("3"))
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))


class DeskNumber(Base):
    """The last number given on a day. One row a queue and day is what makes numbers consecutive: taking one waits
    until the one before is taken."""

    __tablename__ = "desk_number"
    __table_args__ = (CheckConstraint("last > 0", name="last"),)

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    letter: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class CounterSession(Base):
    """Who sits at a counter (a window or a room), and for which services. A counter has one open, and so has a member
    of staff."""

    __tablename__ = "counter_session"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'paused', 'closed')", name="status"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        CheckConstraint("cardinality(services) > 0", name="services"),
        ForeignKeyConstraint(["unit_id", "counter"], ["room.unit_id", "room.number"]),
        Index(
            "uq_counter_session_counter",
            *("unit_id", "counter"),
            unique=True,
            postgresql_where=text("status <> 'closed'"),
        ),
        Index("uq_counter_session_staff", "staff_id", unique=True, postgresql_where=text("status <> 'closed'")),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    counter: Mapped[int] = mapped_column(Integer)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    services: Mapped[list[str]] = mapped_column(ARRAY(Text))
    status: Mapped[str]
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class DeskTicket(Base):
    """One person's stay at a unit for one service, today. Who is called next is `rank_at`, and from `first_at` on it
    comes first (`rules.turns`)."""

    __tablename__ = "desk_ticket"
    __table_args__ = (
        CheckConstraint(_among("status", tuple(TicketStatus)), name="status"),
        CheckConstraint(f"({_among('status', AT_COUNTER)}) = (counter IS NOT NULL)", name="counter"),
        CheckConstraint("(status IN ('done', 'left')) = (ended_at IS NOT NULL)", name="ended_at"),
        CheckConstraint("(status = 'left') = (left_because IS NOT NULL)", name="left_because"),
        CheckConstraint("left_because IN ('no-answer', 'gave-up', 'redirected', 'closed')", name="why_left"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("calls >= 0", name="calls"),
        UniqueConstraint("unit_id", "on_date", "letter", "number"),
        # Who is next, queue by queue.
        Index(
            "ix_desk_ticket_waiting",
            *("unit_id", "service", "rank_at", "number"),
            postgresql_where=text("status = 'waiting'"),
        ),
        # A counter has one ticket at a time, whatever the program does.
        Index(
            "uq_desk_ticket_counter",
            *("unit_id", "counter"),
            unique=True,
            postgresql_where=text("counter IS NOT NULL"),
        ),
        # A person twice in a queue is one ticket, and so is an appointment.
        Index(
            "uq_desk_ticket_person",
            *("unit_id", "on_date", "service", "person_id"),
            unique=True,
            postgresql_where=text(_among("status", OPEN)),
        ),
        Index(
            "uq_desk_ticket_appointment",
            *("unit_id", "appointment_folio", "on_date"),
            unique=True,
            postgresql_where=text("status <> 'left'"),
        ),
        Index("uq_desk_ticket_call", "called_by", "call_key", unique=True),
        Index("uq_desk_ticket_code", "code", unique=True),
        Index(None, "unit_id", "on_date", "called_at"),
        Index(None, "person_id", "on_date"),
        {"postgresql_with": {"fillfactor": "80"}},
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    on_date: Mapped[date]
    letter: Mapped[str]
    number: Mapped[int] = mapped_column(Integer)
    service: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    appointment_folio: Mapped[str | None]
    request_folio: Mapped[str | None]
    room: Mapped[int | None] = mapped_column(Integer)
    """The only room that attends it: that of the person's own doctor."""
    is_protected: Mapped[bool]
    arrived_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    rank_at: Mapped[datetime]
    first_at: Mapped[datetime]
    status: Mapped[str]
    calls: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    called_at: Mapped[datetime | None]
    called_by: Mapped[UUID | None]
    call_key: Mapped[str | None]
    counter: Mapped[int | None] = mapped_column(Integer)
    served_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    left_because: Mapped[str | None]
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    code: Mapped[str] = mapped_column(server_default=text(NEW_CODE))
    """Opens `/turno/{code}`, for who holds the slip. 128 bits of two random numbers of the server's, so that each
    ticket has one, however it is written."""


class DeskForecast(Base):
    """What a ticket's wait was forecast to be when it was given, in minutes until its call; and what became of it."""

    __tablename__ = "desk_forecast"
    __table_args__ = (
        ForeignKeyConstraint(["unit_id", "ticket_id"], ["desk_ticket.unit_id", "desk_ticket.id"]),
        CheckConstraint("0 <= low AND low <= median AND median <= high", name="range"),
        CheckConstraint(
            "simulated_low <= simulated_median AND simulated_median <= simulated_high", name="simulated_range"
        ),
        CheckConstraint("(called_at IS NULL) = (waited IS NULL)", name="waited"),
        CheckConstraint("(called_at IS NULL) = (is_inside IS NULL)", name="is_inside"),
        Index(None, "unit_id", "made_at"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    made_at: Mapped[datetime]
    low: Mapped[int] = mapped_column(Integer)
    median: Mapped[int] = mapped_column(Integer)
    high: Mapped[int] = mapped_column(Integer)
    simulated_low: Mapped[float] = mapped_column(Double)
    """The range before it was calibrated, as are the next two."""
    simulated_median: Mapped[float] = mapped_column(Double)
    simulated_high: Mapped[float] = mapped_column(Double)
    called_at: Mapped[datetime | None]
    """Of the first call; null until then, and for who left before it."""
    waited: Mapped[float | None] = mapped_column(Double)
    is_inside: Mapped[bool | None]


class ServiceTime(Base):
    """Times at the counter as they were seen, from the widest level to the nearest: everywhere, in a state, at a unit,
    and there by weekday (1 Monday) and two hours of the day, which are 0 and -1 of the others."""

    __tablename__ = "desk_service_time"
    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 4", name="level"), CheckConstraint("n > 0", name="n"))

    service: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(primary_key=True)
    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    hours: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(Integer)
    mean: Mapped[float] = mapped_column(Double)
    """Of the logarithm of minutes, as is the variance."""
    variance: Mapped[float] = mapped_column(Double)


class ForecastReach(Base):
    """How far simulated ranges have to reach on each side, by the waits that were scored: of all (1), of a service (2)
    and of a service at a unit (3). The names of wider levels are empty."""

    __tablename__ = "desk_forecast_reach"
    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 3", name="level"), CheckConstraint("n > 0", name="n"))

    service: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
    below: Mapped[float] = mapped_column(Double)
    above: Mapped[float] = mapped_column(Double)


class ForecastDay(Base):
    """Sums of the forecasts of a unit's day, for who asks about all units: single ones are millions."""

    __tablename__ = "desk_forecast_day"

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    made: Mapped[int] = mapped_column(Integer)
    called: Mapped[int] = mapped_column(Integer)
    inside: Mapped[int] = mapped_column(Integer)
    simulated_inside: Mapped[int] = mapped_column(Integer)
    """How many would have been in their range before it was calibrated."""
    error_minutes: Mapped[float] = mapped_column(Double)


class NumberRange(Base):
    """Numbers of a queue and day that a device may give while it is offline. What it doesn't give stays unused."""

    __tablename__ = "number_range"
    __table_args__ = (
        CheckConstraint("first > 0 AND last >= first", name="numbers"),
        UniqueConstraint("unit_id", "on_date", "letter", "first"),
        Index(None, "unit_id", "device_id", "on_date"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    device_id: Mapped[UUID]
    on_date: Mapped[date]
    letter: Mapped[str]
    service: Mapped[str]
    first: Mapped[int] = mapped_column(Integer)
    last: Mapped[int] = mapped_column(Integer)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    reserved_at: Mapped[datetime]


class OfflineEntry(Base):
    """What a device recorded offline and sent afterwards, and what became of it: the merge is a function of these rows.
    `device_at` is the time by the device's clock, `happened_at` the corrected one."""

    __tablename__ = "offline_entry"
    __table_args__ = (
        CheckConstraint(_among("kind", tuple(EntryKind)), name="kind"),
        CheckConstraint(_among("status", tuple(EntryStatus)), name="status"),
        CheckConstraint("(status = 'conflict') = (reason IS NOT NULL)", name="reason_of_conflict"),
        CheckConstraint(
            "CASE kind WHEN 'number' THEN folio IS NULL AND service IS NOT NULL AND number IS NOT NULL"
            " ELSE folio IS NOT NULL END",
            name="subject",
        ),
        Index(None, "unit_id", "folio"),
        Index(None, "unit_id", "on_date", "number"),
        Index(
            "ix_offline_entry_open_conflict",
            *("unit_id", "happened_at"),
            postgresql_where=text("status = 'conflict' AND resolved_at IS NULL"),
        ),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    device_id: Mapped[UUID]
    kind: Mapped[str]
    folio: Mapped[str | None]
    service: Mapped[str | None]
    number: Mapped[str | None]
    is_protected: Mapped[bool]
    device_at: Mapped[datetime]
    offset_seconds: Mapped[int] = mapped_column(Integer)
    happened_at: Mapped[datetime]
    on_date: Mapped[date]
    received_at: Mapped[datetime]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    status: Mapped[str]
    reason: Mapped[str | None]
    ticket_id: Mapped[UUID | None]
    assigned: Mapped[str | None]
    """The number that the merge gave, where the device had none left."""
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))


class DeskOffer(Base):
    """A freed appointment that was offered to a ticket of the queue: to whom, why it was free, and how they answered. A
    time is offered to one ticket at once, and a ticket has one open offer."""

    __tablename__ = "desk_offer"
    __table_args__ = (
        CheckConstraint(_among("status", tuple(OfferStatus)), name="status"),
        CheckConstraint(_among("freed", tuple(Freed)), name="freed"),
        CheckConstraint("(status = 'open') = (answered_at IS NULL)", name="answered_at"),
        CheckConstraint(
            "(status = 'accepted' AND freed <> 'missed') = (appointment_folio IS NOT NULL)", name="appointment_folio"
        ),
        CheckConstraint("place > 0", name="place"),
        ForeignKeyConstraint(["unit_id", "ticket_id"], ["desk_ticket.unit_id", "desk_ticket.id"]),
        # The place of an absent person is taken once; a booked seat can't be offered while it is booked.
        Index(
            "uq_desk_offer_time",
            *("unit_id", "room", "start_at", "seat"),
            unique=True,
            postgresql_where=text("status = 'open' OR status = 'accepted' AND freed = 'missed'"),
        ),
        Index("uq_desk_offer_ticket", "unit_id", "ticket_id", unique=True, postgresql_where=text("status = 'open'")),
        Index(None, "unit_id", "start_at"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    ticket_id: Mapped[UUID]
    service: Mapped[str]
    room: Mapped[int] = mapped_column(Integer)
    start_at: Mapped[datetime]
    seat: Mapped[int] = mapped_column(SmallInteger)
    minutes: Mapped[int] = mapped_column(SmallInteger)
    freed: Mapped[str]
    place: Mapped[int] = mapped_column(Integer)
    """Which of those without an appointment in its queue the ticket was."""
    status: Mapped[str] = mapped_column(server_default=text("'open'"))
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
    appointment_folio: Mapped[str | None]
