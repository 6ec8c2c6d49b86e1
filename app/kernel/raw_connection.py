"""The hottest statements, run through the driver itself: a session's bookkeeping costs more than such a statement does.

Each statement is a transaction of its own. Errors are raised as a session raises them, so that callers see no
difference.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound
from sqlalchemy.sql.elements import TextClause

from app.kernel import metrics

WAIT_SECONDS = 10
DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
# As the toolkit finds them in `text()`: a name after one colon. The other engine's casts (`::`) have two.
BIND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")


class DatabaseUnavailable(ConnectionError):  # noqa: N818 # says a state
    """The server is unreachable or accepts no connections: starting, stopping, or full."""


class Row(asyncpg.Record):  # type: ignore[misc] # the driver has no types
    """A row whose columns are attributes, as a session's are."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(name) from error


@dataclass(frozen=True, slots=True)
class RawResult:
    """What a statement gave."""

    rows: list[Any]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def one_or_none(self) -> Any:
        """The only row, if there is one.

        Raises:
            MultipleResultsFound: there are several.
        """
        if len(self.rows) > 1:
            raise MultipleResultsFound(f"{len(self.rows)} rows where one was expected")
        return self.rows[0] if self.rows else None

    def one(self) -> Any:
        """The only row.

        Raises:
            NoResultFound, MultipleResultsFound: there is none, or there are several.
        """
        row = self.one_or_none()
        if row is None:
            raise NoResultFound("no row where one was expected")
        return row


class RawConnection:
    """A connection of the driver that takes what a session takes: a `text()` and its parameters by name."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def execute(self, statement: TextClause, parameters: Mapping[str, Any]) -> RawResult:
        """Run one statement; the connection keeps it prepared.

        Raises:
            DBAPIError: the database rejected it, or the connection was lost.
        """
        text, names = numbered(statement)
        return RawResult(await self._run(self._connection.fetch(text, *[parameters[name] for name in names])))

    async def execute_each(self, statement: TextClause, calls: Sequence[Mapping[str, Any]]) -> RawResult:
        """Run a statement with each of these parameters, in one round trip and transaction; the rows of all.

        Raises:
            DBAPIError: as `execute`; none of them had an effect then, unless the connection was lost.
        """
        text, names = numbered(statement)
        asked = [[parameters[name] for name in names] for parameters in calls]
        return RawResult(await self._run(self._connection.fetchmany(text, asked)))

    async def _run(self, work: Awaitable[list[Any]]) -> list[Any]:
        try:
            return await work
        except DRIVER_ERRORS as error:
            broken = self._connection.is_closed() or _ends_session(error)
            if broken:
                self._connection.terminate()
            raise DBAPIError(None, None, error, hide_parameters=True, connection_invalidated=broken) from error
        except BaseException:
            # Interrupted by a lost connection or cancellation: don't reuse it.
            self._connection.terminate()
            raise


def _ends_session(error: Exception) -> bool:
    """Whether the connection can't be used after it, even though its end hasn't been seen yet."""
    # The driver's internal error if the server closed an idle connection.
    return isinstance(error, asyncpg.InternalClientError) or getattr(error, "severity_en", None) in ("FATAL", "PANIC")


@lru_cache
def numbered(statement: TextClause) -> tuple[str, tuple[str, ...]]:
    """The statement with `$1`, `$2`, … for its names, and the names in that order."""
    places: dict[str, int] = {}
    text = BIND.sub(lambda match: f"${places.setdefault(match.group(1), len(places) + 1)}", statement.text)
    return text, tuple(places)


async def take_place(places: asyncio.Semaphore) -> None:
    """Take one of the places of what runs at once.

    Raises:
        TimeoutError: all were taken for too long.
    """
    if places.locked():
        async with asyncio.timeout(WAIT_SECONDS):
            await places.acquire()
    else:
        await places.acquire()


class RawConnectionPool:
    """A bounded pool of lazily opened connections. The driver's own pool starts two tasks per use."""

    def __init__(self, connect: Callable[..., Awaitable[Any]], size: int) -> None:
        self._connect = connect
        self._places = asyncio.Semaphore(size)
        self._in_use = metrics.POOL_IN_USE.labels("raw")
        metrics.POOL_SIZE.labels("raw").set(size)
        self._idle: list[Any] = []

    def connection(self) -> AbstractAsyncContextManager[RawConnection]:
        """One of them, for as long as the block lasts.

        Raises:
            DatabaseUnavailable: the server can't be reached. TimeoutError: all were in use for too long.
        """
        return _Use(self)

    async def acquire(self) -> Any:
        """Return an open connection, to be released. Raises as `connection` does."""
        await take_place(self._places)
        self._in_use.inc()
        try:
            return await self._opened()
        except BaseException:
            self._free_place()
            raise

    def release(self, connection: Any) -> None:
        """Keep an acquired connection for the next use, unless it is closed."""
        if not connection.is_closed():
            self._idle.append(connection)
        self._free_place()

    def _free_place(self) -> None:
        self._in_use.dec()
        self._places.release()

    async def _opened(self) -> Any:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        try:
            connection = await self._connect(record_class=Row)
            for name in ("json", "jsonb"):
                await connection.set_type_codec(name, schema="pg_catalog", encoder=str, decoder=json.loads)
        except (OSError, *DRIVER_ERRORS) as error:
            raise DatabaseUnavailable(f"{type(error).__name__}: {error}") from error
        return connection

    async def close(self) -> None:
        """Close idle connections; one that the server ended already is closed."""
        while self._idle:
            with suppress(OSError, *DRIVER_ERRORS):
                await self._idle.pop().close()


class _Use:
    """A block that uses a connection. Each request has several: a generator would cost as much as the statement."""

    __slots__ = ("_connection", "_pool")

    def __init__(self, pool: RawConnectionPool) -> None:
        self._pool = pool
        self._connection: Any = None

    async def __aenter__(self) -> RawConnection:
        self._connection = await self._pool.acquire()
        return RawConnection(self._connection)

    async def __aexit__(self, *_about: object) -> None:
        self._pool.release(self._connection)
