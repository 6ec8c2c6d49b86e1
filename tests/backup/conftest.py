"""A portal with a data folder of its own, and commands run as an operator runs them."""

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.documents import storage
from app.kernel import crypto
from app.kernel import db as kernel_db
from app.kernel.settings import forget_settings
from tests import forked
from tests.conftest import Database

PROGRAM = (sys.executable, "-m", "app.cli")


def forget_all() -> None:
    """The settings, and what was read or made from them."""
    forget_settings()
    storage.store.cache_clear()
    crypto.derive_keys.cache_clear()
    crypto._fernets.cache_clear()


@dataclass
class Place:
    """A data folder, and the database that goes with it; none is the embedded one."""

    folder: Path
    url: str | None = None
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        own = {"VENTANILLA_DATA_DIR": str(self.folder), "VENTANILLA_ENVIRONMENT": "development"}
        own |= {"VENTANILLA_DATABASE_URL": self.url or "", "VENTANILLA_SECRET_KEY": "", **self.more}
        return os.environ | own

    def start(self, *words: str) -> forked.Forked:
        return forked.launch([*PROGRAM, *words], self.environment, self.folder.with_suffix(".log"))

    def run(self, *words: str, status: int = 0) -> str:
        done = forked.run([*PROGRAM, *words], self.environment)
        said = done.stdout + done.stderr
        assert done.returncode == status, said
        assert "Traceback" not in said
        return " ".join(said.split())


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that the embedded server's account may enter, with a space in its name."""
    with tempfile.TemporaryDirectory(prefix="vt backup ") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def portal(db: Database, reachable: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A portal on the test's database; this process uses its store and keys too."""
    place = Place(reachable / "source", db.url.render_as_string(hide_password=False))
    monkeypatch.setenv("VENTANILLA_DATA_DIR", str(place.folder))
    monkeypatch.setenv("VENTANILLA_SECRET_KEY", "")
    forget_all()
    yield place
    monkeypatch.undo()
    forget_all()


async def pointed_at(url: str) -> None:
    await kernel_db.disconnect()
    kernel_db.configure(url, driver="psycopg")
