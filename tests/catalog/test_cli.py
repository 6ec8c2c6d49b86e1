"""`ventanilla catalog check` and `ventanilla catalog diff`, as a person runs them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, pool, text
from sqlalchemy.engine import URL
from typer.testing import CliRunner, Result

from app.catalog.loader import load_services
from app.cli import cli
from app.kernel import migrate
from app.kernel.db import with_driver
from app.kernel.settings import forget_settings
from tests.catalog.factories import Copy, replace
from tests.conftest import clone, drop

runner = CliRunner()
PATTERN = "^[a-z][a-z0-9]*([-_][a-z0-9]+)*$"


def run(*words: str) -> Result:
    return runner.invoke(cli, ["catalog", *words])


def test_the_files_of_this_program_are_right() -> None:
    found = run("check")
    assert (found.exit_code, found.stdout, found.stderr) == (0, "17 services are right.\n", "")


def test_a_folder_is_checked_in_place_of_the_programs_own(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "copy", "weeks")
    found = run("check", str(copy.folder))
    assert (found.exit_code, found.stdout) == (0, "1 service is right.\n")


def test_each_issue_is_a_line_with_its_place(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "copy", "weeks", "complaint")
    first = replace(copy.service("complaint"), "duplicates_by: [about,", "duplicates_by: [bold,")
    second = replace(copy.service("weeks"), "baseline: certificate", "baseline: Gold")
    found = run("check", str(copy.folder))
    assert (found.exit_code, found.stdout) == (1, "")
    lines = found.stderr.splitlines()
    assert lines[0] == f"complaint.yaml:{first}: duplicates_by.0: the schema has no 'bold'"
    # Nothing between brackets is taken for a colour.
    assert lines[1] == f"weeks.yaml:{second}: baseline: String should match pattern '{PATTERN}'"
    assert len(lines) == 2


def test_a_long_issue_stays_on_its_line(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "copy", "pension")
    replace(copy.service("pension"), "[grant_pension]", "[grant_wish]")
    (line,) = run("check", str(copy.folder)).stderr.splitlines()
    assert line.endswith("'place_in_nursery']")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    found = run("check", str(tmp_path / "none"))
    assert found.exit_code == 2
    assert "Invalid value" in found.output


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, worker_name: str) -> Iterator[URL]:
    """A database with every service published, and the command pointed at it."""
    url = clone(f"catalog_{worker_name}")
    monkeypatch.setenv("VENTANILLA_DATABASE_URL", url.render_as_string(hide_password=False))
    forget_settings()
    yield url
    monkeypatch.undo()
    forget_settings()
    drop(url)


def change(url: URL, *statements: str) -> None:
    engine = create_engine(with_driver(url, "psycopg"), poolclass=pool.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def count(url: URL) -> int:
    engine = create_engine(with_driver(url, "psycopg"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        found = int(connection.execute(text("SELECT count(*) FROM service_version")).scalar_one())
    engine.dispose()
    return found


OTHER_NAME = """UPDATE service_version SET digest = 'other',
    definition = jsonb_set(definition, '{name,es}', '"Constancia [de] antes"') WHERE service = 'weeks'"""


def test_all_as_published(published: URL) -> None:
    found = run("diff")
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.stdout.splitlines() == [
        f"{name} {load_services()[name].version}: same" for name in sorted(load_services())
    ]


def test_what_is_new_is_said_and_stays_unpublished(published: URL) -> None:
    change(published, "DELETE FROM service_version WHERE service IN ('weeks', 'pension')")
    found = run("diff")
    assert found.exit_code == 0
    new = [line for line in found.stdout.splitlines() if not line.endswith(": same")]
    assert new == [f"{name} {load_services()[name].version}: new" for name in ("pension", "weeks")]
    assert count(published) == len(load_services()) - 2


def test_a_raised_version_is_new_and_its_changes_are_said(published: URL) -> None:
    change(published, OTHER_NAME, "UPDATE service_version SET version = 0 + 1000 WHERE service = 'weeks'")
    found = run("diff")
    assert found.exit_code == 0
    new = [line for line in found.stdout.splitlines() if not line.endswith(": same")]
    assert new == ["weeks 3: new", "  name.es: 'Constancia [de] antes' -> 'Constancia de semanas cotizadas'"]


def test_a_published_version_that_changed_ends_with_status_1(published: URL) -> None:
    change(published, OTHER_NAME)
    found = run("diff")
    assert found.exit_code == 1
    changed = [line for line in found.stdout.splitlines() if not line.endswith(": same")]
    assert changed == ["weeks 3: changed", "  name.es: 'Constancia [de] antes' -> 'Constancia de semanas cotizadas'"]
    assert "Error: published with another text: weeks." in found.stderr
    assert "Raise `version` in the file." in found.stderr


def test_a_schema_without_services_says_what_to_do(published: URL) -> None:
    migrate.downgrade(published, "0005_registry")
    found = run("diff")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "ventanilla db upgrade" in found.stderr


def test_bringing_a_database_to_a_changed_service_ends_with_a_sentence(published: URL) -> None:
    change(published, OTHER_NAME)
    found = runner.invoke(cli, ["db", "upgrade"])
    assert found.exit_code == 1
    assert "published already with another text: weeks 3" in " ".join(found.stderr.split())
    assert "Traceback" not in found.output
    assert "VENTANILLA_DATABASE_URL" in os.environ
