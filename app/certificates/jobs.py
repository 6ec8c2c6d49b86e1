"""Nightly: files of certificates that no row names go to the trash."""

from datetime import datetime

from sqlalchemy import text

from app.documents.orphan_cleanup import trash_orphans
from app.kernel import jobs
from app.kernel.lanes import Lane

REFERENCED_KEYS = text("SELECT storage_key FROM certificate WHERE storage_key = ANY(CAST(:keys AS text[]))")


@jobs.sweep("certificates.trash-orphans", lane=Lane.HEAVY, cron="47 4 * * *")
async def trash_certificate_orphans(due: datetime) -> None:
    """What a broken transaction left behind two days ago or longer."""
    await trash_orphans("certificates", due, REFERENCED_KEYS)
