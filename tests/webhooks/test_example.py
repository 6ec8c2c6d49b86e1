"""The receiver in `examples/` runs, takes what is signed once, and refuses the rest."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app.kernel import db as kernel_db
from app.webhooks import service
from app.webhooks.service import Subscription
from tests.conftest import Database
from tests.webhooks.factories import ADMIN, TYPES, happen, statuses, work
from tests.webhooks.receiver import Receiver

FILE = Path(__file__).parents[2] / "examples" / "webhook_receiver.py"


@asynccontextmanager
async def example(secret: str) -> AsyncIterator[tuple[int, asyncio.StreamReader]]:
    """The example as a process: its port, and what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(FILE), "0", env=os.environ | {"WEBHOOK_SECRET": secret}, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        first = (await process.stdout.readline()).decode()
        yield int(first.rpartition(" ")[2]), process.stdout
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_the_example_takes_events(db: Database, receiver: Receiver) -> None:
    given = Subscription("Ejemplo", "soporte@ejemplo.mx", receiver.url, TYPES)
    async with kernel_db.transaction() as session:
        made = await service.create(session, ADMIN, given)
    async with example(made.secret) as (port, printed):
        async with kernel_db.transaction() as session:
            there = replace(given, url=f"http://127.0.0.1:{port}/")
            await service.change(session, ADMIN, made.webhook.id, there)
        (event_id,) = await happen()
        await work()
        assert (await printed.readline()).decode().startswith(f"holiday.added {event_id} ")
        assert await statuses() == ["delivered"]
        async with httpx.AsyncClient() as client:
            unsigned = await client.post(f"http://127.0.0.1:{port}/", content=b"{}")
        assert unsigned.status_code == 401
