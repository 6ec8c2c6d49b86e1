"""Tables of the registry. One row a person, insured or dependant; periods and kinship hang from it."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base

CODE = Text(collation="C")  # identifiers compare byte by byte: cheaper indexes, the same order everywhere


class Person(Base):
    """A person of the registry, or a declared person (`declared_at`)."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("char_length(curp) = 18", name="curp_length"),
        CheckConstraint("char_length(nss) = 11", name="nss_length"),
        CheckConstraint("sex IN ('H', 'M', 'X')", name="sex"),
        CheckConstraint("shift IN ('M', 'V', 'N')", name="shift"),
        CheckConstraint("room IS NULL OR unit_id IS NOT NULL", name="room_needs_unit"),
        CheckConstraint("language IN ('es', 'en')", name="language"),
        CheckConstraint(
            "declared_at IS NULL OR num_nonnulls(nss, unit_id, email, phone) = 0", name="declared_has_nothing"
        ),
        # One person of the registry and one declared person a CURP, whatever happens at once.
        Index("uq_person_curp", "curp", unique=True, postgresql_where=text("declared_at IS NULL")),
        Index("uq_person_declared_curp", "curp", unique=True, postgresql_where=text("declared_at IS NOT NULL")),
        # People are found by words of their names, anywhere or at a unit.
        Index(
            "ix_person_words",
            text("person_words(given_names, first_surname, second_surname, unit_id)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    curp: Mapped[str] = mapped_column(CODE)
    nss: Mapped[str | None] = mapped_column(CODE, unique=True)
    given_names: Mapped[str]
    first_surname: Mapped[str]
    """Empty for a person with a single name."""
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
    declared_at: Mapped[datetime | None]
    """When an unverified person declared this CURP: see `declared`."""

    @property
    def full_name(self) -> str:
        """Given names and surnames in the order people say them."""
        return " ".join(part for part in (self.given_names, self.first_surname, self.second_surname) if part)


class FormerCurp(Base):
    """A CURP that a person had before it was corrected. It is never given to another person, and still finds them."""

    __tablename__ = "former_curp"
    __table_args__ = (Index("ix_former_curp_person_id", "person_id"),)

    curp: Mapped[str] = mapped_column(CODE, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    replaced_at: Mapped[datetime]


CORRECTION = "person correction"


class PersonCorrection(Base):
    """A correction of a person's data by a request: the values of its fields before and after, encrypted. An undone one
    stays, and its request may be approved again."""

    __tablename__ = "person_correction"
    __table_args__ = (
        CheckConstraint("cardinality(fields) > 0", name="fields"),
        CheckConstraint("undone_at >= corrected_at", name="undone_after"),
        Index(
            "uq_person_correction_standing",
            *("person_id", "request_id"),
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    """UUIDv7, so in the order of time."""
    request_id: Mapped[UUID]
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    before: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": CORRECTION})
    after: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": CORRECTION})
    corrected_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class Affiliation(Base):
    """A period of work with one employer; open while `ends_on` is null. `ends_on` is the last day worked. Of the scheme
    `modality-40`: contributions of one's own in another system, which give weeks and no medical care."""

    __tablename__ = "affiliation"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint("daily_wage >= 0", name="wage"),
        CheckConstraint("scheme IN ('work', 'modality-40')", name="scheme"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    employer: Mapped[str] = mapped_column(primary_key=True)
    ends_on: Mapped[date | None]
    daily_wage: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    scheme: Mapped[str] = mapped_column(server_default=text("'work'"))
    is_casual: Mapped[bool] = mapped_column(server_default=text("false"))
    """A casual worker, whose pay of sick leave asks for other weeks (LSS art. 97, second paragraph)."""


class Dependant(Base):
    """A person covered through a holder, while the dates say so."""

    __tablename__ = "dependant"
    __table_args__ = (
        CheckConstraint("holder_id <> person_id", name="not_oneself"),
        CheckConstraint("kinship IN ('spouse', 'civil-union', 'partner', 'child', 'ward', 'parent')", name="kinship"),
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint("situation IN ('studies', 'disability')", name="situation"),
        CheckConstraint("situation IS NULL OR kinship IN ('child', 'ward')", name="situation_of_child"),
        CheckConstraint("studies_until IS NULL OR situation = 'studies'", name="studies"),
        # One spouse or partner at a time. By ranges alone: equality in such a constraint needs an extension, and not
        # every server has it. Looked at when a statement ends, since one file may end a registration and begin another.
        ExcludeConstraint(
            (text("int8range(hashtextextended(holder_id::text, 0), hashtextextended(holder_id::text, 0), '[]')"), "&&"),
            (text("daterange(starts_on, ends_on, '[]')"), "&&"),
            where=text("kinship IN ('spouse', 'civil-union', 'partner')"),
            using="gist",
            deferrable=True,
            name="ex_dependant_one_couple",
        ),
        Index(None, "person_id"),
    )

    holder_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    kinship: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    is_protected: Mapped[bool] = mapped_column(server_default=text("false"))
    """A court ordered the registration: the holder alone can't end it."""
    situation: Mapped[str | None]
    """Why a child is covered from 16 on: studies or a disability. Until when follows from it and from the birth date
    (`rules.last_day_covered`); `ends_on` is the end of the registration itself."""
    studies_until: Mapped[date | None]
    """The last day that the proof of studies says."""


class Pension(Base):
    """A pension, which makes its holder and their family covered (LSS art. 84 II to IX) while the dates say so. The
    first day is that of the rights, not of what is paid."""

    __tablename__ = "pension"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint(
            "kind IN ('old-age', 'advanced-age', 'invalidity', 'work-risk', 'widowhood', 'orphanhood', 'ascendants')",
            name="kind",
        ),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    ends_on: Mapped[date | None]


class Withdrawal(Base):
    """A partial withdrawal for unemployment that the pension fund paid, and its cost in weeks (LSS arts. 191 and 198).
    A certificate alone withdraws nothing and writes none."""

    __tablename__ = "withdrawal"
    __table_args__ = (CheckConstraint("weeks >= 0", name="weeks"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    weeks: Mapped[int] = mapped_column(Integer)


class SickLeave(Base):
    """A sick-leave certificate a doctor of the agency gave.

    `relation` says how it is related to the one before, where the doctor's file does: an initial one begins an
    incapacity. `has_opinion`: a medical opinion extends the term for which it is paid (LSS art. 96, second paragraph).
    """

    __tablename__ = "sick_leave"
    __table_args__ = (
        CheckConstraint("kind IN ('illness', 'work-risk', 'maternity')", name="kind"),
        CheckConstraint("days BETWEEN 1 AND 364", name="days"),
        CheckConstraint("daily_wage >= 0", name="wage"),
        CheckConstraint("relation IN ('initial', 'subsequent', 'relapse')", name="relation"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    folio: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    starts_on: Mapped[date]
    days: Mapped[int] = mapped_column(Integer)
    daily_wage: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    relation: Mapped[str | None]
    has_opinion: Mapped[bool] = mapped_column(server_default=text("false"))


class VoluntaryEnrolment(Base):
    """An insurance a person chose and pays for themselves. It gives nothing until it is paid: see `voluntary`."""

    __tablename__ = "voluntary_enrolment"
    __table_args__ = (
        CheckConstraint("scheme IN ('modality-40', 'family-health')", name="scheme"),
        CheckConstraint("fee >= 0", name="fee"),
        UniqueConstraint("payment_line"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    scheme: Mapped[str] = mapped_column(primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    daily_wage: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    fee: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    payment_line: Mapped[str]


class VoluntaryPayment(Base):
    """What was paid of a voluntary insurance: a month of modality 40, or the year of a family policy, whose month is
    that of its first day."""

    __tablename__ = "voluntary_payment"
    __table_args__ = (
        ForeignKeyConstraint(
            ["person_id", "scheme", "starts_on"],
            ["voluntary_enrolment.person_id", "voluntary_enrolment.scheme", "voluntary_enrolment.starts_on"],
            name="fk_voluntary_payment_enrolment",
        ),
        CheckConstraint("extract(day FROM month) = 1", name="first_of_month"),
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    scheme: Mapped[str] = mapped_column(primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    paid_on: Mapped[date]


class Panel(Base):
    """Panel of a room and shift: people assigned and capacity. The check constraint is the final guard against
    overflow."""

    __tablename__ = "panel"
    __table_args__ = (
        CheckConstraint("shift IN ('M', 'V', 'N')", name="shift"),
        CheckConstraint("assigned BETWEEN 0 AND capacity", name="assigned"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    shift: Mapped[str] = mapped_column(primary_key=True)
    room: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    capacity: Mapped[int] = mapped_column(Integer)
    assigned: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class Coverage(Base):
    """A postal code a unit serves."""

    __tablename__ = "coverage"

    postal_code: Mapped[str] = mapped_column(CODE, primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)


class PersonalDataView(Base):
    """A reader saw a person's data, once an hour: where, and in which role.

    Readers are staff, citizens who act for the person, and programs of other systems. Without foreign keys: a row is
    written after the transaction that showed the data, and it stays when a reader's account is deleted.
    """

    __tablename__ = "personal_data_view"
    __table_args__ = (
        CheckConstraint("reader_kind IN ('staff', 'citizen', 'client')", name="reader_kind"),
        CheckConstraint(
            "(reader_kind = 'citizen') = (role = 'representative') AND (reader_kind = 'client') = (role = 'client')",
            name="role",
        ),
        CheckConstraint("person_id <> reader_id", name="another"),
        CheckConstraint("cardinality(contexts) > 0", name="contexts"),
        CheckConstraint("mod(CAST(extract(epoch FROM hour) AS bigint), 3600) = 0", name="whole_hour"),
        UniqueConstraint("person_id", "hour", "reader_id"),
        Index("ix_personal_data_view_reader_id_id", "reader_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    """UUIDv7, so in the order of time."""
    person_id: Mapped[UUID]
    reader_kind: Mapped[str]
    reader_id: Mapped[UUID]
    hour: Mapped[datetime]
    seen_at: Mapped[datetime]
    """When they saw it first in that hour."""
    role: Mapped[str]
    unit_id: Mapped[UUID | None]
    """For which of the reader's units; null for who works at all of them, at several others, or is no staff."""
    contexts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    channel: Mapped[str]
