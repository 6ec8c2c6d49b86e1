"""What figures there are and what each means: `figures.yaml`, read and checked once."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from app.kernel.i18n import language
from app.law.rules import Certainty, Figure, Law, days_without, overlaps

FILE = Path(__file__).with_name("figures.yaml")
MOST = Decimal(10_000_000)

Unit = Literal[
    "pesos-a-day", "pesos-a-year", "percent", "times-uma", "days", "weeks", "months", "years", "day-number", "choice"
]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Source = Annotated[str, Field(min_length=3, max_length=400)]
Amount = Annotated[Decimal, Field(ge=0, le=MOST, max_digits=14, decimal_places=4)]
Age = Annotated[int, Field(ge=0, le=150)]


class Block(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Words(Block):
    """A text in both languages."""

    es: Annotated[str, Field(min_length=1, max_length=300)]
    en: Annotated[str, Field(min_length=1, max_length=300)]

    def __str__(self) -> str:
        return self.es if language() == "es" else self.en


class Row(Block):
    """A figure from a day to another, both included."""

    valid_from: Annotated[date, Field(alias="from")]
    valid_to: Annotated[date | None, Field(alias="to")] = None
    value: Amount | None = None
    table: Annotated[list[tuple[Age, Amount]], Field(min_length=1, max_length=60)] | None = None
    source: Source
    certainty: Certainty

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.value is None) == (self.table is None):
            raise ValueError("has a value or a table, one of the two")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("ends before it begins")
        if self.table is not None:
            require_table(self.table)
        return self

    def figure(self, name: str) -> Figure:
        """The row as a figure of this name."""
        value = self.value if self.value is not None else tuple(self.table or ())
        return Figure(name, value, self.valid_from, self.valid_to, self.source, self.certainty)


def require_table(rows: list[tuple[int, Decimal]]) -> None:
    """Every age has one row.

    Raises:
        ValueError: the first row isn't of age 0, or the ages don't rise.
    """
    ages = [age for age, _amount in rows]
    if ages[0] != 0 or ages != sorted(set(ages)):
        raise ValueError("its ages rise from 0")


class Definition(Block):
    """A figure of law: what it is, its unit, the article, and its rows. A `standing` one covers every day from its
    first row on: rights rest on it."""

    text: Words
    unit: Unit
    basis: Words
    standing: bool = False
    rows: Annotated[list[Row], Field(min_length=1, max_length=200)]

    @property
    def is_table(self) -> bool:
        """Whether it is a table by age and not a number."""
        return self.rows[0].table is not None

    @model_validator(mode="after")
    def _fit(self) -> Self:
        figures = [row.figure("") for row in self.rows]
        if any((row.table is not None) != self.is_table for row in self.rows):
            raise ValueError("has numbers or tables, not both")
        twice = overlaps(figures)
        if twice:
            raise ValueError(f"two rows are in force on {twice[0][1].valid_from.isoformat()}")
        gaps = days_without(figures) if self.standing else []
        if gaps:
            raise ValueError(f"no row is in force on {gaps[0].isoformat()}, and the figure is a standing one")
        return self


class Definitions(RootModel[dict[Name, Definition]]):
    """The whole file."""

    model_config = ConfigDict(frozen=True)


@lru_cache
def definitions() -> dict[str, Definition]:
    """Every figure there is, by name, as the file of this version says."""
    content: Any = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return Definitions.model_validate(content).root


def standing_names() -> frozenset[str]:
    """The figures that cover every day."""
    return frozenset(name for name, definition in definitions().items() if definition.standing)


@lru_cache
def shipped() -> Law:
    """The figures of the file: what a database begins with."""
    found = definitions().items()
    return Law(tuple(row.figure(name) for name, definition in found for row in definition.rows), standing_names())
