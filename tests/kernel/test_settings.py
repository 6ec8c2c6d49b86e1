"""PortalSettings: production refuses what is only good for trying."""

import os
import subprocess
import sys
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from app.settings import PortalSettings

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


def test_an_empty_variable_is_as_if_it_were_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENTANILLA_PORT", "")
    assert PortalSettings().port == 8000


def test_processes_that_start_at_once_share_one_secret_that_others_can_not_read(tmp_path: Path) -> None:
    program = "from app.settings import PortalSettings; print(PortalSettings().secret().decode())"
    environment = {k: v for k, v in os.environ.items() if k != "VENTANILLA_SECRET_KEY"}
    environment["VENTANILLA_DATA_DIR"] = str(tmp_path / "var")
    started = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE) for _ in range(6)
    ]
    secrets = {process.communicate()[0].strip() for process in started}
    assert len(secrets) == 1
    assert len(secrets.pop()) >= 32
    stored = list((tmp_path / "var").iterdir())
    assert [path.name for path in stored] == ["secret.key"]
    assert stored[0].stat().st_mode & 0o777 == 0o600


def test_the_hour_of_booking_has_no_zone() -> None:
    assert PortalSettings(environment="test", booking_opens_at="06:30").booking_opens_at == time(6, 30)
    with pytest.raises(ValidationError, match="without a zone"):
        PortalSettings(environment="test", booking_opens_at="07:00Z")
