"""What was released to the public: blocks of a month, made once and never changed."""

from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


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
