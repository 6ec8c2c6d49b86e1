"""`ventanilla up` as a person runs it: opens, says when it can't, stops cleanly, starts again with its data."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.portal import free_port
from tests.runtime.up import SECONDS, Up
from tests.waiting import until

pytestmark = pytest.mark.faults


def processes_with(mark: str) -> list[str]:
    """Command lines of living processes that mention this."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if mark in command:
            found.append(command)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder whose path is short enough for a socket; the demonstration's data is loaded into it once."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="vt-up-") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "var"


def test_it_opens_refuses_a_second_process_survives_kills_starts_again_with_its_data_and_stops_cleanly(
    folder: Path,
) -> None:
    first = Up(folder, free_port())
    try:
        first.says("Stop with Ctrl-C.")
        assert f"http://127.0.0.1:{first.port}" in first.printed
        assert "CURP" in first.printed
        assert "Pedir una cita" in first.get("/")
        accounts = [line for line in first.printed.splitlines() if "CURP" in line]

        duplicate = Up(folder, free_port())
        assert duplicate.process.wait(SECONDS) == 1
        duplicate.says(f"already running here (process {first.process.pid}, http://127.0.0.1:{first.port})")
        assert "Pedir una cita" in first.get("/")
        assert "Traceback" not in first.printed
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
    finally:
        first.process.kill()

    # The next start takes over, and starts a killed database again.
    second = Up(folder, free_port())
    try:
        second.says("Stop with Ctrl-C.")
        assert "Pedir una cita" in second.get("/")
        assert f"ventanilla-{second.port}=" in second.cookies_of("/entrar")
        # The worker has a port of its own, and its numbers are in the web server's, too.
        until(lambda: "ventanilla_workers_alive 1.0" in second.get("/metrics"), "no worker, or two")
        server = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(server, signal.SIGKILL)
        second.says("The database runs again.")
        second.until_ready()
        assert "Pedir una cita" in second.get("/")
        assert "starting it again" not in second.printed.replace("The database stopped: starting it again.", "")
        assert [line for line in second.printed.splitlines() if "CURP" in line] == accounts
        # By SIGTERM it is stopped in `test_package.py`.
        before = len(second.printed)
        assert second.stop(signal.SIGINT) == 0
        second.says("Stopped. The data remains.")
        assert "Traceback" not in second.printed[before:]
        assert processes_with(str(folder)) == []
    finally:
        second.process.kill()


def test_a_port_in_use_is_said_before_anything_is_started(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        up = Up(tmp_path, port)
        assert up.process.wait(SECONDS) == 1
        up.says(f"port {port} of 127.0.0.1 is in use")
        assert "make run PORT=" in up.printed
        assert not (tmp_path / "postgres").exists()
