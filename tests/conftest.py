"""Real PostgreSQL for every test: one server a run, one migrated template, a clone for each worker process.

`session` is an outer transaction that is rolled back; `db` is a clone where commits are real.
"""

import functools
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck
from hypothesis import settings as examples
from sqlalchemy import create_engine, pool, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from app.commands.schema import prepare
from app.kernel import db as kernel_db
from app.kernel.db import with_driver
from app.kernel.postgres import EmbeddedServer
from app.law import current
from app.settings import PortalSettings, portal_settings
from tests import remembered
from tests.contract.conformance import Conformance
from tests.examples import FAST, SUITE
from tests.reuse import ReusedDatabase

pytest_plugins = ["tests.groups"]
MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 4 * 2**30
TEMPLATE = "ventanilla_template"
SERVER_VARIABLE = "VENTANILLA_TEST_SERVER"
TEST_ENVIRONMENT = {
    "VENTANILLA_ENVIRONMENT": "test",
    "VENTANILLA_SECRET_KEY": "only-for-tests-" + "x" * 32,
    "VENTANILLA_REQUEST_LIMIT_PER_MINUTE": "0",
    "VENTANILLA_ARGON2_MEMORY_KIB": "8",
    "VENTANILLA_POOL_SIZE": "8",
    # Limits of time are for who waits; here they would say how busy the machine is.
    "VENTANILLA_LOCK_TIMEOUT_MS": "60000",
    "VENTANILLA_STATEMENT_TIMEOUT_MS": "60000",
    "VENTANILLA_LOG_LEVEL": "WARNING",
    "VENTANILLA_BOOKING_OPENS_AT": "00:00",  # the tests run at any hour
}
os.environ.update(TEST_ENVIRONMENT)
remembered.install()
# How long an example takes says how busy the machine is, not whether the property holds.
examples.register_profile("suite", max_examples=SUITE, deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.register_profile("fast", examples.get_profile("suite"), max_examples=FAST)  # of `make test-fast`
examples.load_profile("suite")
gc.disable()  # until the tests are collected: what modules hold stays


def pytest_collection_finish() -> None:
    """Let the collector leave alone what was imported, as the portal does."""
    gc.freeze()
    gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    """The process that runs the tests, or hands them out, starts the server, or uses the one that `SERVER_VARIABLE`
    names; its workers get its address. Any database of a server of one's own may be named: the tests make others."""
    if config.option.collectonly:
        return
    if hasattr(config, "workerinput"):
        remembered.templates_in(Path(tempfile.gettempdir()))
        return
    folder = tempfile.TemporaryDirectory(prefix="vt-", dir=in_memory())
    Path(folder.name).chmod(0o755)
    use_for_temporary_files(Path(folder.name) / "tmp")
    remembered.templates_in(Path(folder.name) / "tmp")
    os.environ["VENTANILLA_DATA_DIR"] = str(Path(folder.name) / "var")
    given = os.environ.get(SERVER_VARIABLE)
    server = None if given else EmbeddedServer.start(Path(folder.name) / "pg", durable=False)
    if server is not None:
        os.environ[SERVER_VARIABLE] = server.url
    prepare_template(os.environ[SERVER_VARIABLE])

    def stop() -> None:
        if server is None:
            drop(make_url(os.environ[SERVER_VARIABLE]).set(database=TEMPLATE))
        else:
            server.stop(mode="immediate")
            os.environ.pop(SERVER_VARIABLE)
        folder.cleanup()

    config.add_cleanup(stop)


def in_memory() -> Path | None:
    """A file system in memory with room for a run, if this machine has one: a clone is six hundred small files, which
    some disks take ten times as long to make."""
    try:
        return MEMORY if shutil.disk_usage(MEMORY).free >= ENOUGH_MEMORY else None
    except OSError:
        return None


def use_for_temporary_files(folder: Path) -> None:
    """Let this process and those it starts put them there: the servers of single tests are as well off in memory."""
    folder.mkdir()
    folder.chmod(0o1777)
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None


def prepare_template(server_url: str) -> None:
    """A migrated database that tests clone in a few milliseconds."""
    execute(
        server_url,
        f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)",
        f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'",
    )
    prepare(make_url(server_url).set(database=TEMPLATE).render_as_string(hide_password=False))


