"""Waiting for what another process or task does: never for a time, always for the thing itself.

The deadline is only for what will never happen. How long something takes says how busy the machine is.
"""

import asyncio
import time
from collections.abc import Callable

from sqlalchemy import text

from tests.conftest import Database

SECONDS = 90
WAITING = "datname = current_database() AND wait_event_type = 'Lock'"
SLEEPING = "datname = current_database() AND wait_event = 'PgSleep'"


async def until_a_session_waits(db: Database, what: str = WAITING) -> None:
    """Until a connection of this database waits: for what another has written, if not said otherwise."""
    waiting = text(f"SELECT 1 FROM pg_stat_activity WHERE {what}")
    async with asyncio.timeout(SECONDS), db.engine.connect() as connection:
        while (await connection.execute(waiting)).first() is None:
            await connection.rollback()
            await asyncio.sleep(0.01)


def until(done: Callable[[], bool], what: str) -> None:
    """Until it is so. `what` is said when it never is."""
    deadline = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
