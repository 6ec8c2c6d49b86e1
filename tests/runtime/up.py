"""`ventanilla up` as a process of its own."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

SECONDS = 90
PROGRAM = (sys.executable, "-m", "app.cli")


class Up:
    """A running `ventanilla up`, and what it has printed so far. `program` is the command, `at` its working folder and
    `path` its PYTHONPATH, if not this process's."""

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        program: Sequence[str] = PROGRAM,
        at: Path | None = None,
        path: str | None = None,
    ) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("VENTANILLA_")} | {"COLUMNS": "200"}
        if path is not None:
            environment["PYTHONPATH"] = path
        given = {
            "DATA_DIR": str(folder),
            "PORT": str(port),
            "DEMO_PEOPLE": "40",
            "DEMO_HISTORY_DAYS": "40",
            "HORIZON_DAYS": "2",
        }
        environment |= {f"VENTANILLA_{name}": value for name, value in given.items()}
        self.port = port
        self.printed = ""
        self.process = subprocess.Popen(
            [*program, "up"],
            cwd=at,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line

    def says(self, text: str) -> None:
        deadline = time.monotonic() + SECONDS
        while text not in self.printed and self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if self.process.poll() is not None:
            self._reader.join(10)
        assert text in self.printed, self.printed

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return str(answer.read().decode())

    def cookies_of(self, path: str) -> str:
        """The cookies that a form sent there sets."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, "identifier=ROMA450124MDFDRN08", headers)
        found = connection.getresponse().getheader("set-cookie", "")
        connection.close()
        return found

    def until_ready(self) -> None:
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                self.get("/health/ready")
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            else:
                return

    def stop(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(SECONDS)
