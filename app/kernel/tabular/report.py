"""What an import did, and the file of rows it could not take, or took with something left out."""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from app.kernel.tabular.encodings import shown
from app.kernel.tabular.files import safe_cell

HEADER = ["line", "kind", "field", "value", "reason_es", "reason_en"]
LONGEST_HEADER = 500
REJECTED, NOTED = "rejected", "noted"


@dataclass(slots=True)
class ImportReport:
    """Counts of an import. `notes` counts the lines in the rejects file, `rejected` the rows not taken, `further` the
    lines about another wrong field of such a row."""

    read: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    skipped: int = 0
    rejected: int = 0
    notes: int = 0
    further: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, in both languages: the file goes to people who may read either."""

    es: str
    en: str


UNDECODABLE = Reason(
    "La fila trae bytes que no son de la codificación del archivo; guárdelo como UTF-8 o diga cuál es con --encoding.",
    "The row has bytes that aren't of the file's encoding; save it as UTF-8, or name it with --encoding.",
)


class NoData(RuntimeError):  # noqa: N818 # says a state
    """The file holds nothing to import. The text says why and what to do."""


def require_data(names: Sequence[str]) -> None:
    """Refuse a file whose first line has no names, or those of the rejects file.

    Raises:
        NoData: it is empty, or of rejected rows.
    """
    if not any(name.strip() for name in names):
        raise NoData("the file is empty, or its first line is: it names the columns")
    if is_rejects_header(names):
        raise NoData("this is a file of rejected rows: mend the rows in the original file and import that")


class RejectsRefused(RuntimeError):  # noqa: N818 # says a state
    """Rejected rows can't go to that place. The text says why and what to do; nothing was touched."""


def is_rejects_header(names: Sequence[str]) -> bool:
    """Whether these are the columns of a file of rejected rows, which a spreadsheet may have saved again."""
    found = [name.strip().lower() for name in names]
    while found and not found[-1]:
        found.pop()
    return found == HEADER


def rejects_place(path: Path, source: Path) -> Path:
    """The file, behind links, that the rejected rows of `source` are written to.

    Only an earlier file of rejected rows, or an empty one, is replaced: never the file that is imported, nor any other.

    Raises:
        RejectsRefused: there is something else, or no folder to write in.
    """
    place = path.resolve()
    if not place.parent.is_dir():
        raise RejectsRefused(f"there is no folder {path.parent}. Make it, or name another file with --rejects")
    if not os.access(place.parent, os.W_OK | os.X_OK):
        raise RejectsRefused(f"{path.parent} can't be written to. Name a file elsewhere with --rejects")
    if not place.exists():
        return place
    if source.exists() and place.samefile(source):
        raise RejectsRefused(f"{path} is the file to import. Name another file with --rejects")
    if not _may_replace(place):
        raise RejectsRefused(f"{path} isn't a file of rejected rows: it stays. Name another file with --rejects")
    return place


def _may_replace(place: Path) -> bool:
    if not place.is_file():
        return False
    with place.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        first = file.readline(LONGEST_HEADER)
    return not first or any(is_rejects_header(first.replace('"', "").split(sign)) for sign in ",;\t|")


class Rejects:
    """The rejects file, written row by row so that its size costs no memory. Made only when there is a first row.

    Raises:
        RejectsRefused: as `rejects_place`, before anything is read or removed.
    """

    def __init__(self, path: Path, report: ImportReport, source: Path) -> None:
        self.path = rejects_place(path, source)
        self.report = report
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def reject(self, line: int, field: str, value: str, reason: Reason) -> None:
        """This row was not taken."""
        self.report.rejected += 1
        self._write(line, REJECTED, field, value, reason)

    def reject_also(self, line: int, field: str, value: str, reason: Reason) -> None:
        """This row, which was rejected already, has another wrong field."""
        self.report.further += 1
        self._write(line, REJECTED, field, value, reason)

    def note(self, line: int, field: str, value: str, reason: Reason) -> None:
        """This row was taken, with this field mended or left empty."""
        self._write(line, NOTED, field, value, reason)

    def _write(self, line: int, kind: str, field: str, value: str, reason: Reason) -> None:
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(HEADER)
        self.report.notes += 1
        self._writer.writerow([line, kind, *map(safe_cell, (field, shown(value), reason.es, reason.en))])
