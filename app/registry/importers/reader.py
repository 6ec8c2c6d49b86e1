"""Read a file in bounded chunks: columns in the layout's order with line numbers, and the raw text where it can be
passed on unchanged."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO

from app.kernel.tabular.encodings import has_undecodable
from app.kernel.tabular.files import LONGEST_CELL, plain_cell, sniff
from app.kernel.tabular.report import UNDECODABLE, ImportReport, Reason, Rejects

CHUNK_LINES = 20_000
COMMA, QUOTE, NUL, APOSTROPHE = ",", '"', "\0", "'"
SHORT = Reason("La fila no tiene las mismas columnas que el encabezado.", "The row hasn't the header's columns.")
NULS = Reason(
    "La fila trae caracteres nulos: no se pueden guardar.", "The row has NUL characters, which cannot be stored."
)

UNCLOSED = Reason(
    "La fila sigue en las siguientes sin llegar a las columnas del encabezado: ¿una comilla sin cerrar?",
    "The row goes on in the next ones without reaching the header's columns: is a quotation mark never closed?",
)

Columns = list[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows, as columns. `raw` has each row's text, when it is CSV in the layout's own order already."""

    lines: list[int]
    columns: Columns
    raw: list[str] | None


class Reader:
    """Reads the file in chunks and rejects rows with another number of columns."""

    def __init__(self, text: IO[str], report: ImportReport, rejected: Rejects) -> None:
        csv.field_size_limit(LONGEST_CELL)  # the process's: a library may have lifted it
        first = text.readline()
        self.text = text
        self.delimiter = sniff(first)
        self.header = [name.strip().lower() for name in next(csv.reader([first], delimiter=self.delimiter), [])]
        self.report = report
        self.rejected = rejected
        self.line = 1

    def chunks(self, order: list[int]) -> Iterator[Chunk]:
        """The rest of the file, its columns put into this order."""
        straight = order == list(range(len(self.header)))
        while taken := list(islice(self.text, CHUNK_LINES)):
            chunk = self._plain(taken) or self._quoted(taken)
            if chunk.lines:
                yield Chunk(chunk.lines, [chunk.columns[at] for at in order], chunk.raw if straight else None)

    def _plain(self, taken: list[str]) -> Chunk | None:
        """Lines without quotes are rows as they stand: most files are like that, and it is many times as fast."""
        whole = "".join(taken).replace("\r\n", "\n")
        if any(odd in whole for odd in (QUOTE, NUL, "\n\n", "\r")) or has_undecodable(whole):
            return None
        if whole.startswith(APOSTROPHE) or f"{self.delimiter}{APOSTROPHE}" in whole or f"\n{APOSTROPHE}" in whole:
            return None  # a cell that was made safe for a spreadsheet
        raw = whole.rstrip("\n").split("\n")
        first, self.line = self.line + 1, self.line + len(taken)
        lines, width = list(range(first, self.line + 1)), len(self.header)
        if any(text.count(self.delimiter) != width - 1 for text in raw):
            rows = [
                (line, text)
                for line, text in zip(lines, raw, strict=True)
                if self._fits(line, text.split(self.delimiter))
            ]
            lines, raw = [line for line, _text in rows], [text for _line, text in rows]
        else:
            self.report.read += len(raw)
        cells = self.delimiter.join(raw).split(self.delimiter)
        columns: Columns = [cells[at::width] for at in range(width)]
        return Chunk(lines, columns, raw if self.delimiter == COMMA else None)

    def _quoted(self, taken: list[str]) -> Chunk:
        """Fields in quotes may hold line ends: then a row is read to its end, past the piece's."""
        lines: list[int] = []
        rows: list[list[str]] = []
        end, again = self.line + len(taken), True
        while again and self.line < end:
            taken, again = self._rows_of(taken, end, lines, rows)
        return Chunk(lines, list(zip(*rows, strict=True)), None)

    def _rows_of(self, taken: list[str], end: int, lines: list[int], rows: list[list[str]]) -> tuple[list[str], bool]:
        """Read rows until a line is reached. A quotation mark that is never closed makes one row of all that follows:
        its line is refused then. Returns what is to be read again after it, and whether there is such a line."""
        first, seen = self.line, list[str]()
        reader = csv.reader(self._then_the_rest(taken, seen), delimiter=self.delimiter)
        while first + reader.line_num < end:
            before = reader.line_num
            if (row := self._next(reader, first)) is None:
                break
            self.line = first + reader.line_num
            is_open = reader.line_num > before + 1 or seen[before].count(QUOTE) % 2 == 1
            if len(row) != len(self.header) and is_open:
                self.report.read += 1
                self.line = first + before + 1
                self._refuse(self.line, [seen[before].rstrip("\r\n")], UNCLOSED)
                return seen[before + 1 :] + taken[len(seen) :], True
            if row and self._fits(self.line, row):
                lines.append(self.line)
                rows.append([plain_cell(cell) for cell in row])
        self.line = first + reader.line_num
        return [], False

    def _next(self, reader: Iterator[list[str]], first: int) -> list[str] | None:
        began = first + reader.line_num + 1  # type: ignore[attr-defined] # a csv.reader counts its lines
        try:
            return next(reader, None)
        except csv.Error as error:
            raise RuntimeError(
                f"the row that begins in line {began} can't be read ({error}): is a quotation mark never closed?"
            ) from error

    def _then_the_rest(self, taken: list[str], seen: list[str]) -> Iterator[str]:
        """The lines of a piece, then those after it; `seen` gets those that were asked for."""
        for line in chain(taken, self.text):
            seen.append(line)
            yield line

    def _fits(self, line: int, row: list[str]) -> bool:
        self.report.read += 1
        if len(row) != len(self.header):
            return self._refuse(line, row, SHORT)
        if any(NUL in cell for cell in row):
            return self._refuse(line, row, NULS)
        if any(map(has_undecodable, row)):
            return self._refuse(line, row, UNDECODABLE)
        return True

    def _refuse(self, line: int, row: list[str], reason: Reason) -> bool:
        self.rejected.reject(line, "", self.delimiter.join(row).replace(NUL, "")[:200], reason)
        return False
