"""Rows of a file: CSV (comma, pipe, semicolon or tab; .gz) in any encoding (see `encodings`), or a workbook."""

import csv
import gzip
import io
import json
import re
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from app.kernel.sandbox import client
from app.kernel.sandbox.client import CostLimitExceeded
from app.kernel.sandbox.server import Limits
from app.kernel.tabular.encodings import BLOCK_BYTES, HEAD_BYTES, encoding_of, is_utf_8, known_encoding

DELIMITERS = ",|;\t"
WORKBOOKS = {".xlsx", ".xls", ".xlsb", ".ods"}

LONGEST_LINE = 1 << 24
LONGEST_CELL = 1 << 17
"""Limit of a CSV cell in characters: an unclosed quotation mark makes the rest of the file one cell."""
FIRST_SHEET = "app.kernel.tabular.workbooks:first_sheet"
client.register("app.kernel.tabular.workbooks")
WORKBOOK = Limits(memory=4 << 30, cpu=300, wall=600.0, written=2 << 30)
"""The largest catalogue there is (CLUES, 60,000 rows of 100 columns) takes a fraction of it."""

Row = tuple[int, list[str]]


class FileUnreadable(RuntimeError):  # noqa: N818 # what it is
    """The file can't be read. Its text says why and what to do."""


@contextmanager
def open_rows(path: Path, delimiter: str | None = None, encoding: str | None = None) -> Iterator[Iterator[Row]]:
    """The rows of the file with their line numbers (1 is the first line), header included.

    A cell with bytes that the encoding doesn't have comes with them escaped (`encodings.has_undecodable`), and one of
    CSV that was made safe for a spreadsheet (`cells.safe_cell`) as it was before.

    Raises:
        UnknownEncoding: the encoding can't be detected. FileUnreadable: it isn't a readable table.
    """
    if path.suffix.lower() in WORKBOOKS:
        yield _of_workbook(path)
        return
    with open_text(path, encoding) as text:
        csv.field_size_limit(LONGEST_CELL)  # the process's: a library may have lifted it
        first = text.readline(LONGEST_LINE)
        text.seek(0)
        yield _rows(path, text, delimiter or sniff(first))


def _rows(path: Path, text: IO[str], delimiter: str) -> Iterator[Row]:
    of_row: list[str] = []
    reader = csv.reader(_lines(path, text, of_row), delimiter=delimiter)
    while True:
        began = reader.line_num + 1
        of_row.clear()
        try:
            row = next(reader, None)
            if len(of_row) > 1:
                # At the end of a file the reader takes an open quotation mark as closed, and all after it as one field.
                list(csv.reader(of_row, delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise FileUnreadable(
                f"{path.name}: the row that begins in line {began} can't be read ({error}):"
                " is a quotation mark never closed?"
            ) from error
        if row is None:
            return
        yield reader.line_num, [plain_cell(cell) for cell in row]


def _lines(path: Path, text: IO[str], of_row: list[str]) -> Iterator[str]:
    """The lines of a text, none so long that it fills the memory: a small .gz may be one line of gigabytes. `of_row`
    gets those that were asked for."""
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise FileUnreadable(f"{path.name} has a line of over {LONGEST_LINE:,} characters: is it a table?")
        of_row.append(line)
        yield line


@contextmanager
def open_text(path: Path, encoding: str | None = None) -> Iterator[IO[str]]:
    """The file as text, in the encoding that is asked for, else in the one its bytes are in.

    Raises:
        UnknownEncoding: the encoding can't be detected, or doesn't exist.
    """
    chosen = known_encoding(encoding) if encoding else file_encoding(path)
    with (
        open_bytes(path) as raw,
        io.TextIOWrapper(raw, encoding=chosen, errors="surrogateescape", newline="") as text,
    ):
        yield text


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked when it is a .gz.

    Raises:
        FileUnreadable: it isn't a .gz, or not a whole one.
    """
    if path.suffix != ".gz":
        with path.open("rb") as raw:
            yield raw
        return
    try:
        with gzip.open(path, "rb") as packed:
            yield packed  # type: ignore[misc] # GzipFile is a binary file in all that is used here
    except EOFError as error:
        raise FileUnreadable(f"{path.name} ends before its end: it was cut off. Copy or download it again.") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise FileUnreadable(f"{path.name} isn't a .gz, or it is damaged. Copy or download it again.") from error


def file_encoding(path: Path) -> str:
    """The encoding that a file's bytes are in. The whole file is looked at: an accent may come late.

    Raises:
        UnknownEncoding: it can't be detected.
    """
    with open_bytes(path) as raw:
        head = raw.read(HEAD_BYTES)
    with open_bytes(path) as raw:
        if is_utf_8(iter(lambda: raw.read(BLOCK_BYTES), b"")):
            return encoding_of(head, ())
    with open_bytes(path) as raw:
        return encoding_of(head, iter(lambda: raw.readline(LONGEST_LINE), b""))


def sniff(header: str) -> str:
    """The delimiter that a header line uses most."""
    return max(DELIMITERS, key=header.count)


def _of_workbook(path: Path) -> Iterator[Row]:
    """The first sheet, opened by a child process: a small workbook can be gigabytes inside."""
    if path.stat().st_size == 0:
        raise FileUnreadable("the file is empty")
    with path.open("rb", buffering=0) as source, TemporaryFile(buffering=0) as rows:
        try:
            client.run_blocking(FIRST_SHEET, source, rows, WORKBOOK)
        except CostLimitExceeded as error:
            raise FileUnreadable(f"{path.name} takes too much memory or time to open: save it as CSV.") from error
        except RuntimeError as error:
            raise FileUnreadable(
                f"{path.name} isn't a workbook that opens: {error}. Save it again, or as CSV."
            ) from error
        rows.seek(0)
        with io.BufferedReader(rows) as lines:
            for number, line in enumerate(lines, start=1):
                yield number, json.loads(line)


_FORMULA = "=+-@"
_ALIKE = "".join(
    sign for sign in map(chr, range(0x2000, 0x10000)) if unicodedata.normalize("NFKC", sign) in set(_FORMULA)
)
"""Signs that a spreadsheet takes for the same four, as the full-width ones are."""
_UNSEEN = r"\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x1f\x7f-\x9f"
_DANGEROUS = re.compile(rf"'*(?:[\t\r\n]|[{_UNSEEN}]*[{re.escape(_FORMULA + _ALIKE)}])")
"""A text that begins with a tab or the end of a line, or with a formula's sign after what can't be seen. Apostrophes
before it count too, so that one can be added and taken off again without loss."""


def safe_cell(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def plain_cell(text: str) -> str:
    """The text without that apostrophe: `plain_cell(safe_cell(text)) == text`, whatever the text."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text) else text
