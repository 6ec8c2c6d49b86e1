"""What production can't be without is said before it opens, a sentence each; a wrong setting never shows its value."""

import configparser
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import time_machine
from pydantic import SecretStr
from sqlalchemy import text

from app.backup.checking import Findings
from app.cli import COMMANDS
from app.commands import preflight
from app.documents import storage
from app.kernel import clock, migrate
from app.kernel.db import transaction
from app.kernel.settings import PREFIX, forget_settings, get_settings
from app.settings import PortalSettings
from app.tables import metadata
from tests import forked
from tests.certificates.keys import PASSWORD, agency_key
from tests.conftest import Database
from tests.runtime.factories import demo_admin, production

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations"
SECRET = "hunter2-secreto"
LONG = SecretStr("k3y-" + "abcdefghijklmnopqrstuvwxyz0123456789")
GOOD: dict[str, Any] = {
    "environment": "production",
    "secret_key": LONG,
    "database_url": "postgresql://u@db.example.mx/d?sslmode=verify-full",
    "public_url": "https://citas.example.mx",
    "host": "10.0.0.5",
    "trusted_proxies": "10.0.0.1",
    "smtp_host": "127.0.0.1",
    "mail_from": "Ventanilla <no-responder@example.mx>",
}


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key that signs."""
    path = tmp_path_factory.mktemp("key") / "agencia.p12"
    agency_key(path)
    return path


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, key: Path) -> Callable[..., Findings]:
    """What is found with a key that signs and servers that answer."""
    monkeypatch.setattr(socket, "create_connection", lambda *_address, **_more: socket.socket())
    return lambda **changed: reported(**{"signing_key": key, "signing_password": SecretStr(PASSWORD), **changed})


def reported(**changed: Any) -> Findings:
    return preflight.settings_findings(PortalSettings(**{**GOOD, **changed}))


def test_with_everything_nothing_is_wrong(loaded: Callable[..., Findings]) -> None:
    assert loaded().wrong == []


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"secret_key": SecretStr("x" * 40)}, "SECRET_KEY"),
        ({"signing_key": None}, "SIGNING_KEY"),
        ({"trusted_proxies": "127.0.0.1"}, "TRUSTED_PROXIES"),
        ({"database_url": "postgresql://u@db.example.mx/d"}, "sslmode"),
        ({"database_url": "postgresql://u@localhost,db.example.mx/d?sslmode=prefer"}, "sslmode"),
        ({"smtp_host": None}, "SMTP_HOST"),
        ({"smtp_host": "smtp.example.mx", "smtp_security": "none"}, "SMTP_SECURITY"),
        ({"mail_from": "Ventanilla <no-responder@localhost>"}, "MAIL_FROM"),
    ],
)
def test_what_is_missing_or_unsafe_is_said_with_its_setting(
    loaded: Callable[..., Findings], changed: dict[str, Any], named: str
) -> None:
    (sentence,) = loaded(**changed).wrong
    assert named in sentence


def test_a_key_that_can_not_be_read_and_servers_that_do_not_answer(tmp_path: Path) -> None:
    with socket.socket() as no_one:
        no_one.bind(("127.0.0.1", 0))
        port = no_one.getsockname()[1]
        more = {"smtp_port": port, "clamd_host": "127.0.0.1", "clamd_port": port}
        wrong = reported(signing_key=tmp_path / "none.p12", **more).wrong
    assert [("SIGNING_KEY" in one, "SMTP_HOST" in one, "CLAMD_HOST" in one) for one in wrong] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_while_trying_the_same_is_good_to_know_only() -> None:
    found = preflight.settings_findings(PortalSettings(environment="development"))
    assert found.wrong == []
    assert any("SMTP_HOST" in one and one.startswith("before production") for one in found.notes)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of this test's files."""
    monkeypatch.setenv("VENTANILLA_DATA_DIR", str(tmp_path))
    forget_settings()
    storage.store.cache_clear()
    yield tmp_path / "files"
    monkeypatch.undo()
    forget_settings()
    storage.store.cache_clear()