def execute(url: str | URL, *statements: str) -> None:
    """Run statements outside any transaction, as CREATE DATABASE needs."""
    engine = create_engine(with_driver(url, "psycopg"), isolation_level="AUTOCOMMIT", poolclass=pool.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@dataclass(frozen=True)
class Database:
    """A cloned database where commits are real."""

    url: URL

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with kernel_db.transaction() as session:
            yield session

    @property
    def engine(self) -> AsyncEngine:
        return kernel_db.database().engine


def clone(name: str) -> URL:
    """A fresh copy of the template under this name."""
    server = os.environ[SERVER_VARIABLE]
    execute(
        server,
        f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
        f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} STRATEGY FILE_COPY',
    )
    return make_url(server).set(database=name)


def drop(url: URL) -> None:
    execute(os.environ[SERVER_VARIABLE], f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)')


@pytest.fixture(scope="session")
def worker_name() -> str:
    return f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"


@pytest.fixture(scope="session")
def settings() -> PortalSettings:
    return portal_settings()


@pytest.fixture(scope="session")
def shared_url(worker_name: str) -> Iterator[URL]:
    """This process's clone for tests that roll back."""
    url = clone(f"shared_{worker_name}")
    yield url
    drop(url)


@pytest.fixture(scope="session")
async def shared_engine(shared_url: URL) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(with_driver(shared_url, "asyncpg"), pool_size=2)
    yield engine
    await engine.dispose()


@pytest.fixture
async def session(shared_engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session inside a transaction that is always rolled back; commits inside become savepoints."""
    async with shared_engine.connect() as connection:
        outer = await connection.begin()
        async with AsyncSession(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as session:
            yield session
        await outer.rollback()


_engines: dict[tuple[str, str], kernel_db.Database] = {}


def point_at(url: URL, driver: kernel_db.Driver) -> kernel_db.Database:
    """Point the process at a database, with the engines that an earlier test used at this address: compiling
    statements again in each test takes a tenth of the suite's time."""
    address = url.render_as_string(hide_password=False)
    if (address, driver) not in _engines:
        _engines[address, driver] = kernel_db.configure(address, driver=driver)
    kernel_db.set_database(_engines[address, driver])
    return _engines[address, driver]


@pytest.fixture(scope="session")
async def own_database(worker_name: str) -> AsyncIterator[ReusedDatabase]:
    """This process's clone for tests that commit."""
    own = ReusedDatabase(f"own_{worker_name}", clone, drop)
    yield own
    for engines in _engines.values():
        await engines.close()
    own.close()


@pytest.fixture
async def db(own_database: ReusedDatabase, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A database of its own, like the template, and the process pointed at it. `@pytest.mark.parametrize("db",
    ["psycopg"])` chooses the worker's driver."""
    url = own_database.url
    current.set_law(None)  # an earlier test may have changed the law
    engines = point_at(url, getattr(request, "param", "asyncpg"))
    yield Database(url)
    if kernel_db.is_configured() and kernel_db.database() is not engines:
        await kernel_db.disconnect()  # a test has chosen others
    if engines.engine.pool.checkedout() or engines.separate_engine.pool.checkedout():  # type: ignore[attr-defined] # the pool's class has it
        await engines.close()
    own_database.reset()


_applications: list[tuple[PortalSettings, FastAPI]] = []


@pytest.fixture
def app(db: Database) -> Iterator[FastAPI]:
    """The whole application on the test's own database: one for all tests with the same settings, since making it
    takes as long as some of them. Routes that a test adds go with it."""
    from app.main import create_app

    settings = portal_settings()
    made = next((app for given, app in _applications if given == settings), None)
    if made is None:
        made = create_app()
        _applications.append((settings, made))
    routes = list(made.router.routes)
    yield made
    made.router.routes[:] = routes


@functools.cache
def _conformance() -> Conformance:
    from app.main import create_app

    return Conformance(create_app().openapi())


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application. Faults of ours are raised, not answered. What the API answers is held to its
    document."""
    issues: set[str] = set()

    async def compare(response: httpx.Response) -> None:
        if response.request.url.path.startswith("/api/"):
            issues.update(_conformance().issues(response))

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8000", event_hooks={"response": [compare]}
    ) as client:
        yield client
    assert issues == set()
