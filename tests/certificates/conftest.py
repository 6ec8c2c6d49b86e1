"""Settings of a test's own, and a folder where its certificates and its development key go."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.certificates import signing
from app.documents import storage
from app.kernel.settings import forget_settings
from app.registry.models import Person
from tests.appointments import factories as people
from tests.conftest import Database

Configure = Callable[..., None]


def forget() -> None:
    """What was read of the settings, and what was opened by them."""
    forget_settings()
    storage.store.cache_clear()
    signing.load_key.cache_clear()


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    """Gives this test settings, by name without the prefix."""

    def give(**given: str) -> None:
        for name, value in given.items():
            monkeypatch.setenv(f"VENTANILLA_{name}", value)
        forget()

    yield give
    monkeypatch.undo()
    forget()


@pytest.fixture(autouse=True)
def files(tmp_path: Path, configure: Configure) -> Path:
    """Where the certificates of this test lie."""
    configure(DATA_DIR=str(tmp_path), PUBLIC_URL="https://citas.ejemplo.mx")
    return tmp_path / "files"


def files_in(folder: Path) -> list[Path]:
    """Every file below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
async def ana(db: Database) -> Person:
    async with db.transaction() as session:
        return await people.person(session, await people.unit(session))
