"""Enqueues scheduled tasks when they are due by the database's clock. Every worker does; each run is enqueued once."""

import asyncio
import contextlib
import json

import structlog
from procrastinate.periodic import PeriodicTask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.kernel.db import transaction
from app.kernel.db_errors import is_database_unavailable
from app.kernel.jobs import jobs

log = structlog.get_logger(__name__)

LONGEST_SLEEP = 20.0
LATE_SECONDS = 600
"""A task that never ran in this database begins with its next time, unless the last one is this near."""

_NOW = text("SELECT extract(epoch FROM clock_timestamp())::double precision")
_KNOWN = text("SELECT 1 FROM procrastinate_periodic_defers WHERE task_name = :task AND periodic_id = :id LIMIT 1")
_DEFER = text(
    "SELECT procrastinate_defer_periodic_job_v2(CAST(:queue AS varchar), CAST(:lock AS varchar),"
    " CAST(:queueing_lock AS varchar), CAST(:task AS varchar), CAST(:priority AS integer), CAST(:id AS varchar),"
    " CAST(:due AS bigint), CAST(:args AS jsonb))"
)

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
            now = float((await session.execute(_NOW)).scalar_one())
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
                known = await session.scalar(_KNOWN, {"task": task.task.name, "id": task.periodic_id})
                if known or now - due <= LATE_SECONDS:
                    await session.execute(_DEFER, asked)
        except IntegrityError:
            log.info("scheduled_run_already_queued", task=task.task.name)  # the one before wasn't begun yet
