"""The way of a file into the registry: read in chunks, check columns, COPY to staging, check in SQL, merge.

One transaction: interrupted half-way, nothing was done. Memory doesn't grow with the file.
"""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, ids
from app.kernel.db import transaction
from app.kernel.tabular import ImportReport, Rejects, open_rows
from app.kernel.tabular.report import Reason
from app.places.importing.units import Progress, unheard
from app.registry.importing.checks import Mask
from app.registry.importing.layouts import Layout, layout_of

CHUNK = 20_000
SHORT = Reason("La fila no tiene las mismas columnas que el encabezado.", "The row hasn't the header's columns.")

Rows = list[list[str]]


async def import_insured(path: Path, *, rejects: Path, progress: Progress = unheard) -> ImportReport:
    """Bring in a file of people, of affiliation periods or of dependants; its header says which.

    Raises:
        RuntimeError: the file isn't one of the three.
    """
    report = ImportReport()
    with Rejects(rejects, report) as rejected, open_rows(path) as rows:
        header = [name.strip().lower() for name in next(rows, (0, []))[1]]
        layout = layout_of(header)
        order = [header.index(field.name) for field in layout.fields]
        async with transaction() as session:
            await _stage(
                session, layout, _chunks(rows, len(header), order, report, rejected), rejected, report, progress
            )
            await _check(session, layout, rejected)
            await _merge(session, layout, report)
    report.same = report.read - report.added - report.changed - report.rejected
    return report


def _chunks(
    rows: Iterator[tuple[int, list[str]]], width: int, order: list[int], report: ImportReport, rejected: Rejects
) -> Iterator[tuple[list[int], Rows]]:
    """Lines and rows with their cells in the layout's order, a bounded number at a time."""
    straight = order == list(range(width))
    while taken := list(islice(rows, CHUNK)):
        lines: list[int] = []
        cells: Rows = []
        for line, row in taken:
            if not row:
                continue
            report.read += 1
            if len(row) != width:
                rejected.reject(line, "", ",".join(row)[:200], SHORT)
                continue
            lines.append(line)
            cells.append(row if straight else [row[place] for place in order])
        yield lines, cells


async def _stage(
    session: AsyncSession,
    layout: Layout,
    chunks: Iterator[tuple[list[int], Rows]],
    rejected: Rejects,
    report: ImportReport,
    progress: Progress,
) -> None:
    await session.execute(text(f"CREATE TEMP TABLE staged ({layout.staging}) ON COMMIT DROP"))
    names = ", ".join((["id"] if layout.needs_ids else []) + ["line"] + [field.name for field in layout.fields])
    driver = await _driver(session)
    async with driver.cursor() as cursor, cursor.copy(f"COPY staged ({names}) FROM STDIN (FORMAT csv)") as copy:
        for lines, rows in chunks:
            good = _valid(layout, lines, rows, rejected)
            if good.any():
                await copy.write(_encode(layout, lines, rows, good))
            progress(report.read)
    await session.execute(text("ANALYZE staged"))


async def _driver(session: AsyncSession) -> psycopg.AsyncConnection[Any]:
    raw = (await (await session.connection()).get_raw_connection()).driver_connection
    if not isinstance(raw, psycopg.AsyncConnection):
        raise TypeError("imports need the psycopg driver")
    return raw


def _valid(layout: Layout, lines: list[int], rows: Rows, rejected: Rejects) -> Mask:
    """Which rows pass; the others go to the rejects file with the first field that fails."""
    good: Mask = np.ones(len(rows), dtype=bool)
    columns = list(zip(*rows, strict=True)) if rows else []
    for field, column in zip(layout.fields, columns, strict=False):
        if field.check is None:
            continue
        passed = field.check(column)
        for place in np.flatnonzero(good & ~passed):
            rejected.reject(lines[place], field.name, column[place][:200], field.reason)
        good &= passed
    return good


def _encode(layout: Layout, lines: list[int], rows: Rows, good: Mask) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if layout.needs_ids:
        made = iter(_ids(int(good.sum())))
        writer.writerows([next(made), line, *row] for line, row, ok in zip(lines, rows, good, strict=True) if ok)
    else:
        writer.writerows([line, *row] for line, row, ok in zip(lines, rows, good, strict=True) if ok)
    return buffer.getvalue().encode()


def _ids(count: int) -> Iterator[str]:
    """So many UUIDv7 of this instant, in order: the low bits of one floor, counted up, then random."""
    floor = ids.uuid7_at(clock.now()).int
    noise = np.random.default_rng().integers(0, 2**62, size=count, dtype=np.uint64)
    noise.sort()
    for bits in noise.tolist():
        number = f"{floor | bits:032x}"
        yield f"{number[:8]}-{number[8:12]}-{number[12:16]}-{number[16:20]}-{number[20:]}"


async def _check(session: AsyncSession, layout: Layout, rejected: Rejects) -> None:
    for rule in layout.rules:
        broken = (await session.execute(text(rule.sql))).all()
        if not broken:
            continue
        for line, value in broken:
            rejected.reject(line, rule.field, str(value), rule.reason)
        await session.execute(
            text("DELETE FROM staged WHERE line = ANY(:lines)"), {"lines": [line for line, _value in broken]}
        )


async def _merge(session: AsyncSession, layout: Layout, report: ImportReport) -> None:
    counted = f"WITH written AS ({layout.merge}) SELECT count(*) FILTER (WHERE is_new), count(*) FROM written"
    added, written = (await session.execute(text(counted))).one()
    report.added, report.changed = added, written - added
