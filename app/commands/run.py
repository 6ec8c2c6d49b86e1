"""`serve` and `worker`: the two processes of a portal, to start individually."""

import asyncio
import os
import signal
import tempfile
from importlib import import_module
from pathlib import Path

import structlog

from app.commands import worker_health
from app.commands.console import errors, explained, fail
from app.commands.page_assets import require_built
from app.commands.server import URL_VARIABLE, embedded, require_no_demo_staff, require_own_store
from app.commands.up import web_command
from app.kernel import consumer_runner, db, log
from app.kernel.jobs import Scheduler
from app.kernel.settings import Settings
from app.kernel.worker import Worker
from app.law import current as law
from app.settings import portal_settings, unknown_settings_text

METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

logger = structlog.get_logger(__name__)


def _say_unknown_settings() -> None:
    for sentence in unknown_settings_text(os.environ):
        errors.print(sentence, markup=False)


def _require_database() -> str:
    settings = portal_settings()
    if settings.database_url is not None:
        return settings.database_url
    server = embedded(settings)
    if server.running():
        return server.url
    raise fail("no database is configured or running.", f"Set {URL_VARIABLE}, or start everything: ventanilla up")


def metrics_folder(settings: Settings) -> Path:
    """Provide an empty folder where the processes of a web server combine their metrics."""
    folder = Path(tempfile.gettempdir()) / f"ventanilla-metrics-{os.getuid()}-{settings.port}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise fail(f"{folder} belongs to another user.", f"Remove it, or set {METRICS_VARIABLE} to an empty folder.")
    for old in folder.glob("*.db"):
        old.unlink()
    return folder


def serve() -> None:
    """Start the web server only (run several behind a load balancer). Replaces this process."""
    _say_unknown_settings()
    require_built()
    with explained():
        os.environ[URL_VARIABLE] = url = _require_database()
        require_no_demo_staff(url, portal_settings())
        require_own_store(url)
        settings = portal_settings()
        if settings.web_workers > 1:
            os.environ.setdefault(METRICS_VARIABLE, str(metrics_folder(settings)))
        command = web_command(settings)
        os.execv(command[0], command)  # noqa: S606 # our own command line, no shell


def worker() -> None:
    """Consume the event log and run jobs: confirmations, scheduled work. Several can run; each job runs once."""
    settings = portal_settings()
    log.configure_logging(settings.log_level, settings.log_format)
    _say_unknown_settings()
    with explained():
        url = _require_database()
        require_no_demo_staff(url, settings)
        require_own_store(url)
        asyncio.run(work(url))


def import_jobs() -> None:
    """Import every package's jobs, to register tasks, schedules and consumers."""
    import_module("app.kernel.housekeeping")
    for path in sorted(Path(__file__).parents[1].glob("*/jobs.py")):
        if path.parent.name != "kernel":
            import_module(f"app.{path.parent.name}.jobs")


async def work(url: str) -> None:
    """Run jobs, schedules and event consumers until SIGTERM or SIGINT; running work is finished first.

    If the database is unavailable, at startup or later, it waits.
    """
    import_jobs()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    db.configure(url, driver="psycopg")
    worker = Worker()
    parts = [
        consumer_runner.run(stop),
        Scheduler().run(stop),
        law.watch(stop),
        worker.run(stop),
        worker_health.serve(worker, portal_settings(), stop),
    ]
    try:
        logger.info("worker_started")
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(part)
    finally:
        await db.disconnect()
        logger.info("worker_stopped")
