"""Which figure of law is in force on a day. Pure: the figures are given.

A decision takes the figure of *its* day: that of the request, of the first day of an insurance, or of each month paid.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

ONE_DAY = timedelta(days=1)
REFERENCE = "law"
"""The key by which a service file names a figure in place of a number: `{law: uma}`."""

Certainty = Literal["confirmed", "doubtful"]
Table = tuple[tuple[int, Decimal], ...]
"""Amounts by age: the row of the greatest age not above a person's is theirs."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure while it is in force, both days included; without an end while `valid_to` is None. It has a number or a
    table."""

    name: str
    value: Decimal | Table
    valid_from: date
    valid_to: date | None
    source: str
    certainty: Certainty

    def covers(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def is_doubtful(self) -> bool:
        """Whether it was not confirmed in a public source."""
        return self.certainty == "doubtful"


class FigureUnknown(LookupError):  # noqa: N818 # says a state
    """No figure of this name is in force on a day."""

    def __init__(self, name: str, day: date) -> None:
        super().__init__(f"no figure {name!r} is in force on {day.isoformat()}")
        self.name, self.day = name, day


@dataclass(frozen=True)
class Law:
    """Every figure of law, of every day. The `permanent` ones have a value on every day: before the first row, that
    row.

    `reserve`: fallback for rights if a permanent figure has no row at all.
    """

    figures: tuple[Figure, ...]
    permanent: frozenset[str] = frozenset()
    reserve: tuple[Figure, ...] = ()
    _by_name: dict[str, list[Figure]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for one in sorted(self.figures, key=_first_day):
            self._by_name.setdefault(one.name, []).append(one)

    def of(self, name: str) -> list[Figure]:
        """The figures of a name by first day; none for a name there isn't."""
        return self._by_name.get(name, [])

    def find(self, name: str, day: date) -> Figure | None:
        """The figure of this name in force on a day; None when there is none."""
        rows = self.of(name)
        on_day = max(day, rows[0].valid_from) if rows and name in self.permanent else day
        return next((one for one in rows if one.covers(on_day)), None)

    def value(self, name: str, day: date) -> Decimal | Table:
        """The number or the table in force on a day.

        Raises:
            FigureUnknown: none is.
        """
        found = self.find(name, day)
        if found is None:
            raise FigureUnknown(name, day)
        return found.value

    def number(self, name: str, day: date) -> Decimal:
        """The number in force on a day.

        Raises:
            FigureUnknown: none is, or it is a table.
        """
        value = self.value(name, day)
        if not isinstance(value, Decimal):
            raise FigureUnknown(name, day)
        return value

    def count(self, name: str, day: date) -> int:
        """A number of whole days, weeks, months or years on a day, for what always has an answer, as rights and
        questions have: where a permanent figure has a day without a usable row, the last row before it, else
        the first one after it.

        Raises:
            FigureUnknown: none is, and it isn't a permanent one.
        """
        found = self.find(name, day)
        if found is None and name in self.permanent:
            found = self._nearest(name, day)
        if found is None or not isinstance(found.value, Decimal):
            raise FigureUnknown(name, day)
        return int(found.value)

    def _nearest(self, name: str, day: date) -> Figure | None:
        rows = self.of(name) or sorted((one for one in self.reserve if one.name == name), key=_first_day)
        begun = [one for one in rows if one.valid_from <= day]
        return begun[-1] if begun else next(iter(rows), None)

    def table(self, name: str, day: date) -> Table:
        """The table in force on a day.

        Raises:
            FigureUnknown: none is, or it is a number.
        """
        value = self.value(name, day)
        if isinstance(value, Decimal):
            raise FigureUnknown(name, day)
        return value


def _first_day(figure: Figure) -> date:
    return figure.valid_from


def figures_named_in(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The figures that parameters of a service name: (parameter, figure)."""
    return [(key, one[REFERENCE]) for key, one in parameters.items() if isinstance(one, Mapping) and REFERENCE in one]


def resolve_parameters(parameters: Mapping[str, Any], value_of: Callable[[str], Any]) -> dict[str, Any]:
    """The parameters with the value of each figure that they name."""
    names = dict(figures_named_in(parameters))
    return {key: value_of(names[key]) if key in names else one for key, one in parameters.items()}


def find_overlaps(figures: Iterable[Figure]) -> list[tuple[Figure, Figure]]:
    """Pairs of figures of one name that are in force on the same day."""
    found = []
    for one, after in _neighbours(figures):
        if one.valid_to is None or after.valid_from <= one.valid_to:
            found.append((one, after))
    return found


def find_gaps(figures: Iterable[Figure]) -> list[date]:
    """The first day of each gap after the first figure of a name, the end of the last one included."""
    ordered = sorted(figures, key=_first_day)
    gaps = [
        one.valid_to + ONE_DAY
        for one, after in _neighbours(ordered)
        if one.valid_to is not None and one.valid_to < after.valid_from - ONE_DAY
    ]
    last = ordered[-1].valid_to if ordered else None
    return gaps + ([last + ONE_DAY] if last is not None and last < date.max else [])


def _neighbours(figures: Iterable[Figure]) -> list[tuple[Figure, Figure]]:
    ordered = sorted(figures, key=_first_day)
    return list(pairwise(ordered))
