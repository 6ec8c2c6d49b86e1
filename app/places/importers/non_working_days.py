"""The agency's calendar of terms: starts_on, ends_on, name, source. A file is whole for each year that it names."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock
from app.kernel.db import transaction
from app.kernel.parsing import has_words, iso_date, without_unseen
from app.kernel.tabular.encodings import has_undecodable
from app.kernel.tabular.files import open_rows
from app.kernel.tabular.report import UNDECODABLE, ImportReport, Reason, Rejects, require_data
from app.places.importers.text import tidy
from app.places.importers.units import Progress, no_progress
from app.places.models import NonWorkingDays

COLUMNS = ("starts_on", "ends_on", "name", "source")
LONGEST = timedelta(days=62)
LONGEST_NAME, SHORTEST_SOURCE, LONGEST_SOURCE = 120, 3, 300
BAD_DAY = Reason("No es una fecha como 2027-03-25.", "Not a date as 2027-03-25.")
BAD_SPAN = Reason(
    "El último día es anterior al primero, o son más de 62 días.", "The last day is before the first, or over 62 days."
)
BAD_NAME = Reason("Falta el nombre, o tiene más de 120 letras.", "The name is missing, or has over 120 letters.")
BAD_SOURCE = Reason(
    "Falta el acuerdo que los fija, o tiene más de 300 letras.", "The agreement that sets them is missing, or too long."
)
TWICE = Reason("El primer día está dos veces.", "The first day is there twice.")

Days = dict[date, NonWorkingDays]


async def import_non_working_days(
    path: Path, *, rejects: Path, progress: Progress = no_progress, encoding: str | None = None
) -> ImportReport:
    """Read the days that administrative terms leave out. What the calendar has in the years of the file, and the file
    hasn't, is removed; other years stay. A second run changes nothing.

    Raises:
        RuntimeError: a column is missing, a row is wrong (nothing is imported then: a calendar short of a row would
            take days from people), or the file's encoding can't be determined.
    """
    report = ImportReport()
    found = _read(path, rejects, report, encoding)
    progress(report.read)
    if report.rejected:
        raise RuntimeError(f"{report.rejected} rows are wrong, and nothing was imported: see {rejects}")
    async with transaction() as session:
        await _merge(session, found, report)
    return report


def _read(path: Path, rejects: Path, report: ImportReport, encoding: str | None) -> Days:
    found: Days = {}
    with Rejects(rejects, report, path) as rejected, open_rows(path, None, encoding) as rows:
        header = [tidy(cell).lower() for cell in next(rows, (1, []))[1]]
        require_data(header)
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise RuntimeError(f"columns missing: {', '.join(missing)}; a file has {', '.join(COLUMNS)}")
        places = [header.index(name) for name in COLUMNS]
        for line, row in rows:
            if not any(cell.strip() for cell in row):
                continue
            report.read += 1
            if any(map(has_undecodable, row)):
                rejected.reject(line, "", ",".join(row)[:200], UNDECODABLE)
                continue
            days = _understand(line, [tidy(row[n]) if n < len(row) else "" for n in places], rejected)
            if days is not None and days.starts_on in found:
                rejected.reject(line, "starts_on", days.starts_on.isoformat(), TWICE)
            elif days is not None:
                found[days.starts_on] = days
    return found


def _understand(line: int, cells: list[str], rejected: Rejects) -> NonWorkingDays | None:
    starts_on, ends_on = map(_day, cells[:2])
    name, source = map(without_unseen, cells[2:])
    wrong = [(COLUMNS[at], cells[at], BAD_DAY) for at, day in enumerate((starts_on, ends_on)) if day is None]
    if starts_on is not None and ends_on is not None and not timedelta() <= ends_on - starts_on < LONGEST:
        wrong.append(("ends_on", cells[1], BAD_SPAN))
    if not has_words(name) or len(name) > LONGEST_NAME:
        wrong.append(("name", name, BAD_NAME))
    if not SHORTEST_SOURCE <= len(source) <= LONGEST_SOURCE:
        wrong.append(("source", source, BAD_SOURCE))
    for number, (field, cell, reason) in enumerate(wrong):
        write = rejected.reject_also if number else rejected.reject
        write(line, field, cell[:50], reason)
    if wrong or starts_on is None or ends_on is None:
        return None
    return NonWorkingDays(starts_on=starts_on, ends_on=ends_on, name=name, source=source, imported_at=clock.now())


def _day(cell: str) -> date | None:
    try:
        return iso_date(cell)
    except ValueError:
        return None


async def _merge(session: AsyncSession, found: Days, report: ImportReport) -> None:
    known = {one.starts_on: one for one in await session.scalars(select(NonWorkingDays))}
    for starts_on, days in found.items():
        old = known.get(starts_on)
        if old is None:
            session.add(days)
            report.added += 1
        elif _words(old) == _words(days):
            report.same += 1
        else:
            old.ends_on, old.name, old.source, old.imported_at = days.ends_on, days.name, days.source, days.imported_at
            report.changed += 1
    removed = [day for day in known if day.year in _years(found) and day not in found]
    if removed:
        await session.execute(delete(NonWorkingDays).where(NonWorkingDays.starts_on.in_(removed)))
        report.changed += len(removed)


def _words(days: NonWorkingDays) -> tuple[date, str, str]:
    return days.ends_on, days.name, days.source


def _years(found: Iterable[date]) -> set[int]:
    return {day.year for day in found}
