"""Database engines and sessions; the only module that commits.

A route's transaction commits *before* its response is sent (`scope="function"`); raising rolls back, returning
commits. Hot paths use `hot_connection`: autocommit, one statement per transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar, Literal, cast
from uuid import UUID

import asyncpg
import psycopg
from sqlalchemy import (
    CursorResult,
    Date,
    DateTime,
    Dialect,
    Engine,
    Executable,
    MetaData,
    NullPool,
    Numeric,
    Text,
    Time,
    Uuid,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import AdaptedConnection, DBAPIConnection
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    AsyncSessionTransaction,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from app.kernel import metrics, postgres_address
from app.kernel.bus import Bus
from app.kernel.grouped_statements import GroupedStatements
from app.kernel.postgres_address import Address
from app.kernel.raw_connection import DatabaseUnavailable, RawConnection, RawConnectionPool
from app.kernel.settings import Settings, get_settings

Driver = Literal["asyncpg", "psycopg"]


class Base(DeclarativeBase):
    """Declarative base. Constraint names are fixed: a violation is mapped to a Problem by name."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        UUID: Uuid(),
        datetime: DateTime(timezone=True),
        date: Date(),
        time: Time(),
        Decimal: Numeric(12, 2),
        dict[str, Any]: JSONB(),
    }


WORKER_POOL = 12
# Aggregates over some ten thousand rows use hash tables; with the default 8 MB they would spill to disk.
SESSION_SETTINGS = {"timezone": "UTC", "jit": "off", "application_name": "ventanilla", "hash_mem_multiplier": "8"}
RAW_SETTINGS = {"enable_seqscan": "off"}
"""Of raw connections: they keep plans for as long as they live, and one made while a table was nearly empty would read
all of it when it has grown. Hot statements find every row by an index."""


POOL_SECONDS = 10.0
GRACE = 2.0
"""Seconds for which the server's own timeout of a statement may be on its way."""


class ClosedOnTimeout(asyncpg.Connection):  # type: ignore[misc] # the driver has no types
    """Closed when a statement timed out or was interrupted. The driver's own way, to ask the server to cancel it and
    wait until it has, has no end where the server hangs."""

    def _cancel_current_command(self, *_waiters: Any) -> None:
        # After the driver has set the statement's error, and before anyone reads it.
        self._loop.call_soon(self.terminate)


@dataclass(frozen=True, slots=True)
class Limits:
    """Statement and lock timeouts in milliseconds; None leaves the server's default."""

    statement_ms: int | None
    lock_ms: int | None

    def as_settings(self) -> dict[str, str]:
        given = {"statement_timeout": self.statement_ms, "lock_timeout": self.lock_ms}
        chosen = {name: str(value) for name, value in given.items() if value is not None}
        return chosen | SESSION_SETTINGS

    @property
    def pool_seconds(self) -> float:
        """For how long a connection of the pool is waited for. Those who have one may wait for a lock: with less time,
        the one who would let them go on might not get a connection either."""
        return max(POOL_SECONDS, (self.lock_ms or 0) / 1000)

    def of_client(self) -> dict[str, Any]:
        """What asyncpg is given: a server that hangs enforces no timeout of its own."""
        given: dict[str, Any] = {"connection_class": ClosedOnTimeout}
        return given | ({} if self.statement_ms is None else {"command_timeout": self.statement_ms / 1000 + GRACE})


class Database:
    """The engines of a process: the main pool, and a small one for writes that must survive a rollback."""

    def __init__(
        self, url: str, *, driver: Driver, pool: int, separate_pool: int, limits: Limits, raw_pool_size: int = 1
    ) -> None:
        self.address = postgres_address.parse(url)
        self.driver: Driver = driver
        self.engine = _engine(self.address, driver, "main", pool, limits)
        self.separate_engine = _engine(self.address, driver, "separate", separate_pool, limits)
        connect = partial(self.address.connect_asyncpg, limits.as_settings() | RAW_SETTINGS, **limits.of_client())
        self.raw_pool = RawConnectionPool(connect, raw_pool_size)
        self.grouped_statements = GroupedStatements(self.raw_pool)
        self.bus = Bus(self.address)
        self.hot_engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self.read_sessions = async_sessionmaker(
            self.engine.execution_options(postgresql_readonly=True), expire_on_commit=False
        )
        self.separate_sessions = async_sessionmaker(self.separate_engine, expire_on_commit=False)

    async def close(self) -> None:
        await self.bus.close()
        await self.raw_pool.close()
        await self.engine.dispose()
        await self.separate_engine.dispose()


