"""Work done outside a request: tasks in PostgreSQL (Procrastinate's tables and functions), run by `worker`.

A job does one outward thing and is safe to repeat. `enqueue` joins the caller's transaction, so a job is there
exactly when what asked for it is; it works with either driver, in a web request as in a job. A failing job is retried
with growing waits, then becomes a dead letter that staff see. Scheduled tasks are enqueued by every worker's
`Scheduler` when they are due.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import procrastinate
import structlog
from procrastinate import PsycopgConnector
from procrastinate.periodic import PeriodicTask
from procrastinate.tasks import Task
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock_monitor
from app.kernel.db import Db, transaction
from app.kernel.db_errors import is_database_unavailable
from app.kernel.statements import KERNEL

log = structlog.get_logger(__name__)


class Lane(StrEnum):
    """The queue of a job."""

    CODES_EMAIL = "codes-email"
    CODES_SMS = "codes-sms"
    MESSAGES_EMAIL = "messages-email"
    MESSAGES_SMS = "messages-sms"
    MESSAGES_PUSH = "messages-push"
    REMINDERS_EMAIL = "reminders-email"
    REMINDERS_SMS = "reminders-sms"
    WEBHOOKS = "webhooks"
    SCHEDULED = "scheduled"
    HEAVY = "heavy"


@dataclass(frozen=True, slots=True)
class LaneSize:
    """How many jobs of a lane run at once in a process, and the priority its jobs are enqueued with."""

    slots: int
    priority: int


LANES: dict[Lane, LaneSize] = {
    Lane.CODES_EMAIL: LaneSize(slots=8, priority=100),
    Lane.CODES_SMS: LaneSize(slots=8, priority=100),
    Lane.MESSAGES_EMAIL: LaneSize(slots=8, priority=50),
    Lane.MESSAGES_SMS: LaneSize(slots=4, priority=50),
    Lane.MESSAGES_PUSH: LaneSize(slots=8, priority=40),
    Lane.REMINDERS_EMAIL: LaneSize(slots=2, priority=30),
    Lane.REMINDERS_SMS: LaneSize(slots=2, priority=30),
    Lane.WEBHOOKS: LaneSize(slots=6, priority=25),
    Lane.SCHEDULED: LaneSize(slots=3, priority=20),
    Lane.HEAVY: LaneSize(slots=1, priority=10),
}


# The registry of tasks and schedules. Jobs are enqueued and run by this module and `worker`, never by its connector.
jobs = procrastinate.App(connector=PsycopgConnector())

DEFAULT_MAX_ATTEMPTS = 6

AsyncFunction = Callable[..., Awaitable[Any]]
Scheduled = Callable[[datetime], Awaitable[Any]]
JobTask = Task[Any, Any, Any]

_DEFER = KERNEL.load("jobs/enqueue")
_DEFER_MANY = KERNEL.load("jobs/enqueue_many")
_DELETE_ENDED = KERNEL.load("jobs/delete_ended")


class RetryLater(Exception):  # noqa: N818 # says what to do
    """A failure that is expected and logged where it happened: the job is retried without a traceback, and not before
    `after` seconds."""

    def __init__(self, reason: str = "", *, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a task is tried; the waits between are 5, 25, 125 ... seconds when the first is 5."""

    max_attempts: int
    first_wait: int


_RETRIES: dict[str, RetryPolicy] = {}
CLEANUPS: set[str] = set()
"""Scheduled tasks that delete or expire by time."""


def task(
    name: str, *, lane: Lane, max_attempts: int = DEFAULT_MAX_ATTEMPTS, first_wait: int = 5
) -> Callable[[AsyncFunction], JobTask]:
    """Register a coroutine as a task of a lane. It is tried `tries` times, each wait longer, then is a dead letter."""
    _RETRIES[name] = RetryPolicy(max_attempts, first_wait)
    return jobs.task(name=name, queue=lane, priority=LANES[lane].priority)


def retry_delay(name: str, attempts: int) -> float | None:
    """Seconds until a job that failed is tried again; None when its attempts are used up. `attempts`: those before."""
    retries = _RETRIES.get(name, RetryPolicy(1, 0))
    return None if attempts + 1 >= retries.max_attempts else float(retries.first_wait ** (attempts + 1))


def periodic(name: str, *, cron: str, lane: Lane = Lane.SCHEDULED) -> Callable[[Scheduled], JobTask]:
    """Register a coroutine to run on a schedule (UTC); it is called with the due time. One run at a time.

    It doesn't run in a process whose clock is far from the database's. What deletes or expires is a `cleanup`.
    """
    return _scheduled(name, cron, lane, clock_monitor.agrees)


def cleanup(name: str, *, cron: str, lane: Lane = Lane.SCHEDULED) -> Callable[[Scheduled], JobTask]:
    """Register a coroutine that deletes or expires by time, as `periodic`; it also waits after a jump of the clock."""
    CLEANUPS.add(name)
    return _scheduled(name, cron, lane, clock_monitor.is_trusted)


