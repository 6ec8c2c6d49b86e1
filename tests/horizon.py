"""Followers read below the oldest transaction that still runs, of the whole cluster: other tests' hold them back."""

import asyncio

from sqlalchemy import text

from app.kernel import db as kernel_db

_PASSED = text("SELECT coalesce(max(xid) < pg_snapshot_xmin(pg_current_snapshot()), true) FROM event")
SECONDS = 60


async def passed() -> None:
    """Wait until every event committed so far can be followed."""
    async with asyncio.timeout(SECONDS):
        while True:
            async with kernel_db.reading() as session:
                if await session.scalar(_PASSED):
                    return
            await asyncio.sleep(0.02)
