"""`serve` and `worker`: the two processes of a portal, for whoever starts them one by one."""

import asyncio
import os
import signal
from importlib import import_module
from pathlib import Path

import structlog

from app.commands.console import explained, fail
from app.commands.server import URL_VARIABLE, embedded, require_no_demo_staff
from app.commands.up import web_command
from app.kernel import consumer_runner, db, log
from app.kernel.jobs import jobs, pool_of
from app.kernel.settings import get_settings

logger = structlog.get_logger(__name__)


def _require_database() -> str:
    settings = get_settings()
    if settings.database_url is not None:
        return settings.database_url
    server = embedded(settings)
    if server.running():
        return server.url
    raise fail("no database is configured or running.", f"Set {URL_VARIABLE}, or start everything: ventanilla up")


def serve() -> None:
    """Start the web server only (put several behind a balancer). It replaces this process."""
    with explained():
        os.environ[URL_VARIABLE] = url = _require_database()
        require_no_demo_staff(url, get_settings())
        command = web_command(get_settings())
        os.execv(command[0], command)  # noqa: S606 # our own command line, no shell


def worker() -> None:
    """Consume the event log and run jobs: confirmations, scheduled work. Several can run; each job runs once."""
    settings = get_settings()
    log.configure_logging(settings.log_level, settings.log_format)
    with explained():
        url = _require_database()
        require_no_demo_staff(url, settings)
        asyncio.run(work(url))


def import_jobs() -> None:
    """Import every room's jobs, so that its tasks, schedules and consumers are known."""
    import_module("app.kernel.housekeeping")
    for path in sorted(Path(__file__).parents[1].glob("*/jobs.py")):
        if path.parent.name != "kernel":
            import_module(f"app.{path.parent.name}.jobs")


async def work(url: str) -> None:
    """Run jobs and event consumers until SIGTERM or SIGINT; what is under way is finished first."""
    import_jobs()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    database = db.configure(url, driver="psycopg")
    pool = pool_of(database.url)
    await pool.open()
    try:
        async with jobs.open_async(pool):
            following = asyncio.create_task(consumer_runner.run(stop))
            running = asyncio.create_task(
                jobs.run_worker_async(install_signal_handlers=False, concurrency=4, shutdown_graceful_timeout=15)
            )
            logger.info("worker_started")
            await asyncio.wait({running, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
            stop.set()
            running.cancel()
            await asyncio.gather(following, running, return_exceptions=True)
            if running.done() and not running.cancelled() and running.exception() is not None:
                logger.error("worker_failed", error=str(running.exception()))
                raise RuntimeError(f"the job worker stopped: {running.exception()}")
    finally:
        await pool.close()
        await db.disconnect()
        logger.info("worker_stopped")
