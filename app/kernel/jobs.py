"""Work done outside a request: tasks in PostgreSQL (Procrastinate), retried, then parked where staff see them.

A job does one outward thing and is safe to repeat. `enqueue` joins the caller's transaction, so a job is there
exactly when what asked for it is; it needs the worker's psycopg session, as consumers and jobs have.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import procrastinate
import psycopg
from procrastinate import PsycopgConnector, RetryStrategy
from procrastinate.tasks import Task
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock

jobs = procrastinate.App(connector=PsycopgConnector())

DEFAULT_TRIES = 6
POOL_SIZE = 4
SILENT_SECONDS = 30

AsyncFunction = Callable[..., Awaitable[Any]]

_FORGET = text(
    "DELETE FROM procrastinate_jobs j WHERE status IN ('succeeded', 'cancelled', 'aborted') AND id IN"
    " (SELECT job_id FROM procrastinate_events e WHERE e.job_id = j.id GROUP BY job_id HAVING max(at) < :before)"
)


def task(
    name: str, *, queue: str = "default", tries: int = DEFAULT_TRIES, first_wait: int = 5
) -> Callable[[AsyncFunction], Task[Any, Any, Any]]:
    """Register a coroutine as a task. It is tried `tries` times, each wait longer, then parked as failed."""
    # exponential_wait is the base: with 5 the waits are 5, 25, 125 ... seconds.
    retry = RetryStrategy(max_attempts=tries, exponential_wait=first_wait)
    return jobs.task(name=name, queue=queue, retry=retry)


def periodic(name: str, *, cron: str) -> Callable[[AsyncFunction], Task[Any, Any, Any]]:
    """Register a coroutine to run on a schedule; it is called with the due time. One run at a time."""

    def register(function: AsyncFunction) -> Task[Any, Any, Any]:
        async def run(timestamp: int) -> None:
            await function(datetime.fromtimestamp(timestamp, tz=clock.now().tzinfo))

        run.__doc__ = function.__doc__
        made = jobs.task(name=name, queue="default", queueing_lock=name, lock=name)(run)
        return jobs.periodic(cron=cron, periodic_id=name)(made)

    return register


async def enqueue(
    session: AsyncSession, what: Task[Any, Any, Any], *, lock: str | None = None, **arguments: Any
) -> int:
    """Ask for a task in the caller's transaction: it exists if and only if that commits. Returns the job's id.

    Jobs with the same `lock` run one at a time.
    """
    fairy = await (await session.connection()).get_raw_connection()
    driver = fairy.driver_connection
    if not isinstance(driver, psycopg.AsyncConnection):
        raise TypeError("enqueue needs the worker's psycopg session")
    return await what.configure(connection=driver, lock=lock).defer_async(**arguments)


async def rescue() -> int:
    """Put jobs whose worker died back into the queue; returns how many. A living worker reports every few seconds."""
    stalled = list(await jobs.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS))
    for job in stalled:
        await jobs.job_manager.retry_job(job)
    return len(stalled)


async def forget_done(session: AsyncSession, before: datetime) -> None:
    """Delete jobs that ended well before this time."""
    await session.execute(_FORGET, {"before": before})


def pool_of(url: URL) -> AsyncConnectionPool:
    """The connections of the job worker, not yet open."""
    conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return AsyncConnectionPool(conninfo, min_size=1, max_size=POOL_SIZE, open=False)
