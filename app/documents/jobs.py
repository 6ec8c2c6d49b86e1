"""Nightly: files of documents that no row names go to the trash, and old trash goes for good."""

from datetime import datetime

from sqlalchemy import text

from app.documents.orphan_cleanup import empty_trash, trash_orphans
from app.kernel import jobs
from app.kernel.lanes import Lane

REFERENCED_KEYS = text("SELECT storage_key FROM document WHERE storage_key = ANY(CAST(:keys AS text[]))")


@jobs.sweep("documents.trash-orphans", lane=Lane.HEAVY, cron="37 4 * * *")
async def trash_document_orphans(due: datetime) -> None:
    """What a broken transaction left behind two days ago or longer."""
    await trash_orphans("documents", due, REFERENCED_KEYS)


@jobs.sweep("documents.empty-trash", lane=Lane.HEAVY, cron="57 4 * * *")
async def empty_old_trash(due: datetime) -> None:
    """What has been in the trash for thirty days."""
    await empty_trash(due)
