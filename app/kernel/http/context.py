"""Outermost middleware: request id, language, one log entry and metrics per request, and the handler of last resort."""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kernel import ids, metrics
from app.kernel.http.programs import is_for_programs
from app.kernel.i18n import DEFAULT, LANGUAGES, accepted, set_language
from app.kernel.problems import Problem, Unexpected

log = structlog.get_logger("ventanilla.request")

REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
STREAM = "text/event-stream"
QUIET = ("/health/", "/metrics", "/static/")

CALLER_QUOTA = "caller_quota"
"""In the state of a request: the quota of who calls, beside that of their address."""


@dataclass(frozen=True, slots=True)
class CallerQuota:
    """How many requests a minute the caller may make, how many are left, and for how many seconds."""

    name: str
    quota: int
    left: int
    seconds: int


RenderProblem = Callable[[Request, Problem], Awaitable[Response]]


class RequestContext:
    """Sets the request id and language, and responds with 500 and a reference to an unhandled exception."""

    def __init__(self, app: ASGIApp, render: RenderProblem) -> None:
        self.app = app
        self.render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _request_id(headers)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        _choose_language(scope, headers)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        status, seconds = 500, 0.0

        async def send_with_id(message: Message) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                status = message["status"]
                answer = MutableHeaders(scope=message)
                answer["X-Request-Id"] = request_id
                if answer.get("content-type", "").startswith(STREAM):  # answered now, though it stays open
                    seconds = time.perf_counter() - began
                    metrics.IN_FLIGHT.dec()
            await send(message)

        metrics.IN_FLIGHT.inc()
        try:
            await self._answer(scope, receive, send_with_id)
        finally:
            if not seconds:
                metrics.IN_FLIGHT.dec()
            _account(scope, status, seconds or time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            log.exception("unhandled_exception", route=_route_of(scope))
            if started:
                raise
            problem = Unexpected(extra={"reference": scope["state"]["request_id"]})
            response = await self.render(Request(scope, receive), problem)
            await response(scope, receive, send)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if REQUEST_ID.match(given) else str(ids.new_id())


def _choose_language(scope: Scope, headers: Headers) -> None:
    """Pages: the path decides (`/en/…`; none is Spanish). API: Accept-Language decides."""
    path: str = scope["path"]
    state: dict[str, Any] = scope["state"]
    state["prefix"] = ""
    state["asked"] = (scope.get("raw_path") or path.encode()).decode("latin-1")
    if path.startswith("//"):  # browsers read a link to //host/x as another host's
        path = scope["path"] = "/" + path.lstrip("/")
    if path.endswith("/"):  # the same page; a redirect would name the host that the request names
        path = scope["path"] = path.rstrip("/") or "/"
    if is_for_programs(path):
        set_language(accepted(headers.get("accept-language", "")))
        return
    first, _slash, rest = path[1:].partition("/")
    if first in LANGUAGES and first != DEFAULT:
        scope["path"] = "/" + rest.lstrip("/")
        scope["raw_path"] = scope["path"].encode()
        state["prefix"] = "/" + first
        set_language(first)
    else:
        set_language(DEFAULT)


def _route_of(scope: Scope) -> str:
    """The route, never the path: some paths hold tokens."""
    route: str = getattr(scope.get("route"), "path", "unmatched")
    return route


def _account(scope: Scope, status: int, seconds: float) -> None:
    route = _route_of(scope)
    metrics.REQUESTS.labels(scope["method"], route, str(status)).inc()
    metrics.SECONDS.labels(route).observe(seconds)
    if not scope["path"].startswith(QUIET):
        log.info(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 1),
        )
