"""What a spreadsheet would take for a formula is written as text, in every CSV, and read again as it was."""

import ast
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.tabular.files import open_rows, plain_cell, safe_cell
from app.kernel.tabular.report import ImportReport, Reason, Rejects

APP = Path(__file__).parents[2] / "app"
DANGEROUS = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\n", "\tx"),
    *("\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201", "\ufeff=1", " =1", "\u200b@x", "\u2060+1"),
    *("'=1", "''=1", "'\n=1"),
]
HARMLESS = ["", "5", "a=b", "O'Brien", "'t Hooft", "2026-01-01", "x\n=1", "–", "·", "'", "«=»"]
# CSV that no one opens: what goes to PostgreSQL, and the demonstration's own input.
NOT_FOR_PEOPLE = {"registry/importers/pipeline.py", "demo/people.py"}


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_begins_a_formula_is_made_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert (safe_cell(text), plain_cell(text)) == (text, text)


@given(st.text() | st.sampled_from(DANGEROUS) | st.text(alphabet="'=+-@\t\r\n \uff1da"))
def test_it_comes_back_as_it_was(text: str) -> None:
    safe = safe_cell(text)
    assert plain_cell(safe) == text
    assert not safe.lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))
    assert not safe.startswith(("\t", "\r", "\n"))


def test_rejected_rows_are_safe_and_are_read_again(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    with Rejects(path, ImportReport(), tmp_path / "people.csv") as rejected:
        for line, text in enumerate(DANGEROUS):
            rejected.reject(line, "name", text, Reason("Mal.", "Wrong."))
    with path.open(encoding="utf-8", newline="") as file:
        raw = [row[3] for row in csv.reader(file)][1:]
    assert raw == [safe_cell(text) for text in DANGEROUS]
    with open_rows(path) as rows:
        assert [row[3] for _line, row in rows][1:] == DANGEROUS


def test_every_csv_of_the_program_escapes() -> None:
    """Each writer of CSV uses `safe_cell`, or is listed with the reason why no one opens it."""
    writers = set()
    for path in APP.rglob("*.py"):
        text = path.read_text()
        makes = any(
            isinstance(node, ast.Attribute) and node.attr in {"writer", "DictWriter", "CSVWriter"}
            for node in ast.walk(ast.parse(text))
        )
        if makes and "safe_cell" not in text:
            writers.add(str(path.relative_to(APP)))
    assert writers == NOT_FOR_PEOPLE


def test_quotes_are_the_writers() -> None:
    out = io.StringIO()
    csv.writer(out).writerow([safe_cell('=cmd|"/c calc"!A1\nx')])
    assert next(csv.reader(io.StringIO(out.getvalue(), newline=""))) == ['\'=cmd|"/c calc"!A1\nx']