async def test_what_stands_around_is_looked_at(
    db: Database, tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await demo_admin()
    url = db.url.render_as_string(hide_password=False)
    settings = PortalSettings(**{**GOOD, "data_dir": tmp_path / "not" / "yet"})
    found = await preflight.surroundings(url, settings)
    (staff,) = found.wrong
    assert "staff deactivate --demo" in staff
    assert any(one.startswith("connections: 27 for each") or "for each of 1 web" in one for one in found.notes)
    async with transaction() as session:
        await session.execute(text("UPDATE staff SET is_active = false"))
    monkeypatch.setattr(preflight, "LEAST_FREE", 2**60)
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        crowded = settings.model_copy(update={"web_workers": 64, "pool_size": 200})
        wrong = (await preflight.surroundings(url, crowded)).wrong
    assert ["NTP" in wrong[0], "max_connections" in wrong[1], "make room" in wrong[2]] == [True] * 3
    (store / "installation.json").write_text('{"installation": "x", "database": "y"}')
    assert any("storage adopt" in one for one in (await preflight.surroundings(url, settings)).wrong)


async def test_differences_of_the_schema_are_said_in_words(db: Database) -> None:
    async with transaction() as session:
        await session.execute(text("ALTER TABLE staff DROP COLUMN full_name, ADD COLUMN nickname text"))
        await session.execute(text("ALTER TABLE staff ALTER COLUMN role DROP NOT NULL"))
        await session.execute(text("DROP INDEX ix_document_storage_key"))
        await session.execute(text("CREATE TABLE surplus (id int)"))
    found = migrate.differences(db.url, metadata)
    assert sorted(found) == [
        "the column staff.full_name is missing",
        "the column staff.nickname is not this program's",
        "the column staff.role has another nullable than this program needs",
        "the index ix_document_storage_key is missing",
        "the table surplus is not this program's",
    ]


def test_the_command_ends_with_status_1_and_sentences(db: Database, tmp_path: Path) -> None:
    environment = os.environ | production(db) | {"VENTANILLA_DATA_DIR": str(tmp_path)}
    done = run(["check"], environment)
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 1
    for named in ("SMTP_HOST", "SIGNING_KEY", "MAIL_FROM"):
        assert f"{PREFIX}{named}" in said
    assert "Traceback" not in said
    assert "only-for-tests" not in said


def run(words: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return forked.run([sys.executable, "-m", "app.cli", *words], environment)


def wrong_settings() -> dict[str, str]:
    """Every setting that can be wrong by itself, wrong."""
    wrong = {"DATABASE_URL": f"postgresql://u:{SECRET}%zz@h/d", "KNOWN_NETWORKS": "everybody"}
    for name, field in PortalSettings.model_fields.items():
        kinds = [field.annotation, *get_args(field.annotation)]
        if any(kind in (int, bool, float) or get_origin(kind) is Literal for kind in kinds):
            wrong[name.upper()] = SECRET
    return wrong


@pytest.mark.parametrize("start", ["command", "server"])
def test_each_wrong_setting_is_one_sentence_without_its_value(start: str, tmp_path: Path) -> None:
    wrong = wrong_settings()
    assert len(wrong) > 30
    environment = os.environ | {f"{PREFIX}{name}": value for name, value in wrong.items()}
    environment |= {f"{PREFIX}SECRET_KEY": SECRET, f"{PREFIX}SMTP_PASSWORD": SECRET}
    if start == "command":
        done = run(["worker"], environment)
    else:
        server = [sys.executable, "-m", "uvicorn", "app.main:create_app", "--factory", "--port", "0"]
        done = forked.run(server, environment)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in said
    assert "hunter2" not in said
    for name in wrong:
        assert len(re.findall(rf"^  {PREFIX}{name} ", said, re.MULTILINE)) == 1, (name, said)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"SECRET_KEY": "hunter2", "PUBLIC_URL": "https://x.mx"}, "SECRET_KEY needs at least 32"),
        ({"SECRET_KEY": "hunter2" * 8, "PUBLIC_URL": ""}, "PUBLIC_URL"),
    ],
)
def test_production_s_own_demands_are_sentences_too(
    changed: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"ENVIRONMENT": "production", "DATABASE_URL": "postgresql://u:hunter2@h/d"} | changed
    for name, value in given.items():
        monkeypatch.setenv(f"{PREFIX}{name}", value)
    forget_settings()
    with pytest.raises(SystemExit, match=named) as refused:
        get_settings()
    monkeypatch.undo()
    forget_settings()
    assert "hunter2" not in str(refused.value)


def test_the_units_start_commands_that_there_are() -> None:
    units = sorted((OPERATIONS / "systemd").glob("*.service"))
    names = set(COMMANDS)
    for path in units:
        unit = configparser.RawConfigParser(strict=False, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign] # names keep their capitals
        unit.read(path)
        command = re.search(r"/bin/ventanilla ([a-z]+)", unit["Service"]["ExecStart"])
        assert command is not None
        assert command.group(1) in names
        assert unit["Service"]["User"] == "ventanilla"
        for hardening in ("NoNewPrivileges", "ProtectHome", "PrivateTmp"):
            assert unit["Service"][hardening] == "yes", (path.name, hardening)
        assert unit["Service"]["ProtectSystem"] == "strict"
    assert len(units) == 3
    if shutil.which("systemd-analyze"):
        done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
        assert [line for line in done.stderr.splitlines() if "/operations/systemd/" in line and "Unknown" in line] == []


def test_the_proxy_lets_through_what_the_portal_takes() -> None:
    written = (OPERATIONS / "nginx" / "ventanilla.conf").read_text()
    largest = re.search(r"client_max_body_size (\d+)m;", written)
    assert largest is not None
    assert int(largest.group(1)) * 2**20 > PortalSettings().max_upload_bytes
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in written
    assert written.count("{") == written.count("}")
