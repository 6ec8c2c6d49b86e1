"""A unit with a citizen and an officer."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app.documents import storage
from app.kernel.actor import Role
from app.kernel.settings import forget_settings
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories as places
from tests.conftest import Database
from tests.law import factories as law
from tests.requests import actors


@dataclass
class Scene:
    """Who and where."""

    db: Database
    client: httpx.AsyncClient
    unit: Unit
    ana: Person
    citizen: actors.Citizen
    officer: actors.Officer

    async def supervisor(self) -> actors.Officer:
        return await actors.hire(self.db, self.client, Role.SUPERVISOR, self.unit)


@pytest.fixture
async def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    """Where documents go in this test."""
    monkeypatch.setenv("VENTANILLA_DATA_DIR", str(tmp_path))
    forget()
    yield tmp_path / "files"
    monkeypatch.undo()
    forget()


def forget() -> None:
    forget_settings()
    storage.store.cache_clear()


@pytest.fixture
async def scene(db: Database, client: httpx.AsyncClient, files: Path) -> Scene:
    async with db.transaction() as session:
        unit = await places.unit(session)
        ana = await actors.person(session, unit)
        await law.cover_today(session)
    officer = await actors.hire(db, client, Role.OFFICER, unit)
    return Scene(db, client, unit, ana, actors.Citizen(client, ana.id), officer)
