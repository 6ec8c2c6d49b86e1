"""Rows into CSV or Parquet, a page at a time: a page becomes a batch, a batch a group of rows of the file."""

from collections.abc import Iterable
from typing import IO, Any, Literal

import pyarrow as pa
from pyarrow import csv, parquet

from app.savings.export.tables import Table, Type

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
    """The table's columns; Parquet keeps their meaning and unit beside them."""
    return pa.schema(
        [
            pa.field(field.name, _TYPES[field.type], metadata={"description": field.means, "unit": field.unit})
            for field in table.fields
        ]
    )


class Writer:
    """A file being written. Close it: the end of a Parquet file is what makes it one."""

    def __init__(self, table: Table, sink: IO[bytes], kind: Format) -> None:
        self.schema = schema_of(table)
        self._out: Any
        if kind == "csv":
            # Text is always quoted, so that an empty one isn't taken for nothing known.
            self._out = csv.CSVWriter(sink, self.schema, write_options=csv.WriteOptions(quoting_style="needed"))
        else:
            self._out = parquet.ParquetWriter(sink, self.schema, compression="zstd")

    def write(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add these rows."""
        columns = list(zip(*rows, strict=True))
        if columns:
            arrays = [pa.array(column, type_.type) for column, type_ in zip(columns, self.schema, strict=True)]
            self._out.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self.schema))

    def close(self) -> None:
        """Write the end."""
        self._out.close()
