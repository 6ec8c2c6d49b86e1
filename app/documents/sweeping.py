"""Bytes nobody points at any more: what a broken transaction or a storage that was away left behind.

They are somebody's documents, so they must not lie about. Young ones are left: their row may be about to commit.
"""

from datetime import datetime

from sqlalchemy.sql.elements import TextClause

from app.documents import storage
from app.kernel.db import reading


async def sweep(room: str, before: datetime, statement: TextClause) -> int:
    """Remove files of a room that are older than `before` and that no row names; returns how many.

    `statement` tells which of `:keys` are named.

    Raises:
        StorageAway: it doesn't answer; the next night goes on.
    """
    removed = 0
    async for keys in storage.keys_of(room, before):
        async with reading() as session:
            named = set((await session.execute(statement, {"keys": keys})).scalars())
        lost = [key for key in keys if key not in named]
        await storage.remove(lost)
        removed += len(lost)
    return removed
