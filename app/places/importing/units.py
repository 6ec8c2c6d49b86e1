"""Bring the CLUES catalogue in: units, their rooms and shifts. One transaction: all of it or nothing."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import time
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, ids
from app.kernel.db import transaction
from app.kernel.tabular import ImportReport, Rejects, open_rows
from app.places.importing import clues
from app.places.importing.clues import Refused, UnitRow
from app.places.importing.text import tidy
from app.places.models import Room, Shift, Unit

Progress = Callable[..., None]
FIELDS = tuple(one.name for one in fields(UnitRow) if one.name != "rooms")
SHIFTS = (("M", time(8), time(14)), ("V", time(14), time(20)))
# Where each kind of room begins to be numbered, so that a unit's rooms never share a number.
DENTAL, PREVENTIVE, WINDOW = 101, 201, 301


def unheard(*_step: int) -> None:
    """Progress that nobody listens to."""


async def import_units(
    path: Path, *, institution: str = "IMSS", rejects: Path, progress: Progress = unheard
) -> ImportReport:
    """Read the catalogue and make or change the institution's units. A second run changes nothing.

    Raises:
        RuntimeError: it isn't the catalogue; the message says what is missing.
    """
    report = ImportReport()
    with Rejects(rejects, report) as rejected, open_rows(path) as rows:
        async with transaction() as session:
            known = {unit.clues: unit for unit in (await session.scalars(select(Unit))).all()}
            rooms: list[Room | Shift] = []
            for row in _units(rows, institution, report, rejected):
                rooms += _merge(session, known, row, report)
                if report.read % 500 == 0:
                    progress(report.read)
            await session.flush()
            session.add_all(rooms)
    progress(report.read)
    return report


def _units(
    rows: Iterator[tuple[int, list[str]]], institution: str, report: ImportReport, rejected: Rejects
) -> Iterator[UnitRow]:
    try:
        _line, header = next(rows)
        columns = clues.columns_of(header)
    except (StopIteration, ValueError) as error:
        raise RuntimeError(str(error) or "the file is empty") from error
    seen: set[str] = set()
    for line, row in rows:
        report.read += 1
        cells = {key: tidy(row[place]) if place < len(row) else "" for key, place in columns.items()}
        try:
            if not clues.of_institution(cells, institution):
                report.skipped += 1
                continue
            unit, notes = clues.understand(cells, institution)
            if unit.clues in seen:
                raise Refused("CLUES", unit.clues, clues.TWICE)
        except Refused as refused:
            rejected.reject(line, *refused.note)
            continue
        seen.add(unit.clues)
        for note in notes:
            rejected.note(line, *note)
        yield unit


def _merge(session: AsyncSession, known: dict[str, Unit], row: UnitRow, report: ImportReport) -> list[Room | Shift]:
    """Make or change the unit; returns the rooms and shifts a new one needs once it is there."""
    values = {name: getattr(row, name) for name in FIELDS}
    unit = known.get(row.clues)
    if unit is None:
        made = Unit(id=ids.new_id(), imported_at=clock.now(), **values)
        session.add(made)
        report.added += 1
        return furniture(made, row.rooms)
    changes = {name: value for name, value in values.items() if getattr(unit, name) != value}
    if not changes:
        report.same += 1
        return []
    for name, value in changes.items():
        setattr(unit, name, value)
    unit.imported_at = clock.now()
    report.changed += 1
    return []


def furniture(unit: Unit, rooms: int) -> list[Room | Shift]:
    """The rooms and shifts a new unit begins with; the agency changes them afterwards."""
    made: list[Room | Shift] = [Shift(unit_id=unit.id, code=code, starts=a, ends=b) for code, a, b in SHIFTS]
    if unit.kind == "hospital":
        made += [Room(unit_id=unit.id, number=n, kind="specialist", name=f"Consultorio {n}") for n in _to(rooms)]
        return made
    made += [Room(unit_id=unit.id, number=n, kind="consulting", name=f"Consultorio {n}") for n in _to(rooms)]
    made.append(Room(unit_id=unit.id, number=DENTAL, kind="dental", name="Sillón dental 1"))
    made.append(Room(unit_id=unit.id, number=PREVENTIVE, kind="preventive", name="Módulo PrevenIMSS 1"))
    made.append(Room(unit_id=unit.id, number=WINDOW, kind="window", name="Ventanilla 1"))
    return made


def _to(count: int) -> range:
    return range(1, count + 1)
