"""Where names are imported from: the module that defines them, and never from a module of tests."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def imports(path: Path) -> Iterator[ast.ImportFrom]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node


def test_a_package_passes_no_names_on() -> None:
    """What an `__init__` imports, it uses itself: a name is found where it is defined."""
    found = []
    for path in (ROOT / "app").rglob("__init__.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for node in imports(path):
            found += [f"{path.relative_to(ROOT)} {a.name}" for a in node.names if (a.asname or a.name) not in used]
    assert found == []


def test_no_test_is_imported() -> None:
    """What tests share stands in a module of its own (`factories`), so that a test can be changed alone."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.module}"
        for folder in ("tests", "bench", "scripts")
        for path in (ROOT / folder).rglob("*.py")
        for node in imports(path)
        if any(part.startswith("test_") for part in str(node.module).split("."))
    ]
    assert found == []
