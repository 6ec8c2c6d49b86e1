"""A portal as it really runs: web server and worker as processes of their own, on a clone of the database."""

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL

from app.commands.up import WORKER, web_command
from app.kernel.settings import Settings
from bench.harness import Process, free_port, launch_program
from tests.forked import launch

__all__ = ["Portal", "free_port", "running"]

READY_SECONDS = 90


@dataclass
class Portal:
    """Processes of one portal. `given` are settings of theirs, without the prefix."""

    url: URL
    log: Path
    workers: int = 1
    given: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    web: Process | None = None
    jobs: Process | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_web(self) -> None:
        settings = Settings(port=self.port, web_workers=self.workers)
        self.web = self._spawn(web_command(settings))
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.address}/health/ready", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"the web server did not become ready:\n{self.log.read_text()[-4000:]}")

    def start_jobs(self) -> None:
        self.jobs = self._spawn(WORKER)

    def _spawn(self, command: list[str]) -> Process:
        # A store of files belongs to one database, so each portal has its own.
        own = {"DATA_DIR": str(self.log.parent / "var")}
        given = {f"VENTANILLA_{name}": value for name, value in (own | dict(self.given)).items()}
        environment = (
            os.environ
            | given
            | {
                "VENTANILLA_DATABASE_URL": self.url.render_as_string(hide_password=False),
                "VENTANILLA_PORT": str(self.port),
            }
        )
        return (launch if self.workers == 1 else launch_program)([sys.executable, *command[1:]], environment, self.log)

    def kill_web(self) -> None:
        """SIGKILL to the server and its workers."""
        assert self.web is not None
        os.killpg(self.web.pid, signal.SIGKILL)
        self.web.wait()

    def stop(self) -> None:
        for process in (self.web, self.jobs):
            if process is not None and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def running(url: URL, log: Path, *, workers: int = 1, jobs: bool = True, **given: str) -> Iterator[Portal]:
    """The portal for as long as the block lasts."""
    portal = Portal(url, log, workers, given)
    try:
        if jobs:
            portal.start_jobs()  # first: it is up by the time the web server is
        portal.start_web()
        yield portal
    finally:
        portal.stop()
