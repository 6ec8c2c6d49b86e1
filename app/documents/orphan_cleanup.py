"""Cleanup of orphans: stored files that no row references, left by failed transactions or an unavailable store.

They are personal data, so they aren't retained. Their rows may also be missing by mistake (another database, a restored
one), so they stay in a trash for thirty days, and a run that finds too many stops and reports it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.sql.elements import TextClause

from app.documents import durable, ownership, storage
from app.kernel import metrics
from app.kernel.db import reading

log = structlog.get_logger(__name__)

MIN_AGE = timedelta(days=2)
"""Younger files are skipped: their row may be about to commit."""
TRASH = "trash"
TRASHED = re.compile(rf"{TRASH}/([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})/")
TRASH_RETENTION = timedelta(days=30)
MAX_SHARE, MAX_COUNT = 0.05, 20
"""Thresholds, as a share of files and as a number; above both, failed transactions aren't the cause."""


class TooManyOrphans(RuntimeError):  # noqa: N818 # what was found
    """Too many orphans to be explained by failed transactions. Nothing was moved."""

    def __init__(self, prefix: str, orphans: int, files: int) -> None:
        super().__init__(
            f"{orphans} of {files} files in {prefix} are named by no row of this database; up to"
            f" {max(MAX_COUNT, int(files * MAX_SHARE))} are moved to the trash without asking. Nothing was moved. See"
            " whether the database is the right and whole one; if it is, run: ventanilla storage clean --all"
        )
        self.orphans, self.files = orphans, files


@dataclass(slots=True)
class OrphanScan:
    """The number of files under a prefix, and the orphans among them."""

    files: int = 0
    orphans: list[str] = field(default_factory=list)

    @property
    def is_suspect(self) -> bool:
        """Return whether there are more orphans than failed transactions explain."""
        return len(self.orphans) > max(MAX_COUNT, self.files * MAX_SHARE)


async def find_orphans(prefix: str, before: datetime, statement: TextClause) -> OrphanScan:
    """Find orphans under a prefix, ignoring files written after `before`. `statement` returns which of `:keys` are
    referenced.

    Raises:
        StorageUnavailable: the store doesn't answer.
    """
    found = OrphanScan()
    async for listed in storage.list_files(prefix):
        found.files += len(listed)
        old = [one.key for one in listed if one.modified < before]
        if old:
            named = await _referenced(old, statement)
            found.orphans.extend(key for key in old if key not in named)
    return found


async def _referenced(keys: Sequence[str], statement: TextClause) -> set[str]:
    async with reading() as session:
        return set((await session.execute(statement, {"keys": list(keys)})).scalars())


async def trash_orphans(prefix: str, now: datetime, statement: TextClause, *, however_many: bool = False) -> int:
    """Move orphans under a prefix to the trash; returns their number.

    Raises:
        ForeignStore: the store is another database's. TooManyOrphans: nothing was moved. StorageUnavailable: it doesn't
        answer; the next night goes on.
    """
    await ownership.require_own_store()
    found = await find_orphans(prefix, now - MIN_AGE, statement)
    is_stopped = found.is_suspect and not however_many
    metrics.STORAGE_ORPHANS.labels(prefix).set(len(found.orphans) if is_stopped else 0)
    if is_stopped:
        log.error("too_many_orphans", prefix=prefix, orphans=len(found.orphans), files=found.files)
        raise TooManyOrphans(prefix, len(found.orphans), found.files)
    for key in found.orphans:
        await storage.move(key, f"{TRASH}/{now:%Y-%m-%d}/{key}")
        log.warning("file_trashed", key=key)
    return len(found.orphans)


async def empty_trash(now: datetime) -> int:
    """Delete what has been in the trash for thirty days, and incomplete writes; returns the number of files.

    Raises:
        ForeignStore: the store is another database's. StorageUnavailable: it doesn't answer.
    """
    await ownership.require_own_store()
    removed = 0
    async for listed in storage.list_files(TRASH):
        old = [one.key for one in listed if _trashed_before(one.key, now - TRASH_RETENTION)]
        removed += await _remove(old)
    async for listed in storage.list_files(durable.DRAFTS):
        old = [one.key for one in listed if one.modified < now - MIN_AGE]
        removed += await _remove(old)
    return removed


async def _remove(keys: Sequence[str]) -> int:
    await storage.remove(list(keys))
    for key in keys:
        log.warning("trash_removed", key=key)
    return len(keys)


async def recover(statement: TextClause) -> int:
    """Restore from the trash what a row references; returns the number of files.

    Raises:
        ForeignStore, StorageUnavailable.
    """
    await ownership.require_own_store()
    back = 0
    async for listed in storage.list_files(TRASH):
        places = {one.key.split("/", 2)[2]: one.key for one in listed if one.key.count("/") > 1}
        for key in await _referenced(list(places), statement):
            await storage.move(places[key], key)
            log.warning("file_recovered", key=key)
            back += 1
    return back


def _trashed_before(key: str, moment: datetime) -> bool:
    """Return whether a file was trashed on an earlier day (UTC), which its key contains in sortable form."""
    found = TRASHED.match(key)
    return found is not None and found.group(1) < f"{moment:%Y-%m-%d}"
