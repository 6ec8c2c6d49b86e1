"""Tests change what the portal is given, never what it does: a patched function is one that no test runs.

A limit (a constant in capitals) may be set so low that a test reaches it, and what is outside may be replaced where it
begins: a library's function, the environment, the clock.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import ROOT, files, name_of, nodes, tree

PATCHING = {"setattr", "delattr", "setitem", "delitem", "patch", "object"}
WAIVERS = {
    ("tests/backup/test_drill.py", "_dump"): "a file is removed between two steps, which nothing outside can time",
    ("tests/backup/test_drill.py", "get"): "as above",
    ("tests/backup/test_drill.py", "reencrypt"): "the connection is lost at the fourth row and at no other",
    ("tests/catalog/test_publishing.py", "load_services"): "service files are part of the program and read once",
    ("tests/web/test_data_pages.py", "svg_renderer"): "another of the same class, whose process ends at once",
}


def of_the_portal(module: ast.Module) -> dict[str, str]:
    """The names of a file that stand for something of `app`."""
    found: dict[str, str] = {}
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == "app":
            found |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Import):
            found |= {(name.asname or name.name): name.name for name in node.names if name.name.startswith("app.")}
    return found


def patched(module: ast.Module, inside: Iterator[ast.AST] | tuple[ast.AST, ...]) -> Iterator[tuple[int, str]]:
    """Lines that patch something of the portal, and its name."""
    names = of_the_portal(module)
    for node in inside:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PATCHING):
            continue
        text = ast.unparse(node.args[0]) if node.args else ""
        is_ours = text.split(".")[0] in names or text.strip("'\"").startswith("app.") or "'app." in text
        if not is_ours:
            continue
        last = node.args[1] if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) else None
        name = str(last.value) if last is not None else text.strip("'\"").rpartition(".")[2]
        if not name.isupper():
            yield node.lineno, name


def found() -> Iterator[tuple[str, int, str]]:
    for path in files(ROOT / "tests"):
        for line, name in patched(tree(path), nodes(path)):
            yield name_of(path), line, name


def test_no_code_of_the_portal_is_patched() -> None:
    wrong = [f"{file}:{line} {name}" for file, line, name in found() if (file, name) not in WAIVERS]
    assert not wrong, "give it other settings, another file, or another answer from outside"


def test_each_waiver_is_used() -> None:
    assert set(WAIVERS) == {(file, name) for file, _line, name in found()}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("from app.kernel import clock\nmonkeypatch.setattr(clock, 'now', f)", ["now"]),
        ("monkeypatch.setattr('app.kernel.clock.now', f)", ["now"]),
        ("import sys\nmonkeypatch.setattr(sys.modules['app.kernel.clock'], 'now', f)", ["now"]),
        ("from app.kernel import limits\nmonkeypatch.setattr(limits, 'SECONDS', 1)", []),
        ("import os\nmonkeypatch.setattr(os, 'fsync', f)", []),
    ],
)
def test_what_is_a_patch(code: str, names: list[str]) -> None:
    module = ast.parse(code)
    assert [name for _line, name in patched(module, ast.walk(module))] == names
