"""Scheduled work of the registry: the record of who saw whose data is deleted when its time is over, and people who
said who they are and went no further are forgotten."""

from datetime import datetime, timedelta

from app.kernel.db import transaction
from app.kernel.jobs import sweep
from app.kernel.settings_sections import access_log_settings
from app.registry.access_history import DELETE_BATCH, delete_views
from app.registry.declared import delete_unverified

UNVERIFIED_RETENTION = timedelta(days=1)
"""Longer than any code is good."""


@sweep("registry.delete-unverified", cron="43 3 * * *")
async def delete_unverified_people(due: datetime) -> None:
    """Nightly: who said who they are and never proved a contact is forgotten."""
    async with transaction() as session:
        await delete_unverified(session, due - UNVERIFIED_RETENTION)


@sweep("registry.delete-views", cron="47 3 * * *")
async def delete_old_views(due: datetime) -> None:
    """Nightly: views of personal data older than the setting are deleted, a batch at a time."""
    before = due - timedelta(days=access_log_settings().days)
    deleted = DELETE_BATCH
    while deleted == DELETE_BATCH:
        async with transaction() as session:
            deleted = await delete_views(session, before)
