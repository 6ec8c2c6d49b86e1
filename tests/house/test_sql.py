"""Long statements are files, `sql/NAME.sql`: a test plans each of those against the schema, and reviewers see SQL."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_LINES = 4
STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|FROM|WHERE|CREATE|ALTER|TRUNCATE|MERGE)\s")
WAIVERS = {
    "app/kernel/events.py": "the values of an event, which statements of other packages end with",
    "app/backup/checking.py": "reads the server's catalogue, not the schema",
    "app/registry/importers/layouts": "read and write the temporary table of an import, which no schema has",
}


def long_statements(source: str) -> Iterator[int]:
    """The lines at which SQL of more than MAX_LINES begins, in one literal or in adjacent ones."""
    tree = ast.parse(source)
    parts = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if node in parts or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        pieces = node.values if isinstance(node, ast.JoinedStr) else [node]
        text = "".join(str(piece.value) if isinstance(piece, ast.Constant) else "x" for piece in pieces)
        # A text of several lines, else the number of literals that it is written in.
        breaks = text.strip().count("\n") or (node.end_lineno or node.lineno) - node.lineno
        if STATEMENT.match(text) and breaks >= MAX_LINES:
            yield node.lineno


@cache
def found() -> dict[str, list[int]]:
    lines = {path: [*long_statements(path.read_text(encoding="utf-8"))] for path in (ROOT / "app").rglob("*.py")}
    return {str(path.relative_to(ROOT)): numbers for path, numbers in lines.items() if numbers}


def test_long_statements_are_files() -> None:
    assert {path: lines for path, lines in found().items() if not path.startswith(tuple(WAIVERS))} == {}


def test_waivers_are_earned() -> None:
    assert [waiver for waiver in WAIVERS if not any(path.startswith(waiver) for path in found())] == []


COMMENT, END_HOUR = re.compile(r"\{#.*?#\}", re.DOTALL), re.compile(r"\{\{ end_hour\([^)]*\) \}\}")
END = re.compile(r"[.:]ends\b|\bends\b\s*[<>]|[<>]=?\s*ends\b")
"""The hour at which a schedule or shift ends, as stored: midnight is 00:00, before every hour of the day."""


def test_statements_read_the_end_of_a_schedule_through_one_expression() -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.sql")}
    bare = [name for name, text in texts.items() if END.search(END_HOUR.sub("", COMMENT.sub("", text)))]
    assert bare == [], "write {{ end_hour(...) }}: end_hour_sql in app/appointments/statements.py"


def orders_ends(source: str) -> bool:
    """Whether it compares, by order, an attribute `ends`."""
    compared = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.Compare)]
    ordered = [one for one in compared if any(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in one.ops)]
    return any(isinstance(side, ast.Attribute) and side.attr == "ends" for one in ordered for side in ast.walk(one))


def test_python_orders_the_end_of_a_schedule_as_a_pattern_has_it() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py")}
    found = {str(path.relative_to(ROOT)) for path, source in sources.items() if orders_ends(source)}
    assert found == {"app/appointments/rules.py"}, "compare `Pattern.minutes`, which says midnight as 24:00"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('text("""\nSELECT 1\nFROM a\nWHERE b\nAND c\nAND d\n""")', [1]),
        ('text(\n    "SELECT 1"\n    " FROM a"\n    " WHERE b"\n    " AND c"\n    " AND d"\n)', [2]),
        ('text(\n    f"UPDATE a SET {b}"\n    " FROM c"\n    " WHERE d"\n    " AND e"\n    f" AND {f}"\n)', [2]),
        ('text("""\nSELECT 1\nFROM a\nWHERE b\nAND c\n""")', []),
        ('"""Select what\nis\nof\nno\nuse\nat all."""', []),
    ],
)
def test_what_counts_as_long(source: str, lines: list[int]) -> None:
    assert [*long_statements(source)] == lines
