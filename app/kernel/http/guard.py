"""Layers that protect: security headers, body size, requests per minute, and another try after a deadlock."""

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

from app.kernel.db_errors import is_disconnect, is_retryable
from app.kernel.http.context import RenderProblem
from app.kernel.i18n import N_
from app.kernel.parsing import whole_number
from app.kernel.problems import TooLarge, TooMany
from app.kernel.rate_limit_rules import KnownNetwork, source_of

CSP = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
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
TRIES = 4
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
MEGABYTE = 1_048_576
AROUND_A_FILE = 65_536
"""Bytes a form may have besides its file: the other fields, the boundaries, the name."""


class SecurityHeaders:
    """Headers that every answer carries; an answer that says nothing about caching isn't cached.

    One that brings its own keeps it: a document shown in a frame of our own page.
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


class Compressed(GZipMiddleware):
    """Answers to reads, compressed when that pays; those to changes are a few hundred bytes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class RequestLimit:
    """A count of requests a minute by source (in this process): a shield against floods, not a quota.

    `caller` names a device or program that proved to be ours: it has a count of its own, so that a flood from behind
    the same address doesn't stop it. Attempts that matter (codes, passwords) are counted in the database, see
    `rate_limits`.
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
        response = await self.render(Request(scope, receive), TooMany(retry_after=seconds))
        await response(scope, receive, send_limited)


class Body:
    """Reads the body once, within the limit; the work may be done again on it after a deadlock.

    A lost connection is retried only where that can't act twice: safe methods, or with an Idempotency-Key.
    `max_upload_bytes` is the largest file taken where files are attached; `max_bytes` the largest body elsewhere.
    """

    def __init__(self, app: ASGIApp, render: RenderProblem, *, max_bytes: int, max_upload_bytes: int) -> None:
        self.app = app
        self.render = render
        self.max_bytes = max_bytes
        self.max_form_bytes = max_upload_bytes + AROUND_A_FILE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        body = b""
        if "content-length" in headers or "transfer-encoding" in headers:
            limit = self.max_form_bytes if takes_files(scope["path"]) else self.max_bytes
            read = await self._read(headers, receive, limit)
            if read is None:
                response = await self.render(Request(scope), _too_large(limit))
                await response(scope, receive, send)
                return
            body = read
        repeatable = scope["method"] in SAFE_METHODS or "idempotency-key" in headers
        await self._try(scope, receive, send, body, repeatable)

    @staticmethod
    async def _read(headers: Headers, receive: Receive, limit: int) -> bytes | None:
        if _declared(headers) > limit:
            return None
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            part = message.get("body", b"")
            size += len(part)
            if size > limit:
                return None
            parts.append(part)
            if not message.get("more_body", False):
                break
        return b"".join(parts)

    async def _try(self, scope: Scope, receive: Receive, send: Send, body: bytes, repeatable: bool) -> None:
        state = dict(scope["state"])
        for attempt in range(1, TRIES + 1):
            scope["state"] = dict(state) | {"last_try": attempt == TRIES, "repeatable": repeatable}
            try:
                await self.app(scope, _replayed(body, receive), send)
            except TryAgain:
                continue
            return


def _declared(headers: Headers) -> float:
    """The length that a request says its body has; more than any limit when it is no number of a possible length."""
    try:
        return whole_number(headers.get("content-length", "0"))
    except ValueError:
        return float("inf")


def takes_files(path: str) -> bool:
    """Whether files are attached at this address: `…/documents` of the API, `…/documentos` of the pages."""
    return path.endswith("/documents" if path.startswith("/api/v1/") else "/documentos")


def _too_large(limit: int) -> TooLarge:
    megabytes = f"{limit / MEGABYTE:.3g}"
    return TooLarge(detail=N_("Puede medir hasta %(megabytes)s MB."), extra={"max_bytes": limit}, megabytes=megabytes)


class TryAgain(Exception):  # noqa: N818 # not a fault: an instruction to the layer above
    """Raised inside an exception handler to have the whole request done again."""


def should_retry(state: dict[str, Any], error: BaseException) -> bool:
    """Whether the edge has tries left and doing the work again is right."""
    if state.get("last_try", True):
        return False
    return is_retryable(error) or (is_disconnect(error) and bool(state.get("repeatable")))


def _replayed(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def give() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return give
