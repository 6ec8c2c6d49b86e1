"""An export as a folder: each table as CSV and Parquet, described by `datapackage.json` (Frictionless Data Package 1).

The folder is there whole or not at all: it is written beside its place and moved there when all is in it.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.savings.export.files import FORMATS, Format, Span, Writer, batch_of, pages, version_of
from app.savings.export.tables import Table
from app.savings.rules.disclosure import MIN_PEOPLE

DESCRIPTION = "datapackage.json"
OPEN = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}
CLOSED = {"name": "other-closed", "title": "For the agency's own use: it contains small cells"}
CHUNK = 1 << 20

Progress = Callable[[str, int], None]
"""Called with the table being written and how many of its rows are."""


class FolderExists(RuntimeError):  # noqa: N818 # says a state
    """There is something at the place of the export: nothing is overwritten."""


@dataclass
class Written:
    """What was written: rows by table."""

    version: int
    rows: dict[str, int] = field(default_factory=dict)


async def export(
    session: AsyncSession, folder: Path, span: Span, now: datetime, progress: Progress = lambda _table, _rows: None
) -> Written:
    """Write every table of a span, all as they were at one moment. The session is a transaction of its own.

    Raises:
        FolderExists; BaselineUnknown: there is no published version of the parameters, or not that one.
    """
    await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    version = await version_of(session, span.version)
    span, written = replace(span, version=version), Written(version)
    with _whole(folder) as place:
        for name, table in span.tables().items():
            written.rows[name] = await _table(session, place, table, span, progress)
        described = json.dumps(_package(place, span, now), ensure_ascii=False, indent=2)
        (place / DESCRIPTION).write_text(described + "\n", encoding="utf-8")
    return written


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder beside the one asked for, moved there at the end, or removed whatever stopped it."""
    if folder.exists() or folder.is_symlink():
        raise FolderExists(f"{folder} exists already: choose another folder, nothing is overwritten")
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield place
        place.chmod(0o755)
        place.rename(folder)
    finally:
        shutil.rmtree(place, ignore_errors=True)


async def _table(session: AsyncSession, place: Path, table: Table, span: Span, progress: Progress) -> int:
    """Both files of a table in one reading."""
    count = 0
    with (
        (place / f"{table.name}.csv").open("wb") as csv,
        (place / f"{table.name}.parquet").open("wb") as parquet,
    ):
        with Writer(table, csv, "csv") as rows_as_text, Writer(table, parquet, "parquet") as rows_as_columns:
            async for page in pages(session, table.name, span):
                batch = batch_of(table, page)
                rows_as_text.write(batch)
                rows_as_columns.write(batch)
                count += len(page)
                progress(table.name, count)
        for file in (csv, parquet):
            file.flush()
            os.fsync(file.fileno())
    return count


def _package(place: Path, span: Span, now: datetime) -> dict[str, Any]:
    tables = span.tables()
    return {
        "profile": "data-package",
        "name": "ventanilla-savings",
        "title": "What people saved with the portal: observed sums and the parameters they are valued with",
        "description": _format_span(span),
        "version": str(span.version),
        "created": now.isoformat(timespec="seconds"),
        "licenses": [OPEN if span.is_public else CLOSED],
        "sources": [{"title": source} for source in dict.fromkeys(table.source for table in tables.values())],
        "keywords": ["administrative burden", "citizen services", "time savings"],
        "parameters_version": span.version,
        "from": span.since.isoformat() if span.since else None,
        "to": span.until.isoformat() if span.until else None,
        "small_cells_suppressed": span.is_public,
        "fewest_people": MIN_PEOPLE if span.is_public else None,
        "resources": [_resource(place, table, kind) for kind in FORMATS for table in tables.values()],
    }


def _format_span(span: Span) -> str:
    if span.is_public:
        return (
            f"Each count in `released` is zero or of at least {MIN_PEOPLE} people; what is too few is merged with"
            " others (`*`). Time, money and value of time are never added."
        )
    return "Nothing is suppressed: it contains small cells. Time, money and value of time are never added."


def _resource(place: Path, table: Table, kind: Format) -> dict[str, Any]:
    path = place / f"{table.name}.{kind}"
    shared = {
        "name": table.name if kind == "csv" else f"{table.name}-{kind}",
        "path": path.name,
        "title": table.title,
        "description": table.means,
        "sources": [{"title": table.source}],
        "format": kind,
        "mediatype": FORMATS[kind].split(";")[0],
        "bytes": path.stat().st_size,
        "hash": f"sha256:{_digest(path)}",
        "schema": _schema(table),
    }
    if kind == "csv":
        return shared | {"profile": "tabular-data-resource", "encoding": "utf-8"}
    # Tools that read CSV alone still check its size and hash.
    return shared | {"profile": "data-resource", "type": "file"}


def _schema(table: Table) -> dict[str, Any]:
    fields = [
        {
            "name": each.name,
            "type": each.type,
            "title": each.name.replace("_", " ").capitalize(),
            "description": each.means,
            **({"unit": each.unit} if each.unit else {}),
            "source": table.source,
        }
        for each in table.fields
    ]
    return {"fields": fields, "primaryKey": list(table.keys), "missingValues": [""]}


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
