"""Group commit: a hot statement that several requests ask for runs for all of them in one round trip and transaction.

No request waits for company: a statement starts at once while few of its kind are running, and what arrives
meanwhile goes together next. Where one is refused none has an effect, and then each runs by itself: every request gets
what it would have got alone.

A statement that can be grouped has a parameter `call` and returns it as a column: it says whose row that is. Each call
gets one row or none.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import TextClause

from app.kernel.raw_connection import RawConnectionPool, RawResult, numbered, take_place

CALL = "call"
MAX_RUNNING = 2
"""Groups of one statement at a time: more would be smaller, and a single one that waits for a lock would stop all."""
MAX_CALLS = 32


class GroupedStatements:
    """Takes what a connection takes, a `text()` and its parameters by name. Each statement is its own transaction."""

    def __init__(self, pool: RawConnectionPool) -> None:
        self._pool = pool
        self._gathering: dict[TextClause, _Group] = {}
        self._places: dict[TextClause, asyncio.Semaphore] = {}

    async def execute(self, statement: TextClause, parameters: Mapping[str, Any]) -> RawResult:
        """Run one statement, together with those of other requests where it can be grouped.

        Raises:
            DBAPIError: the database rejected it, or the connection was lost.
        """
        if CALL not in numbered(statement)[1]:
            return await self._alone(statement, parameters)
        group = self._group(statement)
        call = group.add(parameters)
        try:
            # Who leaves doesn't stop the others.
            rows = await asyncio.shield(group.running)
        except DBAPIError as error:
            # Whether a lost connection had its effect is unknown: only the request may be repeated, by its key.
            if error.connection_invalidated or len(group.calls) == 1:
                raise
        else:
            return RawResult([rows[call]] if call in rows else [])
        return await self._alone(statement, {**parameters, CALL: call})

    def _group(self, statement: TextClause) -> "_Group":
        """The group that still takes calls of this statement."""
        group = self._gathering.get(statement)
        if group is None or len(group.calls) == MAX_CALLS:
            group = self._gathering[statement] = _Group()
            group.running = asyncio.create_task(self._run(statement, group))
        return group

    async def _run(self, statement: TextClause, group: "_Group") -> dict[int, Any]:
        places = self._places.setdefault(statement, asyncio.Semaphore(MAX_RUNNING))
        try:
            await take_place(places)
            try:
                async with self._pool.connection() as db:
                    self._close(statement, group)
                    return {row[CALL]: row for row in await db.execute_each(statement, group.calls)}
            finally:
                places.release()
        finally:
            # Also when there was no connection: the next call must not join a group that has failed.
            self._close(statement, group)

    def _close(self, statement: TextClause, group: "_Group") -> None:
        """Let a group take no more calls."""
        if self._gathering.get(statement) is group:
            del self._gathering[statement]

    async def _alone(self, statement: TextClause, parameters: Mapping[str, Any]) -> RawResult:
        async with self._pool.connection() as db:
            return await db.execute(statement, parameters)


class _Group:
    """Calls of one statement that run together, and the rows they get by `call`."""

    running: asyncio.Task[dict[int, Any]]

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def add(self, parameters: Mapping[str, Any]) -> int:
        call = len(self.calls)
        self.calls.append({**parameters, CALL: call})
        return call
