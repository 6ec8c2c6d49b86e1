"""Settings of a test's own, and a folder where its documents go."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.documents import storage
from app.kernel.settings import forget_settings
from tests.journeys.conftest import chromium

__all__ = ["chromium", "configure", "storage_folder"]

Configure = Callable[..., None]


def forget() -> None:
    """What was read of the settings, and the storage opened by them."""
    forget_settings()
    storage.store.cache_clear()


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


@pytest.fixture
def storage_folder(tmp_path: Path, configure: Configure) -> Path:
    """Where the documents of this test lie."""
    configure(DATA_DIR=str(tmp_path))
    return tmp_path / "files"


def files_in(folder: Path) -> list[Path]:
    """Every file below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]
