"""Browser programs of other origins (CORS, Fetch Standard 3.2), and OPTIONS on every path.

Only the origins that the agency names, and only the API: it knows callers by their tokens, never by a cookie, so that
credentials of the browser are neither asked for nor allowed.
"""

from collections.abc import Callable, Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kernel.http.context import RenderProblem
from app.kernel.http.merge_patch import ACCEPT_PATCH
from app.kernel.problems import NotFound

API_PREFIX = "/api/"
SENT = (
    "Accept-Language, Assistance-Id, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
    "Last-Event-ID, Prefer, X-Request-Id"
)
"""The headers that a program may send, besides those that any page may."""
READ = (
    "Accept-Patch, Allow, Content-Disposition, Content-Language, Deprecation, ETag, Idempotency-Replayed, Link, "
    "Location, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, Sunset, Total-Count, "
    "WWW-Authenticate, X-Request-Id"
)
"""The headers of a response that a program may read, besides those that any page may."""
PREFLIGHT_SECONDS = 600


class Cors:
    """Lets programs of these origins read responses of the API, refusals too: it stands outside all that answers."""

    def __init__(self, app: ASGIApp, *, origins: Collection[str]) -> None:
        self.app = app
        self.origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.origins or scope["type"] != "http" or not scope["path"].startswith(API_PREFIX):
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        origin = asked.get("origin", "")
        is_preflight = scope["method"] == "OPTIONS" and "access-control-request-method" in asked

        async def send_to_origin(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Origin")
                if origin in self.origins:
                    headers["Access-Control-Allow-Origin"] = origin
                    headers["Access-Control-Expose-Headers"] = READ
                    if is_preflight and "allow" in headers:
                        _answer_preflight(headers)
            await send(message)

        await self.app(scope, receive, send_to_origin)


def _answer_preflight(headers: MutableHeaders) -> None:
    headers["Access-Control-Allow-Methods"] = headers["allow"]
    headers["Access-Control-Allow-Headers"] = SENT
    headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    headers.add_vary_header("Access-Control-Request-Method")
    headers.add_vary_header("Access-Control-Request-Headers")


class OptionsMethod:
    """Answers OPTIONS with the methods of a path (RFC 9110, 9.3.7), by its routes alone: nothing is authenticated, read
    or counted, so that the limits refuse a request of a browser, which can read why, and never its preflight."""

    def __init__(self, app: ASGIApp, render: RenderProblem, *, methods_at: Callable[[Scope], Collection[str]]) -> None:
        self.app = app
        self.render = render
        self.methods_at = methods_at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "OPTIONS":
            await self.app(scope, receive, send)
            return
        methods = self.methods_at(scope)
        if not methods:
            response = await self.render(Request(scope), NotFound())
        else:
            headers = {"Allow": allow_header(methods)}
            if "PATCH" in methods:
                headers |= ACCEPT_PATCH
            response = Response(status_code=204, headers=headers)
        await response(scope, receive, send)


def allow_header(methods: Collection[str]) -> str:
    """The methods of a path as `Allow` names them: HEAD wherever there is GET, and OPTIONS everywhere."""
    return ", ".join(sorted({*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))
