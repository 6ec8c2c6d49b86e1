"""Figures of law and the days on which each is in force."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class LawFigure(Base):
    """A figure of law from a day to another, both included; no end while `valid_to` is null. Two of one name are never
    in force on the same day: the database says so, by ranges alone, because its extension for text may not be there.

    `origin`: of the catalog (the file of the program, which brings it up to date) or of the agency, which then
    maintains all the rows of that name.
    """

    __tablename__ = "law_figure"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="dates_in_order"),
        CheckConstraint("(amount IS NULL) <> (amounts IS NULL)", name="number_or_table"),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("certainty IN ('confirmed', 'doubtful')", name="certainty"),
        CheckConstraint("origin IN ('catalog', 'agency')", name="origin"),
        CheckConstraint("char_length(source) BETWEEN 3 AND 400", name="source"),
        CheckConstraint("valid_from BETWEEN DATE '1943-01-01' AND DATE '2100-12-31'", name="first_day"),
        CheckConstraint("amount <= 10000000", name="most"),
        CheckConstraint("char_length(btrim(source)) >= 3", name="legible_source"),
        ExcludeConstraint(
            (text("int8range(hashtextextended(name, 0), hashtextextended(name, 0), '[]')"), "&&"),
            (text("daterange(valid_from, valid_to, '[]')"), "&&"),
            using="gist",
            name="ex_law_figure_one_a_day",
        ),
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))
    amounts: Mapped[list[tuple[int, str]] | None] = mapped_column(JSONB(none_as_null=True))
    """A table: rows of an age and the amount from that age on."""
    source: Mapped[str]
    certainty: Mapped[str]
    origin: Mapped[str]
    changed_at: Mapped[datetime]
