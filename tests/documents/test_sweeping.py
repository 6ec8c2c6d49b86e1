"""Bytes nobody points at are removed; named ones and young ones stay."""

from datetime import timedelta
from pathlib import Path

from app.certificates.jobs import NAMED as CERTIFICATES
from app.documents import storage
from app.documents.jobs import NAMED
from app.documents.service import Upload, keep
from app.documents.sweeping import sweep
from app.kernel import clock, ids
from tests.conftest import Database
from tests.documents.conftest import files_in
from tests.requests.make import picture


async def test_what_no_row_names_is_removed(db: Database, storage_folder: Path) -> None:
    async with db.transaction() as session:
        kept = await keep(
            session, ids.new_id(), ids.new_id(), Upload("photo", "a.png", picture()), formats=["png"], max_mb=1
        )
    lost = storage.new_key("documents")
    await storage.put(lost, b"left behind")
    other = storage.new_key("certificates")
    await storage.put(other, b"of another room")
    assert await sweep("documents", clock.now() - timedelta(hours=1), NAMED) == 0, "it is young"
    assert await sweep("documents", clock.now() + timedelta(hours=1), NAMED) == 1
    left = {str(path.relative_to(storage_folder)) for path in files_in(storage_folder)}
    assert left == {kept.storage_key, other}
    assert await sweep("certificates", clock.now() + timedelta(hours=1), CERTIFICATES) == 1
