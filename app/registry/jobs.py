"""Scheduled tasks of the registry: delete expired entries of the access log, and declared people who never proved a
contact."""

from datetime import datetime, timedelta

from app.identity.service import assistance
from app.kernel.db import transaction
from app.kernel.jobs import cleanup
from app.registry.access_history import DELETE_BATCH, delete_views
from app.registry.declared import delete_unverified
from app.registry.settings import access_log_settings

UNVERIFIED_RETENTION = timedelta(days=1)
"""Longer than any code is good."""


@cleanup("registry.delete-unverified", cron="43 3 * * *")
async def delete_unverified_people(due: datetime) -> None:
    """Delete declared people who never proved a contact (nightly)."""
    async with transaction() as session:
        await delete_unverified(session, due - UNVERIFIED_RETENTION)


@cleanup("registry.delete-views", cron="47 3 * * *")
async def delete_old_views(due: datetime) -> None:
    """Delete entries of the access log past their retention, and assistances with them, in batches (nightly)."""
    before = due - timedelta(days=access_log_settings().access_log_days)
    deleted = DELETE_BATCH
    while deleted == DELETE_BATCH:
        async with transaction() as session:
            deleted = await delete_views(session, before)
    ended = 1
    while ended:
        async with transaction() as session:
            ended = await assistance.delete_before(session, before)
