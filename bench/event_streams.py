"""A client of server-sent events for tests and benchmarks: one task a stream, and what it was sent, with when."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """A message: its id, its data, and when it arrived (`time.monotonic`)."""

    id: str
    data: Any
    at: float


@dataclass(slots=True)
class StreamReader:
    """A stream that is read in the background until it is closed."""

    port: int
    path: str
    last_event_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    head: str = ""
    messages: list[StreamMessage] = field(default_factory=list)
    comments: int = 0
    is_over: bool = False
    seen: Callable[[StreamMessage], None] | None = None
    _task: "asyncio.Task[None] | None" = None
    _writer: asyncio.StreamWriter | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> "StreamReader":
        """Send the request and wait for its headers."""
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        again = f"Last-Event-ID: {self.last_event_id}\r\n" if self.last_event_id else ""
        again += "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        head = f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n{again}\r\n"
        self._writer.write(head.encode())
        self.head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.status = int(self.head.split(" ", 2)[1])
        self._task = asyncio.create_task(self._read(reader))
        return self

    async def _read(self, reader: asyncio.StreamReader) -> None:
        text = b""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size = int((await reader.readuntil(b"\r\n")).strip(), 16)
                text += (await reader.readexactly(size + 2))[:-2]
                if not size:
                    break
                *blocks, text = text.split(b"\n\n")
                for block in blocks:
                    self._block(block.decode())
        self.is_over = True
        self._news.set()

    def _block(self, block: str) -> None:
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" not in fields:
            self.comments += block.startswith(":")
            self._news.set()
            return
        message = StreamMessage(fields.get("id", ""), json.loads(fields["data"]), time.monotonic())
        self.messages.append(message)
        if self.seen is not None:
            self.seen(message)
        self._news.set()

    async def until(self, holds: Callable[["StreamReader"], bool], seconds: float = 60) -> None:
        """Wait until it is so.

        Raises:
            TimeoutError: it never was.
        """
        async with asyncio.timeout(seconds):
            while not holds(self):
                self._news.clear()
                await self._news.wait()

    async def close(self) -> None:
        """Leave, as a browser that is closed."""
        if self._writer is not None:
            self._writer.transport.abort()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
