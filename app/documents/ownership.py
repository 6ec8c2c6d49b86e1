"""Ownership of a store: a marker names the database that references its files. Other databases must neither clean it up
nor add to it."""

import json
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.documents import storage
from app.documents.problems import StorageUnavailable
from app.kernel.db import reading
from app.kernel.installation import Identity, database_identity
from app.kernel.problems import NotFound

log = structlog.get_logger(__name__)

MARKER = "installation.json"


class ForeignStore(RuntimeError):  # noqa: N818 # what it is
    """The store belongs to another database. The text says what to do."""

    def __init__(self, ours: Identity, theirs: Identity | None) -> None:
        owner = f"installation {theirs.installation}, database {theirs.database}" if theirs else "no one we can read"
        super().__init__(
            f"the store of documents belongs to another database ({owner}); this one is installation"
            f" {ours.installation}, database {ours.database}. From here its files would look like orphans and be"
            " removed. Give this portal a store of its own (VENTANILLA_STORAGE_URL, or another VENTANILLA_DATA_DIR). If"
            " this database takes the other's place, after a restore or a move, stop the other for good and run:"
            " ventanilla storage adopt"
        )


async def require_own_store() -> None:
    """Claim an unclaimed store, or check that it is ours.

    Raises:
        ForeignStore: it is another database's. StorageUnavailable: it doesn't answer.
    """
    ours = await _ours()
    theirs = await _marked()
    if theirs is None:
        await storage.put_new(MARKER, _written(ours))
        theirs = await _marked()
        log.info("store_claimed", installation=str(ours.installation), database=ours.database)
    if theirs != ours:
        raise ForeignStore(ours, theirs)


async def check_at_start() -> None:
    """Like `require_own_store`, but tolerates an unavailable database or store; the cleanup checks again.

    Raises:
        ForeignStore: it is another database's.
    """
    try:
        await require_own_store()
    except (StorageUnavailable, SQLAlchemyError, OSError) as error:
        log.warning("store_not_checked", reason=type(error).__name__)


async def adopt() -> Identity:
    """Transfer the store to this database.

    Raises:
        StorageUnavailable: it doesn't answer.
    """
    ours = await _ours()
    await storage.put(MARKER, _written(ours))
    log.warning("store_adopted", installation=str(ours.installation), database=ours.database)
    return ours


async def _ours() -> Identity:
    async with reading() as session:
        return await database_identity(session)


async def _marked() -> Identity | None:
    try:
        data = await storage.get(MARKER)
    except NotFound:
        return None
    try:
        owner: dict[str, Any] = json.loads(data)
        return Identity(UUID(owner["installation"]), str(owner["database"]))
    except (ValueError, KeyError, TypeError):
        return Identity(UUID(int=0), "unreadable marker")


def _written(whose: Identity) -> bytes:
    return json.dumps({"installation": str(whose.installation), "database": whose.database}).encode()
