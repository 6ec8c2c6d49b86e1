"""Names and pages use the words of docs/glossary.md, and none of those that it retires."""

import ast
import re
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Any, TypeGuard

import pytest
import typer
from prometheus_client.metrics import MetricWrapperBase
from typer.core import TyperGroup

from app.cli import cli
from app.kernel import metrics
from app.kernel.events import all_event_types
from app.kernel.problems import all_problems
from app.main import create_app
from app.settings import PortalSettings
from app.tables import metadata
from tests.house.source import APP, ROOT, content, files, nodes

GLOSSARY = ROOT / "docs" / "glossary.md"
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
PROSE = re.compile(r"[a-z]+(?:'[a-z]+)?")
CODE = re.compile(r"```.*?```|`[^`]*`|\]\([^)]*\)", re.DOTALL)
LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical"}
FROM_CODE = {"api-changes.md", "settings.md", "permissions.md", "problems.md", "events.md", "commands.md", "data.md"}

# A name or a phrase that has a retired word in another sense, and why it stays.
ALLOWED = {
    "gone": "HTTP's own word (410 Gone)",
    "Gone": "HTTP's own word (410 Gone)",
    "ticket.parked": "a person who comes back to the desk, not a message",
    "TicketParked": "a person who comes back to the desk, not a message",
    "PARKED": "a person who comes back to the desk, not a message",
}

# In docstrings and comments only.
ALLOWED_IN_REMARKS = {
    "parked": "a ticket whose person comes back, in the table of its transitions",
}


@cache
def tables() -> tuple[list[list[str]], list[list[str]]]:
    """Return the rows of the glossary's two tables: concepts, retired words."""
    found: list[list[list[str]]] = []
    header = True
    for line in content(GLOSSARY).splitlines():
        if not line.startswith("|"):
            header = True
        elif header:
            found.append([])
            header = False
        elif not line.startswith("|---"):
            found[-1].append([cell.strip() for cell in line.strip().strip("|").split(" | ")])
    concepts, retired = found
    return concepts, retired


def words_of(name: str) -> list[str]:
    return [word.lower() for word in WORD.findall(name)]


@cache
def retired(where: str) -> dict[tuple[str, ...], str]:
    """Return what is retired in `where` ("names" or "everywhere", which names are part of) and its replacement."""
    kinds = {"everywhere"} if where == "everywhere" else {"names", "everywhere"}
    return {tuple(words_of(old)): new for old, new, place in tables()[1] if place in kinds}


def uses(words: list[str], where: str) -> Iterator[str]:
    present = set(words)
    for old, new in retired(where).items():
        if old[0] in present and any(tuple(words[n : n + len(old)]) == old for n in range(len(words))):
            yield f"{' '.join(old)} (use {new})"


def offending(names: Iterator[str] | list[str]) -> list[str]:
    return [f"{name}: {use}" for name in sorted(set(names) - set(ALLOWED)) for use in uses(words_of(name), "names")]


def table_names() -> Iterator[str]:
    for table in metadata.tables.values():
        yield table.name
        yield from (column.name for column in table.columns)


def event_types() -> Iterator[str]:
    create_app()
    return (kind.type for kind in all_event_types())


def slugs() -> Iterator[str]:
    create_app()
    return (kind.slug for kind in all_problems())


def commands(command: object = None, name: str = "") -> Iterator[str]:
    command = command or typer.main.get_command(cli)
    yield name
    assert isinstance(command, typer.core.TyperCommand | TyperGroup)
    yield from (word for parameter in command.params for word in (parameter.name or "", *parameter.opts))
    if isinstance(command, TyperGroup):
        context = command.make_context(name or "ventanilla", [], resilient_parsing=True)
        for child in command.list_commands(context):
            yield from commands(command.get_command(context, child), child)


def settings() -> Iterator[str]:
    return iter(PortalSettings.model_fields)


def metric_names() -> Iterator[str]:
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            yield from (described.name for described in metric.describe())
            yield from metric._labelnames


def log_messages() -> Iterator[str]:
    for path in files(APP):
        for node in nodes(path):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in LOG_METHODS and isinstance(node.func.value, ast.Name) and node.func.value.id == "log":
                yield from (str(said.value) for said in node.args[:1] if isinstance(said, ast.Constant))
                yield from (keyword.arg for keyword in node.keywords if keyword.arg)