def with_driver(url: str | URL, driver: Driver) -> URL:
    """Return the SQLAlchemy URL of a single-host address for this driver."""
    return postgres_address.parse(url).sqlalchemy_url(driver)


def sync_engine(url: str | URL) -> Engine:
    """Create an unpooled engine for migrations and commands."""
    arguments = postgres_address.parse(url).for_psycopg()
    return create_engine("postgresql+psycopg://", poolclass=NullPool, connect_args=arguments)


def _engine(address: Address, driver: Driver, name: str, pool: int, limits: Limits) -> AsyncEngine:
    engine = create_async_engine(
        f"postgresql+{driver}://",
        pool_size=pool,
        max_overflow=0,
        pool_timeout=limits.pool_seconds,
        pool_recycle=3600,
        # A web request can be retried; a job's connection must be usable from the start.
        pool_pre_ping=driver == "psycopg",
        hide_parameters=True,  # error texts reach the log and must not contain personal data
        connect_args=_arguments(address, driver, limits),
    )
    event.listen(engine.sync_engine, "do_connect", _connect)
    if driver == "asyncpg":
        event.listen(engine.sync_engine, "checkout", _require_open)
    _count_connections(engine, name, pool)
    return engine


def _require_open(connection: DBAPIConnection, _record: Any, _fairy: Any) -> None:
    """Replace a connection that the driver knows to be closed instead of failing a request.

    Raises:
        DisconnectionError: the pool opens another.
    """
    if cast("AdaptedConnection", connection).driver_connection.is_closed():
        raise DisconnectionError


def _count_connections(engine: AsyncEngine, name: str, size: int) -> None:
    in_use = metrics.POOL_IN_USE.labels(name)
    metrics.POOL_SIZE.labels(name).set(size)

    # A closed connection is taken and replaced, and the pool reports each: its place counts once.
    def taken(_connection: Any, place: Any, _fairy: Any) -> None:
        if not place.record_info.get("is_counted"):
            place.record_info["is_counted"] = True
            in_use.inc()

    def returned(_connection: Any, place: Any) -> None:
        if place.record_info.pop("is_counted", False):
            in_use.dec()

    event.listen(engine.sync_engine, "checkout", taken)
    event.listen(engine.sync_engine, "checkin", returned)


def _arguments(address: Address, driver: Driver, limits: Limits) -> dict[str, Any]:
    settings = limits.as_settings()
    if driver == "asyncpg":
        return {"async_creator_fn": partial(address.connect_asyncpg, settings, **limits.of_client())}
    return address.for_psycopg(settings)


def _connect(dialect: Dialect, _record: Any, arguments: tuple[Any, ...], given: dict[str, Any]) -> DBAPIConnection:
    # Drivers pass through whatever the socket or the server raised, even FileNotFoundError.
    try:
        return dialect.connect(*arguments, **given)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, psycopg.OperationalError) as error:
        raise DatabaseUnavailable(f"{type(error).__name__}: {error}") from error


_database: Database | None = None


def configure(url: str | None = None, *, driver: Driver = "asyncpg", settings: Settings | None = None) -> Database:
    """Configure this process's database; by default, the one in the settings.

    Raises:
        RuntimeError: no database is configured (start the embedded one with `ventanilla up`).
    """
    global _database
    settings = settings or get_settings()
    address = url or settings.database_url
    if address is None:
        raise RuntimeError("No database: set VENTANILLA_DATABASE_URL, or start everything with `ventanilla up`.")
    web = driver == "asyncpg"
    _database = Database(
        address,
        driver=driver,
        pool=settings.pool_size if web else WORKER_POOL,
        separate_pool=settings.separate_pool_size if web else 1,
        raw_pool_size=settings.raw_pool_size,
        limits=Limits(settings.statement_timeout_ms, settings.lock_timeout_ms) if web else Limits(None, 10_000),
    )
    return _database


