"""Rows that an earlier program took, when the limits enter the database; and what the command says of the limits."""

from datetime import date

import pytest
from sqlalchemy import create_engine, pool, text
from typer.testing import CliRunner

from app.cli import cli
from app.kernel import migrate
from app.kernel.db import with_driver
from app.kernel.settings import get_settings
from tests.conftest import clone, drop

WRITTEN = (
    "DELETE FROM law_figure",
    """INSERT INTO law_figure (name, valid_from, valid_to, amount, source, certainty, origin, changed_at) VALUES
        ('child-until', '1997-07-01', '9999-12-30', 16, '     ', 'confirmed', 'agency', now()),
        ('child-until', '9999-12-31', NULL, 17, 'a source', 'confirmed', 'agency', now()),
        ('uma', '1900-01-01', NULL, 100, 'a source', 'confirmed', 'agency', now()),
        ('month-days', '2000-01-01', NULL, 99999999, 'a source', 'confirmed', 'agency', now())""",
)


def test_they_are_mended() -> None:
    url = clone("law_upgrade")
    try:
        migrate.downgrade(url, "0051_one_couple")
        engine = create_engine(with_driver(url, "psycopg"), poolclass=pool.NullPool)
        with engine.begin() as connection:
            for statement in WRITTEN:
                connection.execute(text(statement))
        migrate.upgrade(url)
        with engine.begin() as connection:
            rows = connection.execute(
                text("SELECT name, valid_from, valid_to, source, certainty FROM law_figure ORDER BY name")
            ).all()
        engine.dispose()
    finally:
        drop(url)
    assert [tuple(row) for row in rows] == [
        ("child-until", date(1997, 7, 1), None, "Sin fuente registrada", "doubtful"),
        ("uma", date(1943, 1, 1), None, "a source", "confirmed"),
    ]


def test_the_command_says_the_limits_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    url = clone("law_command")
    monkeypatch.setenv("VENTANILLA_DATABASE_URL", url.render_as_string(hide_password=False))
    get_settings.cache_clear()
    words = ["unemployment-days", "46.5", "--from", "2027-01-01", "--source", "DOF"]
    try:
        result = CliRunner().invoke(cli, ["law", "set", *words])
    finally:
        get_settings.cache_clear()
        drop(url)
    assert result.exit_code == 1
    said = "VALUE: The figure «unemployment-days» is a whole number, from 1 to 366, and 46.5 was given."
    assert said in " ".join(result.output.split())
