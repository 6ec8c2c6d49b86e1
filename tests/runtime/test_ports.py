"""The ports of `ventanilla up`, and what tells two installations of one host apart."""

import http.server
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import typer

from app.commands import up
from app.commands.ports import listens, require_free, worker_port
from app.commands.up import own_names
from app.kernel.settings import Settings
from tests.portal import free_port

HOST = "127.0.0.1"


def settings(**given: str | int) -> Settings:
    return Settings(environment="development", **given)  # type: ignore[arg-type] # of any field


@contextmanager
def taken(*ports: int) -> Iterator[None]:
    """Other programs listen on these."""
    with ExitStack() as stack:
        for port in ports:
            other = stack.enter_context(socket.socket())
            other.bind((HOST, port))
            other.listen()
        yield


def run_of_ports(count: int) -> int:
    """The first of some free ports in a row."""
    while True:
        first = free_port()
        try:
            with taken(*range(first, first + count)):
                return first
        except (OSError, OverflowError):
            continue


def test_the_advice_names_a_port_that_is_free_together_with_its_workers(capsys: pytest.CaptureFixture[str]) -> None:
    port = run_of_ports(6)
    with taken(port, port + 1, port + 3), pytest.raises(typer.Exit):
        require_free(settings(port=port))
    said = capsys.readouterr().err
    assert f"port {port} of {HOST} is in use" in said
    assert f"make run PORT={port + 4}" in said, "port + 2 is free, and its worker's isn't"


def test_a_port_of_the_worker_that_is_set_and_taken_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    port = run_of_ports(4)
    require_free(settings(port=port, worker_port=port + 2))
    with taken(port + 2), pytest.raises(typer.Exit):
        require_free(settings(port=port, worker_port=port + 2))
    assert f"port {port + 2} of {HOST} is in use" in (said := capsys.readouterr().err)
    assert "VENTANILLA_WORKER_PORT" in said
    with pytest.raises(typer.Exit):
        require_free(settings(port=port, worker_port=port))


def test_the_worker_has_the_next_free_port(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("VENTANILLA_WORKER_PORT", raising=False)
    port = run_of_ports(4)
    here = settings(port=port)
    assert worker_port(here, None) == str(port + 1)
    with taken(port + 1):
        assert own_names(here)["VENTANILLA_WORKER_PORT"] == str(port + 2)
    assert f"the worker's health is on port {port + 2}" in capsys.readouterr().out
    assert worker_port(here, "") == "", "none was asked for"
    assert worker_port(here, "9000") == "9000"
    assert worker_port(settings(port=65535), None) == ""


def test_a_port_belongs_to_the_process_that_listens_on_it() -> None:
    port = free_port()
    assert not listens(os.getpid(), port)
    with taken(port):
        assert listens(os.getpid(), port)
        assert not listens(os.getppid(), port)


def test_cookies_of_another_port_have_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "VENTANILLA_COOKIE_NAME"
    assert own_names(settings(port=8034))[name] == "ventanilla-8034"
    assert own_names(settings(port=8047))[name] == "ventanilla-8047"
    assert name not in own_names(settings(port=8000))
    assert name not in own_names(settings(port=8034, cookie_name="citas"))
    monkeypatch.setenv("VENTANILLA_SECRET_KEY", "x" * 40)
    given = {"environment": "production", "database_url": "postgresql://u@h/d", "public_url": "https://citas.mx"}
    assert name not in own_names(Settings(port=8034, **given))  # type: ignore[arg-type] # of any field


def test_the_answer_of_another_program_does_not_open_the_portal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(up, "READY_SECONDS", 1)
    other = http.server.ThreadingHTTPServer((HOST, 0), http.server.SimpleHTTPRequestHandler)
    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, "do_GET", lambda self: self.send_error(200))
    threading.Thread(target=other.serve_forever, daemon=True).start()
    ours = up.Child("web server", [sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ))
    ours.start()
    try:
        with pytest.raises(typer.Exit):
            up._wait_until_ready(settings(port=other.server_port), [ours], up.Stopping())
    finally:
        ours.stop()
        other.shutdown()
        other.server_close()
    assert "did not become ready" in capsys.readouterr().err
