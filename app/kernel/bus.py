"""Notifications between processes, over PostgreSQL's LISTEN and NOTIFY: a topic has changed, read it again.

`notify` runs in the transaction of the change: PostgreSQL delivers at commit, in the order of commits, and never for a
transaction that was rolled back. A payload is a topic and nothing else (`desk:<unit id>`, `person:<id>`): an id, and no
other data; several changes of a topic in one transaction are one notification.

Each process has one listening connection for all its subscribers, open while there are any. It is a hint, never the
data: who is notified reads the state again, from committed rows, and so sees every change whose notification came
before. What a lost connection may have missed is covered in the same way: once it listens again, every subscriber is
notified. A subscriber holds one bit, however many notifications come while it is busy.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import text

from app.kernel.raw_connection import DRIVER_ERRORS

if TYPE_CHECKING:
    from app.kernel.db import Db
    from app.kernel.postgres_address import Address

log = structlog.get_logger(__name__)

CHANNEL = "ventanilla"
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 3.0
"""Seconds between attempts to listen again; they double, and vary so that processes don't come all at once."""
CHECK_SECONDS, ANSWER_SECONDS = 10.0, 5.0
"""How often a quiet connection is asked whether it still works, and how long it has to answer: a cable that was pulled
closes nothing."""
SETTINGS = {"application_name": "ventanilla-listen", "timezone": "UTC"}

_NOTIFY = text(f"SELECT pg_notify('{CHANNEL}', :topic)")
NOTIFY_ALL_SQL = f"SELECT pg_notify('{CHANNEL}', topic) FROM unnest(CAST(:topics AS text[])) AS topic"
"""The same for several topics, for a statement of others."""


async def notify(db: Db, topic: str) -> None:
    """Notify every process that a topic changes, when the caller's transaction commits."""
    await db.execute(_NOTIFY, {"topic": topic})


def notify_sql(topic: str) -> str:
    """The expression that notifies, for a statement that makes the change itself; `topic` is SQL."""
    return f"pg_notify('{CHANNEL}', {topic})"


class Subscription:
    """Whether a topic may have changed since this was last asked: at first it may."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._event.set()

    def mark(self) -> None:
        """The topic may have changed."""
        self._event.set()

    async def changed(self, seconds: float) -> bool:
        """Wait until the topic may have changed, at most this long; return whether it may. Clears the mark: read the
        state after this, never before."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Bus:
    """The notifications of one process."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._subscribers: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._listening: asyncio.Task[None] | None = None
        self.is_live = False
        """Notifications arrive. While they don't, subscribers had better ask from time to time."""

    @contextmanager
    def subscribe(self, *topics: str) -> Iterator[Subscription]:
        """A subscription to these topics for as long as the block lasts."""
        made = Subscription()
        for topic in topics:
            self._subscribers[topic].add(made)
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        try:
            yield made
        finally:
            for topic in topics:
                self._subscribers[topic].discard(made)
                if not self._subscribers[topic]:
                    del self._subscribers[topic]
            if not self._subscribers:
                self._stop()

    def _stop(self) -> asyncio.Task[None] | None:
        ended, self._listening = self._listening, None
        if ended is not None:
            ended.cancel()
        return ended

    async def close(self) -> None:
        """Stop listening."""
        ended = self._stop()
        if ended is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await ended

    async def _listen(self) -> None:
        """Listen until cancelled, through whatever happens to the connection."""
        pause = FIRST_PAUSE
        while True:
            connection = None
            try:
                connection = await self._address.connect_asyncpg(SETTINGS)
                lost = asyncio.Event()
                connection.add_termination_listener(lambda _connection, lost=lost: lost.set())
                await connection.add_listener(CHANNEL, self._heard)
                self.is_live, pause = True, FIRST_PAUSE
                self._mark_all()
                await _while_it_works(connection, lost)
            except (OSError, TimeoutError, *DRIVER_ERRORS) as error:
                log.warning("bus_disconnected", error=type(error).__name__)
            finally:
                self.is_live = False
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 # spreads attempts, guards nothing
            pause = min(LONGEST_PAUSE, pause * 2)

    def _heard(self, _connection: Any, _pid: int, _channel: str, topic: str) -> None:
        for one in self._subscribers.get(topic, ()):
            one.mark()

    def _mark_all(self) -> None:
        for subscribers in self._subscribers.values():
            for one in subscribers:
                one.mark()


async def _while_it_works(connection: Any, lost: asyncio.Event) -> None:
    """Return when the connection was lost.

    Raises:
        TimeoutError: it doesn't answer.
    """
    while not lost.is_set():
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await lost.wait()
        except TimeoutError:
            await connection.fetchval("SELECT 1", timeout=ANSWER_SECONDS)
