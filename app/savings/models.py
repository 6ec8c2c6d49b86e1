"""Tables of the measurement: what is assumed and where it comes from, what was observed, its sums, and what was
released to the public."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base
from app.savings.measures import MEASURES, TICKET_MEASURES, Correction


class StateRegion(Base):
    """The region of the country a state belongs to; parameters may differ by region."""

    __tablename__ = "saving_region"

    state: Mapped[str] = mapped_column(primary_key=True)
    region: Mapped[str]


class RepeatWindow(Base):
    """For how many days the same transaction of the same person counts once; `*` for services without a row of their
    own.

    Part of what is observed, not of a baseline: changing one needs `ventanilla savings rebuild`.
    """

    __tablename__ = "saving_window"
    __table_args__ = (CheckConstraint("days BETWEEN 0 AND 366", name="days"),)

    service: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(Integer)
    source: Mapped[str]


class Baseline(Base):
    """A version of the parameters. A draft can be changed, once published it never is; a report names its version."""

    __tablename__ = "baseline"
    __table_args__ = (
        Index("uq_baseline_draft", text("(true)"), unique=True, postgresql_where=text("published_at IS NULL")),
    )

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    note: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    published_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None]


class ParameterRow(Base):
    """One parameter of a baseline, as a distribution. `scope`: a service, a kind of transaction (a baseline of the
    catalogue), or empty for all. `place`: a unit, a state, a region, or empty for the country. The narrowest row
    counts.

    pert: low, mode (`value`) and high. beta: `value` successes and `high` failures, both with the prior in them.
    normal: mean (`value`) and standard error (`high`). fixed: `value`.
    """

    __tablename__ = "parameter"
    __table_args__ = (
        CheckConstraint("distribution IN ('pert', 'beta', 'normal', 'fixed')", name="distribution"),
        CheckConstraint("distribution <> 'pert' OR (low <= value AND value <= high AND low < high)", name="pert"),
        CheckConstraint("distribution <> 'beta' OR (value > 0 AND high > 0)", name="beta"),
        CheckConstraint("distribution <> 'normal' OR high >= 0", name="normal"),
        CheckConstraint("confidence IN ('measured', 'official', 'study', 'press', 'assumption')", name="confidence"),
        CheckConstraint("unit <> 'MXN' OR price_year IS NOT NULL", name="money_has_a_year"),
        CheckConstraint("char_length(source) BETWEEN 3 AND 1000", name="source"),
    )

    version: Mapped[int] = mapped_column(ForeignKey("baseline.version"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    distribution: Mapped[str]
    low: Mapped[float | None] = mapped_column(Double)
    value: Mapped[float] = mapped_column(Double)
    high: Mapped[float | None] = mapped_column(Double)
    unit: Mapped[str]
    price_year: Mapped[int | None] = mapped_column(SmallInteger)
    source: Mapped[str]
    confidence: Mapped[str]
    sample: Mapped[int | None] = mapped_column(Integer)
    """How many observations a measured parameter rests on."""


class SavingReport(Base):
    """A report as it was published: the question, the version, the seed and the answer. It never changes."""

    __tablename__ = "saving_report"
    __table_args__ = (CheckConstraint("until >= since", name="dates_in_order"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(ForeignKey("baseline.version"))
    since: Mapped[date]
    until: Mapped[date]
    seed: Mapped[int] = mapped_column(Integer)
    draws: Mapped[int] = mapped_column(Integer)
    title: Mapped[str]
    result: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    published_by: Mapped[UUID | None]


UNKNOWN_PERSON = UUID(int=0)
"""In place of a person who isn't known: a session without a sign-in."""


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
        CheckConstraint(f"correction IN {tuple(map(str, Correction))}", name="correction"),
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
    correction_event: Mapped[UUID | None]
    correction: Mapped[str | None]
    """What the person says of it in their statement."""
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


class OwnCorrection(Base):
    """What a person says of one of their transactions, as they said it last: their statement shows it at once, and the
    roll-up reads the same from its event. Null: taken back."""

    __tablename__ = "own_correction"
    __table_args__ = (CheckConstraint(f"correction IN {tuple(map(str, Correction))}", name="correction"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    correction: Mapped[str | None]
    changed_at: Mapped[datetime]


class Ticket(Base):
    """A visit in person as the desk recorded it: its steps, and what follows from them."""

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
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    served_seconds: Mapped[int | None] = mapped_column(Integer)


class Cell(Base):
    """Sums of transactions that share a period, a place, a service, a channel and one segment (`segment`,
    `segment_value`).

    `period_type` D, W or M: a day, a week (its Monday) or a month. `geography` R, S or U: a region of the country, a
    state, a unit. `segment` is empty, or device, age, sex, rurality or language. Every transaction is in each kind of
    cell there is once, so sums over a segment's values equal the rows without one: by day and by week there are regions
    and states without a segment, by month every geography, and regions and states with each segment. `people` counts
    each person once in a period and service: of several services, at least the most.
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


def _add_sums(cell: type[Base], measures: Iterable[str]) -> None:
    for name in measures:
        setattr(cell, name, mapped_column(BigInteger, nullable=False))


_add_sums(Cell, MEASURES)
_add_sums(TicketCell, TICKET_MEASURES)


class AccessReading(Base):
    """How many days off the third next free time was, read once a day: the usual measure of access, since the first
    may be a chance cancellation (Murray and Berwick, JAMA 2003;289:1035). Null: there was no third within the booking
    horizon."""

    __tablename__ = "saving_access_reading"

    unit_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    days: Mapped[int | None] = mapped_column(Integer)


class Release(Base):
    """A month of a family of numbers that was released. `is_suppressed`: the whole month was of too few people."""

    __tablename__ = "saving_release"

    family: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    is_suppressed: Mapped[bool]
    released_at: Mapped[datetime]


class ReleasedBlock(Base):
    """Observations that are published only together: services, and where in a dimension.

    `*` stands for all of a kind, a region or the country that isn't published apart. The database refuses to change or
    delete a row: what was published of a month stays, so that no two answers can be subtracted from each other.
    """

    __tablename__ = "saving_released_block"

    family: Mapped[str] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    dimension_value: Mapped[str] = mapped_column(primary_key=True)
    measures: Mapped[list[str]] = mapped_column(ARRAY(Text))
    amounts: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """One for each of `measures`."""
