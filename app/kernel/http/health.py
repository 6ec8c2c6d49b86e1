"""Endpoints for operators: liveness, readiness and metrics."""

import asyncio
import hmac
from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.kernel import database_metrics, metrics
from app.kernel.db import hot_connection
from app.kernel.http.proxies import warnings
from app.kernel.problems import Forbidden, Unavailable
from app.kernel.settings import get_settings

router = APIRouter(tags=["operations"])

READY_SECONDS = 5
"""How long readiness waits for the database: one that is reached and doesn't answer isn't ready either."""
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_HEAD = text("SELECT version_num FROM alembic_version")


@router.get("/health/live", operation_id="health_live", summary="The process answers")
async def live() -> dict[str, str]:
    """Return 200 while the process runs, whatever the state of the database."""
    return {"status": "ok"}


@router.get("/health/ready", operation_id="health_ready", summary="It can do its work")
async def ready(request: Request) -> dict[str, str | list[str]]:
    """200 when the database answers and is migrated; 503 otherwise. `warnings`, if any, are to be put right."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            version = await schema_version()
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise Unavailable from error
    noted = warnings(request.scope["state"].get("untrusted_proxies", {}), with_addresses=may_read_metrics(request))
    return {"status": "ok", "schema": version} | ({"warnings": noted} if noted else {})


async def schema_version() -> str:
    """The schema of the database, which answers.

    Raises:
        SQLAlchemyError, OSError: it doesn't, or isn't migrated.
    """
    async with hot_connection() as connection:
        return str((await connection.execute(_HEAD)).scalar_one())


@router.get("/metrics", operation_id="metrics", summary="Prometheus metrics", response_class=Response)
async def prometheus(request: Request) -> Response:
    """Metrics for Prometheus: from this machine, or with the configured bearer token."""
    if not may_read_metrics(request):
        raise Forbidden
    return Response(metrics.render(await database_metrics.read_all()), media_type=METRICS_TYPE)


def may_read_metrics(request: Request) -> bool:
    """Whether this caller may: with the token, or from this machine where there is none."""
    token = get_settings().metrics_token
    if token is not None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.get_secret_value().encode())
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
