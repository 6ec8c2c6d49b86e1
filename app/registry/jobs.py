"""Scheduled work of the registry: the record of who saw whose data is deleted when its time is over."""

from datetime import datetime, timedelta

from app.kernel.db import transaction
from app.kernel.jobs import sweep
from app.kernel.terms import access_log_terms
from app.registry.access_history import DELETED_AT_ONCE, delete_views


@sweep("registry.delete-views", cron="47 3 * * *")
async def delete_old_views(due: datetime) -> None:
    """Nightly: views of personal data older than the setting are deleted, a batch at a time."""
    before = due - timedelta(days=access_log_terms().days)
    deleted = DELETED_AT_ONCE
    while deleted == DELETED_AT_ONCE:
        async with transaction() as session:
            deleted = await delete_views(session, before)
