"""A server that went away and came back costs no request: closed connections are replaced when they are taken."""

import asyncio

import httpx
import pytest
from sqlalchemy import text

from app.kernel import db as kernel_db
from tests.conftest import Database, execute


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
