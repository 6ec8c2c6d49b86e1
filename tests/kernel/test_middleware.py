"""Middleware of every request, and responses to errors."""

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.types import Message

from app.kernel.http.middleware import CSP
from app.kernel.http.parameters import Tx
from app.kernel.problems import Conflict


async def test_ready_when_the_database_is_migrated(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


async def test_every_answer_carries_the_security_headers_and_a_request_id(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health/live", headers={"X-Request-Id": "abcdefgh-1"})
    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"] == "abcdefgh-1"


@pytest.mark.parametrize(("language", "title"), [("es", "No encontramos lo que busca"), ("en", "We can't find that")])
async def test_unknown_route_is_a_problem_in_the_caller_s_language(
    client: httpx.AsyncClient, language: str, title: str
) -> None:
    answer = await client.get("/api/v1/nothing", headers={"Accept-Language": language})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == title
    assert answer.json()["type"] == "/problems/not-found"


async def test_a_server_error_shows_nothing_but_a_reference(app: FastAPI, client: httpx.AsyncClient) -> None:
    @app.get("/api/v1/broken")
    async def broken() -> None:
        raise RuntimeError("secret detail")

    answer = await client.get("/api/v1/broken")
    assert answer.status_code == 500
    assert answer.json()["reference"] == answer.headers["x-request-id"]
    assert "secret detail" not in answer.text


async def test_a_body_too_large_is_refused(app: FastAPI, client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/nothing", content=b"x" * 2_000_000)
    assert answer.status_code == 413
    assert answer.json()["max_bytes"] == 1_048_576


@pytest.mark.parametrize("path", ["/ayuda/", "/en/ayuda/", "/api/v1/openapi.json/", "/health/live//"])
async def test_a_slash_too_many_leads_to_no_host_that_the_request_names(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 200
    assert "evil.example" not in answer.text


async def test_a_body_with_many_errors_gets_a_short_answer(client: httpx.AsyncClient) -> None:
    many = await client.post("/api/v1/sign-in/codes", json={f"k{number}": 1 for number in range(50_000)})
    assert many.status_code == 422
    assert len(many.json()["fields"]) == 50
    long = await client.post("/api/v1/sign-in/codes", json={"k" * 900_000: 1})
    assert long.status_code == 422
    assert max(len(many.content), len(long.content)) < 10_000


async def test_a_commit_that_fails_answers_a_problem_and_not_success(app: FastAPI, client: httpx.AsyncClient) -> None:
    @app.post("/api/v1/late-failure")
    async def late(tx: Tx) -> dict[str, str]:
        await tx.execute(text("CREATE TABLE parent (id int PRIMARY KEY)"))
        await tx.execute(text("CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)"))
        await tx.execute(text("INSERT INTO child VALUES (1)"))
        return {"status": "done"}

    answer = await client.post("/api/v1/late-failure")
    assert answer.status_code == 500


async def test_a_raised_problem_undoes_and_a_returned_answer_keeps(app: FastAPI, client: httpx.AsyncClient) -> None:
    @app.post("/api/v1/touch")
    async def touch(tx: Tx, refuse: bool) -> dict[str, str]:
        await tx.execute(text("INSERT INTO failure_counter VALUES ('t', '\\x00', 1, now(), now())"))
        if refuse:
            raise Conflict
        return {}

    @app.get("/api/v1/touched")
    async def touched(tx: Tx) -> int:
        return int((await tx.execute(text("SELECT count(*) FROM failure_counter"))).scalar_one())

    assert (await client.post("/api/v1/touch?refuse=true")).status_code == 409
    assert (await client.get("/api/v1/touched")).json() == 0
    assert (await client.post("/api/v1/touch?refuse=false")).status_code == 200
    assert (await client.get("/api/v1/touched")).json() == 1


async def test_a_deadlock_is_done_again_by_the_edge(app: FastAPI, client: httpx.AsyncClient) -> None:
    tries = 0

    @app.post("/api/v1/deadlock")
    async def deadlock(tx: Tx) -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            await tx.execute(text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$"))
        return tries

    answer = await client.post("/api/v1/deadlock")
    assert (answer.status_code, answer.json()) == (200, 3)


async def test_validation_points_at_the_field_in_plain_words(app: FastAPI, client: httpx.AsyncClient) -> None:
    @app.get("/api/v1/number")
    async def number(n: int) -> int:
        return n

    answer = await client.get("/api/v1/number?n=abc")
    assert answer.status_code == 422
    assert answer.json()["fields"] == [{"field": "n", "code": "int_parsing", "message": "Debe ser un número entero."}]


@pytest.mark.parametrize("length", ["\u00b2", "99999999999999999999999", "-1", "1e9"])
async def test_a_length_that_no_body_has_is_too_large(app: FastAPI, length: str) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("the body is not read")

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-length", length.encode("latin-1")), (b"host", b"127.0.0.1")]
    scope = {"type": "http", "method": "POST", "path": "/folio", "headers": headers, "query_string": b""}
    await app(scope | {"scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1)}, receive, send)
    assert sent[0]["status"] == 413
