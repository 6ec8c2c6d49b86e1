"""Rows of a file: CSV (UTF-8 or Latin-1; comma, pipe, semicolon or tab; .gz) or a workbook."""

import codecs
import csv
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from python_calamine import CalamineWorkbook

SAMPLE_BYTES = 1 << 20
DELIMITERS = ",|;\t"
WORKBOOKS = {".xlsx", ".xls", ".xlsb", ".ods"}

Row = tuple[int, list[str]]


@contextmanager
def open_rows(path: Path, delimiter: str | None = None) -> Iterator[Iterator[Row]]:
    """The rows of the file with their line numbers (1 is the first line), header included."""
    if path.suffix.lower() in WORKBOOKS:
        yield _of_workbook(path)
        return
    with open_text(path) as text:
        first = text.readline()
        text.seek(0)
        reader = csv.reader(text, delimiter=delimiter or sniff(first))
        yield ((reader.line_num, row) for row in reader)


@contextmanager
def open_text(path: Path) -> Iterator[IO[str]]:
    """The file as text, in the encoding its bytes are in."""
    with open_bytes(path) as raw, io.TextIOWrapper(raw, encoding=encoding_of(path), newline="") as text:
        yield text


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked when it is a .gz."""
    opened = gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # noqa: SIM115 # entered below
    with opened as raw:
        yield raw  # type: ignore[misc] # GzipFile is a binary file in all that is used here


def encoding_of(path: Path) -> str:
    """UTF-8 when every byte agrees, else Windows' Latin-1. The whole file is looked at: an accent may come late."""
    with open_bytes(path) as raw:
        check = codecs.getincrementaldecoder("utf-8")()
        while chunk := raw.read(SAMPLE_BYTES):
            try:
                check.decode(chunk)
            except UnicodeDecodeError:
                return "cp1252"
    return "utf-8-sig"


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
