"""Settings of a test's own, and a folder where its documents go."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from app.documents import storage
from app.kernel.settings import forget_settings
from scripts.browser import whole_browser
from tests.journeys.conftest import started

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


@pytest.fixture(scope="package")
async def chromium() -> AsyncIterator[Browser]:
    """The whole browser: the shell shows no PDF."""
    async with started(whole_browser()) as browser:
        yield browser


def files_in(folder: Path) -> list[Path]:
    """Every file below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]
