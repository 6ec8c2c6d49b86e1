"""Import pipeline of the registry: read in chunks, validate columns, COPY to staging, validate in SQL, merge.

A single transaction: an interrupted import has no effect. Memory use doesn't depend on the file size.
"""

import asyncio
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, ids
from app.kernel.db import rows_written, savepoint, transaction
from app.kernel.tabular.files import open_text
from app.kernel.tabular.report import ImportReport, Rejects, require_data
from app.places.importers.units import Progress, no_progress
from app.registry.importers.checks import Mask
from app.registry.importers.layouts import Layout, layout_of
from app.registry.importers.reader import Chunk, Columns, Reader

# One import at a time: two that merge the same people would wait for each other in a circle. Any constant will do.
SESSION_STATEMENTS = (
    "SELECT pg_advisory_xact_lock(7365002)",
    "SET LOCAL work_mem = '256MB'",
    "SET LOCAL temp_buffers = '256MB'",
)
MAX_ATTEMPTS = 3
"""How often people are merged when others register some of them meanwhile."""


async def import_insured(
    path: Path, *, rejects: Path, progress: Progress = no_progress, encoding: str | None = None
) -> ImportReport:
    """Import one of the agency's files about people, their work and family, or units; its header says which.

    `encoding` names the file's, where its bytes don't show it.

    Raises:
        RuntimeError: the file isn't one of those in `layouts`, or its encoding is unknown.
    """
    report = ImportReport()
    with Rejects(rejects, report, path) as rejected, open_text(path, encoding) as text_of_file:
        reader = Reader(text_of_file, report, rejected)
        require_data(reader.header)
        layout = layout_of(reader.header)
        chunks = reader.chunks([reader.header.index(field.name) for field in layout.fields])
        async with transaction() as session:
            for setting in SESSION_STATEMENTS:
                await session.execute(text(setting))
            await _stage(session, layout, chunks, rejected, report, progress)
            await _check(session, layout, rejected)
            await _merge(session, layout, report)
    report.same = report.read - report.added - report.changed - report.rejected
    return report


async def _stage(
    session: AsyncSession,
    layout: Layout,
    chunks: Iterator[Chunk],
    rejected: Rejects,
    report: ImportReport,
    progress: Progress,
) -> None:
    await session.execute(text(f"CREATE TEMP TABLE staged ({layout.staging}) ON COMMIT DROP"))
    names = ", ".join((["id"] if layout.needs_ids else []) + ["line"] + [field.name for field in layout.fields])
    driver = await _driver(session)
    async with driver.cursor() as cursor, cursor.copy(f"COPY staged ({names}) FROM STDIN (FORMAT csv)") as copy:
        # The next piece is read and checked in a thread while the database takes in the one before.
        writing: asyncio.Task[None] | None = None
        try:
            while (rows := await asyncio.to_thread(_next_rows, layout, chunks, rejected)) is not None:
                if writing is not None:
                    await writing
                writing = asyncio.create_task(copy.write(rows))
                progress(report.read)
        finally:
            if writing is not None:
                await writing
    await session.execute(text("ANALYZE staged"))


def _next_rows(layout: Layout, chunks: Iterator[Chunk], rejected: Rejects) -> bytes | None:
    """The rows of the next piece of the file that pass, as CSV; None at its end."""
    came = next(chunks, None)
    if came is None:
        return None
    good, chunk = _valid(layout, _cleaned(layout, came), came.columns, rejected)
    return _encode(layout, chunk, good)


async def _driver(session: AsyncSession) -> psycopg.AsyncConnection[Any]:
    raw = (await (await session.connection()).get_raw_connection()).driver_connection
    if not isinstance(raw, psycopg.AsyncConnection):
        raise TypeError("imports need the psycopg driver")
    return raw


def _cleaned(layout: Layout, chunk: Chunk) -> Chunk:
    """The piece with its cells in one shape. Its text as it came is of no use when a cell is another one now."""
    columns = [
        field.clean(column) if field.clean is not None else column
        for field, column in zip(layout.fields, chunk.columns, strict=True)
    ]
    is_same = all(clean is column for clean, column in zip(columns, chunk.columns, strict=True))
    return chunk if is_same else Chunk(chunk.lines, columns, None)


