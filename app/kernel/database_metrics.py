"""What is read from the database when metrics are asked for: the same from every process, so that what waits is seen
even when no worker runs. Packages add their own readers."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.db import reading
from app.kernel.jobs import LANES
from app.kernel.positions import log_lag
from app.kernel.statements import KERNEL

log = structlog.get_logger(__name__)

FRESH_SECONDS = 3.0
MOST_SECONDS = 5.0

Reader = Callable[[AsyncSession], Awaitable[list[Metric]]]
READERS: list[Reader] = []

_JOBS = KERNEL.load("jobs/by_lane")
_DEAD = KERNEL.load("dead_letters/by_name")
_WORKERS = text("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds'")


def reader(read: Reader) -> Reader:
    """Register a coroutine that reads metrics of its package."""
    READERS.append(read)
    return read


def gauge(name: str, text_: str, labels: list[str] | None = None) -> GaugeMetricFamily:
    """An empty gauge of the portal."""
    return GaugeMetricFamily(f"ventanilla_{name}", text_, labels=labels or [])


@reader
async def consumers(session: AsyncSession) -> list[Metric]:
    """How far behind the event log its consumers are, and how long the oldest writing transaction has been open."""
    lag = await log_lag(session)
    events = gauge("consumer_lag_events", "Events a consumer has yet to read.", ["consumer"])
    seconds = gauge("consumer_lag_seconds", "Age of the first event a consumer has yet to read.", ["consumer"])
    for one in lag.consumers:
        events.add_metric([one.name], one.events)
        seconds.add_metric([one.name], one.seconds)
    unnumbered = gauge("event_log_unnumbered_events", "Committed events without a position.")
    unnumbered.add_metric([], lag.unnumbered)
    horizon = gauge(
        "event_log_oldest_transaction_seconds", "How long the oldest transaction that writes has been open."
    )
    horizon.add_metric([], lag.horizon_seconds)
    return [events, seconds, unnumbered, horizon]


@reader
async def jobs(session: AsyncSession) -> list[Metric]:
    """Jobs by lane and state, the age of the oldest that is due, dead letters, and workers that are alive."""
    counted = gauge("jobs", "Jobs by lane and state: waiting, delayed, running.", ["lane", "state"])
    oldest = gauge("jobs_oldest_seconds", "How long the oldest due job of a lane has waited.", ["lane"])
    rows = {(row.queue_name, row.state): row for row in (await session.execute(_JOBS)).all()}
    for lane in sorted({lane.value for lane in LANES} | {name for name, _state in rows}):
        for state in ("waiting", "delayed", "running"):
            found = rows.get((lane, state))
            counted.add_metric([lane, state], found.jobs if found else 0)
        waiting = rows.get((lane, "waiting"))
        oldest.add_metric([lane], max(0.0, float(waiting.oldest or 0)) if waiting else 0.0)
    dead = gauge("dead_letters", "Work that staff must see to, by kind and name.", ["kind", "name"])
    for row in (await session.execute(_DEAD)).all():
        dead.add_metric([row.kind, row.name], row.n)
    alive = gauge("workers_alive", "Workers whose heartbeat is younger than 30 seconds.")
    alive.add_metric([], int(await session.scalar(_WORKERS) or 0))
    return [counted, oldest, dead, alive]


_last: tuple[float, list[Metric]] | None = None


async def read_all() -> list[Metric]:
    """Everything the readers say, at most a few seconds old; whether the database answered is a metric, too."""
    global _last
    if _last is not None and time.monotonic() - _last[0] < FRESH_SECONDS:
        return _last[1]
    found: list[Metric] = []
    up = gauge("database_up", "Whether the database answered when metrics were read.")
    try:
        async with asyncio.timeout(MOST_SECONDS), reading() as session:
            for read in READERS:
                found += await read(session)
    except (SQLAlchemyError, OSError) as error:  # a time-out is an OSError
        log.warning("metrics_database_unavailable", error=type(error).__name__)
        up.add_metric([], 0)
        return [up]
    up.add_metric([], 1)
    _last = (time.monotonic(), [up, *found])
    return _last[1]
