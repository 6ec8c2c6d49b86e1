"""Rows of a file: CSV (comma, pipe, semicolon or tab; .gz) in any encoding (see `encodings`), or a workbook."""

import csv
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from python_calamine import CalamineWorkbook

from app.kernel.tabular.encodings import HEAD_BYTES, encoding_of, known_encoding

DELIMITERS = ",|;\t"
WORKBOOKS = {".xlsx", ".xls", ".xlsb", ".ods"}

LONGEST_LINE = 1 << 24

Row = tuple[int, list[str]]


@contextmanager
def open_rows(path: Path, delimiter: str | None = None, encoding: str | None = None) -> Iterator[Iterator[Row]]:
    """The rows of the file with their line numbers (1 is the first line), header included.

    A cell with bytes that the encoding doesn't have comes with them escaped (`encodings.has_undecodable`).

    Raises:
        UnknownEncoding: it can't be told how the file is encoded.
    """
    if path.suffix.lower() in WORKBOOKS:
        yield _of_workbook(path)
        return
    with open_text(path, encoding) as text:
        first = text.readline()
        text.seek(0)
        reader = csv.reader(text, delimiter=delimiter or sniff(first))
        yield ((reader.line_num, row) for row in reader)


@contextmanager
def open_text(path: Path, encoding: str | None = None) -> Iterator[IO[str]]:
    """The file as text, in the encoding that is asked for, else in the one its bytes are in.

    Raises:
        UnknownEncoding: it can't be told how the file is encoded, or there is no such encoding.
    """
    chosen = known_encoding(encoding) if encoding else file_encoding(path)
    with (
        open_bytes(path) as raw,
        io.TextIOWrapper(raw, encoding=chosen, errors="surrogateescape", newline="") as text,
    ):
        yield text


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked when it is a .gz."""
    opened = gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # noqa: SIM115 # entered below
    with opened as raw:
        yield raw  # type: ignore[misc] # GzipFile is a binary file in all that is used here


def file_encoding(path: Path) -> str:
    """The encoding that a file's bytes are in. The whole file is looked at: an accent may come late.

    Raises:
        UnknownEncoding: it can't be told.
    """
    with open_bytes(path) as raw:
        head = raw.read(HEAD_BYTES)
    with open_bytes(path) as raw:
        return encoding_of(head, iter(lambda: raw.readline(LONGEST_LINE), b""))


def sniff(header: str) -> str:
    """The delimiter that a header line uses most."""
    return max(DELIMITERS, key=header.count)


def _of_workbook(path: Path) -> Iterator[Row]:
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    for number, row in enumerate(sheet.iter_rows(), start=1):
        yield number, [_text(cell) for cell in row]


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