def _valid(layout: Layout, chunk: Chunk, came: Columns, rejected: Rejects) -> tuple[Mask, Chunk]:
    """Which rows pass, and the piece with the cells of lenient columns that fail left empty. The other rows go to the
    rejects file with each field that fails, as it stood in the file (`came`)."""
    good: Mask = np.ones(len(chunk.lines), dtype=bool)
    notes: list[tuple[int, int]] = []
    for at, (field, column) in enumerate(zip(layout.fields, chunk.columns, strict=True)):
        passed = field.check(column)
        if passed.all():
            continue
        if field.is_lenient:
            notes += [(place, at) for place in np.flatnonzero(~passed).tolist()]
            continue
        for place in np.flatnonzero(~passed).tolist():
            write = rejected.reject if good[place] else rejected.reject_also
            write(chunk.lines[place], field.name, came[at][place][:200], field.reason)
        good &= passed
    _check_across(layout, chunk, came, good, rejected)
    return good, _blank_lenient(layout, chunk, came, [note for note in notes if good[note[0]]], rejected)


def _check_across(layout: Layout, chunk: Chunk, came: Columns, good: Mask, rejected: Rejects) -> None:
    """The checks over several columns, of rows that are right one by one; changes `good`."""
    places = {field.name: at for at, field in enumerate(layout.fields)}
    for cross_field_checks in layout.cross_field_checks:
        columns = [chunk.columns[places[name]] for name in cross_field_checks.names]
        passed = cross_field_checks.passes(*columns)
        for place in np.flatnonzero(good & ~passed).tolist():
            shown = " ".join(came[places[name]][place] for name in cross_field_checks.names)[:200]
            rejected.reject(chunk.lines[place], cross_field_checks.names[0], shown, cross_field_checks.reason)
        good &= passed


def _blank_lenient(
    layout: Layout, chunk: Chunk, came: Columns, notes: list[tuple[int, int]], rejected: Rejects
) -> Chunk:
    """The piece without these cells (row, column), each noted."""
    if not notes:
        return chunk
    columns = list(chunk.columns)
    for place, at in notes:
        field, cells = layout.fields[at], list(columns[at])
        rejected.note(chunk.lines[place], field.name, came[at][place][:200], field.reason)
        cells[place] = ""
        columns[at] = cells
    return Chunk(chunk.lines, columns, None)


def _encode(layout: Layout, chunk: Chunk, good: Mask) -> bytes:
    """The rows that pass as CSV, each with its line number and, where the layout wants it, an id."""
    heads = [str(line) for line in chunk.lines]
    if layout.needs_ids:
        heads = [f"{made},{head}" for made, head in zip(_ids(len(heads)), heads, strict=True)]
    if chunk.raw is not None:
        chosen = zip(heads, chunk.raw, good.tolist(), strict=True)
        return "".join([f"{head},{raw}\n" for head, raw, ok in chosen if ok]).encode()
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    rows = zip(heads, zip(*chunk.columns, strict=True), good.tolist(), strict=True)
    writer.writerows([*head.split(","), *row] for head, row, ok in rows if ok)
    return buffer.getvalue().encode()


def _ids(count: int) -> list[str]:
    """Generate `count` ordered UUIDv7 of this instant, without dashes: the timestamp half and 62 increasing random
    bits."""
    floor = ids.uuid7_at(clock.now()).int >> 64
    noise = np.random.default_rng().integers(0, 2**62, size=count, dtype=np.uint64)
    noise.sort()
    halves = np.empty((count, 2), dtype=">u8")
    halves[:, 0] = floor
    halves[:, 1] = noise | np.uint64(1 << 63)
    digits = halves.tobytes().hex()
    return [digits[place : place + 32] for place in range(0, 32 * count, 32)]


async def _check(session: AsyncSession, layout: Layout, rejected: Rejects) -> None:
    for statement in layout.prepare:
        await session.execute(text(statement))
    for rule in layout.rules:
        while broken := (await session.execute(text(rule.sql))).all():
            for line, value in broken:
                rejected.reject(line, rule.field, str(value), rule.reason)
            await session.execute(
                text("DELETE FROM staged WHERE line = ANY(:lines)"), {"lines": [line for line, _value in broken]}
            )


async def _merge(session: AsyncSession, layout: Layout, report: ImportReport) -> None:
    for statement in layout.before_merge:
        await session.execute(text(statement))
    if layout.change:
        await _change_and_add(session, layout, report)
        return
    # Counting before and after is cheaper than a mark on each row, and right: imports come one at a time.
    counting = text(f"SELECT count(*) FROM {layout.table}")
    before = await session.scalar(counting) or 0
    written = await _count(session, layout.merge)
    report.added = (await session.scalar(counting) or 0) - before
    report.changed = written - report.added


async def _change_and_add(session: AsyncSession, layout: Layout, report: ImportReport) -> None:
    """Change what is known, then add what is new. What another import adds in between is known the next time."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            async with savepoint(session):
                report.changed = await _count(session, layout.change)
                report.added = await _count(session, layout.merge)
        except IntegrityError:
            if attempt == MAX_ATTEMPTS:
                raise
        else:
            return


async def _count(session: AsyncSession, statement: str) -> int:
    return await rows_written(session, text(statement))