def set_database(chosen: Database) -> None:
    """Use an existing database object, with its compiled statement caches."""
    global _database
    _database = chosen


def database() -> Database:
    """Return this process's database."""
    return _database or configure()


def is_configured() -> bool:
    """Return whether this process has configured its database."""
    return _database is not None


async def disconnect() -> None:
    """Close every connection of this process."""
    global _database
    if _database is not None:
        await _database.close()
        _database = None


async def require_session_mode() -> None:
    """Require that a connection is a session of its own. A pooler in transaction mode (pgbouncer) drops session
    settings, so statements would have no timeouts, and LISTEN and session locks would not work.

    Raises:
        PoolerDetected: there is such a pooler.
    """
    try:
        async with reading() as session:
            taken = await session.scalar(text("SELECT current_setting('hash_mem_multiplier')"))
    except (SQLAlchemyError, DatabaseUnavailable) as error:
        if "unsupported startup parameter" in str(error):
            raise PoolerDetected from error
        raise
    if taken != SESSION_SETTINGS["hash_mem_multiplier"]:
        raise PoolerDetected


class PoolerDetected(RuntimeError):  # noqa: N818 # names a state
    """A transaction-mode connection pooler was detected. The message says what to do."""

    def __init__(self) -> None:
        super().__init__(
            "between the portal and PostgreSQL is a connection pooler that doesn't pass session settings on, such as"
            " pgbouncer. Point VENTANILLA_DATABASE_URL at the server itself: each process has pools of its own (see"
            " docs/operations.md, «Connections»)"
        )


@asynccontextmanager
async def transaction() -> AsyncIterator[AsyncSession]:
    """Open a transaction for a job or a command; commit at the end, roll back on an exception."""
    async with database().sessions() as session:
        yield session
        await session.commit()


async def retry_until_stored(write: Callable[[], Awaitable[None]]) -> None:
    """Retry a short write until the database accepts it: for external effects that only this process knows of."""
    pause = 0.2
    while True:
        try:
            await write()
        except (SQLAlchemyError, DatabaseUnavailable) as error:
            is_down = isinstance(error, DatabaseUnavailable | PoolTimeout)
            if not is_down and not getattr(error, "connection_invalidated", False):
                raise
            await asyncio.sleep(pause)
            pause = min(3.0, pause * 2)
        else:
            return


@asynccontextmanager
async def reading() -> AsyncIterator[AsyncSession]:
    """Open a read-only transaction."""
    async with database().read_sessions() as session:
        yield session


@asynccontextmanager
async def separate_tx() -> AsyncIterator[AsyncSession]:
    """Open a separate transaction, on its own small pool: its writes survive a rollback of the caller's."""
    async with database().separate_sessions() as session:
        yield session
        await session.commit()


@asynccontextmanager
async def hot_connection() -> AsyncIterator[AsyncConnection]:
    """Open an autocommit connection: each statement is its own transaction."""
    async with database().hot_engine.connect() as connection:
        yield connection


def raw_connection() -> AbstractAsyncContextManager[RawConnection]:
    """Open an autocommit driver connection without SQLAlchemy's overhead; executes `text()` only."""
    return database().raw_pool.connection()


def grouped_statements() -> GroupedStatements:
    """Return what runs the hottest statements together with those of other requests; executes `text()` only."""
    return database().grouped_statements


async def rows_written(session: AsyncSession, statement: Executable, params: Mapping[str, Any] | None = None) -> int:
    """Execute a statement that writes; returns how many rows it wrote."""
    result = cast("CursorResult[Any]", await session.execute(statement, params))
    return result.rowcount


def savepoint(session: AsyncSession) -> AsyncSessionTransaction:
    """Open a savepoint, for a page that redisplays its form after a problem and must leave no partial writes."""
    return session.begin_nested()


@asynccontextmanager
async def release_connection(session: AsyncSession) -> AsyncIterator[None]:
    """Commit and return the connection to the pool during slow I/O, such as examining or storing a file. The session
    continues in a new transaction, in which rows read earlier may have changed.

    Not inside `savepoint`: that belongs to the transaction that ends here.
    """
    await session.commit()
    yield


Db = AsyncSession | AsyncConnection | RawConnection | GroupedStatements
"""Anything that executes a `text()`."""
