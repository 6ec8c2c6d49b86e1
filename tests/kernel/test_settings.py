"""PortalSettings: production refuses what is only good for trying."""

import os
import sys
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from app.commands.preflight import settings_findings
from app.settings import PortalSettings, unknown_settings
from tests.forked import launch

GOOD: dict[str, Any] = {
    "environment": "production",
    "secret_key": SecretStr("x" * 32),
    "database_url": "postgresql://u@h/d",
    "public_url": "https://citas.example.mx",
}


def test_production_with_everything_is_taken() -> None:
    settings = PortalSettings(**GOOD)
    assert settings.secure_cookies
    assert settings.base_url == "https://citas.example.mx"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"secret_key": None}, "VENTANILLA_SECRET_KEY"),
        ({"secret_key": SecretStr("short")}, "at least 32"),
        ({"database_url": None}, "VENTANILLA_DATABASE_URL"),
        ({"public_url": "http://citas.example.mx"}, "https://"),
    ],
)
def test_production_refuses(monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any], said: str) -> None:
    monkeypatch.delenv("VENTANILLA_SECRET_KEY", raising=False)
    with pytest.raises(ValidationError, match=said):
        PortalSettings(**GOOD | changed)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("secret_key", "short", "at least 32"),
        ("secret_key_fallbacks", f"{'x' * 32},short", "at least 32"),
        ("public_url", "citas.example.mx", "a scheme and a host"),
        ("public_url", "ftp://citas.example.mx", "a scheme and a host"),
        ("public_url", "https://citas.example.mx/portal", "a scheme and a host"),
        ("public_url", "https://citas.example.mx:port", "a scheme and a host"),
        ("public_url", "https://ana@citas.example.mx", "a scheme and a host"),
        ("public_url", "https://a b", "a scheme and a host"),
        ("public_url", "https://", "a scheme and a host"),
        ("secret_key", " " * 40, "at least 32"),
        ("trusted_proxies", "10.0.0.5; 10.0.0.6", "addresses or networks"),
        ("trusted_proxies", "10.0.0.500", "addresses or networks"),
        ("trusted_proxies", "proxy.example.mx", "addresses or networks"),
        ("cookie_name", "citas;", "letters, digits or hyphens"),
        ("cookie_name", "citas_2", "letters, digits or hyphens"),
        ("cookie_name", "x" * 41, "letters, digits or hyphens"),
        ("cookie_name", "citas_device", "letters, digits or hyphens"),
    ],
)
def test_what_can_never_work_is_refused_while_trying_too(name: str, value: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        PortalSettings(**dict[str, Any](environment="development") | {name: value})


@pytest.mark.parametrize("proxies", ["", "*", "127.0.0.1", "10.0.0.5, 172.28.57.0/24", "2001:db8::/32", "localhost"])
def test_proxies_are_addresses_and_networks(proxies: str) -> None:
    assert PortalSettings(environment="development", trusted_proxies=proxies).trusted_proxies == proxies


@pytest.mark.parametrize("address", ["http://10.0.0.5:8000", "https://citas.example.mx/", "http://[2001:db8::1]:8000"])
def test_public_addresses(address: str) -> None:
    assert PortalSettings(environment="development", public_url=address).base_url == address.rstrip("/")


def test_a_misspelt_setting_is_named_with_the_one_it_may_be_meant_for() -> None:
    given = ("PORT", "POOLSIZE", "NOTHING_LIKE_IT", "STAFF_PASSWORD")
    assert unknown_settings(["PATH", *(f"VENTANILLA_{name}" for name in given)]) == {
        "VENTANILLA_NOTHING_LIKE_IT": None,
        "VENTANILLA_POOLSIZE": "VENTANILLA_POOL_SIZE",
    }


def test_the_command_that_checks_says_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENTANILLA_POOLSIZE", "20")
    notes = settings_findings(PortalSettings(environment="development")).notes
    assert [one for one in notes if "POOLSIZE" in one] == [
        "VENTANILLA_POOLSIZE is no setting and has no effect: is it meant to be VENTANILLA_POOL_SIZE?"
    ]


def test_an_empty_variable_is_as_if_it_were_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENTANILLA_PORT", "")
    assert PortalSettings().port == 8000


def test_processes_that_start_at_once_share_one_secret_that_others_can_not_read(tmp_path: Path) -> None:
    program = "from app.settings import PortalSettings; print(PortalSettings().secret().decode())"
    environment = {k: v for k, v in os.environ.items() if k != "VENTANILLA_SECRET_KEY"}
    environment["VENTANILLA_DATA_DIR"] = str(tmp_path / "var")
    logs = [tmp_path / str(number) for number in range(6)]
    started = [launch([sys.executable, "-c", program], environment, log) for log in logs]
    assert [process.wait(60) for process in started] == [0] * 6
    secrets = {log.read_text().strip() for log in logs}
    assert len(secrets) == 1
    assert len(secrets.pop()) >= 32
    stored = list((tmp_path / "var").iterdir())
    assert [path.name for path in stored] == ["secret.key"]
    assert stored[0].stat().st_mode & 0o777 == 0o600


def test_the_hour_of_booking_has_no_zone() -> None:
    assert PortalSettings(environment="test", booking_opens_at="06:30").booking_opens_at == time(6, 30)
    with pytest.raises(ValidationError, match="without a zone"):
        PortalSettings(environment="test", booking_opens_at="07:00Z")
