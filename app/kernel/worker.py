"""The worker's loop: takes jobs from their lanes, runs them, and writes down how they ended.

It survives outages of the database, as the web does: it reconnects with backoff, continues running jobs,
and writes the end of each job down when the database is back. Nothing runs twice: a job whose fetch was cut off goes
back to its queue, one that still runs stays this worker's, and jobs of a dead worker are put back only after its
heartbeat has been silent while the database was up.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import procrastinate.jobs
import psycopg
import structlog
from sqlalchemy import Row, TextClause, text

from app.kernel import clock_monitor, metrics
from app.kernel.db import database, hot_connection
from app.kernel.db_errors import is_database_unavailable
from app.kernel.jobs import LANES, Lane, LaneSize, RetryLater, jobs, retry_delay
from app.kernel.statements import KERNEL

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 5.0
STALLED_SECONDS = 30
STATEMENT_SECONDS = 30
GRACE_SECONDS = 15
"""How long a stopping worker waits for what it has begun."""
FIRST_BACKOFF, MAX_BACKOFF = 0.2, 3.0
MAX_REQUEUES = 10
"""A job that was cut off this often with its worker is a dead letter: it may be what kills them."""
MAX_INTERRUPTIONS = 20
"""A job that lost its connection this often is tried as one that fails: it may be what breaks it."""

_REGISTER = text("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
_HEARTBEAT = text("UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = :worker RETURNING id")
_ADOPT = KERNEL.load("jobs/adopt")
_UNREGISTER = text("DELETE FROM procrastinate_workers WHERE id = :worker")
_FETCH = KERNEL.load("jobs/fetch")
# Fetched, but the response was lost: no process runs them.
_REQUEUE_LOST = KERNEL.load("jobs/requeue_lost")
_SUCCEEDED = KERNEL.load("jobs/succeeded")
_FAILED = KERNEL.load("jobs/failed")
_RETRY = KERNEL.load("jobs/retry")
_REQUEUE = KERNEL.load("jobs/requeue")
# Not in the first minute after startup of the server: heartbeats couldn't be written during the outage.
_REQUEUE_STALLED = KERNEL.load("jobs/requeue_stalled")
_PRUNE = KERNEL.load("jobs/delete_dead_workers")

Job = procrastinate.jobs.Job


async def requeue_stalled_jobs() -> int:
    """Put jobs whose worker died back into their queue; returns how many. A living worker beats every few seconds."""
    rows = await _rows(_REQUEUE_STALLED, {"silent": STALLED_SECONDS, "most": MAX_REQUEUES})
    await _run(_PRUNE, {})
    for row in rows:
        log.warning("stalled_job_requeued", job_id=row.id)
    return len(rows)


async def _run(statement: TextClause, values: Mapping[str, Any]) -> None:
    """Run a statement as a transaction of its own; one that hangs is given up, and its connection with it."""
    async with asyncio.timeout(STATEMENT_SECONDS), hot_connection() as connection:
        await connection.execute(statement, values)


async def _rows(statement: TextClause, values: Mapping[str, Any]) -> list[Row[Any]]:
    async with asyncio.timeout(STATEMENT_SECONDS), hot_connection() as connection:
        return list((await connection.execute(statement, values)).all())


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended, as a statement."""

    result: str
    statement: TextClause
    wait: float | None = None


