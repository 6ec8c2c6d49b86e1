"""Which tests one process runs one after the other when several processes share a run, and which are slow.

Marks of pytest-xdist 3.8 don't group with pytest 9.2 (it sets an attribute that no one reads any more), and would have
to be repeated in each file: what must stay together follows from its folder, its fixtures and what it reads.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parent.parent
DATABASE = "db"
BROWSER, PROCESSES, SOURCE = "browser", "processes", "source"
FOLDERS = {
    "tests/journeys/": BROWSER,
    "tests/faults/": PROCESSES,
    "tests/runtime/": PROCESSES,
    "tests/backup/": PROCESSES,
}
"""One portal for the browser; and what starts and kills processes of its own leaves the other processors alone."""
SHARED_FIXTURE = re.compile(r'^@pytest\.fixture\(.*scope="(module|session)"', re.MULTILINE)
READS_SOURCE = re.compile(r"^from tests\.house\.source import", re.MULTILINE)
FUNCTION = re.compile(
    r"^(?P<fixture>@pytest\.fixture\b[^\n]*\n)?(?:async )?def (?P<name>\w+)\((?P<parameters>.*?)\)(?: ->[^\n]*)?:\n"
    r"(?P<body>(?:[ \t][^\n]*\n|\n)*)",
    re.MULTILINE | re.DOTALL,
)
PARAMETER = re.compile(r"(\w+):")
COSTLY = re.compile(r"\bclone\(|\bsys\.executable\b|\bEmbeddedServer\.start\(")
"""Copies the database, or starts a process of its own."""
MARKED_SLOW = re.compile(r"^pytestmark = .*\bmark\.slow\b", re.MULTILINE)
CHROMIUM = "chromium"
"""The fixture by which every test that needs a browser gets it."""


@cache
def group_of(path: str) -> str | None:
    """The group of a file's tests: its folder's, that of the tests of the source, the file itself when its tests share
    a fixture, else none."""
    for folder, group in FOLDERS.items():
        if path.startswith(folder):
            return group
    text = (ROOT / path).read_text(encoding="utf-8")
    if READS_SOURCE.search(text):
        return SOURCE
    return path if SHARED_FIXTURE.search(text) else None


class ByGroup(LoadScopeScheduling):  # type: ignore[misc] # the library has no types
    """Hands out whole groups, the one with the most tests first, then single tests."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid.partition("::")[0]) or nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByGroup:
    """Hook of pytest-xdist."""
    return ByGroup(config, log)


def is_slow(path: str) -> bool:
    """Whether a file's tests are slow for where they are or what they share."""
    return group_of(path) is not None and not path.startswith("tests/house/")


@dataclass(frozen=True)
class Function:
    """A test or a fixture, as far as its text shows. What all tests of a process share costs none of them anything."""

    is_fixture: bool
    parameters: frozenset[str]
    is_costly: bool


def functions_in(text: str) -> dict[str, Function]:
    return {
        found["name"]: Function(
            found["fixture"] is not None,
            frozenset(PARAMETER.findall(found["parameters"])),
            COSTLY.search(found["body"]) is not None and "session" not in (found["fixture"] or ""),
        )
        for found in FUNCTION.finditer(text)
    }


@cache
def shared_fixtures() -> dict[str, Function]:
    """The fixtures of every `conftest.py`; of two with one name, what is true of both."""
    found: dict[str, Function] = {}
    for path in sorted((ROOT / "tests").rglob("conftest.py")):
        for name, one in functions_in(path.read_text(encoding="utf-8")).items():
            other = found.get(name, one)
            both = one.parameters & other.parameters
            found[name] = Function(one.is_fixture and other.is_fixture, both, one.is_costly and other.is_costly)
    return {name: one for name, one in found.items() if one.is_fixture}


def costly(text: str, shared: Mapping[str, Function]) -> set[str]:
    """The tests and fixtures of a file, and those shared, that copy the database or start a process."""
    known = {**shared, **functions_in(text)}
    found = {DATABASE, *(name for name, one in known.items() if one.is_costly)}
    while more := {name for name, one in known.items() if one.parameters & found} - found:
        found |= more
    return found


@cache
def costly_in(path: str) -> set[str]:
    return costly((ROOT / path).read_text(encoding="utf-8"), shared_fixtures())


@cache
def nothing_is_fast(path: str) -> bool:
    text = (ROOT / path).read_text(encoding="utf-8")
    tests = {name for name in functions_in(text) if name.startswith("test_")}
    return is_slow(path) or bool(MARKED_SLOW.search(text)) or bool(tests and tests <= costly_in(path))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Don't import files of which nothing would be left: that takes each process seconds."""
    name = collection_path.name
    if not (name.startswith("test_") and name.endswith(".py") and "not slow" in config.option.markexpr):
        return None
    return nothing_is_fast(collection_path.relative_to(ROOT).as_posix()) or None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make test-fast` leaves out: what is slow, and what needs a browser."""
    for item in items:
        path = item.nodeid.partition("::")[0]
        used = {getattr(item, "originalname", item.name), *getattr(item, "fixturenames", ())}
        if CHROMIUM in used:
            item.add_marker(pytest.mark.browser)
        if is_slow(path) or used & costly_in(path):
            item.add_marker(pytest.mark.slow)
