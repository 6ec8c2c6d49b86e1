"""An address of the database means to each driver what it means to libpq."""

import socket
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.kernel import db as kernel_db
from app.kernel import migrate
from app.kernel.db import Driver, PoolerDetected, sync_engine
from app.kernel.postgres import DATABASE_USER, EmbeddedServer
from app.kernel.postgres_address import AddressError, parse
from app.kernel.raw_connection import DatabaseUnavailable
from tests.conftest import Database
from tests.kernel.proxies import at, certificates, folder_of, proxy

DRIVERS: list[Driver] = ["asyncpg", "psycopg"]
WHO = "SELECT current_user || ' ' || current_setting('application_name') || ' ' || current_setting('timezone')"


@pytest.mark.parametrize(
    ("written", "hosts", "asyncpg_given"),
    [
        ("postgresql://u:p@h/d", [("h", "5432")], {"user": "u", "password": "p", "database": "d"}),
        ("postgres://u@h:6000/d", [("h", "6000")], {"user": "u", "database": "d"}),
        ("postgresql+asyncpg://u@h/d", [("h", "5432")], {"user": "u", "database": "d"}),
        ("host=h port=6 user=u dbname='a b' password='it\\'s'", [("h", "6")], {"database": "a b", "password": "it's"}),
        ("postgresql://u:%40%3A%2F%25%20%2B@h/d", [("h", "5432")], {"password": "@:/% +"}),
        ("postgresql://u@[2001:db8::1]:6000/d", [("2001:db8::1", "6000")], {"user": "u"}),
        ("postgresql://u@h1,h2:6000,[::1]/d", [("h1", "5432"), ("h2", "6000"), ("::1", "5432")], {}),
        ("postgresql:///d?host=h1,h2&port=6000", [("h1", "6000"), ("h2", "6000")], {"database": "d"}),
        ("postgresql://%2Frun%2Fa%20b/d", [("/run/a b", "5432")], {"database": "d"}),
        ("postgresql://u@/d?host=%2Frun%2Fa%20b&port=6", [("/run/a b", "6")], {"user": "u"}),
        ("postgresql://u@h/d?connect_timeout=3", [("h", "5432")], {"timeout": 3}),
        ("postgresql://u@h/d?connect_timeout=0", [("h", "5432")], {"timeout": None}),
        (
            "postgresql://u@h/d?application_name=a%20b",
            [("h", "5432")],
            {"server_settings": {"application_name": "a b"}},
        ),
        (
            "postgresql://u@h/d?options=-c%20search_path%3Da%5C%20b%20--work-mem%3D8MB",
            [("h", "5432")],
            {"server_settings": {"search_path": "a b", "work_mem": "8MB"}},
        ),
        (
            "postgresql://u@h/d?sslmode=verify-full&sslrootcert=%2Fa%20b%2Fca.pem&keepalives=1",
            [("h", "5432")],
            {"dsn": "postgresql://?sslmode=verify-full&sslrootcert=/a%20b/ca.pem"},
        ),
    ],
)
def test_what_libpq_takes_is_translated(
    written: str, hosts: list[tuple[str, str]], asyncpg_given: dict[str, Any]
) -> None:
    address = parse(written)
    assert address.hosts == hosts
    given = address.for_asyncpg()
    assert {name: given.get(name) for name in asyncpg_given} == asyncpg_given
    # psycopg is libpq: it gets the parameters themselves, and writes them as it reads them.
    assert parse(psycopg.conninfo.make_conninfo("", **address.for_psycopg())).hosts == hosts


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("mysql://u:secreto@h/d", "an address"),
        ("postgresql://u:secreto@h:port/d", "port"),
        ("postgresql://u:secreto%zz@h/d", "%25"),
        ("postgresql://u:secreto@h:70000/d", "port"),
        ("postgresql://u:secreto@h1,h2:1,h3/d?port=1,2", "port"),
        ("postgresql://u:secreto@h/d?sslmode=perhaps", "sslmode"),
        ("postgresql://u:secreto@h/d?target_session_attrs=best", "target_session_attrs"),
        ("postgresql://u:secreto@h/d?service=secreto", "service"),
        ("postgresql://u:secreto@h/d?require_auth=scram-sha-256", "require_auth"),
        ("postgresql://u:secreto@h/d?channel_binding=require", "channel_binding"),
        ("postgresql://u:secreto@h/d?connect_timeout=soon", "connect_timeout"),
        ("postgresql://u:secreto@h/d?options=-f%20secreto", "options"),
    ],
)
def test_what_can_not_be_honoured_is_refused_without_repeating_it(written: str, named: str) -> None:
    with pytest.raises(AddressError, match=named) as refused:
        parse(written)
    assert "secreto" not in str(refused.value)
    assert refused.value.__cause__ is None


async def answer(url: str, driver: Driver, question: str = WHO) -> Any:
    """Through the pool of sessions, and the driver's own connections."""
    await kernel_db.disconnect()
    kernel_db.configure(url, driver=driver)
    try:
        async with kernel_db.transaction() as session:
            found = await session.scalar(text(question))
        async with kernel_db.raw_connection() as direct:
            row = (await direct.execute(text(f"SELECT ({question}) AS found"), {})).one_or_none()
        assert row.found == found
        return found
    finally:
        await kernel_db.disconnect()


