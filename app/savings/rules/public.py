"""What anyone may ask, and which groups they see.

Hiding small groups in one table isn't enough where questions can be chosen: the difference of two answers tells of
those who are in one and not in the other. So the public asks for cells of a few fixed tables: one calendar year at a
time, at most two qualities, and a filter is one value of a quality, read off the same table as when it is grouped by.
Totals of the country, and by period, may be of any whole months that have ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.savings.rules.metrics import is_whole_months
from app.savings.rules.plan import PERIODS, Question, Refused
from app.savings.rules.suppression import ALL, Cell, hidden
from app.savings.rules.tables import Row, plain


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows and total as the public sees them."""

    rows: tuple[Row, ...]
    total: Row


MOST_QUALITIES = 2
FINER_THAN_MONTHS = ("day", "week", "weekday", "hour")
_FILTERS = {"services": "service", "states": "state", "regions": "region", "channels": "channel"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The fixed table a question reads from, and where in it: the value of each quality that is filtered, by name."""

    table: Question
    at: Mapping[str, Any]


def chosen(question: Question, today: date) -> Chosen:
    """The table of a question.

    Raises:
        Refused: not everybody may ask for that.
    """
    at = _filtered(question)
    by = tuple(dict.fromkeys([*question.by, *at]))
    if set(FINER_THAN_MONTHS) & set(by):
        raise Refused("by", "public-by-month")
    if len(by) > MOST_QUALITIES or ("unit" in by and len(by) > 1):
        raise Refused("by", "public-two")
    if not is_whole_months(question) or question.until >= today:
        raise Refused("until", "public-whole-months")
    if set(by) - set(PERIODS) and not _is_one_year(question, today):
        raise Refused("since", "public-one-year")
    table = replace(
        question, services=(), states=(), regions=(), unit=None, channels=(), dim="", values=(), by=tuple(sorted(by))
    )
    return Chosen(table, at)


def _filtered(question: Question) -> dict[str, Any]:
    given: dict[str, tuple[Any, ...]] = {
        name: values for field, name in _FILTERS.items() if (values := getattr(question, field))
    }
    if question.values:
        given[question.dim] = question.values
    if question.unit is not None:
        given["unit"] = (str(question.unit),)
    for name, values in given.items():
        if len(values) > 1:
            raise Refused("value" if name == question.dim else name, "public-one-value")
    return {name: values[0] for name, values in given.items()}


def _is_one_year(question: Question, today: date) -> bool:
    """From the first of January to the end of the year, or of the last month that has ended."""
    since, until = question.since, question.until
    if (since.month, since.day) != (1, 1) or since.year != until.year:
        return False
    return until.month == 12 or (until.year, until.month) == _last_month(today)


def _last_month(today: date) -> tuple[int, int]:
    return (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)


def shown(rows: Sequence[Row], total: Row, by: tuple[str, ...], choice: Chosen, people: Mapping[Cell, int]) -> Shown:
    """What the public sees of an answer: small groups hidden, and with them what would give them away. A group of
    nobody that must be hidden is listed as hidden: that it is empty would tell."""
    names = choice.table.by
    given = {plain(key): key for cell in people for key in cell if key is not ALL}
    away = hidden({tuple(key if key is ALL else plain(key) for key in cell): size for cell, size in people.items()})
    at = {name: plain(value) for name, value in choice.at.items()}

    def cell_of(keys: Sequence[Any]) -> Cell:
        known = dict(zip(by, map(plain, keys), strict=True)) | at if keys else at
        return tuple(known.get(name, ALL) for name in names)

    seen = [row.hidden() if cell_of(row.keys) in away else row for row in rows]
    listed = {cell_of(row.keys) for row in rows}
    for cell in away - listed if by else ():
        known = dict(zip(names, cell, strict=True))
        if ALL not in cell and all(known[name] == value for name, value in at.items()):
            seen.append(Row(tuple(given[known[name]] for name in by), None, None, None, None, suppressed=True))
    return Shown(tuple(seen), total.hidden() if cell_of(()) in away else total)
