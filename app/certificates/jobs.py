"""Nightly cleanup of orphaned certificate files."""

from datetime import datetime

from sqlalchemy import text

from app.documents.orphan_cleanup import trash_orphans
from app.kernel import jobs
from app.kernel.jobs import Lane

REFERENCED_KEYS = text("SELECT storage_key FROM certificate WHERE storage_key = ANY(CAST(:keys AS text[]))")


@jobs.cleanup("certificates.trash-orphans", lane=Lane.HEAVY, cron="47 4 * * *")
async def trash_certificate_orphans(due: datetime) -> None:
    """Trash orphans that are two days old or older."""
    await trash_orphans("certificates", due, REFERENCED_KEYS)
