"""Scheduled work of the registry: the record of who saw whose data is deleted when its time is over, and people who
said who they are and went no further are forgotten."""

from datetime import datetime, timedelta

from app.kernel.db import transaction
from app.kernel.jobs import sweep
from app.kernel.settings_sections import access_log_settings
from app.registry.access_history import DELETED_AT_ONCE, delete_views
from app.registry.declared import forget_unproved

UNPROVED = timedelta(days=1)
"""Longer than any code is good."""


@sweep("registry.forget-declared", cron="43 3 * * *")
async def forget_declared(due: datetime) -> None:
    """Nightly: who said who they are and never proved a contact is forgotten."""
    async with transaction() as session:
        await forget_unproved(session, due - UNPROVED)


@sweep("registry.delete-views", cron="47 3 * * *")
async def delete_old_views(due: datetime) -> None:
    """Nightly: views of personal data older than the setting are deleted, a batch at a time."""
    before = due - timedelta(days=access_log_settings().days)
    deleted = DELETED_AT_ONCE
    while deleted == DELETED_AT_ONCE:
        async with transaction() as session:
            deleted = await delete_views(session, before)
