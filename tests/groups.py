"""Which tests one process runs one after the other when several processes share a run, and which are slow.

Marks of pytest-xdist 3.8 don't group with pytest 9.2 (it sets an attribute that no one reads any more), and would have
to be repeated in each file: what must stay together follows from its folder and its fixtures.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parent.parent
BROWSER, PROCESSES = "browser", "processes"
FOLDERS = {
    "tests/journeys/": BROWSER,
    "tests/faults/": PROCESSES,
    "tests/runtime/": PROCESSES,
    "tests/backup/": PROCESSES,
}
"""One portal for the browser; and what starts and kills processes of its own leaves the other processors alone."""
SHARED_FIXTURE = re.compile(r'^@pytest\.fixture\(.*scope="(module|session)"', re.MULTILINE)


@cache
def group_of(path: str) -> str | None:
    """The group of a file's tests: its folder's, the file itself when its tests share a fixture, else none."""
    for folder, group in FOLDERS.items():
        if path.startswith(folder):
            return group
    return path if SHARED_FIXTURE.search((ROOT / path).read_text()) else None


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


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Don't import files of which nothing would be left: that takes each process a second."""
    name = collection_path.name
    if not (name.startswith("test_") and name.endswith(".py") and "not slow" in config.option.markexpr):
        return None
    return is_slow(collection_path.relative_to(ROOT).as_posix()) or None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what copies a database for itself or shares a costly fixture: `make test-fast` leaves it out."""
    for item in items:
        path = item.nodeid.partition("::")[0]
        if "db" in getattr(item, "fixturenames", ()) or is_slow(path):
            item.add_marker(pytest.mark.slow)
