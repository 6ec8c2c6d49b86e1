"""`ventanilla staff` as an operator runs it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, pool, text
from sqlalchemy.engine import URL
from typer.testing import CliRunner, Result

from app.cli import cli
from app.kernel.db import with_driver
from app.kernel.settings import forget_settings
from tests.conftest import clone, drop

runner = CliRunner()
PASSWORD = "una frase bastante larga"


def run(*words: str) -> Result:
    return runner.invoke(cli, ["staff", *words], env={"VENTANILLA_STAFF_PASSWORD": PASSWORD})


def said(result: Result) -> str:
    return " ".join(result.output.split())


@pytest.fixture
def url(worker_name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[URL]:
    """A portal whose staff are one administrator, `jefa`."""
    found = clone(f"staff_{worker_name}")
    monkeypatch.setenv("VENTANILLA_DATABASE_URL", found.render_as_string(hide_password=False))
    forget_settings()
    assert run("add", "jefa", "--role", "admin", "--all-units").exit_code == 0
    yield found
    monkeypatch.undo()
    forget_settings()
    drop(found)


def ask(url: URL, statement: str) -> Any:
    engine = create_engine(with_driver(url, "psycopg"), poolclass=pool.NullPool)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        found = result.scalar() if result.returns_rows else None
    engine.dispose()
    return found


def test_the_life_of_an_account(url: URL) -> None:
    invited = run("add", "maria", "--role", "officer", "--full-name", "María Ruiz", "--all-units", "--link")
    assert invited.exit_code == 0
    assert "/ventanilla/alta/" in invited.output
    assert "maria María Ruiz officer all active, to set: password, authenticator" in said(run("list"))
    assert run("change", "maria", "--role", "supervisor").exit_code == 0
    assert "maria María Ruiz supervisor" in said(run("list", "ruiz"))
    for command in ("reset-password", "reset-authenticator"):
        assert "/ventanilla/alta/" in run(command, "maria").output
    assert "Deactivated: maria." in run("deactivate", "maria").output
    assert "maria María Ruiz supervisor all deactivated" in said(run("list"))
    assert "deactivated already" in said(run("deactivate", "maria"))
    assert run("reactivate", "maria").exit_code == 0
    events = "SELECT string_agg(type, ' ' ORDER BY id) FROM event WHERE type LIKE 'staff.%'"
    assert ask(url, events) == (
        "staff.added staff.added staff.changed staff.credentials-reset staff.credentials-reset"
        " staff.deactivated staff.reactivated"
    )


def test_errors_are_a_sentence_in_english(url: URL) -> None:
    weak = runner.invoke(
        cli,
        ["staff", "add", "ana", "--role", "officer", "--all-units"],
        env={"VENTANILLA_STAFF_PASSWORD": "qwertyuiop12"},
    )
    wrong = {
        "very common password": weak,
        "no one signs in as nadie": run("deactivate", "nadie"),
        "there is no unit NOPE": run("change", "jefa", "--unit", "NOPE"),
        "say where they work": run("add", "ana", "--role", "officer"),
        "--unit and --all-units exclude each other": run(
            "add", "ana", "--role", "officer", "--all-units", "--unit", "DFIMS000266"
        ),
        "active already: nothing was changed": run("reactivate", "jefa"),
        "those units already: nothing was changed": run("change", "jefa", "--role", "admin"),
        "say what changes": run("change", "jefa"),
        "say who": run("deactivate"),
        "user name is taken": run("add", "jefa", "--role", "admin", "--all-units", "--link"),
        "the only one who administers": run("deactivate", "jefa"),
        "Give another person that role": run("change", "jefa", "--role", "officer"),
    }
    for sentence, result in wrong.items():
        assert result.exit_code == 1, sentence
        assert sentence in said(result), said(result)
        assert "page" not in said(result)
        assert "Traceback" not in result.output


@pytest.mark.parametrize("link", [("--link",), ()], ids=["link", "password"])
def test_names_have_limits(url: URL, link: tuple[str, ...]) -> None:
    for username in ("", " ", "ana maria", "a" * 81, "a\u200bb", "ana\n"):
        result = run("add", username, "--role", "officer", "--all-units", "--full-name", "Ana", *link)
        assert (result.exit_code, "has no spaces, and up to 80" in said(result)) == (1, True), username
    for name in (" ", "a" * 201, "Ana\x07"):
        result = run("add", "ana", "--role", "officer", "--all-units", "--full-name", name, *link)
        assert (result.exit_code, "full name has 1 to 200 letters" in said(result)) == (1, True), name
    assert ask(url, "SELECT count(*) FROM staff") == 1
    assert run("add", "a" * 80, "--role", "officer", "--all-units", "--full-name", "b" * 200, *link).exit_code == 0


def test_with_another_secret_key_the_list_says_what_to_do(url: URL) -> None:
    ask(url, "UPDATE staff SET totp_secret_encrypted = 'sealed with another key'")
    assert "authenticator unreadable: staff reset-authenticator" in said(run("list"))
    assert run("reset-authenticator", "jefa").exit_code == 0
    assert "active, to set: authenticator" in said(run("list"))


def test_the_demonstrations_accounts_go_together_the_last_administrator_too(url: URL) -> None:
    ask(url, "UPDATE staff SET is_demo = true")
    assert "Deactivated: jefa." in run("deactivate", "--demo").output
    assert "no one to deactivate" in run("deactivate", "--demo").output
    assert ask(url, "SELECT count(*) FROM staff WHERE is_active") == 0
