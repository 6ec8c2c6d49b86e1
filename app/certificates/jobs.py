"""Nightly: files of certificates that no row names are removed."""

from datetime import datetime, timedelta

from sqlalchemy import text

from app.documents.sweeping import sweep
from app.kernel import jobs
from app.kernel.lanes import Lane

YOUNG = timedelta(days=2)

NAMED = text("SELECT storage_key FROM certificate WHERE storage_key = ANY(CAST(:keys AS text[]))")


@jobs.sweep("certificates.sweep", lane=Lane.HEAVY, cron="47 4 * * *")
async def sweep_certificates(due: datetime) -> None:
    """What a broken transaction left behind two days ago or longer."""
    await sweep("certificates", due - YOUNG, NAMED)
