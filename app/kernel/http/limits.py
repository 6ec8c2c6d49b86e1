"""Middleware that reads request bodies: with limits on size, time and concurrency, in bounded memory, and once, so that
a request can be retried after a deadlock.

Uploads are read from authenticated callers only, and are spooled to disk.
"""

import asyncio
from asyncio import Transport
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.kernel.db_errors import problem_of
from app.kernel.http.context import RenderProblem
from app.kernel.http.middleware import MAX_ATTEMPTS, SAFE_METHODS, RetryRequest
from app.kernel.http.sse import end_streams
from app.kernel.i18n import N_
from app.kernel.parsing import whole_number
from app.kernel.problems import BodyTimeout, Problem, TooLarge, TooManyRequests, Unavailable

log = structlog.get_logger(__name__)

MEGABYTE = 1_048_576
UNAUTHORIZED = 401
FORM_OVERHEAD_BYTES = 65_536
"""Bytes that a form may have besides its file: other fields, boundaries, the file name."""
SPOOL_BYTES = 65_536
"""Longer bodies are spooled to disk."""
CHUNK_BYTES = 65_536
IDLE_SECONDS = 15.0
"""Maximum time between chunks."""
BODY_SECONDS, UPLOAD_SECONDS = 60.0, 600.0
"""Maximum time for a whole body: ten megabytes over a poor mobile connection take eight minutes."""
MAX_STREAMING_BODIES = 256
"""Bodies received in several chunks at a time, per process."""
MAX_UPLOADS_PER_SENDER = 3
"""Concurrent uploads per person and process."""
MAX_DISCARD_FACTOR = 20
"""How many times the limit is read and discarded of a file that is too large: a browser shows the response only after
it has sent the whole body."""
DISK_FULL = N_("No hay espacio para recibir archivos. No se guardó nada.")

Authenticate = Callable[[Request], Awaitable[str]]
"""Identifies the uploader by the headers alone; raises a Problem for an unauthenticated caller."""


