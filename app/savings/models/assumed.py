"""What is assumed, and where it comes from: versions of the baseline, their parameters, the reports made with them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, Integer, SmallInteger, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


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
