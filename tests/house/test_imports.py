"""Where names are imported from: the module that defines them, and never from a module of tests."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import APP, ROOT, files, name_of, nodes


def imports(path: Path) -> Iterator[ast.ImportFrom]:
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node


def test_a_package_passes_no_names_on() -> None:
    """What an `__init__` imports, it uses itself: a name is found where it is defined."""
    found = []
    for path in files(APP, "__init__.py"):
        used = {node.id for node in nodes(path) if isinstance(node, ast.Name)}
        for node in imports(path):
            found += [f"{name_of(path)} {a.name}" for a in node.names if (a.asname or a.name) not in used]
    assert found == []


def test_no_test_is_imported() -> None:
    """What tests share stands in a module of its own (`factories`), so that a test can be changed alone."""
    found = [
        f"{name_of(path)}:{node.lineno} {node.module}"
        for folder in ("tests", "bench", "scripts")
        for path in files(ROOT / folder)
        for node in imports(path)
        if any(part.startswith("test_") for part in str(node.module).split("."))
    ]
    assert found == []