class BodyLimit:
    """Reads the body within limits and passes it to the application.

    A lost connection is retried only where that can't act twice: safe methods, or with an Idempotency-Key.
    `max_upload_bytes` is the largest file taken at the paths of `takes_file`; `max_bytes` the largest body elsewhere. A
    page that is sent too large a file gets the form's other fields, and `request.state.body_too_large`; so do the pages
    of `public_uploads`, where anyone sends a file of up to `max_bytes`.
    """

    def __init__(
        self,
        app: ASGIApp,
        render: RenderProblem,
        *,
        max_bytes: int,
        max_upload_bytes: int,
        uploads_at_once: int = 64,
        authenticate: Authenticate | None = None,
        takes_file: Callable[[str], bool] = lambda _path: False,
        public_uploads: Collection[str] = (),
    ) -> None:
        self.app = app
        self.render = render
        self.max_bytes = max_bytes
        self.max_form_bytes = max_upload_bytes + FORM_OVERHEAD_BYTES
        self.uploads_at_once = uploads_at_once
        self.authenticate = authenticate
        self.takes_file = takes_file
        self.public_uploads = public_uploads
        self.senders: Counter[str] = Counter()
        self.arriving = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else None
        if headers is None or not ("content-length" in headers or "transfer-encoding" in headers):
            await (
                self.app(scope, receive, send) if headers is None else self._try(scope, receive, send, None, headers)
            )
            return
        async with _closing() as files:
            try:
                if self.takes_file(scope["path"]):
                    sender = await self._sender(scope)
                    with self._place_of(sender):
                        body = await self._read_upload(scope, headers, receive, files)
                        await self._try(scope, receive, send, body, headers)
                    return
                body = await self._read_plain(scope, headers, receive, files)
            except _Refused as refused:
                request = await self._with_text(scope, headers, receive, files, refused.problem)
                response = await self.render(request, refused.problem)
                await response(scope, receive, send)
                return
            await self._try(scope, receive, send, body, headers)

    async def _with_text(
        self, scope: Scope, headers: Headers, receive: Receive, files: list[IO[bytes]], problem: Problem
    ) -> Request:
        """Return the rejected request. For a page whose session has expired it includes the beginning of the form,
        which is stored until its owner signs in again."""
        if problem.status != UNAUTHORIZED or "cookie" not in headers or scope["path"].startswith("/api/"):
            return Request(scope)
        try:
            body = await self._read(headers, receive, files, FORM_OVERHEAD_BYTES, BODY_SECONDS, self.max_form_bytes)
        except _Refused:
            return Request(scope)
        return Request(scope, _replay(body, receive))

    async def _sender(self, scope: Scope) -> str:
        if self.authenticate is None:
            return ""
        try:
            return await self.authenticate(Request(scope))
        except Problem as problem:
            raise _Refused(problem) from problem
        except Exception as error:
            known = problem_of(error)
            if known is None:
                raise
            raise _Refused(known) from error

    @contextmanager
    def _place_of(self, sender: str) -> Iterator[None]:
        if self.senders.total() >= self.uploads_at_once:
            raise _Refused(Unavailable())
        if sender and self.senders[sender] >= MAX_UPLOADS_PER_SENDER:
            raise _Refused(TooManyRequests(retry_after=10))
        self.senders[sender] += 1
        try:
            yield
        finally:
            self.senders[sender] -= 1
            if not self.senders[sender]:
                del self.senders[sender]

    async def _read_plain(
        self, scope: Scope, headers: Headers, receive: Receive, files: list[IO[bytes]]
    ) -> "_StoredBody":
        if scope["path"] not in self.public_uploads:
            return await self._read(headers, receive, files, self.max_bytes, BODY_SECONDS)
        limit = self.max_bytes + FORM_OVERHEAD_BYTES
        body = await self._read(headers, receive, files, limit, UPLOAD_SECONDS, limit * MAX_DISCARD_FACTOR)
        if body.is_cut:
            scope["state"]["body_too_large"] = self.max_bytes
        return body

    async def _read_upload(
        self, scope: Scope, headers: Headers, receive: Receive, files: list[IO[bytes]]
    ) -> "_StoredBody":
        limit, is_page = self.max_form_bytes, not scope["path"].startswith("/api/")
        discarded = limit * MAX_DISCARD_FACTOR if is_page else 0
        body = await self._read(headers, receive, files, limit, UPLOAD_SECONDS, discarded)
        if body.is_cut:
            scope["state"]["body_too_large"] = limit
        return body

    async def _read(
        self,
        headers: Headers,
        receive: Receive,
        files: list[IO[bytes]],
        limit: int,
        seconds: float,
        discarded: int = 0,
    ) -> "_StoredBody":
        """Read the whole body; or, where the excess may be discarded, its beginning."""
        if _content_length(headers) > limit + discarded:
            raise _Refused(_too_large(limit))
        deadline = asyncio.get_running_loop().time() + seconds
        first, more = await _next_chunk(receive, deadline)
        if not more and len(first) <= limit:
            return _StoredBody(first, None, is_cut=False)
        if self.arriving >= MAX_STREAMING_BODIES:
            raise _Refused(Unavailable())
        self.arriving += 1
        try:
            return await _spooled(first, receive, files, limit, deadline, discarded, more=more)
        except OSError as error:
            log.warning("disk_full_receiving_body", exc_info=True)
            raise _Refused(Unavailable(detail=DISK_FULL)) from error
        finally:
            self.arriving -= 1

    async def _try(
        self, scope: Scope, receive: Receive, send: Send, body: "_StoredBody | None", headers: Headers
    ) -> None:
        repeatable = scope["method"] in SAFE_METHODS or "idempotency-key" in headers
        state = dict(scope["state"])
        for attempt in range(1, MAX_ATTEMPTS + 1):
            scope["state"] = dict(state) | {"last_try": attempt == MAX_ATTEMPTS, "repeatable": repeatable}
            try:
                await self.app(scope, _replay(body or _StoredBody(b"", None, is_cut=False), receive), send)
            except RetryRequest:
                continue
            return


class _Refused(Exception):  # noqa: N818 # not an error: the response
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.slug)
        self.problem = problem


