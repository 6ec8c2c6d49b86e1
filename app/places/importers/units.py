"""Import the CLUES catalogue: units, their rooms and shifts, in a single transaction."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import time
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, ids
from app.kernel.db import transaction
from app.kernel.tabular.encodings import has_undecodable
from app.kernel.tabular.files import open_rows
from app.kernel.tabular.report import UNDECODABLE, ImportReport, Rejects, require_data
from app.places.importers import clues
from app.places.importers.clues import Note, Refused, UnitRow
from app.places.importers.text import tidy
from app.places.importers.zones import usual_zone
from app.places.models import Room, Shift, Unit

INSTITUTIONS_NAMED = 20
Progress = Callable[..., None]
FIELDS = tuple(one.name for one in fields(UnitRow) if one.name not in {"rooms", "family_rooms", "rooms_notes"})
SHIFTS = (("M", time(8), time(14)), ("V", time(14), time(20)))
# Where each kind of room begins to be numbered, so that a unit's rooms never share a number.
DENTAL, PREVENTIVE, WINDOW, SPECIALISTS = 101, 201, 301, 401


def no_progress(*_step: int) -> None:
    """Ignore progress."""


async def import_units(
    path: Path,
    *,
    institution: str = "IMSS",
    rejects: Path,
    progress: Progress = no_progress,
    encoding: str | None = None,
) -> ImportReport:
    """Read the catalogue and make or change the institution's units. A second run changes nothing.

    A column that the file doesn't have leaves what is known of a unit as it is.

    Raises:
        RuntimeError: it isn't the catalogue, no row is of the institution, or its encoding is unknown; the
            message says what is missing.
    """
    report = ImportReport()
    with Rejects(rejects, report, path) as rejected, open_rows(path, encoding=encoding) as rows:
        async with transaction() as session:
            known = {unit.clues: unit for unit in (await session.scalars(select(Unit))).all()}
            rooms: list[Room | Shift] = []
            others: set[str] = set()
            columns = _columns(rows)
            written = [name for name in FIELDS if clues.has_source(name, columns)]
            for line, row, notes in _units(rows, columns, institution, others, report, rejected):
                for note in notes if row.clues in known else [*notes, *row.rooms_notes]:
                    rejected.note(line, *note)
                rooms += _merge(session, known, row, written, report)
                if report.read % 500 == 0:
                    progress(report.read)
            await session.flush()
            session.add_all(rooms)
            if report.read and report.skipped == report.read:
                raise RuntimeError(_of_others(institution, others))
    progress(report.read)
    return report


def _of_others(institution: str, others: set[str]) -> str:
    some = ", ".join(sorted(others)[:INSTITUTIONS_NAMED])
    more = f" and {len(others) - INSTITUTIONS_NAMED} more" if len(others) > INSTITUTIONS_NAMED else ""
    return f"no row is of the institution {institution}: the file has {some}{more}. Name one with --institution"


def _columns(rows: Iterator[tuple[int, list[str]]]) -> dict[str, int]:
    _line, header = next(rows, (1, []))
    require_data(header)
    try:
        return clues.columns_of(header)
    except ValueError as error:
        raise RuntimeError(str(error)) from error


def _units(
    rows: Iterator[tuple[int, list[str]]],
    columns: dict[str, int],
    institution: str,
    others: set[str],
    report: ImportReport,
    rejected: Rejects,
) -> Iterator[tuple[int, UnitRow, list[Note]]]:
    seen: set[str] = set()
    for line, row in rows:
        report.read += 1
        if any(map(has_undecodable, row)):
            rejected.reject(line, "", ",".join(row)[:200], UNDECODABLE)
            continue
        cells = {key: tidy(row[place]) if place < len(row) else "" for key, place in columns.items()}
        try:
            if not clues.of_institution(cells, institution):
                report.skipped += 1
                others.add(cells["institution"] or "none")
                continue
            unit, notes = clues.understand(cells, institution)
            if unit.clues in seen:
                raise Refused("CLUES", cells["clues"], clues.TWICE)
        except Refused as refused:
            rejected.reject(line, *refused.note)
            continue
        seen.add(unit.clues)
        yield line, unit, notes


def _merge(
    session: AsyncSession, known: dict[str, Unit], row: UnitRow, written: list[str], report: ImportReport
) -> list[Room | Shift]:
    """Make or change the unit; returns the rooms and shifts a new one needs once it is there."""
    values = {name: getattr(row, name) for name in FIELDS}
    unit = known.get(row.clues)
    if unit is None:
        values["timezone"] = row.timezone or usual_zone(row.state_code)
        made = Unit(id=ids.new_id(), imported_at=clock.now(), **values)
        session.add(made)
        report.added += 1
        return furniture(made, row.rooms, family_rooms=row.family_rooms)
    values = {name: values[name] for name in written if name != "timezone" or row.timezone is not None}
    changes = {name: value for name, value in values.items() if getattr(unit, name) != value}
    if not changes:
        report.same += 1
        return []
    for name, value in changes.items():
        setattr(unit, name, value)
    unit.imported_at = clock.now()
    report.changed += 1
    return []


def furniture(unit: Unit, rooms: int, *, family_rooms: int = 0) -> list[Room | Shift]:
    """The rooms and shifts a new unit begins with; the agency changes them afterwards. A hospital with rooms of family
    medicine is its patients' clinic too, with all that a clinic has."""
    made: list[Room | Shift] = [Shift(unit_id=unit.id, code=code, starts=a, ends=b) for code, a, b in SHIFTS]
    consulting = rooms
    if unit.kind == "hospital":
        consulting, first = family_rooms, SPECIALISTS if family_rooms else 1
        numbers = range(first, first + rooms - family_rooms)
        made += [Room(unit_id=unit.id, number=n, kind="specialist", name=f"Consultorio {n}") for n in numbers]
        if not family_rooms:
            return made
    made += [Room(unit_id=unit.id, number=n, kind="consulting", name=f"Consultorio {n}") for n in _to(consulting)]
    made.append(Room(unit_id=unit.id, number=DENTAL, kind="dental", name="Sillón dental 1"))
    made.append(Room(unit_id=unit.id, number=PREVENTIVE, kind="preventive", name="Módulo PrevenIMSS 1"))
    made.append(Room(unit_id=unit.id, number=WINDOW, kind="window", name=f"Ventanilla {WINDOW}"))
    return made


def _to(count: int) -> range:
    return range(1, count + 1)
