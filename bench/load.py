"""A small load generator: raw HTTP/1.1 over kept connections, so that little of the machine goes into asking.

A general client costs more per request than our server takes to answer, and would measure itself.
"""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request."""

    method: str
    path: str
    token: str = ""
    key: str = ""
    body: dict[str, Any] | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def encoded(self) -> bytes:
        body = json.dumps(self.body).encode() if self.body is not None else b""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        if self.key:
            lines.append(f"Idempotency-Key: {self.key}")
        if body:
            lines.append("Content-Type: application/json")
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What came back."""

    status: int
    body: bytes
    head: bytes

    @property
    def headers(self) -> dict[str, str]:
        """Names in small letters."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines if line)}

    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One kept connection; opened again when the server closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> HttpResponse:
        """Send a request and read its answer.

        Raises:
            OSError, EOFError: the connection broke: whether the request had its effect is not known.
        """
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        try:
            writer.write(request)
            return await self._read(reader)
        except (OSError, EOFError):
            self.close()
            raise

    async def _read(self, reader: asyncio.StreamReader) -> HttpResponse:
        head = await reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        body = await reader.readexactly(int(length.group(1))) if length else b""
        if b"connection: close" in head.lower():
            self.close()
        return HttpResponse(int(head[9:12]), body, head)

    def close(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


@dataclass(slots=True)
class Load:
    """What a round of load did."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    first_fault: bytes = b""

    @property
    def rate(self) -> float:
        """Successful answers a second."""
        return sum(count for status, count in self.statuses.items() if status < 400) / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which this share of the answers came."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


Seen = Callable[[HttpRequest, HttpResponse], None]


async def _drive(
    port: int, asks: Iterator[HttpRequest], until: Callable[[], bool], load: Load, seen: Seen | None
) -> None:
    connection = Connection(port)
    for ask in asks:
        began = time.perf_counter()
        answer = await connection.ask(ask.encoded())
        load.times.append(time.perf_counter() - began)
        load.statuses[answer.status] += 1
        if seen is not None:
            seen(ask, answer)
        if answer.status >= 400 and not load.first_fault:
            load.first_fault = answer.body
        if until():
            break
    connection.close()


async def drive(
    port: int, asks: Iterator[HttpRequest], *, connections: int, seconds: float, seen: Seen | None = None
) -> Load:
    """Send requests over some connections until the time is over or the requests are; `seen` gets each answer."""
    load, began = Load(), time.perf_counter()

    def over() -> bool:
        return time.perf_counter() - began > seconds

    await asyncio.gather(*(_drive(port, asks, over, load, seen) for _ in range(connections)))
    load.seconds = time.perf_counter() - began
    return load
