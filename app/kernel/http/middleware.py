"""Protective middleware: security headers, rate limit, HEAD for every GET, compression, and the retry decision after a
deadlock."""

import time
from collections.abc import Callable
from typing import Any

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kernel.db_errors import has_hung, is_disconnect, is_retryable
from app.kernel.http.context import CALLER_QUOTA, CallerQuota, RenderProblem
from app.kernel.problems import TooManyRequests
from app.kernel.rate_limit_rules import KnownNetwork, source_of

CSP = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=63072000; includeSubDomains"
MAX_ATTEMPTS = 4
IS_HEAD = "ventanilla.head"
"""Key of the scope of a request that is served for its headers only."""
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class SecurityHeaders:
    """Adds security headers to every response; a response without Cache-Control isn't cached.

    Headers set by the route take precedence, such as those of a document shown in a frame of our own page.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        fixed = HEADERS | ({"Strict-Transport-Security": HSTS} if https else {})
        self.raw = [(name.lower().encode(), value.encode()) for name, value in fixed.items()]
        self.raw.append((b"cache-control", b"no-store"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                own = {name.lower() for name, _value in headers}
                headers.extend(pair for pair in self.raw if pair[0] not in own)
            await send(message)

        await self.app(scope, receive, send_guarded)


class HeadMethod:
    """Serves HEAD as GET without the body (RFC 9110, 9.3.2): routes declare GET only."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # A copy: the server must still see HEAD, so that it sends no body.
        as_get = dict(scope) | {"method": "GET", IS_HEAD: True}
        try:
            await self.app(as_get, receive, send_head)
        finally:
            scope.update({name: as_get[name] for name in ("route", "path") if name in as_get})


class Compression(GZipMiddleware):
    """Compresses responses to safe methods; responses to others are a few hundred bytes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class RateLimit:
    """Limits requests per minute and source, in this process: protection against floods, not a quota.

    `caller` identifies a known device or an API client by its token: it has a counter of its own, so that a flood from
    the same address doesn't block it. Sign-in attempts are counted in the database, see `rate_limits`.
    """

    def __init__(
        self,
        app: ASGIApp,
        render: RenderProblem,
        *,
        per_minute: int,
        networks: tuple[KnownNetwork, ...] = (),
        caller: Callable[[Headers], str | None] = lambda _headers: None,
    ) -> None:
        self.app = app
        self.render = render
        self.networks = networks
        self.caller = caller
        self.per_minute = max(per_minute, 1)
        self.item = RateLimitItemPerMinute(self.per_minute)
        self.limiter = FixedWindowRateLimiter(MemoryStorage()) if per_minute else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.limiter is None or scope["type"] != "http" or scope["path"].startswith(("/static/", "/health/")):
            await self.app(scope, receive, send)
            return
        source = source_of(scope["client"][0] if scope.get("client") else "unknown", self.networks)
        own = self.caller(Headers(scope=scope))
        item = self.item if own or source.people == 1 else RateLimitItemPerMinute(self.per_minute * source.people)
        policy = f'"default";q={item.amount};w=60'
        allowed = self.limiter.hit(item, own or source.key)
        window = self.limiter.get_window_stats(item, own or source.key)
        seconds = max(1, int(window.reset_time - time.time()))

        async def send_limited(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["RateLimit-Policy"] = policy
                headers["RateLimit"] = f'"default";r={max(window.remaining, 0)};t={seconds}'
            await send(message)

        if allowed:
            await self.app(scope, receive, send_limited)
            return
        response = await self.render(Request(scope, receive), TooManyRequests(retry_after=seconds))
        await response(scope, receive, send_limited)


class CallerLimit:
    """Adds the quota of who calls, where they have one of their own, to the headers of that of their address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_limited(message: Message) -> None:
            # Counted by the route; responses without the quota aren't touched.
            quota: CallerQuota | None = scope.get("state", {}).get(CALLER_QUOTA)
            if quota is not None and message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                policies = [headers.get("RateLimit-Policy"), f'"{quota.name}";q={quota.quota};w=60']
                limits = [headers.get("RateLimit"), f'"{quota.name}";r={quota.left};t={quota.seconds}']
                headers["RateLimit-Policy"] = ", ".join(filter(None, policies))
                headers["RateLimit"] = ", ".join(filter(None, limits))
            await send(message)

        await self.app(scope, receive, send_limited if scope["type"] == "http" else send)


class RetryRequest(Exception):  # noqa: N818 # not an error: an instruction to the outer middleware
    """Raised by an exception handler to retry the whole request."""


def should_retry(state: dict[str, Any], error: BaseException) -> bool:
    """Return whether the request can be retried safely and attempts are left."""
    if state.get("last_try", True) or has_hung(error):
        return False
    return is_retryable(error) or (is_disconnect(error) and bool(state.get("repeatable")))
