"""Tables of the registry. One row a person, insured or dependant; periods and kinship hang from it."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base

CODE = Text(collation="C")  # identifiers compare byte by byte: cheaper indexes, the same order everywhere


class Person(Base):
    """A person the agency knows."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("char_length(curp) = 18", name="curp_length"),
        CheckConstraint("char_length(nss) = 11", name="nss_length"),
        CheckConstraint("sex IN ('H', 'M', 'X')", name="sex"),
        CheckConstraint("shift IN ('M', 'V', 'N')", name="shift"),
        CheckConstraint("room IS NULL OR unit_id IS NOT NULL", name="room_needs_unit"),
        CheckConstraint("language IN ('es', 'en')", name="language"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    curp: Mapped[str] = mapped_column(CODE, unique=True)
    nss: Mapped[str | None] = mapped_column(CODE, unique=True)
    given_names: Mapped[str]
    first_surname: Mapped[str]
    second_surname: Mapped[str | None]
    birth_on: Mapped[date]
    sex: Mapped[str]
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    room: Mapped[int | None] = mapped_column(Integer)
    shift: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    postal_code: Mapped[str | None]
    language: Mapped[str] = mapped_column(server_default=text("'es'"))

    @property
    def full_name(self) -> str:
        """Given names and surnames in the order people say them."""
        return " ".join(part for part in (self.given_names, self.first_surname, self.second_surname) if part)


class Affiliation(Base):
    """A period of work with one employer; open while `ends_on` is null. `ends_on` is the last day worked."""

    __tablename__ = "affiliation"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint("daily_wage >= 0", name="wage"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    employer: Mapped[str] = mapped_column(primary_key=True)
    ends_on: Mapped[date | None]
    daily_wage: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))


class Dependant(Base):
    """A person covered through a holder, while the dates say so."""

    __tablename__ = "dependant"
    __table_args__ = (
        CheckConstraint("holder_id <> person_id", name="not_oneself"),
        CheckConstraint("kinship IN ('spouse', 'partner', 'child', 'parent')", name="kinship"),
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        Index(None, "person_id"),
    )

    holder_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    kinship: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