class _StoredBody:
    """A body in memory or in a file. `is_cut`: it was truncated."""

    def __init__(self, data: bytes, file: IO[bytes] | None, *, is_cut: bool) -> None:
        self.data, self.file, self.is_cut = data, file, is_cut

    def parts(self) -> Iterator[tuple[bytes, bool]]:
        """Yield each chunk and whether more follow; one chunk if the body is empty."""
        if self.file is None:
            yield self.data, False
            return
        self.file.seek(0)
        part, following = self.file.read(CHUNK_BYTES), b"more"
        while following:
            following = self.file.read(CHUNK_BYTES)
            yield part, bool(following)
            part = following


@asynccontextmanager
async def _closing() -> AsyncIterator[list[IO[bytes]]]:
    files: list[IO[bytes]] = []
    try:
        yield files
    finally:
        for file in files:
            file.close()


async def _spooled(
    first: bytes,
    receive: Receive,
    files: list[IO[bytes]],
    limit: int,
    deadline: float,
    discarded: int,
    *,
    more: bool,
) -> _StoredBody:
    file = SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115 # closed when the request is answered
    files.append(file)
    size, part = 0, first
    while True:
        size += len(part)
        if size > limit + discarded:
            raise _Refused(_too_large(limit))
        if size <= limit:
            file.write(part)
        if not more:
            break
        part, more = await _next_chunk(receive, deadline)
    if size <= limit:
        return _StoredBody(b"", file, is_cut=False)
    file.seek(0)
    return _StoredBody(file.read(FORM_OVERHEAD_BYTES), None, is_cut=True)


async def _next_chunk(receive: Receive, deadline: float) -> tuple[bytes, bool]:
    now = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout_at(min(deadline, now + IDLE_SECONDS)):
            message = await receive()
    except TimeoutError as error:
        raise _Refused(BodyTimeout()) from error
    if message["type"] == "http.disconnect":
        return b"", False
    return message.get("body", b""), message.get("more_body", False)


def _content_length(headers: Headers) -> float:
    """Return the Content-Length; infinity if it isn't a valid number."""
    try:
        return whole_number(headers.get("content-length", "0"))
    except ValueError:
        return float("inf")


def _too_large(limit: int) -> TooLarge:
    # Rounded down: what a form adds around its file is no part of what the file may measure.
    megabytes = f"{limit * 10 // MEGABYTE / 10:g}"
    return TooLarge(detail=N_("Puede medir hasta %(megabytes)s MB."), extra={"max_bytes": limit}, megabytes=megabytes)


def _replay(body: _StoredBody, receive: Receive) -> Receive:
    parts = body.parts()
    is_over = False

    async def give() -> Message:
        nonlocal is_over
        if is_over:
            return await receive()
        part, more = next(parts)
        is_over = not more
        return {"type": "http.request", "body": part, "more_body": more}

    return give


MAX_HEADER_BYTES = 65_536
"""Request line and headers; nginx and Apache accept 8 to 32 kB in all."""
HEADER_SECONDS = 15.0
"""From the first byte of a request, or from the connection, to the end of its headers."""


class HeaderLimitProtocol(HttpToolsProtocol):
    """Closes a connection whose request headers are too long or too slow. At shutdown, when the server ends each of
    its connections, streams end: it would wait for them, and then cut them."""

    header_bytes = 0
    is_reading_headers = True
    deadline: Any = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as the base class narrows it
        super().connection_made(transport)
        self._start_deadline()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self.header_bytes = self.header_bytes + len(data) if self.is_reading_headers else 0
        if self.header_bytes > MAX_HEADER_BYTES and not self.transport.is_closing():
            self.send_400_response("The request's headers are too long.")

    def on_message_begin(self) -> None:
        self._start_deadline()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.is_reading_headers, self.header_bytes = False, 0
        self._cancel_deadline()
        super().on_headers_complete()

    def shutdown(self) -> None:
        end_streams()
        super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        super().connection_lost(exc)

    def _start_deadline(self) -> None:
        self.is_reading_headers, self.header_bytes = True, 0
        self._cancel_deadline()
        self.deadline = self.loop.call_later(HEADER_SECONDS, self._too_slow)

    def _cancel_deadline(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    def _too_slow(self) -> None:
        if self.is_reading_headers and not self.transport.is_closing():
            self.transport.close()
