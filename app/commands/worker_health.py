"""HTTP port of a worker: liveness, readiness and metrics."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.kernel import clock_monitor, database_metrics, metrics
from app.kernel.http.health import METRICS_TYPE, may_read_metrics, schema_version
from app.kernel.settings import Settings
from app.kernel.worker import STALLED_SECONDS, Worker

logger = structlog.get_logger(__name__)


class _Server(uvicorn.Server):
    """A server that leaves signal handling to the worker."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(worker: Worker, settings: Settings, stop: asyncio.Event) -> None:
    """Serve until stopped; if the port is in use, log it and continue without."""
    if settings.worker_port is None:
        return
    try:
        listening = socket.create_server((settings.host, settings.worker_port), backlog=64)
    except OSError as error:
        logger.error("worker_port_unavailable", port=settings.worker_port, error=str(error))
        return
    config = uvicorn.Config(
        _app(worker),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await stop.wait()
    server.should_exit = True
    await serving


def _app(worker: Worker) -> Starlette:
    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_request: Request) -> Response:
        state = await readiness(worker)
        return JSONResponse(state, 200 if state["status"] == "ok" else 503)

    async def prometheus(request: Request) -> Response:
        if not may_read_metrics(request):
            return PlainTextResponse("", 403)
        return Response(metrics.render(await database_metrics.read_all()), media_type=METRICS_TYPE)

    return Starlette(routes=[Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", prometheus)])


async def readiness(worker: Worker) -> dict[str, object]:
    """Return whether the worker can do all of its work, and what prevents it."""
    wrong = []
    silent = worker.heartbeat_age
    if silent is None or silent > STALLED_SECONDS:
        wrong.append("its heartbeat is not taken")
    try:
        async with asyncio.timeout(3):
            await schema_version()
    except (SQLAlchemyError, OSError):
        wrong.append("the database does not answer, or is not migrated")
    time_state = clock_monitor.last_reading()
    if time_state is not None and not time_state.agrees:
        wrong.append(f"its clock is {time_state.skew_seconds:.0f} s from the database's: scheduled work is stopped")
    elif time_state is not None and not time_state.is_trusted:
        wrong.append(f"time jumped: what deletes or expires waits {time_state.pause_seconds:.0f} s more")
    return {
        "status": "unavailable" if wrong else "ok",
        "clock": "ok" if time_state is None or time_state.is_trusted else "not-trusted",
        "wrong": wrong,
    }