def _scheduled(
    name: str, cron: str, lane: Lane, allowed: Callable[[str], Awaitable[bool]]
) -> Callable[[Scheduled], JobTask]:
    def register(function: Scheduled) -> JobTask:
        async def run(timestamp: int) -> None:
            if await allowed(name):
                await function(datetime.fromtimestamp(timestamp, UTC))

        run.__doc__ = function.__doc__
        made = jobs.task(name=name, queue=lane, priority=LANES[lane].priority, queueing_lock=name, lock=name)(run)
        return jobs.periodic(cron=cron, periodic_id=name)(made)

    return register


async def enqueue(
    session: Db, what: JobTask, *, lane: Lane | None = None, lock: str | None = None, **arguments: Any
) -> int:
    """Ask for a task in the caller's transaction: it exists if and only if that commits. Returns the job's id.

    Jobs with the same `lock` run one at a time. `lane` is the task's own unless given.
    """
    return await enqueue_named(session, what.name, lane=lane or Lane(what.queue), lock=lock, **arguments)


async def enqueue_named(session: Db, name: str, *, lane: Lane, lock: str | None = None, **arguments: Any) -> int:
    """As `enqueue`, for a task that a package above registers under this name."""
    asked = {"queue": lane.value, "task": name, "priority": LANES[lane].priority, "lock": lock}
    row = (await session.execute(_DEFER, asked | {"args": json.dumps(arguments)})).one()
    return int(row.id)


@dataclass(frozen=True, slots=True)
class NewJob:
    """One of many jobs of a task: its lane, its lock and its arguments."""

    lane: Lane
    lock: str
    arguments: dict[str, Any]


async def enqueue_many(session: Db, name: str, asked: Sequence[NewJob]) -> None:
    """As `enqueue_named`, for many jobs of one task in one statement."""
    if asked:
        rows = [
            {"queue": job.lane.value, "priority": LANES[job.lane].priority, "lock": job.lock, "args": job.arguments}
            for job in asked
        ]
        await session.execute(_DEFER_MANY, {"task": name, "jobs": json.dumps(rows)})


async def delete_ended(session: AsyncSession, before: datetime) -> None:
    """Delete jobs that ended well before this time."""
    await session.execute(_DELETE_ENDED, {"before": before})


LONGEST_SLEEP = 20.0
LATE_SECONDS = 600
"""A task that never ran in this database begins with its next time, unless the last one is this near."""

_DATABASE_NOW = text("SELECT extract(epoch FROM clock_timestamp())::double precision")
_HAS_RUN = text("SELECT 1 FROM procrastinate_periodic_defers WHERE task_name = :task AND periodic_id = :id LIMIT 1")
_DEFER_DUE = KERNEL.load("jobs/enqueue_due")

Periodic = PeriodicTask[..., object, ...]


class Scheduler:
    """Remembers the last run it enqueued of each task. After a pause only the newest run is made up for."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Enqueue what is due until stopped. Waits while the database is unavailable."""
        while not stop.is_set():
            try:
                wait = await self.tick()
            except Exception as error:  # the database may come back; the newest runs are made up for
                if not is_database_unavailable(error):
                    log.error("scheduler_error", exc_info=error)
                wait = 1.0
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(wait, LONGEST_SLEEP)):
                    await stop.wait()

    async def tick(self) -> float:
        """Enqueue what is due; returns the seconds until the next task is."""
        async with transaction() as session:
            now = float((await session.execute(_DATABASE_NOW)).scalar_one())
        nearest = LONGEST_SLEEP
        for task in jobs.periodic_registry.periodic_tasks.values():
            task.croniter.set_current(start_time=now)
            due = round(task.croniter.get_prev(ret_type=float))
            task.croniter.set_current(start_time=now)
            nearest = min(nearest, task.croniter.get_next(ret_type=float) - now)
            if self._last.get(task.periodic_id) != due:
                await self._enqueue(task, due, now)
                self._last[task.periodic_id] = due
        return nearest + 0.05

    async def _enqueue(self, task: Periodic, due: int, now: float) -> None:
        asked = {
            "queue": task.task.queue,
            "lock": task.task.lock,
            "queueing_lock": task.task.queueing_lock,
            "task": task.task.name,
            "priority": task.task.priority,
            "id": task.periodic_id,
            "due": due,
            "args": json.dumps({"timestamp": due}),
        }
        try:
            async with transaction() as session:
                known = await session.scalar(_HAS_RUN, {"task": task.task.name, "id": task.periodic_id})
                if known or now - due <= LATE_SECONDS:
                    await session.execute(_DEFER_DUE, asked)
        except IntegrityError:
            log.info("scheduled_run_already_queued", task=task.task.name)  # the one before wasn't begun yet
