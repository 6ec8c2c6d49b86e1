"""Process-wide cache of the figures of law: those of the shipped file until the database was read.

Decisions read the database (`refresh`), so that they never miss a change. Texts and rights use the cache, which is
refreshed every half minute: figures change for a future day, seldom for today.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import db
from app.law.definitions import definitions, permanent_names, shipped
from app.law.models import LawFigure
from app.law.rows import parse_row
from app.law.rules import Law

log = structlog.get_logger(__name__)

REFRESH_SECONDS = 30.0
_ROWS = select(
    LawFigure.name,
    LawFigure.valid_from,
    LawFigure.valid_to,
    LawFigure.amount,
    LawFigure.amounts,
    LawFigure.source,
    LawFigure.certainty,
).order_by(LawFigure.name, LawFigure.valid_from)
FINGERPRINT_SQL = "(SELECT coalesce(sum(hashtextextended(CAST(f AS text), 0)), 0)::text FROM law_figure f)"
"""What changes with any figure: for a statement that reads more, so that the rows are read only after a change."""
_known: Law | None = None
_last: tuple[Sequence[Any], Law] | None = None
"""The rows that were read last, and what they say: they are read with each decision, and hardly ever change."""
_fingerprint: str | None = None
"""Of the rows that were read last."""
_unusable: frozenset[tuple[str, date]] = frozenset()
"""Unusable rows that were logged already."""


def law() -> Law:
    """The figures this process knows."""
    return _known if _known is not None else shipped()


def set_law(figures: Law | None) -> None:
    """Set the cached figures; None for those of the shipped file."""
    global _known
    _known = figures


async def refresh(session: AsyncSession, fingerprint: str | None = None) -> Law:
    """The figures of the database, which this process knows from now on. A database without any
    hasn't been published to: the shipped file applies. `fingerprint`: that of the rows, by a statement a moment ago;
    when it is that of the rows read last, they aren't read again.

    A row that no rule could use is left out, with a line in the log: decisions find no figure on its days, and rights
    use the nearest one (`Law.count`).
    """
    global _last, _fingerprint
    if _last is None or fingerprint is None or fingerprint != _fingerprint:
        rows: Sequence[Any] = (await session.execute(_ROWS)).all()
        if _last is None or _last[0] != rows:
            _last = rows, _law_of(rows)
        # Of rows that are older than these at most: then they are read again.
        _fingerprint = fingerprint
    found = _last[1]
    if found.figures != law().figures:
        set_law(found)
    return law()


def _law_of(rows: Sequence[Any]) -> Law:
    if not rows:
        return shipped()
    read = [(row, parse_row(row)) for row in rows]
    _log_unusable(frozenset((row.name, row.valid_from) for row, figure in read if figure is None))
    figures = tuple(figure for _row, figure in read if figure is not None)
    return Law(figures, permanent_names(), shipped().figures)


def _log_unusable(found: frozenset[tuple[str, date]]) -> None:
    global _unusable
    for name, day in sorted(found - _unusable):
        log.error("law_figure_unusable", figure=name, valid_from=day.isoformat())
    _unusable = found


async def watch(stop: asyncio.Event) -> None:
    """Refresh the figures every half minute until stopped; wait while the database is unavailable."""
    while not stop.is_set():
        try:
            async with db.reading() as session:
                await refresh(session)
        except (SQLAlchemyError, OSError):
            log.warning("law_figures_not_read")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REFRESH_SECONDS):
                await stop.wait()


def count_on(name: str, day: date) -> int:
    """Return the cached value of a permanent figure on a day."""
    return law().count(name, day)


def count_on_sql(name: str, day: str) -> str:
    """Return a SQL expression for a permanent figure on a day: the last row that began and can be used, else the first,
    else the file's. `name` is one of the file's."""
    definition = definitions()[name]
    last = definition.rows[-1].value
    return (
        f"coalesce((SELECT CAST(f.amount AS integer) FROM law_figure f WHERE f.name = '{name}'"
        f" AND {definition.limits.sql('f')}"
        f" ORDER BY f.valid_from > {day}, abs(f.valid_from - {day}) LIMIT 1), {last})"
    )
