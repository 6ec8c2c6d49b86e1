"""Files of the tables, CSV or Parquet. Rows are read and written a page at a time, so memory doesn't grow with them: a
page becomes a batch, a batch a group of rows of the file."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any, Literal, Self

import pyarrow as pa
from pyarrow import csv, parquet
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.tabular.files import safe_cell
from app.savings.export.tables import EXPORTED, KINDS, PUBLIC_TABLES, Table, Type
from app.savings.problems import BaselineUnknown, unsupported
from app.savings.queries.versions import list_baselines, newest_version
from app.savings.transactions import kinds_of_services

PAGE = 10_000
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Which periods and which version of the parameters; None leaves an end open, or takes the newest version. The
    public gets months that have ended before `today`.

    Raises:
        Invalid: the last day is before the first.
    """

    since: date | None = None
    until: date | None = None
    version: int | None = None
    is_public: bool = True
    today: date = field(default=date.max, compare=False)

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.until < self.since:
            raise unsupported("until", "dates-in-order")

    def tables(self) -> dict[str, Table]:
        """The tables there are for whom it is."""
        return PUBLIC_TABLES if self.is_public else EXPORTED


async def pages(session: AsyncSession, name: str, span: Span) -> AsyncIterator[list[Row]]:
    """The rows of a table, ordered by its keys, in pages.

    Raises:
        KeyError: there is no such table for whom it is. BaselineUnknown: that version isn't published, or none is.
    """
    table = span.tables()[name]
    if name == KINDS.name:
        yield sorted(kinds_of_services().items())
    else:
        async for page in _read(session, table, span):
            yield page


async def version_of(session: AsyncSession, asked: int | None) -> int:
    """The version asked for, or the newest.

    Raises:
        BaselineUnknown: it isn't published, or none is.
    """
    if asked is None:
        return await newest_version(session)
    if asked not in {row.version for row in await list_baselines(session) if row.published_at is not None}:
        raise BaselineUnknown
    return asked


async def _read(session: AsyncSession, table: Table, span: Span) -> AsyncIterator[list[Row]]:
    """A server-side cursor: the driver holds one page."""
    conditions, given = await _conditions(session, table, span)
    chosen = ", ".join(field.name for field in table.fields)
    statement = f"SELECT {chosen} FROM analytics.{table.name}{conditions} ORDER BY {', '.join(table.keys)}"
    result = await session.stream(text(statement), given, execution_options={"yield_per": PAGE})
    async for page in result.partitions(PAGE):
        yield [tuple(row) for row in page]


async def _conditions(session: AsyncSession, table: Table, span: Span) -> tuple[str, dict[str, Any]]:
    wanted, given = _between(table, span)
    if table.name == "parameters":
        wanted.append("version = :version")
        given["version"] = await version_of(session, span.version)
    return (f" WHERE {' AND '.join(wanted)}" if wanted else ""), given


def _between(table: Table, span: Span) -> tuple[list[str], dict[str, Any]]:
    ends = {"since": (">=", span.since), "until": ("<=", span.until)}
    if table.period == "month" and span.since is not None:
        ends["since"] = (">=", span.since.replace(day=1))
    given = {name: day for name, (_sign, day) in ends.items() if day is not None}
    wanted = [f"{table.period} {ends[name][0]} :{name}" for name in given]
    if span.is_public and table.period:
        wanted.append(f"{table.period} < :month_of_today")
        given["month_of_today"] = span.today.replace(day=1)
    return (wanted, given) if table.period else ([], {})


Format = Literal["csv", "parquet"]
FORMATS: dict[Format, str] = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
_TYPES: dict[Type, Any] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", tz="UTC"),
}


def schema_of(table: Table) -> Any:
    """The table's columns; Parquet stores their meaning and unit as metadata."""
    return pa.schema(
        [
            pa.field(field.name, _TYPES[field.type], metadata={"description": field.means, "unit": field.unit})
            for field in table.fields
        ]
    )


def batch_of(table: Table, rows: Iterable[tuple[Any, ...]]) -> Any:
    """Rows as columns, for any writer of the table."""
    schema = schema_of(table)
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


class Writer:
    """A file being written, as a context: the end of a Parquet file, written at its exit, is what makes it one."""

    def __init__(self, table: Table, sink: IO[bytes], kind: Format) -> None:
        schema = schema_of(table)
        self._out: Any
        self._texts = [at for at, field in enumerate(schema) if pa.types.is_string(field.type)] if kind == "csv" else []
        if kind == "csv":
            # Text is always quoted, so that an empty one isn't taken for nothing known.
            self._out = csv.CSVWriter(sink, schema, write_options=csv.WriteOptions(quoting_style="needed"))
        else:
            self._out = parquet.ParquetWriter(sink, schema, compression="zstd")

    def write(self, batch: Any) -> None:
        """Add a batch of rows (`batch_of`); in CSV no text begins as a formula of a spreadsheet would."""
        for at in self._texts:
            batch = batch.set_column(at, batch.schema.field(at), _safe(batch.column(at)))
        self._out.write_batch(batch)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        # Whatever happened: a writer left open would write to its file when that is closed already.
        self._out.close()


def _safe(texts: Any) -> Any:
    """A column of text made safe. Each different text is looked at once: there are few of them."""
    found = texts.dictionary_encode()
    known = found.dictionary.to_pylist()
    safe = [safe_cell(text) for text in known]
    return texts if safe == known else pa.array(safe, pa.string()).take(found.indices)


CHUNK = 1 << 16


async def spooled(session: AsyncSession, name: str, span: Span, kind: Format) -> IO[bytes]:
    """The table in a file that is deleted when it is closed, at its beginning.

    Raises:
        KeyError: there is no such table for whom it is. BaselineUnknown: that version isn't published, or none is.
    """
    file = tempfile.TemporaryFile(prefix="ventanilla-")  # noqa: SIM115 # closed by who sends it, or below
    try:
        table = span.tables()[name]
        with Writer(table, file, kind) as writer:
            async for page in pages(session, name, span):
                # In a thread: turning ten thousand rows into columns would keep other requests waiting.
                await asyncio.to_thread(lambda rows: writer.write(batch_of(table, rows)), page)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """What is in the file, then nothing of it."""
    with file:
        while piece := file.read(CHUNK):
            yield piece
