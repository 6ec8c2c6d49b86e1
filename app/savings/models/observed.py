"""What was observed, as rows: transactions and tickets merged from the event log, and the people's profiles.

Keys begin with the person or the unit. An unknown person (a session without a sign-in) is `UNKNOWN_PERSON`.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Double, Index, Integer, SmallInteger, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base

UNKNOWN_PERSON = UUID(int=0)


class Profile(Base):
    """The attributes of a person that the measurement groups by, from a day on. Stored apart so that a later correction
    of the registry doesn't rewrite what was measured."""

    __tablename__ = "saving_profile"

    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    birth_on: Mapped[date]
    """The first day of the month of birth: an age band needs no more."""
    sex: Mapped[str]
    language: Mapped[str]
    rurality: Mapped[str]
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)


class ServiceTransaction(Base):
    """One transaction of a person with the agency, merged from its events in any order.

    `counts_as` is the service it is measured as: a change of an appointment is a transaction of its own. The
    event ids say what is in it already, so that an event that comes twice counts once.
    """

    __tablename__ = "service_transaction"
    __table_args__ = (
        CheckConstraint("outcome IN ('open', 'completed', 'refused', 'abandoned')", name="outcome"),
        CheckConstraint("seconds >= 0", name="seconds"),
        Index("ix_service_transaction_unit_day", "unit_id", "day"),
        Index("ix_service_transaction_day", "day"),
    )

    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    event_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    counts_as: Mapped[str]
    day: Mapped[date]
    """The day it ended, or began while it hasn't, by the clock of its unit: where the sums put it."""
    started_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    is_own: Mapped[bool]
    """The person acted themselves; false for what only a desk reported."""
    first_event: Mapped[UUID | None]
    channel: Mapped[str]
    device: Mapped[str]
    age_band: Mapped[str]
    sex: Mapped[str]
    language: Mapped[str]
    rurality: Mapped[str]
    unit_event: Mapped[UUID | None]
    unit_id: Mapped[UUID | None]
    state: Mapped[str]
    region: Mapped[str]
    metres: Mapped[int | None] = mapped_column(Integer)
    """From the person's postal code to the unit, in a straight line."""
    seconds: Mapped[int] = mapped_column(Integer)
    """Active time of the person, as observed by the portal."""
    steps: Mapped[int] = mapped_column(Integer)
    visits: Mapped[int] = mapped_column(SmallInteger)
    """Visits that were needed all the same."""
    outcome_event: Mapped[UUID | None]
    outcome: Mapped[str]
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text))
    by_rules: Mapped[bool]
    due_event: Mapped[UUID | None]
    due_on: Mapped[date | None]
    hold_id: Mapped[UUID | None]
    survey_event: Mapped[UUID | None]
    would_have_visited: Mapped[bool | None]
    satisfaction: Mapped[int | None] = mapped_column(SmallInteger)
    attendance_event: Mapped[UUID | None]
    attendance: Mapped[str | None]
    is_absorbed: Mapped[bool] = mapped_column(server_default=text("false"))
    """A hold that was booked: the booking is the transaction, and counts these seconds as its own."""
    is_repeat: Mapped[bool] = mapped_column(server_default=text("false"))
    is_followed_by_visit: Mapped[bool] = mapped_column(server_default=text("false"))
    is_first_of_month: Mapped[bool] = mapped_column(server_default=text("false"))
    is_first_of_week: Mapped[bool] = mapped_column(server_default=text("false"))
    is_first_of_day: Mapped[bool] = mapped_column(server_default=text("false"))
    timezone: Mapped[str] = mapped_column(server_default=text("'America/Mexico_City'"))
    """Of the unit; of central Mexico where no unit is known."""
    hold_seconds: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Active time of the hold that this booking absorbs: both are one transaction, observed once."""


class Ticket(Base):
    """A visit in person as the desk recorded it, merged from its events."""

    __tablename__ = "ticket"
    __table_args__ = (Index("ix_ticket_person", "person_id", "service"),)

    unit_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    event_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    person_id: Mapped[UUID | None]
    service: Mapped[str]
    state: Mapped[str]
    region: Mapped[str]
    timezone: Mapped[str]
    appointment_id: Mapped[UUID | None]
    walk_in: Mapped[bool]
    arrived_at: Mapped[datetime | None]
    called_at: Mapped[datetime | None]
    served_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