@pytest.mark.embedded
@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_name_and_settings_of_the_address_reach_the_server(db: Database, driver: Driver) -> None:
    url = at(db, quote(folder_of(db), safe=""), application_name="a b", options=r"-c datestyle=ISO,\ DMY")
    assert await answer(url, driver) == f"{DATABASE_USER} a b UTC"
    assert await answer(url, driver, "SELECT current_setting('datestyle')") == "ISO, DMY"
    assert await answer(str(db.url), driver) == f"{DATABASE_USER} ventanilla UTC"


@pytest.mark.embedded
@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_dead_first_host_is_passed_over(db: Database, driver: Driver) -> None:
    with socket.socket() as no_one:
        no_one.bind(("127.0.0.1", 0))
        dead = no_one.getsockname()[1]
        async with proxy(folder_of(db)) as port:
            for wanted in ("any", "read-write", "prefer-standby"):
                hosts = f"127.0.0.1:{dead},127.0.0.1:{port}"
                assert await answer(at(db, hosts, target_session_attrs=wanted), driver)
            with pytest.raises(DatabaseUnavailable):
                await answer(at(db, f"127.0.0.1:{dead},127.0.0.1:{port}", target_session_attrs="standby"), driver)


@pytest.mark.embedded
@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_silent_first_host_costs_its_own_timeout_only(db: Database, driver: Driver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with proxy(folder_of(db)) as port:
            hosts = f"127.0.0.1:{silent.getsockname()[1]},127.0.0.1:{port}"
            kernel_db.configure(at(db, hosts, connect_timeout="2"), driver=driver)
            async with kernel_db.transaction() as session:
                assert await session.scalar(text("SELECT 1")) == 1
            await kernel_db.disconnect()


@pytest.mark.embedded
@pytest.mark.parametrize("driver", DRIVERS)
async def test_the_server_s_certificate_is_verified(db: Database, driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    authority, context = certificates(tmp_path / "a b", "localhost")
    (tmp_path / "other").mkdir()
    other, _context = certificates(tmp_path / "other", "localhost")
    async with proxy(folder_of(db), tls=context) as port:
        trusted = {"sslmode": "verify-full", "sslrootcert": str(authority)}
        assert await answer(at(db, f"localhost:{port}", **trusted), driver)
        assert await answer(at(db, f"127.0.0.1:{port}", sslmode="verify-ca", sslrootcert=str(authority)), driver)
        assert await answer(at(db, f"127.0.0.1:{port}", sslmode="require"), driver)
        for host, mode, root in (
            ("127.0.0.1", "verify-full", authority),
            ("localhost", "verify-ca", other),
            ("localhost", "require", other),
        ):
            with pytest.raises(DatabaseUnavailable):
                await answer(at(db, f"{host}:{port}", sslmode=mode, sslrootcert=str(root)), driver)
    async with proxy(folder_of(db)) as port:
        with pytest.raises(DatabaseUnavailable):
            await answer(at(db, f"localhost:{port}", sslmode="require"), driver)


@pytest.mark.embedded
@pytest.mark.parametrize("driver", DRIVERS)
async def test_an_ipv6_address(db: Database, driver: Driver) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        assert parse("postgresql://u@[::1]:7/d").for_psycopg()["host"] == "::1"  # this machine has no IPv6
        return
    async with proxy(folder_of(db), host="::1") as port:
        assert await answer(at(db, f"[::1]:{port}"), driver)


@pytest.mark.embedded
async def test_migrations_take_the_same_address(db: Database) -> None:
    url = at(db, quote(folder_of(db), safe=""), application_name="a b")
    migrate.upgrade(url)
    with sync_engine(url).connect() as connection:
        assert connection.scalar(text("SELECT current_setting('application_name')")) == "a b"


async def test_the_embedded_server_works_in_a_folder_with_spaces(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for above in tmp_path.parents[:3]:
        if above.stat().st_mode & 0o001 == 0:
            above.chmod(above.stat().st_mode | 0o011)
    server = EmbeddedServer.start(tmp_path / "con espacios" / "pg", durable=False)
    try:
        assert make_url(server.url).query["host"] == str(server.socket_folder)
        for driver in DRIVERS:
            assert await answer(server.url, driver)
        with sync_engine(server.url).connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
    finally:
        server.stop(mode="immediate")


@pytest.mark.embedded
@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_pooler_that_drops_settings_is_recognised(db: Database, driver: Driver) -> None:
    async with proxy(folder_of(db), only=(b"user", b"database")) as port:
        kernel_db.configure(at(db, f"127.0.0.1:{port}"), driver=driver)
        with pytest.raises(PoolerDetected, match="pgbouncer"):
            await kernel_db.require_session_mode()
    await kernel_db.disconnect()
    kernel_db.configure(str(db.url), driver=driver)
    await kernel_db.require_session_mode()
