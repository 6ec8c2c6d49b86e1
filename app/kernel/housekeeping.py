"""Scheduled tasks of the kernel: create partitions, delete old keys, counters and finished jobs."""

from datetime import datetime, timedelta

from app.kernel import idempotency, rate_limits, worker
from app.kernel.db import transaction
from app.kernel.events import create_partitions
from app.kernel.jobs import cleanup, delete_ended, periodic
from app.kernel.settings import get_settings

KEEP_JOBS = timedelta(days=7)


@periodic("kernel.partitions", cron="17 * * * *")
async def partitions(_due: datetime) -> None:
    """Create the event log's partitions for the coming months (hourly)."""
    async with transaction() as session:
        await create_partitions(session)


@cleanup("kernel.housekeeping", cron="19 * * * *")
async def housekeeping(due: datetime) -> None:
    """Delete old idempotency keys, finished jobs and expired counters (hourly)."""
    async with transaction() as session:
        await idempotency.delete_old_keys(session, get_settings().idempotency_hours)
        await delete_ended(session, due - KEEP_JOBS)
    await rate_limits.delete_expired(due)


@periodic("kernel.stalled-jobs", cron="* * * * *")
async def requeue_stalled_jobs(_due: datetime) -> None:
    """Requeue the jobs of dead workers (every minute). Depends on the database's clock only."""
    await worker.requeue_stalled_jobs()
