"""Changes of the figures of law: those of the file enter the database, and an administrator sets others."""

from dataclasses import dataclass
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.events import record
from app.law.definitions import Definition, Row, definitions, shipped
from app.law.events import LawFigureChanged
from app.law.models import LawFigure
from app.law.problems import FigureImpossible, FigureNotDefined, FigureOverlaps, FigureWrongKind
from app.law.rows import format_amount, format_value, parse_row, values_of
from app.law.rules import ONE_DAY, Figure, find_gaps

CATALOG, AGENCY = "catalog", "agency"
_LOCK = text("SELECT pg_advisory_xact_lock(7365011)")  # one writer at a time; any constant will do


def subject_of(name: str) -> UUID:
    """The subject of a figure's events."""
    return uuid5(NAMESPACE_URL, f"law-figure/{name}")


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure whose rows in the database aren't those of the file."""

    name: str
    state: Literal["new", "changed", "of the agency"]


async def law_differences(session: AsyncSession) -> list[Difference]:
    """The figures that `publish_figures` would write, and those that the agency maintains otherwise."""
    rows = (await session.scalars(select(LawFigure))).all()
    found = []
    for name in sorted({*definitions(), *(row.name for row in rows)}):
        stored = [row for row in rows if row.name == name]
        if {parse_row(row) for row in stored} == set(shipped().of(name)):
            continue
        is_own = any(row.origin == AGENCY for row in stored)
        found.append(Difference(name, "of the agency" if is_own else "changed" if stored else "new"))
    return found


async def publish_figures(session: AsyncSession) -> int:
    """Bring the figures that the agency doesn't maintain itself to those of the file; returns how many differed. Doing
    it again changes nothing."""
    await session.execute(_LOCK)
    names = [one.name for one in await law_differences(session) if one.state != "of the agency"]
    for name in names:
        await session.execute(delete(LawFigure).where(LawFigure.name == name))
        for figure in shipped().of(name):
            await _insert(session, figure, CATALOG)
    return len(names)


async def set_figure(session: AsyncSession, actor: Actor, name: str, row: Row) -> list[Figure]:
    """Set a figure from a day on: the row that is in force the day before ends there; returns the rows of the name. All
    of them are the agency's from now on: a new version of the program leaves them as they are.

    A row that begins on the same day is replaced, which corrects it; one that no rule could use is removed.

    Raises:
        FigureNotDefined: there is no figure of this name. FigureWrongKind: it has a table and a number is given, or the
        other way round. FigureImpossible: it can't have that value. FigureOverlaps: a later row would be in force on
        the same day, the rest of an earlier row would be lost, or a permanent figure would have a gap.
    """
    definition = definitions().get(name)
    if definition is None:
        raise FigureNotDefined
    if definition.is_table != (row.table is not None):
        raise FigureWrongKind.of(name, is_table=definition.is_table)
    given = row.figure(name)
    _validate_value(given, definition)
    await session.execute(_LOCK)
    wanted = select(LawFigure).where(LawFigure.name == name).order_by(LawFigure.valid_from).with_for_update()
    stored = [figure for one in await session.scalars(wanted) if (figure := parse_row(one)) is not None]
    before = next((one for one in stored if one.covers(given.valid_from)), None)
    after = [_ended(one, given) for one in stored if one.valid_from != given.valid_from] + [given]
    _validate_dates(after, given, definition)
    if before is not None:
        _require_rest(before, given, definition)
    await session.execute(delete(LawFigure).where(LawFigure.name == name))
    for figure in after:
        await _insert(session, figure, AGENCY)
    await record(session, actor, _change(given, before))
    return sorted(after, key=lambda one: one.valid_from)


def _validate_value(given: Figure, definition: Definition) -> None:
    violation = definition.limits.violation(given.value)
    if violation is not None:
        raise FigureImpossible.of(
            given.name, format_value(given.value), violation, definition.limits, definition.choices
        )


def _ended(one: Figure, given: Figure) -> Figure:
    """A row that is in force on the day the new one begins ends on its eve."""
    if not one.covers(given.valid_from):
        return one
    return Figure(one.name, one.value, one.valid_from, given.valid_from - ONE_DAY, one.source, one.certainty)


def _validate_dates(figures: list[Figure], given: Figure, definition: Definition) -> None:
    later = sorted((one for one in figures if one.valid_from > given.valid_from), key=lambda one: one.valid_from)
    if later and (given.valid_to is None or later[0].valid_from <= given.valid_to):
        raise FigureOverlaps.over(later[0].valid_from, format_amount(later[0].value, definition.unit))
    gaps = find_gaps(figures) if definition.permanent else []
    if gaps:
        raise FigureOverlaps.gap(gaps[0])


def _require_rest(before: Figure, given: Figure, definition: Definition) -> None:
    """A row that begins earlier has no day after the new one's last: it would be lost without a word."""
    if before.valid_from == given.valid_from or given.valid_to is None:
        return
    if before.valid_to is None or before.valid_to > given.valid_to:
        raise FigureOverlaps.cut_off(
            before.valid_from, format_amount(before.value, definition.unit), given.valid_to + ONE_DAY
        )


def _change(given: Figure, before: Figure | None) -> LawFigureChanged:
    return LawFigureChanged(
        subject_id=subject_of(given.name),
        name=given.name,
        valid_from=given.valid_from,
        valid_to=given.valid_to,
        before=format_value(before.value) if before else None,
        after=format_value(given.value),
        source=given.source,
        certainty=given.certainty,
    )


async def _insert(session: AsyncSession, figure: Figure, origin: str) -> None:
    values = {
        "name": figure.name,
        "valid_from": figure.valid_from,
        "valid_to": figure.valid_to,
        "source": figure.source,
        "certainty": figure.certainty,
        "origin": origin,
        "changed_at": clock.now(),
    }
    await session.execute(insert(LawFigure).values(values | values_of(figure)))
