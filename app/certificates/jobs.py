"""Nightly: files of certificates that no row names go to the trash."""

from datetime import datetime

from sqlalchemy import text

from app.documents.orphans import clean
from app.kernel import jobs
from app.kernel.lanes import Lane

NAMED = text("SELECT storage_key FROM certificate WHERE storage_key = ANY(CAST(:keys AS text[]))")


@jobs.sweep("certificates.sweep", lane=Lane.HEAVY, cron="47 4 * * *")
async def sweep_certificates(due: datetime) -> None:
    """What a broken transaction left behind two days ago or longer."""
    await clean("certificates", due, NAMED)
