"""Server-sent events: the state of a topic, sent whole whenever it has changed (HTML Living Standard, 9.2).

A stream sends states, not changes, which is why it loses none although transactions commit in another order than they
begin. The state is read from committed rows after the notification of a commit (`kernel.bus`), so it holds that change
and every one committed before; a number or an instant taken inside the transactions would skip one that commits late.
The id of a message says when its state was read, and which state it was: a client that comes back with `Last-Event-ID`
gets nothing while it is unchanged, else the state with all that happened since then.

States are read once per change and process, however many streams show them, outside any request's transaction: a
stream holds no database connection. A reader who is slow finds the latest state when it reads again; the ones between
are dropped, so it costs no memory.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import weakref
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from fastapi import Request
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.kernel import clock, metrics
from app.kernel.db import database
from app.kernel.db_errors import DATABASE_ERRORS
from app.kernel.http.middleware import IS_HEAD
from app.kernel.parsing import whole_number
from app.kernel.problems import Problem, TooManyRequests, Unavailable
from app.kernel.rate_limit_rules import source_of
from app.kernel.rate_limits import known_networks
from app.kernel.settings import get_settings
from app.kernel.versions import Version

log = structlog.get_logger(__name__)

MayRead = Callable[[], Awaitable[bool]]
HEARTBEAT_SECONDS = 15.0
RETRY_MILLISECONDS = 2_000
LONGEST_SECONDS = 3_600.0
"""A stream ends after about an hour and its client opens another: load moves to servers that were added."""
REREAD_SECONDS = 30.0
"""A state is read again after this time even if nothing was notified: it may depend on the hour."""
POLL_SECONDS = 2.0
"""The same, while the bus hears nothing."""
READ_PAUSES = (0.2, 1.0)
"""Before a state that couldn't be read is tried again; then its streams end, and their clients see it."""


@dataclass(frozen=True, slots=True)
class StateMessage:
    """A state as it is sent. `state` is a digest of it; `read_at` is when it was read."""

    data: str
    state: str
    read_at: datetime

    @classmethod
    def of(cls, data: str) -> StateMessage:
        """A state that was read now."""
        return cls(data, hashlib.sha256(data.encode()).hexdigest()[:16], clock.now())

    @classmethod
    def of_version(cls, version: Version) -> StateMessage:
        """That this is the version now."""
        return cls.of(f'{{"version": "{version.digest}"}}')

    @property
    def id(self) -> str:
        return f"{int(self.read_at.timestamp())}-{self.state}"


@dataclass(frozen=True, slots=True)
class LastEvent:
    """What a client was sent last, as its `Last-Event-ID` says."""

    state: str
    read_at: datetime


def last_event(written: str | None) -> LastEvent | None:
    """Read a `Last-Event-ID`; None for none, or one that isn't ours."""
    seconds, dash, state = (written or "")[:64].partition("-")
    try:
        read_at = datetime.fromtimestamp(whole_number(seconds, low=0, high=1 << 33), UTC)
    except ValueError:
        return None
    return LastEvent(state, read_at) if dash else None


class _Feed:
    """The latest state of a view of topics, and the streams that show it. It ends with the last of them."""

    def __init__(self, key: tuple[str, ...], read: Callable[[], Awaitable[StateMessage]], pause: float) -> None:
        self._key, self._read, self._pause = key, read, pause
        self.latest: StateMessage | None = None
        self._streams: set[EventStream] = set()
        self._is_over = False
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        _feeds[key] = self
        self._task = asyncio.create_task(self._follow())

    async def ready(self) -> None:
        """Wait until the state was read for the first time. Raises what reading it raised."""
        await asyncio.shield(self._ready)

    def join(self, stream: EventStream) -> None:
        self._streams.add(stream)
        if self._is_over:
            stream.end()

    def leave(self, stream: EventStream) -> None:
        self._streams.discard(stream)
        if not self._streams:
            self._end()
            self._task.cancel()

    def _end(self) -> None:
        self._is_over = True
        if _feeds.get(self._key) is self:
            del _feeds[self._key]
        for stream in self._streams:
            stream.end()

    async def _follow(self) -> None:
        bus = database().bus
        try:
            with bus.subscribe(*self._key[1:]) as subscription:
                while True:
                    has_changed = await subscription.changed(REREAD_SECONDS if bus.is_live else POLL_SECONDS)
                    if not has_changed and not self._streams:
                        return  # who opened it never came
                    self._publish(await self._read_again())
                    await asyncio.sleep(self._pause)
        except Exception as error:
            if not self._ready.done():
                self._ready.set_exception(error)
            elif not isinstance(error, DATABASE_ERRORS):
                log.exception("stream_failed", view=self._key[0])
        finally:
            self._end()

    def _publish(self, latest: StateMessage) -> None:
        if self.latest is None or latest.state != self.latest.state:
            self.latest = latest
            for stream in self._streams:
                stream.wake.set()
        if not self._ready.done():
            self._ready.set_result(None)

    async def _read_again(self) -> StateMessage:
        """Read the state; try a few times, for those who look at it. Raises what the database raises."""
        for pause in READ_PAUSES:
            try:
                return await self._read()
            except DATABASE_ERRORS as error:
                log.warning("stream_state_unreadable", view=self._key[0], error=type(error).__name__)
                if not self._ready.done():
                    raise
                await asyncio.sleep(pause)
        return await self._read()


_feeds: dict[tuple[str, ...], _Feed] = {}
_streams: weakref.WeakSet[EventStream] = weakref.WeakSet()
_places: Counter[str] = Counter()


