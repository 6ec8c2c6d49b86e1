"""Models and migrations agree, the way up and the way down."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, pool, text

from app.backup import programs
from app.commands.schema import prepare
from app.kernel import migrate
from app.kernel.db import with_driver
from app.kernel.postgres import binaries
from app.tables import metadata
from tests.conftest import clone, drop


def test_a_migrated_database_is_what_the_models_say() -> None:
    url = clone("house_agree")
    try:
        assert migrate.differences(url, metadata) == []
    finally:
        drop(url)


def test_down_to_nothing_and_up_again(tmp_path: Path) -> None:
    url = clone("house_down")
    try:
        before = dumped(url, tmp_path)
        migrate.downgrade(url, "base")
        assert set(re.findall(r"^CREATE .*", dumped(url, tmp_path), re.MULTILINE)) == {
            "CREATE TABLE public.alembic_version ("
        }
        prepare(url.render_as_string(hide_password=False))
        assert migrate.differences(url, metadata) == []
        assert dumped(url, tmp_path) == before
    finally:
        drop(url)


def test_a_forgotten_migration_is_noticed() -> None:
    url = clone("house_drift")
    try:
        engine = create_engine(with_driver(url, "psycopg"), poolclass=pool.NullPool)
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE idempotency_key DROP COLUMN body"))
        engine.dispose()
        assert migrate.differences(url, metadata) != []
    finally:
        drop(url)


def dumped(url: URL, folder: Path) -> str:
    """Return the schema as PostgreSQL writes it: also functions, triggers, views, comments, privileges, which Alembic
    leaves out. The key of `restrict` differs from one dump to the next."""
    file = folder / "schema.sql"
    programs.run(binaries() / "pg_dump", url.render_as_string(hide_password=False), "--schema-only", f"--file={file}")
    return re.sub(r"^\\(un)?restrict .*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_growing_tables_are_named_in_the_singular(table: str) -> None:
    assert not table.endswith("ies")


def test_finding_the_tables_imports_only_rooms_that_have_some() -> None:
    look = "import app.tables, sys; print(*{'app.demo', 'app.web', 'app.backup'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
