"""Definitions of the figures of law: `figures.yaml`, read and validated once."""

from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, StringConstraints, model_validator

from app.kernel.i18n import language
from app.law.limits import FIRST_DAY, LAST_DAY, MOST, OF_UNIT, OLDEST, Limits, Unit
from app.law.rules import Certainty, Figure, Law, Table, find_gaps, find_overlaps

FILE = Path(__file__).with_name("figures.yaml")
Subject = Literal[
    "amounts",
    "conservation",
    "family",
    "nursery",
    "sick-leave",
    "unemployment",
    "modality-40",
    "family-insurance",
    "pensions",
]
"""What a figure is about: the page of figures has a part for each, in this order."""
LEAST_LEGIBLE = 3


def _legible(text: str) -> str:
    if sum(one.isalnum() for one in text) < LEAST_LEGIBLE:
        raise ValueError("says where it was read, in letters or digits")
    return text


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Source = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400), AfterValidator(_legible)
]
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
Amount = Annotated[Decimal, Field(ge=0, le=MOST, max_digits=14, decimal_places=4)]
Age = Annotated[int, Field(ge=0, le=OLDEST)]


class Block(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class BilingualText(Block):
    """A text in both languages."""

    es: Annotated[str, Field(min_length=1, max_length=300)]
    en: Annotated[str, Field(min_length=1, max_length=300)]

    def __str__(self) -> str:
        return self.es if language() == "es" else self.en


class Row(Block):
    """A figure from a day to another, both included."""

    valid_from: Annotated[Day, Field(alias="from")]
    valid_to: Annotated[Day | None, Field(alias="to")] = None
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


class OwnLimits(Block):
    """Limits of one figure, where they are narrower than those of its unit; `whole` says otherwise than the unit."""

    least: Amount | None = None
    most: Amount | None = None
    whole: bool | None = None


class Definition(Block):
    """A figure of law: what it is, its unit, the article, and its rows. A `permanent` one has a value on every day from
    its first row on: rights depend on it. `choices`: what each value of a choice means."""

    text: BilingualText
    subject: Subject
    unit: Unit
    narrower: Annotated[OwnLimits, Field(alias="limits")] = OwnLimits()
    choices: dict[Annotated[int, Field(ge=0, le=100)], BilingualText] = {}
    basis: BilingualText
    permanent: bool = False
    rows: Annotated[list[Row], Field(min_length=1, max_length=200)]

    @property
    def is_table(self) -> bool:
        """Whether it is a table by age and not a number."""
        return self.rows[0].table is not None

    @cached_property
    def limits(self) -> Limits:
        """What its values can be: those of its unit, narrowed."""
        unit, own = OF_UNIT[self.unit], self.narrower
        return Limits(
            unit.least if own.least is None else own.least,
            unit.most if own.most is None else own.most,
            unit.is_whole if own.whole is None else own.whole,
            tuple(Decimal(one) for one in self.choices),
            self.is_table,
        )

    def meaning(self, value: Decimal | Table) -> str | None:
        """What a value chooses, in the current language; None for a figure that is no choice."""
        chosen = self.choices.get(int(value)) if isinstance(value, Decimal) else None
        return str(chosen) if chosen else None

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if (self.unit == "choice") != bool(self.choices):
            raise ValueError("a choice lists its choices, and nothing else does")
        if self.limits.least > self.limits.most:
            raise ValueError("its least is above its most")
        figures = [row.figure("") for row in self.rows]
        if any((row.table is not None) != self.is_table for row in self.rows):
            raise ValueError("has numbers or tables, not both")
        outside = next((one for one in figures if self.limits.violation(one.value)), None)
        if outside is not None:
            raise ValueError(f"the row from {outside.valid_from.isoformat()} is outside the limits of the figure")
        twice = find_overlaps(figures)
        if twice:
            raise ValueError(f"two rows are in force on {twice[0][1].valid_from.isoformat()}")
        gaps = find_gaps(figures) if self.permanent else []
        if gaps:
            raise ValueError(f"no row is in force on {gaps[0].isoformat()}, and the figure is a permanent one")
        return self


class Definitions(RootModel[dict[Name, Definition]]):
    """The whole file."""

    model_config = ConfigDict(frozen=True)


@lru_cache
def definitions() -> dict[str, Definition]:
    """Every figure there is, by name, as the file of this version says."""
    content: Any = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return Definitions.model_validate(content).root


def permanent_names() -> frozenset[str]:
    """The figures that cover every day."""
    return frozenset(name for name, definition in definitions().items() if definition.permanent)


@lru_cache
def shipped() -> Law:
    """The figures of the file: what a database begins with."""
    found = definitions().items()
    return Law(tuple(row.figure(name) for name, definition in found for row in definition.rows), permanent_names())
