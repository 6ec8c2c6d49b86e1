"""Where names are imported from: the module that defines them, and never from a module of tests."""

import ast
import re
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

from tests.house.source import APP, ROOT, files, name_of, nodes, tree


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


def test_what_says_that_it_is_pure_is_held_to_it() -> None:
    """A module whose docstring says "Pure." is named by the contract of the import linter, or lies in what is."""
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter", encoding="utf-8")
    named = contracts["importlinter:contract:pure"]["source_modules"].split()
    held = [re.compile(one.replace(".", r"\.").replace("*", "[^.]+") + r"(\..+)?") for one in named]
    says = [path for path in files(APP) if re.search(r"\bPure\.(\s|$)", ast.get_docstring(tree(path)) or "")]
    assert len(says) >= 30, "they are found"
    modules = [name_of(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__") for path in says]
    missing = [name for name in modules if not any(one.fullmatch(name) for one in held)]
    assert missing == []