class Worker:
    """One process's worker. `lanes` says how many jobs of each lane run at once."""

    def __init__(self, lanes: Mapping[Lane, LaneSize] = LANES, *, grace_seconds: float = GRACE_SECONDS) -> None:
        self.lanes = lanes
        self.grace_seconds = grace_seconds
        self.id: int | None = None
        self.heartbeat_at: float | None = None
        self._running: dict[int, asyncio.Task[None]] = {}
        self._wake = {lane: asyncio.Event() for lane in lanes}
        self._interruptions: Counter[int] = Counter()
        self._fetching = asyncio.Lock()
        self._is_database_down = False
        self._is_ending = False

    @property
    def heartbeat_age(self) -> float | None:
        """How long ago the database last took this worker's heartbeat; None before the first."""
        return None if self.heartbeat_at is None else time.monotonic() - self.heartbeat_at

    async def run(self, stop: asyncio.Event) -> None:
        """Run jobs until stopped; running jobs get a grace period."""
        beating = asyncio.create_task(self._forever(self._heartbeat, HEARTBEAT_SECONDS))
        loops = [asyncio.create_task(self._serve(lane, size.slots)) for lane, size in self.lanes.items()]
        loops.append(asyncio.create_task(self._listen()))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({beating, stopping, *loops}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for loop in (*loops, stopping):
                loop.cancel()
            ended = await asyncio.gather(*loops, stopping, return_exceptions=True)
            await self._end()
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, Exception):
                raise outcome

    async def run_due(self) -> int:
        """Run what is due now in every lane, and what that makes due, one by one; returns how many. For tests and
        commands."""
        await self._heartbeat()
        count = 0
        try:
            while (job := await self._fetch(list(self.lanes))) is not None:
                assert job.id is not None
                await self._running[job.id]
                count += 1
        finally:
            await self._end()
        return count

    # --- taking jobs

    async def _serve(self, lane: Lane, slots: int) -> None:
        places = asyncio.Semaphore(slots)
        pause = FIRST_BACKOFF
        while True:
            await places.acquire()
            try:
                job = await self._fetch([lane], places)
                pause = FIRST_BACKOFF
            except Exception as error:  # noqa: BLE001 # wait while the database is unavailable
                self._lost(error)
                places.release()
                await asyncio.sleep(pause)
                pause = min(MAX_BACKOFF, pause * 2)
                continue
            if job is None:
                places.release()
                self._wake[lane].clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._wake[lane].wait()

    async def _fetch(self, lanes: list[Lane], places: asyncio.Semaphore | None = None) -> Job | None:
        async with self._fetching:
            if self.id is None:
                await self._register()
            (row,) = await _rows(_FETCH, {"lanes": [lane.value for lane in lanes], "worker": self.id})
            if row.id is None:
                return None
            job = Job.from_row(dict(row._mapping))  # the row's public mapping
            assert job.id is not None
            running = asyncio.create_task(self._do(job), name=f"job {job.task_name}")
            self._running[job.id] = running
        if places is not None:
            running.add_done_callback(lambda _task: places.release())
        return job

    async def _listen(self) -> None:
        """Be woken as jobs are enqueued. Without it (a pooler between) they are found by asking each second."""
        arguments = database().address.for_psycopg() | {"application_name": "ventanilla-listen"}
        while True:
            with contextlib.suppress(psycopg.Error, OSError):
                async with await psycopg.AsyncConnection.connect(autocommit=True, **arguments) as connection:
                    for lane in self.lanes:
                        await connection.execute(f'LISTEN "procrastinate_queue_v1#{lane.value}"')
                    while True:
                        async for note in connection.notifies(timeout=30):
                            self._wake[Lane(note.channel.partition("#")[2])].set()
                        await connection.execute("SELECT 1")
            await asyncio.sleep(MAX_BACKOFF)

    # --- running them

    async def _do(self, job: Job) -> None:
        assert job.id is not None
        began = time.monotonic()
        try:
            ending = await self._outcome(job)
            metrics.JOBS.labels(job.task_name, ending.result).inc()
            metrics.JOB_SECONDS.labels(job.task_name).observe(time.monotonic() - began)
            await self._write_down(job, ending)
        finally:
            self._running.pop(job.id, None)

    async def _outcome(self, job: Job) -> Outcome:
        try:
            task = jobs.tasks.get(job.task_name)
            if task is None:
                raise LookupError(f"no task is called {job.task_name}")
            await task(**job.task_kwargs)
        except asyncio.CancelledError:
            return Outcome("interrupted", _REQUEUE, wait=0)
        except Exception as error:  # noqa: BLE001 # whatever fails is retried, then a dead letter: nothing is lost
            return self._after_failure(job, error)
        return Outcome("succeeded", _SUCCEEDED)

    def _after_failure(self, job: Job, error: Exception) -> Outcome:
        assert job.id is not None
        about = {"job_id": job.id, "task": job.task_name, "attempt": job.attempts + 1}
        if is_database_unavailable(error) and self._interruptions[job.id] < MAX_INTERRUPTIONS:
            self._interruptions[job.id] += 1
            log.warning("job_interrupted", **about, error=type(error).__name__)
            return Outcome("interrupted", _REQUEUE, wait=1)
        trace = None if isinstance(error, RetryLater) else error
        wait = retry_delay(job.task_name, job.attempts)
        if wait is None:
            log.error("job_failed", **about, error=type(error).__name__, exc_info=trace)
            return Outcome("failed", _FAILED)
        if isinstance(error, RetryLater):
            wait = max(wait, error.after)
        log.warning("job_retried", **about, error=type(error).__name__, exc_info=trace)
        return Outcome("retried", _RETRY, wait=wait)

    async def _write_down(self, job: Job, ending: Outcome) -> None:
        assert job.id is not None
        pause = FIRST_BACKOFF
        while True:
            values = {"id": job.id, "worker": self.id} | ({} if ending.wait is None else {"wait": ending.wait})
            try:
                taken = await _rows(ending.statement, values)
            except Exception as error:  # noqa: BLE001 # the end of a job is known here alone until it is written
                self._lost(error)
                if self._is_ending:
                    return
                await asyncio.sleep(pause)
                pause = min(MAX_BACKOFF, pause * 2)
                continue
            if ending.result != "interrupted":
                del self._interruptions[job.id]
            if not taken:
                log.warning("job_outcome_not_saved", job_id=job.id, task=job.task_name, result=ending.result)
            return

    # --- being known

    async def _forever(self, step: Any, seconds: float) -> None:
        pause = FIRST_BACKOFF
        while True:
            try:
                await step()
                pause = FIRST_BACKOFF
            except Exception as error:  # noqa: BLE001 # wait while the database is unavailable
                self._lost(error)
                await asyncio.sleep(pause)
                pause = min(MAX_BACKOFF, pause * 2)
                continue
            await asyncio.sleep(seconds)

    async def _heartbeat(self) -> None:
        async with self._fetching:
            if self.id is None or not await _rows(_HEARTBEAT, {"worker": self.id}):
                await self._register()
            lost = await _rows(_REQUEUE_LOST, {"worker": self.id, "running": list(self._running)})
        for row in lost:
            log.warning("job_requeued", job_id=row.id)
        await clock_monitor.observe()
        self.heartbeat_at = time.monotonic()
        metrics.WORKER_HEARTBEAT.set_to_current_time()
        if self._is_database_down:
            self._is_database_down = False
            log.info("database_available")

    async def _register(self) -> None:
        (row,) = await _rows(_REGISTER, {})
        self.id = row.id
        await _run(_ADOPT, {"worker": self.id, "running": list(self._running)})

    def _lost(self, error: Exception) -> None:
        if not is_database_unavailable(error):
            log.error("worker_error", exc_info=error)
        elif not self._is_database_down:
            self._is_database_down = True
            log.warning("database_unavailable", error=type(error).__name__)

    async def _end(self) -> None:
        if self._running:
            log.info("worker_draining", jobs=len(self._running))
            await asyncio.wait(self._running.values(), timeout=self.grace_seconds)
        self._is_ending = True
        left = list(self._running.values())
        for running in left:
            running.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        with contextlib.suppress(Exception):
            await _run(_REQUEUE_LOST, {"worker": self.id, "running": []})
            await _run(_UNREGISTER, {"worker": self.id})
        self.id = None
        self._is_ending = False
