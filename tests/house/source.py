"""The project's files as the house tests read them: each is read, parsed and walked once.

The tests that import this are one group (`tests/groups.py`), so that only one process holds the trees.
"""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
TEMPLATES = APP / "web" / "templates"


@cache
def files(folder: Path, pattern: str = "*.py") -> tuple[Path, ...]:
    """Every file of this kind in a folder and those below it."""
    found = (path for path in folder.rglob(pattern) if path.is_file())
    return tuple(sorted(path for path in found if path.parent.name != "__pycache__"))


@cache
def content(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(content(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file's tree; those of an inner function too."""
    return tuple(ast.walk(tree(path)))


def name_of(path: Path) -> str:
    """A path as the project writes it: from its root."""
    return path.relative_to(ROOT).as_posix()
