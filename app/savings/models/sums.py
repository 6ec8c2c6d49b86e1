"""What was observed, added up: cells of transactions, refusals and tickets, and how far off the third free time is.

The columns of sums are those of `app.savings.measures`, where each is defined.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, SmallInteger, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class Cell(Base):
    """Sums of transactions that share a period, a place, a service, a channel and one segment (`segment`,
    `segment_value`).

    `period_type` D, W or M: a day, a week (its Monday) or a month. `geography` R, S or U: a region of the country, a
    state, a unit. `segment` is empty, or device, age, sex, rurality or language. Every transaction is in each kind of
    cell there is once, so sums over a segment's values equal the rows without one: by day and by week there are regions
    and states without a segment, by month every geography, and regions and states with each segment.
    """

    __tablename__ = "saving_cell"
    __table_args__ = (
        CheckConstraint("period_type IN ('D', 'W', 'M')", name="period_type"),
        CheckConstraint("geography IN ('R', 'S', 'U')", name="geography"),
        Index("ix_saving_cell_empty", "period_type", postgresql_where=text("transactions = 0")),
    )

    period_type: Mapped[str] = mapped_column(primary_key=True)
    geography: Mapped[str] = mapped_column(primary_key=True)
    segment: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    segment_value: Mapped[str] = mapped_column(primary_key=True)
    transactions: Mapped[int] = mapped_column(BigInteger)
    started: Mapped[int] = mapped_column(BigInteger)
    completed: Mapped[int] = mapped_column(BigInteger)
    counted: Mapped[int] = mapped_column(BigInteger)
    repeats: Mapped[int] = mapped_column(BigInteger)
    followed_by_visit: Mapped[int] = mapped_column(BigInteger)
    refused: Mapped[int] = mapped_column(BigInteger)
    abandoned: Mapped[int] = mapped_column(BigInteger)
    by_rules: Mapped[int] = mapped_column(BigInteger)
    late: Mapped[int] = mapped_column(BigInteger)
    observed: Mapped[int] = mapped_column(BigInteger)
    online: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[int] = mapped_column(BigInteger)
    seconds_sq: Mapped[int] = mapped_column(BigInteger)
    visits: Mapped[int] = mapped_column(BigInteger)
    located: Mapped[int] = mapped_column(BigInteger)
    metres: Mapped[int] = mapped_column(BigInteger)
    decided: Mapped[int] = mapped_column(BigInteger)
    decide_hours: Mapped[int] = mapped_column(BigInteger)
    decide_hours_sq: Mapped[int] = mapped_column(BigInteger)
    asked: Mapped[int] = mapped_column(BigInteger)
    would_have_visited: Mapped[int] = mapped_column(BigInteger)
    rated: Mapped[int] = mapped_column(BigInteger)
    rating: Mapped[int] = mapped_column(BigInteger)
    rating_sq: Mapped[int] = mapped_column(BigInteger)
    attended: Mapped[int] = mapped_column(BigInteger)
    missed: Mapped[int] = mapped_column(BigInteger)
    people: Mapped[int] = mapped_column(BigInteger)
    """People with a transaction of the service in the period, each in one cell: of several services, at least the
    most."""


class ReasonCell(Base):
    """How often each reason was given for a refusal, by month, state and service."""

    __tablename__ = "saving_reason_cell"
    __table_args__ = (Index("ix_saving_reason_cell_empty", "period", postgresql_where=text("times = 0")),)

    period: Mapped[date] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int] = mapped_column(BigInteger)


class TicketCell(Base):
    """Sums of tickets by month, place and service; those of a unit also by weekday (1 Monday) and hour of arrival,
    which are 0 and -1 for regions and states."""

    __tablename__ = "saving_ticket_cell"
    __table_args__ = (
        CheckConstraint("geography IN ('R', 'S', 'U')", name="geography"),
        Index("ix_saving_ticket_cell_empty", "geography", postgresql_where=text("tickets = 0")),
    )

    geography: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    hour: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    tickets: Mapped[int] = mapped_column(BigInteger)
    walk_ins: Mapped[int] = mapped_column(BigInteger)
    waited: Mapped[int] = mapped_column(BigInteger)
    wait_seconds: Mapped[int] = mapped_column(BigInteger)
    wait_seconds_sq: Mapped[int] = mapped_column(BigInteger)
    attended: Mapped[int] = mapped_column(BigInteger)
    service_seconds: Mapped[int] = mapped_column(BigInteger)
    service_seconds_sq: Mapped[int] = mapped_column(BigInteger)
    gave_up: Mapped[int] = mapped_column(BigInteger)


class AccessReading(Base):
    """How many days off the third next free time was, read once a day: the usual measure of access, since the first
    may be a chance cancellation (Murray and Berwick, JAMA 2003;289:1035). Null: there was no third within the booking
    horizon."""

    __tablename__ = "saving_access_reading"

    unit_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    days: Mapped[int | None] = mapped_column(Integer)
