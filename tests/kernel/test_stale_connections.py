"""A server that went away and came back costs no request: closed connections are replaced when they are taken."""

import asyncio
import time

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from sqlalchemy import text

from app.kernel import db as kernel_db
from app.kernel.ids import new_id
from app.settings import portal_settings
from tests.conftest import Database, execute
from tests.kernel.proxies import at, folder_of, proxy


@pytest.mark.faults
async def test_the_first_post_after_it_works(client: httpx.AsyncClient, db: Database) -> None:
    async with kernel_db.transaction() as session:
        assert await session.scalar(text("SELECT 1")) == 1
    execute(
        db.url.set(database="postgres"),
        f"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '{db.url.database}'",
    )
    await asyncio.sleep(0.2)  # the driver hears it
    answer = await client.post("/entrar", data={"identifier": "no"})
    assert answer.status_code == 422, answer.text


@pytest.mark.faults
@pytest.mark.parametrize("sessions", [kernel_db.transaction, kernel_db.reading, kernel_db.separate_tx])
async def test_so_does_each_pool(db: Database, sessions: object) -> None:
    for _ in range(2):
        async with sessions() as session:  # type: ignore[operator]
            assert await session.scalar(text("SELECT 1")) == 1
        execute(
            db.url.set(database="postgres"),
            f"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '{db.url.database}'",
        )
        await asyncio.sleep(0.2)


@pytest.mark.faults
@pytest.mark.embedded
async def test_a_server_that_hangs_is_waited_for_until_a_limit(app: FastAPI, db: Database) -> None:
    """It is reached and never answers, as one that was stopped: neither on connections that there are, nor on new
    ones. Each request ends, and with the server back nothing is left of it."""
    gate = asyncio.Event()
    gate.set()
    async with proxy(folder_of(db), gate=gate) as port:
        settings = portal_settings().model_copy(update={"statement_timeout_ms": 300, "pool_size": 3})
        made = kernel_db.configure(at(db, f"127.0.0.1:{port}", connect_timeout="2"), settings=settings)
        answers = await asyncio.gather(*(answered(app, *one) for one in ASKED))
        assert [one.status_code for one in answers] == [404] * 3, "it works"
        in_use = connections_in_use()
        gate.clear()
        for _ in range(2):
            began = time.monotonic()
            answers = await asyncio.gather(*(answered(app, *one) for one in ASKED))
            assert time.monotonic() - began < 300 / 1000 + kernel_db.GRACE + 2 + A_WHILE
            assert [one.status_code for one in answers] == [503] * len(ASKED)
            assert all(int(one.headers["retry-after"]) > 0 for one in answers)
        spanish, program, english = answers
        assert "El servicio no responde en este momento" in spanish.text
        assert "The service is not answering right now" in english.text
        assert program.headers["content-type"] == "application/problem+json"
        gate.set()
        for _ in range(2):
            back = await asyncio.gather(*(answered(app, *one) for one in ASKED * 3))
            assert [one.status_code for one in back] == [404] * 9
        assert made.engine.pool.checkedout() == 0  # type: ignore[attr-defined] # the pool's class has it
        async with kernel_db.transaction() as session:
            assert await session.scalar(STILL_BUSY) == 0
        assert connections_in_use() == in_use
        await kernel_db.disconnect()


STILL_BUSY = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
    " AND pid <> pg_backend_pid()"
)
A_WHILE = 15
"""To look for the reader of the page, and for a busy machine: without a limit it would be for ever."""
ASKED = (
    ("/turno/ABCDEFGHJKMN", "text/html"),
    (f"/api/v1/units/{new_id()}/board", "application/json"),
    ("/en/turno/ABCDEFGHJKMN", "text/html"),
)


def connections_in_use() -> list[float | None]:
    """By the metrics of this process."""
    pools = ("main", "separate", "raw")
    return [REGISTRY.get_sample_value("ventanilla_db_connections_in_use", {"pool": pool}) for pool in pools]


async def answered(app: FastAPI, path: str, accept: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        return await client.get(path, headers={"accept": accept})


@pytest.mark.parametrize(("lock_ms", "seconds"), [(None, 10.0), (2_000, 10.0), (60_000, 60.0)])
def test_a_connection_is_waited_for_as_long_as_its_holder_may_wait_for_a_lock(
    lock_ms: int | None, seconds: float
) -> None:
    assert kernel_db.Limits(None, lock_ms).pool_seconds == seconds


async def test_both_pools_wait_so_long(db: Database) -> None:
    engines = kernel_db.database()
    for engine in (engines.engine, engines.separate_engine):
        assert engine.pool.timeout() == portal_settings().lock_timeout_ms / 1000  # type: ignore[attr-defined]
