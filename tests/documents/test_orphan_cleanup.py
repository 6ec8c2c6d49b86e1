"""Files no one names go to a trash, unless there are too many to believe; and never those of another database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from structlog.testing import capture_logs

from app.certificates.jobs import REFERENCED_KEYS as CERTIFICATES
from app.documents import orphan_cleanup, ownership, storage
from app.documents.jobs import REFERENCED_KEYS
from app.documents.models import Document
from app.documents.ownership import ForeignStore
from app.documents.problems import StorageUnavailable
from app.kernel import clock
from app.kernel import db as kernel_db
from tests.conftest import Database, drop, execute
from tests.documents.conftest import files_in
from tests.documents.factories import keep

LATER = timedelta(days=3)


async def documents(db: Database, count: int) -> list[Document]:
    """Documents with rows and files."""
    async with db.transaction() as session:
        return [await keep(session) for _ in range(count)]


async def left_behind(count: int, room: str = "documents") -> list[str]:
    """Files without rows."""
    keys = [storage.new_key(room) for _ in range(count)]
    for key in keys:
        await storage.put(key, b"left behind")
    return keys


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in files_in(folder)} - {ownership.MARKER}


async def test_what_no_row_names_waits_in_the_trash_and_goes_after_thirty_days(
    db: Database, storage_folder: Path
) -> None:
    [stored] = await documents(db, 1)
    [lost] = await left_behind(1)
    [other] = await left_behind(1, "certificates")
    now = clock.now()
    assert await orphan_cleanup.trash_orphans("documents", now, REFERENCED_KEYS) == 0, "it is young"
    with capture_logs() as logs:
        assert await orphan_cleanup.trash_orphans("documents", now + LATER, REFERENCED_KEYS) == 1
    assert [one["key"] for one in logs if one["event"] == "file_trashed"] == [lost]
    trashed = f"trash/{now + LATER:%Y-%m-%d}/{lost}"
    assert names(storage_folder) == {stored.storage_key, other, trashed}
    assert await orphan_cleanup.trash_orphans("certificates", now + LATER, CERTIFICATES) == 1
    assert await orphan_cleanup.empty_trash(now + LATER + timedelta(days=30)) == 0
    with capture_logs() as logs:
        assert await orphan_cleanup.empty_trash(now + LATER + timedelta(days=31)) == 2
    assert trashed in [one["key"] for one in logs if one["event"] == "trash_removed"]
    assert names(storage_folder) == {stored.storage_key}


async def test_a_run_that_finds_too_many_moves_nothing_and_says_so(db: Database, storage_folder: Path) -> None:
    await documents(db, 10)
    await left_behind(orphan_cleanup.MAX_COUNT + 1)
    before = names(storage_folder)
    with capture_logs() as logs, pytest.raises(orphan_cleanup.TooManyOrphans, match="21 of 31 files in documents"):
        await orphan_cleanup.trash_orphans("documents", clock.now() + LATER, REFERENCED_KEYS)
    assert "too_many_orphans" in [one["event"] for one in logs]
    assert names(storage_folder) == before
    assert (
        await orphan_cleanup.trash_orphans("documents", clock.now() + LATER, REFERENCED_KEYS, however_many=True) == 21
    )
    assert await orphan_cleanup.trash_orphans("documents", clock.now() + LATER, REFERENCED_KEYS) == 0


async def test_a_few_are_moved_whatever_their_share(db: Database, storage_folder: Path) -> None:
    await left_behind(orphan_cleanup.MAX_COUNT)
    assert (
        await orphan_cleanup.trash_orphans("documents", clock.now() + LATER, REFERENCED_KEYS)
        == orphan_cleanup.MAX_COUNT
    )


async def test_what_was_moved_by_mistake_comes_back(db: Database, storage_folder: Path) -> None:
    stored = await documents(db, 3)
    async with db.transaction() as session:
        await session.execute(text("CREATE TABLE aside AS SELECT * FROM document"))
        await session.execute(text("DELETE FROM document"))
    assert await orphan_cleanup.trash_orphans("documents", clock.now() + LATER, REFERENCED_KEYS) == 3
    async with db.transaction() as session:
        await session.execute(text("INSERT INTO document SELECT * FROM aside"))
    assert await orphan_cleanup.recover(REFERENCED_KEYS) == 3
    assert names(storage_folder) == {one.storage_key for one in stored}


async def test_a_draft_that_was_never_finished_goes(db: Database, storage_folder: Path) -> None:
    await documents(db, 1)
    (storage_folder / "incoming" / "abandoned").write_bytes(b"half a file")
    assert await orphan_cleanup.empty_trash(clock.now()) == 0, "it is young"
    assert await orphan_cleanup.empty_trash(clock.now() + LATER) == 1


@contextmanager
def copied(db: Database) -> Iterator[URL]:
    """A copy of the database, as a restore drill or a staging portal has, and this process pointed at it."""
    ours = db.url.render_as_string(hide_password=False)
    copy = db.url.set(database=f"{db.url.database}_copy")
    execute(_server(db), *_cloning(db, copy))
    try:
        kernel_db.configure(copy.render_as_string(hide_password=False))
        yield copy
    finally:
        kernel_db.configure(ours)
        drop(copy)


def _server(db: Database) -> URL:
    return db.url.set(database="postgres")


def _cloning(db: Database, copy: URL) -> list[str]:
    busy = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{db.url.database}'"
    return [busy, f'CREATE DATABASE "{copy.database}" TEMPLATE "{db.url.database}"']


async def test_a_second_database_on_the_same_store_removes_nothing(db: Database, storage_folder: Path) -> None:
    """A copy restored from a backup doesn't name the newer documents: they would all look like orphans."""
    await documents(db, 5)
    await ownership.require_own_store()
    await kernel_db.disconnect()
    before = names(storage_folder)
    with copied(db):
        async with kernel_db.transaction() as session:
            await session.execute(text("DELETE FROM document"))
        for room, named in (("documents", REFERENCED_KEYS), ("certificates", CERTIFICATES)):
            with pytest.raises(ForeignStore, match="ventanilla storage adopt"):
                await orphan_cleanup.trash_orphans(room, clock.now() + LATER, named)
        with pytest.raises(ForeignStore):
            await orphan_cleanup.empty_trash(clock.now() + timedelta(days=90))
        with pytest.raises(ForeignStore):
            await ownership.check_at_start()
        assert names(storage_folder) == before
        await ownership.adopt()
        await ownership.require_own_store()
        assert await orphan_cleanup.trash_orphans("documents", clock.now() + LATER, REFERENCED_KEYS) == 5
        await kernel_db.disconnect()
    with pytest.raises(ForeignStore):
        await orphan_cleanup.trash_orphans("documents", clock.now() + LATER, REFERENCED_KEYS)
    assert await _after_adopting_again() == 5


async def _after_adopting_again() -> int:
    await ownership.adopt()
    return await orphan_cleanup.recover(REFERENCED_KEYS)


async def test_the_first_database_claims_a_store_and_stays_its_owner(db: Database, storage_folder: Path) -> None:
    await ownership.require_own_store()
    marker = (storage_folder / ownership.MARKER).read_bytes()
    await ownership.require_own_store()
    assert (storage_folder / ownership.MARKER).read_bytes() == marker


async def test_a_marker_no_one_can_read_is_not_ours(db: Database, storage_folder: Path) -> None:
    await ownership.require_own_store()
    (storage_folder / ownership.MARKER).write_bytes(b"{}")
    with pytest.raises(ForeignStore):
        await ownership.require_own_store()


async def test_a_store_that_does_not_answer_stops_no_start(db: Database, storage_folder: Path) -> None:
    storage_folder.write_text("a file where the folder should be")
    with pytest.raises(StorageUnavailable):
        await ownership.require_own_store()
    await ownership.check_at_start()
