"""Models and migrations agree, the way up and the way down."""

import subprocess
import sys

import pytest
from sqlalchemy import create_engine, pool, text

from app.kernel import migrate
from app.kernel.db import with_driver
from app.tables import metadata
from tests.conftest import clone, drop


def test_a_migrated_database_is_what_the_models_say() -> None:
    url = clone("house_agree")
    try:
        assert migrate.differences(url, metadata) == []
    finally:
        drop(url)


def test_down_to_nothing_and_up_again() -> None:
    url = clone("house_down")
    try:
        migrate.downgrade(url, "base")
        assert tables(url) == {"alembic_version"}
        migrate.upgrade(url)
        assert migrate.differences(url, metadata) == []
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


def tables(url: object) -> set[str]:
    engine = create_engine(with_driver(str(url), "psycopg"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        names = set(found.scalars())
    engine.dispose()
    return names


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_growing_tables_are_named_in_the_singular(table: str) -> None:
    assert not table.endswith("ies")


def test_finding_the_tables_imports_only_rooms_that_have_some() -> None:
    look = "import app.tables, sys; print(*{'app.demo', 'app.web', 'app.backup'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
