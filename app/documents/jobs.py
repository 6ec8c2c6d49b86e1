"""Nightly cleanup: orphaned files of documents go to the trash, and old trash is deleted."""

from datetime import datetime

from sqlalchemy import text

from app.documents.orphan_cleanup import empty_trash, trash_orphans
from app.kernel import jobs
from app.kernel.jobs import Lane

REFERENCED_KEYS = text("SELECT storage_key FROM document WHERE storage_key = ANY(CAST(:keys AS text[]))")


@jobs.cleanup("documents.trash-orphans", lane=Lane.HEAVY, cron="37 4 * * *")
async def trash_document_orphans(due: datetime) -> None:
    """Trash orphans that are two days old or older."""
    await trash_orphans("documents", due, REFERENCED_KEYS)


@jobs.cleanup("documents.empty-trash", lane=Lane.HEAVY, cron="57 4 * * *")
async def empty_old_trash(due: datetime) -> None:
    """Delete what has been in the trash for thirty days."""
    await empty_trash(due)
