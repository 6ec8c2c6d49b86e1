"""Statements kept as files, and that each of them fits the schema."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from jinja2 import TemplateError
from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncSession

import app
from app.kernel.actor import Role
from app.kernel.consumers import BATCH_TABLE
from app.kernel.raw_connection import numbered
from app.kernel.statements import LOADED, StatementFiles

PACKAGES = sorted(path.parent.name for path in Path(app.__file__).parent.glob("*/sql"))


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StatementFiles:
    """Statements of a package that only this test has."""
    folder = tmp_path / "made_for_statements" / "sql"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "officers.sql").write_text("SELECT id FROM staff WHERE role = {{ Role.OFFICER }} AND id = :id")
    (folder / "some.sql").write_text("SELECT 1 WHERE 'x' IN ({{ some }})")
    (folder / "unknown.sql").write_text("SELECT {{ nothing }}")
    monkeypatch.syspath_prepend(str(tmp_path))
    return StatementFiles("made_for_statements", Role=Role)


def test_members_of_an_enum_are_literals_and_values_stay_parameters(files: StatementFiles) -> None:
    assert files.fragment("officers") == "SELECT id FROM staff WHERE role = 'officer' AND id = :id"
    assert files.fragment("some", some=[Role.OFFICER, Role.ADMIN]) == "SELECT 1 WHERE 'x' IN ('officer', 'admin')"


def test_an_unknown_name_is_an_error(files: StatementFiles) -> None:
    with pytest.raises(TemplateError):
        files.fragment("unknown")


async def test_every_statement_fits_the_schema(session: AsyncSession) -> None:
    """Each one is planned, so a column or status that was renamed can't break one unseen."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages(importlib.import_module(f"app.{package}").__path__, f"app.{package}."):
            importlib.import_module(module.name)
    connection = (await (await session.connection()).get_raw_connection()).driver_connection
    assert connection is not None
    await session.execute(BATCH_TABLE)
    for name, statement in sorted(LOADED.items(), key=_scratch_first):
        if not name.startswith("app."):
            continue
        text, parameters = numbered(statement)
        if text.lstrip().upper().startswith("CREATE TEMP"):
            await connection.execute(text)
            continue
        if text.lstrip().upper().startswith(("ANALYZE", "LOCK", "SET")):
            continue
        assert await connection.fetch(f"EXPLAIN {text}", *[None] * len(parameters)), name


def _scratch_first(item: tuple[str, TextClause]) -> bool:
    return "CREATE TEMP" not in item[1].text.upper()
