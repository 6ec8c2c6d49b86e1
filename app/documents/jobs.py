"""Nightly: files of documents that no row names go to the trash, and old trash goes for good."""

from datetime import datetime

from sqlalchemy import text

from app.documents.orphans import clean, empty_trash
from app.kernel import jobs
from app.kernel.lanes import Lane

NAMED = text("SELECT storage_key FROM document WHERE storage_key = ANY(CAST(:keys AS text[]))")


@jobs.sweep("documents.sweep", lane=Lane.HEAVY, cron="37 4 * * *")
async def sweep_documents(due: datetime) -> None:
    """What a broken transaction left behind two days ago or longer."""
    await clean("documents", due, NAMED)


@jobs.sweep("documents.empty-trash", lane=Lane.HEAVY, cron="57 4 * * *")
async def empty_old_trash(due: datetime) -> None:
    """What has been in the trash for thirty days."""
    await empty_trash(due)
