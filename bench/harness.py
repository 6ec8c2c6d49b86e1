"""What every benchmark stands on: a database of its own, the real server in front of it, and the result line."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy.engine import make_url

from app.commands.schema import prepare as prepare_database
from app.commands.server import URL_VARIABLE
from app.commands.up import web_command
from app.kernel.postgres import EmbeddedServer
from app.kernel.settings import Settings

ENVIRONMENT = {
    "VENTANILLA_ENVIRONMENT": "test",
    "VENTANILLA_SECRET_KEY": "only-for-benchmarks-" + "x" * 32,
    "VENTANILLA_REQUEST_LIMIT_PER_MINUTE": "0",
    "VENTANILLA_ACCESS_TOKEN_MINUTES": "60",
    "VENTANILLA_POOL_SIZE": "16",
}
READY_SECONDS = 90
PORTS = range(20_000, 32_000, 2)
APP = "app.main:create_app"


@dataclass(frozen=True, slots=True)
class Result:
    """A benchmark's last line. `at_least` says on which side of the target the ratio must be."""

    name: str
    ratio: float
    target: float
    at_least: bool = True
    also: bool = True

    @property
    def ok(self) -> bool:
        reached = self.ratio >= self.target if self.at_least else self.ratio <= self.target
        return reached and self.also

    def __str__(self) -> str:
        return f"{self.name} ratio={self.ratio:.3f} target={self.target:.3f} {'ok' if self.ok else 'short'}"


def say(line: str) -> None:
    """A figure on the way to the result."""
    print(f"  {line}", flush=True)


@contextmanager
def database_server(*, durable: bool = True) -> Iterator[EmbeddedServer]:
    """A PostgreSQL of the benchmark's own, gone afterwards. Durable: commits reach the disk, as in real life."""
    folder = Path(tempfile.mkdtemp(prefix="vt-bench-"))
    folder.chmod(0o755)
    server = EmbeddedServer.start(folder / "pg", durable=durable)
    try:
        yield server
    finally:
        server.stop(mode="immediate")
        shutil.rmtree(folder, ignore_errors=True)


def migrated(server: EmbeddedServer, name: str = "bench") -> str:
    """A new database with the schema; returns its address."""
    execute(server.url, f'CREATE DATABASE "{name}"')
    url = make_url(server.url).set(database=name).render_as_string(hide_password=False)
    prepare_database(url)
    return url


def execute(url: str, *statements: str) -> None:
    """Run statements, each by itself."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def rows(url: str, question: str) -> list[tuple[Any, ...]]:
    """The answer to a question."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question.encode()).fetchall()


def prepare() -> None:
    """Give this process the settings of a benchmark, so that it signs tokens as its servers do."""
    os.environ.update(ENVIRONMENT)


_claims = ExitStack()
atexit.register(_claims.close)


def free_port() -> int:
    """A port for a server that is started later, and the next one for its worker. Until this process ends, neither a
    test nor a benchmark of this machine is given them; nor are they of those that the system gives to connections."""
    for port in PORTS:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0ventanilla-port-{port}")
            for one in (port, port + 1):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", one))
        except OSError:
            claim.close()
            continue
        _claims.enter_context(claim)
        return port
    raise RuntimeError("no port is free")


class Process(Protocol):
    """What is needed of `subprocess.Popen`."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


Launch = Callable[[list[str], Mapping[str, str], Path], Process]
"""Starts a command with an environment, in a session of its own; what it prints is added to the file."""


def launch_program(command: list[str], environment: Mapping[str, str], log: Path) -> Process:
    with log.open("ab") as output:
        return subprocess.Popen(command, env=environment, stderr=output, stdout=output, start_new_session=True)


@dataclass(slots=True)
class WebServer:
    """The real web server as a process of its own."""

    process: Process
    port: int

    def kill(self) -> None:
        """As the kernel would when memory runs out: no goodbye, and its workers with it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start_web(
    url: str,
    *,
    workers: int = 1,
    port: int = 0,
    app: str = APP,
    given: Mapping[str, str] | None = None,
    log_file: Path | None = None,
    launch: Launch = launch_program,
) -> WebServer:
    """Start the web server on a free port and wait until it is ready."""
    chosen = Settings(web_workers=workers, port=port or free_port())
    environment = os.environ | {URL_VARIABLE: url, **(given or {})}
    command = [app if part == APP else part for part in web_command(chosen)]
    process = launch(command, environment, log_file or Path(os.environ.get("BENCH_LOG", os.devnull)))
    server = WebServer(process, chosen.port)
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{chosen.port}/health/ready", timeout=2):
                return server
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                break
            time.sleep(0.1)
    server.kill()
    raise RuntimeError("the web server did not become ready")


@contextmanager
def web_server(url: str, *, workers: int = 1, log_file: Path | None = None) -> Iterator[WebServer]:
    """The web server for as long as the block lasts."""
    server = start_web(url, workers=workers, log_file=log_file)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.terminate()
            try:
                server.process.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()


def cores() -> int:
    return os.cpu_count() or 1


def python() -> str:
    return sys.executable
