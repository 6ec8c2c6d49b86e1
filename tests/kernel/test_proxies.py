"""A proxy that isn't trusted is noticed: in the log once, and where readiness is asked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.kernel.http.proxies import warn_at_start
from app.kernel.settings import Settings

PROXY, PERSON = "172.28.57.1", "203.0.113.9"


@pytest.fixture
def behind(app: FastAPI) -> Callable[[str], httpx.AsyncClient]:
    """A client of the server as uvicorn runs it, with one trusted proxy."""
    served: Any = ProxyHeadersMiddleware(app, trusted_hosts=PROXY)  # type: ignore[arg-type] # an ASGI application

    def at(peer: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=served, client=(peer, 4711))
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")

    return at


@pytest.mark.parametrize("header", [PERSON, f"{PERSON}:443", f"10.1.1.1, {PERSON}", f"{PERSON}, {PROXY}"])
async def test_a_trusted_proxy_is_nothing_to_warn_of(behind: Callable[[str], httpx.AsyncClient], header: str) -> None:
    with capture_logs() as logs:
        answer = await behind(PROXY).get("/health/ready", headers={"x-forwarded-for": header})
    assert "warnings" not in answer.json()
    assert [entry for entry in logs if entry["event"] == "untrusted_proxy"] == []


async def test_an_untrusted_one_is_said_once_in_the_log_and_in_readiness(
    behind: Callable[[str], httpx.AsyncClient],
) -> None:
    with capture_logs() as logs:
        for _ in range(3):
            answer = await behind("172.18.0.1").get("/health/ready", headers={"x-forwarded-for": PERSON})
    (warning,) = answer.json()["warnings"]
    assert "VENTANILLA_TRUSTED_PROXIES" in warning
    assert "172.18.0.1" not in warning  # only for who may read metrics
    assert "172.18.0.1" in (await behind("127.0.0.1").get("/health/ready")).json()["warnings"][0]
    (entry,) = [entry for entry in logs if entry["event"] == "untrusted_proxy"]
    assert entry["peer"] == "172.18.0.1"


@pytest.mark.parametrize(
    ("host", "trusted", "count"),
    [("0.0.0.0", "127.0.0.1", 1), ("0.0.0.0", "10.0.0.1", 0), ("127.0.0.1", "127.0.0.1", 0)],
)
def test_a_production_server_that_trusts_no_proxy_says_so_at_start(host: str, trusted: str, count: int) -> None:
    settings = Settings(
        environment="production",
        host=host,
        trusted_proxies=trusted,
        secret_key="x" * 40,
        database_url="postgresql://localhost/x",
        public_url="https://citas.example.mx",
    )
    with capture_logs() as logs:
        warn_at_start(settings)
    assert len(logs) == count


def test_compose_passes_the_trusted_proxies_and_its_default_is_its_own_gateway() -> None:
    text = (Path(__file__).parents[2] / "compose.yaml").read_text()
    assert "VENTANILLA_TRUSTED_PROXIES: ${VENTANILLA_TRUSTED_PROXIES:-172.28.57.1}" in text
    assert "gateway: 172.28.57.1" in text