def modules() -> Iterator[str]:
    for folder in ("app", "bench", "scripts", "tests"):
        yield from (path.stem for path in files(ROOT / folder))


def identifiers() -> Iterator[str]:
    for path in files(APP):
        for node in nodes(path):
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    yield name
                case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                    yield name


def targets() -> Iterator[str]:
    return iter(re.findall(r"^([a-z][a-z-]*):", content(ROOT / "Makefile"), re.MULTILINE))


KINDS: list[Callable[[], Iterator[str]]] = [
    table_names, event_types, slugs, commands, settings, metric_names, log_messages, modules, identifiers, targets,
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_name_uses_a_retired_word(kind: Callable[[], Iterator[str]]) -> None:
    names = list(kind())
    assert len(names) > 5
    assert offending(names) == []


def pages() -> list[Path]:
    """Return the pages written by hand; the others follow the code."""
    found = chain(ROOT.glob("*.md"), (ROOT / "docs").rglob("*.md"))
    return sorted(path for path in found if path.name not in FROM_CODE and path != GLOSSARY)


def prose(written: str) -> list[str]:
    return PROSE.findall(CODE.sub(" . ", written).lower())


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_no_page_uses_a_retired_word(page: Path) -> None:
    written = content(page)
    for phrase in ALLOWED:
        written = written.replace(phrase, " . ")
    assert list(uses(prose(written), "everywhere")) == []


def test_exceptions_are_used() -> None:
    names = set(chain.from_iterable(kind() for kind in KINDS))
    written = "\n".join(content(path) for path in pages())
    assert [name for name in ALLOWED if name not in names and name not in written] == []


def test_a_concept_has_one_row_and_one_word() -> None:
    concepts, old = tables()
    assert [name for name, count in Counter(row[0] for row in concepts).items() if count > 1] == []
    assert [name for name, count in Counter(row[0] for row in old).items() if count > 1] == []
    assert [row[0] for row in concepts] == sorted((row[0] for row in concepts), key=str.lower)
    assert {len(row) for row in concepts} == {6}
    assert {row[2] for row in old} == {"names", "everywhere"}


def test_names_in_the_glossary_exist() -> None:
    code = chain.from_iterable(files(APP, f"*.{kind}") for kind in ("py", "sql", "yaml"))
    known = set(re.findall(r"\w+", "\n".join(content(path) for path in code)))
    known |= {path.stem for path in files(APP)} | set(slugs()) | set(event_types())
    missing = [
        (row[0], name)
        for row in tables()[0]
        for name in re.findall(r"`([^`]+)`", row[3])
        if not exists(name) and not set(re.findall(r"[\w.-]+", name.strip("=*"))) <= known
        and not set(re.findall(r"\w+", name)) <= known
    ]  # fmt: skip
    assert missing == []


def exists(name: str) -> bool:
    return "/" in name and any((root / name).exists() for root in (ROOT / "app", ROOT))


def remarks(path: Path) -> str:
    """Return what a file says to its readers: docstrings and comments of Python, comments of SQL."""
    written = content(path)
    if path.suffix == ".sql":
        return "\n".join(re.findall(r"{#(.*?)#}", written, re.DOTALL))
    found = [node.value.value for node in nodes(path) if _is_docstring(node)]
    tokens = tokenize.generate_tokens(StringIO(written).readline)
    return "\n".join([*found, *(token.string for token in tokens if token.type == tokenize.COMMENT)])


def _is_docstring(node: ast.AST) -> TypeGuard[Any]:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def sources_with_remarks() -> list[Path]:
    folders = ("app", "bench", "migrations", "scripts", "tests")
    python = chain.from_iterable(files(ROOT / folder) for folder in folders)
    return sorted({*python, *APP.rglob("*.sql")})


def test_no_docstring_or_comment_uses_a_retired_word() -> None:
    found = []
    for path in sources_with_remarks():
        written = content(path).lower()
        if not any(all(word in written for word in old) for old in retired("everywhere")):
            continue  # taking a file apart takes fifty times as long
        said = CODE.sub(" . ", remarks(path))
        for phrase in (*ALLOWED, *ALLOWED_IN_REMARKS):
            said = said.replace(phrase, " . ")
        found += [f"{path.relative_to(ROOT)}: {use}" for use in uses(prose(said), "everywhere")]
    assert found == []
