"""Tables of places. Reference data: small, read everywhere, written by imports."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Integer, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base

SEARCHED = """
    lower(translate(
        ' ' || clues || ' ' || name || ' ' || municipality || ' ' || state || ' ',
        'ÁÀÄÂÉÈËÊÍÌÏÎÓÒÖÔÚÙÜÛÑÇáàäâéèëêíìïîóòöôúùüûñç.,;:-/()#"°º',
        'aaaaeeeeiiiioooouuuuncaaaaeeeeiiiioooouuuunc            '))
"""
"""As `search_words` returns it, computed once: for each row of the catalogue it takes some 30 microseconds."""


class Unit(Base):
    """A medical unit, known everywhere by its CLUES."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint("char_length(clues) = 11", name="clues_length"),
        CheckConstraint("kind IN ('umf', 'hospital', 'clinic', 'other')", name="kind"),
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="point_is_whole"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    clues: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    institution: Mapped[str]
    state_code: Mapped[str]
    state: Mapped[str]
    municipality: Mapped[str]
    locality: Mapped[str | None]
    address: Mapped[str | None]
    postal_code: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    timezone: Mapped[str]
    phone: Mapped[str | None]
    level: Mapped[int | None] = mapped_column(Integer)
    is_operating: Mapped[bool]
    imported_at: Mapped[datetime]
    search: Mapped[str] = mapped_column(Computed(SEARCHED, persisted=True))
    """What it is found by: the words of its CLUES, name, municipality and state, folded, between spaces."""


class Room(Base):
    """A consulting room, dental chair, preventive module, window or specialist's room of a unit."""

    __tablename__ = "room"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("kind IN ('consulting', 'dental', 'preventive', 'window', 'specialist')", name="kind"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    name: Mapped[str]


class Shift(Base):
    """The hours of a shift at a unit, by its own wall clock: M morning, V evening (vespertino), N night."""

    __tablename__ = "shift"
    __table_args__ = (
        CheckConstraint("code IN ('M', 'V', 'N')", name="code"),
        CheckConstraint("starts <> ends", name="has_hours"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    starts: Mapped[time]
    ends: Mapped[time]


class PostalCode(Base):
    """Where a postal code is, as far as the source says."""

    __tablename__ = "postal_code"
    __table_args__ = (
        CheckConstraint("code ~ '^[0-9]{5}$'", name="code"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="point_is_whole"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    state: Mapped[str | None]
    municipality: Mapped[str | None]
    settlement: Mapped[str | None]
    is_rural: Mapped[bool | None]
    """None of its settlements is urban; null where the source doesn't say."""


class Holiday(Base):
    """A day off beyond the federal ones: of the whole agency (no unit) or of one unit."""

    __tablename__ = "holiday"
    __table_args__ = (UniqueConstraint("on_date", "unit_id", postgresql_nulls_not_distinct=True),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    on_date: Mapped[date]
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str]


class NonWorkingDays(Base):
    """Days that the agency's administrative terms leave out, both ends included: its general vacations, Holy Week. They
    are of its calendar of terms, and say nothing of whether a unit attends (`holiday`). `source`: the agreement that
    sets them."""

    __tablename__ = "non_working_days"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on AND ends_on < starts_on + 62", name="span"),
        CheckConstraint("char_length(name) BETWEEN 1 AND 120", name="name"),
        CheckConstraint("char_length(source) BETWEEN 3 AND 300", name="source"),
    )

    starts_on: Mapped[date] = mapped_column(primary_key=True)
    ends_on: Mapped[date]
    name: Mapped[str]
    source: Mapped[str]
    imported_at: Mapped[datetime]