def end_streams() -> None:
    """End all streams of this process, which shuts down and waits for them. Each is ended once, though it is asked for
    with each of the server's connections."""
    while _streams:
        _streams.pop().end()


def _take_place(request: Request) -> str:
    """Count a stream of this address.

    Raises:
        TooManyRequests: the address has too many. Unavailable: the process has.
    """
    settings = get_settings()
    if _places.total() >= settings.streams_per_process:
        raise Unavailable
    source = source_of(request.client.host if request.client else "unknown", known_networks())
    if _places[source.key] >= settings.streams_per_address * source.people:
        raise TooManyRequests(retry_after=60)
    _places[source.key] += 1
    metrics.STREAMS.inc()
    return source.key


def _free_place(key: str) -> None:
    metrics.STREAMS.dec()
    _places[key] -= 1
    if _places[key] <= 0:
        del _places[key]


class EventStream(StreamingResponse):
    """The stream of the states of topics. `first` is sent at once: what a client missed; without it, the latest state
    unless the client has `seen` it. `may_read` is asked before each state and with each heartbeat."""

    media_type = "text/event-stream"

    def __init__(
        self, feed: _Feed, place: str, *, first: StateMessage | None, seen: str, may_read: MayRead | None
    ) -> None:
        super().__init__(iter(()))
        self.headers["Cache-Control"] = "no-store"
        self.headers["X-Accel-Buffering"] = "no"  # nginx would hold messages back
        self.wake = asyncio.Event()
        self._feed, self._first, self._seen, self._may_read = feed, first, seen, may_read
        self._is_over = False
        self._release = weakref.finalize(self, _free_place, place)
        _streams.add(self)

    def end(self) -> None:
        """End the stream as soon as what is being sent is sent."""
        self._is_over = True
        self.wake.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        leaving = None
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            if not scope.get(IS_HEAD):
                leaving = asyncio.create_task(self._until_left(receive))
                self._feed.join(self)
                await self._pump(send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._feed.leave(self)
            self._release()
            if leaving is not None:
                leaving.cancel()

    async def _until_left(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.end()

    async def _pump(self, send: Send) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + LONGEST_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311 # so that not all end at once
        await self._send(send, format_sse_event(retry=RETRY_MILLISECONDS))
        if self._first is not None:
            await self._send_state(send, self._first)
        elif self._feed.latest is None or self._feed.latest.state == self._seen:
            # Without a state to send, the client hears at once that it is connected.
            await self._send(send, KEEPALIVE_COMMENT)
        while not self._is_over and loop.time() < until:
            self.wake.clear()
            latest = self._feed.latest
            if latest is not None and latest.state != self._seen:
                if not await self._is_allowed():
                    return
                await self._send_state(send, latest)
                continue
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self.wake.wait()
            except TimeoutError:
                if not await self._is_allowed():
                    return
                await self._send(send, KEEPALIVE_COMMENT)

    async def _is_allowed(self) -> bool:
        """Whether the client may go on reading. When the database can't say, it has to come back and ask."""
        try:
            return self._may_read is None or await self._may_read()
        except DATABASE_ERRORS as error:
            log.warning("stream_right_unreadable", error=type(error).__name__)
            return False

    async def _send_state(self, send: Send, message: StateMessage) -> None:
        self._seen = message.state
        await self._send(send, format_sse_event(data_str=message.data, id=message.id))

    async def _send(self, send: Send, chunk: bytes) -> None:
        """Send a part; waits for as long as the reader takes none."""
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def open_version_stream(
    request: Request,
    view: str,
    topic: str,
    version: Callable[[], Awaitable[Version]],
    authorize: Callable[[], Awaitable[object]],
    last_event_id: str | None,
) -> EventStream:
    """Open a stream that says that something has another version, for as long as its reader may see it.

    Args:
        view: what has the version.
        topic: what `notify` is called with when it changes.
        version: reads the version, in a transaction of its own.
        authorize: raises a `Problem` once the reader may not see it; asked again before each message.

    Raises:
        What `version` and `open_stream` raise.
    """

    async def read() -> StateMessage:
        return StateMessage.of_version(await version())

    async def may_read() -> bool:
        try:
            await authorize()
        except Problem:
            return False
        return True

    before = last_event(last_event_id)
    return await open_stream(request, view, topic, read, seen=before.state if before else "", may_read=may_read)


async def open_stream(
    request: Request,
    view: str,
    topic: str | Collection[str],
    read: Callable[[], Awaitable[StateMessage]],
    *,
    seen: str = "",
    first: StateMessage | None = None,
    may_read: MayRead | None = None,
    pause: float = 0.0,
) -> EventStream:
    """Open a stream of the states of a topic, or of several; every stream of a view and topics reads the same.

    Args:
        view: what is read, where a topic has several states.
        topic: what `notify` is called with.
        read: reads the state, in a transaction of its own.
        seen: the digest of the state that the client has.
        first: what this client missed, where that is more than the state.
        may_read: whether this client may still read it, for a stream that isn't public; the stream ends when not.
        pause: seconds between two readings of the state, at least: for one that changes all the time.

    Raises:
        TooManyRequests: its address has too many streams. Unavailable: the process has. What `read` raises.
    """
    place = _take_place(request)
    try:
        key = (view, topic) if isinstance(topic, str) else (view, *sorted(topic))
        feed = _feeds.get(key) or _Feed(key, read, pause)
        await feed.ready()
    except BaseException:
        _free_place(place)
        raise
    return EventStream(feed, place, first=first, seen=seen, may_read=may_read)
