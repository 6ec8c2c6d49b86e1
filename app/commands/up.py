"""`ventanilla up`: database, migrations, demonstration data, web server and worker, until Ctrl-C or SIGTERM."""

import asyncio
import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.text import Text

from app.commands.console import errors, explained, fail, out
from app.commands.page_assets import build_stale
from app.commands.ports import WORKER_PORT, listens, require_free, worker_port
from app.commands.schema import prepare
from app.commands.server import child_environment, embedded, require_no_demo_staff, require_own_store
from app.kernel.postgres import EmbeddedServer
from app.kernel.settings import PREFIX, Settings
from app.settings import PortalSettings, portal_settings, unknown_settings_text

READY_SECONDS = 60
STOP_SECONDS = 20
MAX_RESTARTS = 5
STEADY_SECONDS = 60
PR_SET_PDEATHSIG = 1
DEFAULT_PORT = Settings.model_fields["port"].default


def up() -> None:
    """Start everything and keep it running.

    The first start makes the database and loads demonstration data; later ones take seconds and keep what is there.
    Stop with Ctrl-C.
    """
    settings = portal_settings()
    for sentence in unknown_settings_text(os.environ):
        out.print(sentence, markup=False)
    with explained(), _only_one(settings), _stop_on_signals() as stopping:
        require_free(settings)
        build_stale()
        with _running_database(settings) as url:
            accounts = _prepare(settings, url)
            require_own_store(url)
            server = embedded(settings) if settings.database_url is None else None
            _keep_running(settings, url, accounts, stopping, server)


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    path = settings.data_dir / "up.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            running = lock.read().strip() or "another process"
            raise fail(
                f"Ventanilla is already running here ({running}).", "Stop it with Ctrl-C where it runs, or use it."
            ) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, http://{settings.host}:{settings.port}")
        lock.flush()
        yield


class Stopping:
    """Whether a stop was requested."""

    def __init__(self) -> None:
        self.asked = False

    def ask(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        self.asked = True


@contextmanager
def _stop_on_signals() -> Iterator[Stopping]:
    stopping = Stopping()
    before = {number: signal.signal(number, stopping.ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _running_database(settings: Settings) -> Iterator[str]:
    if settings.database_url is not None:
        yield settings.database_url
        return
    server = embedded(settings)
    if server.running():
        out.print("The database was left running by an earlier start: taking it over.")
    else:
        out.print("Starting the database …")
        server = EmbeddedServer.start(server.data_dir)
    try:
        yield server.url
    finally:
        server.stop()
        out.print("Stopped. The data remains.")


def _prepare(settings: PortalSettings, url: str) -> list[str]:
    if settings.is_production:
        require_no_demo_staff(url, settings)
        return []
    prepare(url)
    if not settings.demo_data:
        return []
    from app.demo.load import load_demo_once

    return asyncio.run(load_demo_once(url, people=settings.demo_people, history_days=settings.demo_history_days))


def _keep_running(
    settings: PortalSettings, url: str, accounts: list[str], stopping: Stopping, server: EmbeddedServer | None
) -> None:
    metrics = Path(tempfile.mkdtemp(prefix="ventanilla-metrics-"))
    environment = child_environment(url, settings) | {"PROMETHEUS_MULTIPROC_DIR": str(metrics)}
    environment |= own_names(settings)
    children = [Child("web server", web_command(settings), environment), Child("worker", WORKER, environment)]
    try:
        # The database, and the data of a first start, took their time.
        require_free(settings)
        for child in children:
            child.start()
        if _wait_until_ready(settings, children, stopping):
            _greet(settings, accounts)
        while not stopping.asked:
            if server is not None and server.died():
                errors.print("The database stopped: starting it again.")
                server.restart()
                out.print("The database runs again.")
            for child in children:
                child.look_after()
            time.sleep(0.2)
        out.print("\nStopping …")
    finally:
        for child in children:
            child.stop()
        shutil.rmtree(metrics, ignore_errors=True)


def own_names(settings: Settings) -> dict[str, str]:
    """Return the settings in which this installation differs by default from another one on the same host: the worker's
    port, and the name of its cookies."""
    port = worker_port(settings, os.environ.get(WORKER_PORT))
    if port != str(settings.port + 1) and WORKER_PORT not in os.environ:
        out.print(f"Port {settings.port + 1} is in use: the worker's health is on port {port or 'none'}.")
    names = {WORKER_PORT: port}
    if not settings.is_production and settings.port != DEFAULT_PORT and "cookie_name" not in settings.model_fields_set:
        names[f"{PREFIX}COOKIE_NAME"] = f"ventanilla-{settings.port}"
    return names


WORKER = [sys.executable, "-m", "app.cli", "worker"]


def web_command(settings: Settings) -> list[str]:
    """Return the command line of the web server."""
    return [
        *(sys.executable, "-m", "uvicorn", "app.main:create_app", "--factory", "--no-access-log"),
        *("--host", settings.host, "--port", str(settings.port), "--workers", str(settings.web_workers)),
        *(
            "--loop",
            "uvloop",
            "--http",
            "app.kernel.http.limits:HeaderLimitProtocol",
            "--timeout-graceful-shutdown",
            "10",
            "--log-level",
            "warning",
        ),
        *("--proxy-headers", "--forwarded-allow-ips", settings.trusted_proxies, "--no-server-header"),
    ]


class Child:
    """A supervised process: restarted when it exits, a limited number of times."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self.command = command
        self.environment = environment
        self.restarts = 0
        self.started_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches only `up`, which then stops everything in order.
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 # `up` has a single thread
        )
        self.started_at = time.monotonic()

    def look_after(self) -> None:
        """Restart the process if it has exited.

        Raises:
            typer.Exit: it keeps exiting.
        """
        assert self.process is not None
        status = self.process.poll()
        if status is None:
            return
        if time.monotonic() - self.started_at > STEADY_SECONDS:
            self.restarts = 0
        self.restarts += 1
        if self.restarts > MAX_RESTARTS:
            raise fail(
                f"the {self.name} stopped {MAX_RESTARTS} times in a row (status {status}).", "See its log above."
            )
        errors.print(f"The {self.name} stopped (status {status}): starting it again.")
        time.sleep(min(2.0, 0.2 * 2**self.restarts))
        self.start()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _die_with_parent() -> None:
    """Ask Linux to kill this child if `up` is killed, so that no process is orphaned."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_until_ready(settings: Settings, children: list[Child], stopping: Stopping) -> bool:
    address = f"http://{settings.host}:{settings.port}/health/ready"
    web = children[0]
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not stopping.asked:
        for child in children:
            child.look_after()
        try:
            with urllib.request.urlopen(address, timeout=2):  # our own address, always http
                if web.process is not None and listens(web.process.pid, settings.port):
                    return True
            time.sleep(0.1)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    if not stopping.asked:
        raise fail(f"the portal did not become ready in {READY_SECONDS} seconds.", "See the log above.")
    return False


def _greet(settings: Settings, accounts: list[str]) -> None:
    address = (settings.base_url, "bold")
    english = f"   (English: {settings.base_url}/en)"
    out.print(Text.assemble("\n", ("Ventanilla is open:", "bold green"), " ", address, english))
    for line in accounts:
        out.print(f"  {line}", soft_wrap=True)
    out.print("Stop with Ctrl-C.\n")
