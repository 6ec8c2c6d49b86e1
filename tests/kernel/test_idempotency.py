"""One effect and one answer for a key, whatever happens at once."""

import asyncio
from datetime import timedelta

import httpx
import pytest
import time_machine
from fastapi import FastAPI, Request, Response
from sqlalchemy import text

from app.kernel import clock
from app.kernel import db as kernel_db
from app.kernel.actor import Citizen
from app.kernel.http.parameters import IdempotencyKey, Tx
from app.kernel.http.responses import idempotent_response
from app.kernel.idempotency import delete_old_keys
from app.kernel.ids import new_id
from app.kernel.problems import Conflict
from tests.conftest import Database

ANA = Citizen(new_id())


@pytest.fixture
def counted(app: FastAPI) -> FastAPI:
    """A route whose effect is a row, and whose answer differs each time it is made."""

    @app.post("/api/v1/counted")
    async def count(request: Request, tx: Tx, key: IdempotencyKey, refuse: bool = False) -> Response:
        async def make() -> Response:
            await tx.execute(
                text("INSERT INTO postal_code (code) VALUES (:code)"),
                {"code": f"{new_id().int % 100_000:05d}"},
            )
            if refuse:
                raise Conflict
            return Response(str(new_id()), 201, headers={"Location": "/somewhere"})

        return await idempotent_response(tx, ANA, key, request, make)

    return app


async def effects() -> int:
    async with kernel_db.reading() as session:
        return int(await session.scalar(text("SELECT count(*) FROM postal_code")) or 0)


async def send(client: httpx.AsyncClient, key: str, body: bytes = b"{}", query: str = "") -> httpx.Response:
    return await client.post(f"/api/v1/counted{query}", content=body, headers={"Idempotency-Key": key})


async def test_many_at_once_are_one(counted: FastAPI, client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*[send(client, "the-same-key") for _ in range(6)])
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert {answer.headers["location"] for answer in answers} == {"/somewhere"}
    assert sorted(answer.headers.get("idempotency-replayed", "") for answer in answers) == [""] + ["true"] * 5
    assert await effects() == 1


async def test_another_body_or_path_with_the_key_is_refused(counted: FastAPI, client: httpx.AsyncClient) -> None:
    await send(client, "the-same-key")
    other = await send(client, "the-same-key", b"{} ")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    assert await effects() == 1


async def test_a_refusal_is_not_stored(counted: FastAPI, client: httpx.AsyncClient) -> None:
    assert (await send(client, "the-same-key", query="?refuse=true")).status_code == 409
    assert await effects() == 0
    assert (await send(client, "the-same-key")).status_code == 201


@pytest.mark.parametrize("key", ["", "short", "x" * 256, "con espacio", "acentuación"])
async def test_a_key_has_a_shape(counted: FastAPI, client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post("/api/v1/counted", content=b"{}", headers={b"Idempotency-Key": key.encode()})
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["field"] == "header.Idempotency-Key"


async def test_a_key_is_stored_for_a_day_and_then_deleted(
    counted: FastAPI, client: httpx.AsyncClient, db: Database
) -> None:
    first = await send(client, "the-same-key")
    with time_machine.travel(clock.now() + timedelta(hours=23, minutes=59)):
        async with db.transaction() as session:
            assert await delete_old_keys(session, 24) == 0
        assert (await send(client, "the-same-key")).content == first.content
    with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1)):
        async with db.transaction() as session:
            assert await delete_old_keys(session, 24) == 1
        assert (await send(client, "the-same-key")).content != first.content
