"""A system that receives webhooks, in the test's own process: it stores what it was sent and answers as asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from app.kernel.settings import forget_settings


@dataclass
class Received:
    """A call: its headers, in small letters, and its body."""

    headers: dict[str, str]
    body: bytes
    path: str = ""

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """`calls`: what it was sent. `answers`: the statuses of the next calls, then `status`. `retry_after`: what it asks
    for when it wants fewer."""

    port: int = 0
    status: int = 204
    text: str = ""
    answers: list[int] = field(default_factory=list)
    calls: list[Received] = field(default_factory=list)
    seconds: float = 0.0
    retry_after: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    @property
    def ids(self) -> list[str]:
        return [call.id for call in self.calls]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers["content-length"]))
                self.calls.append(Received(headers, body, first.split(" ")[1]))
                await asyncio.sleep(self.seconds)
                status = self.answers.pop(0) if self.answers else self.status
                answer = self.text.encode()
                extra = "Location: http://127.0.0.1:1/\r\n" if status in range(300, 400) else ""
                extra += f"Retry-After: {self.retry_after}\r\n" if self.retry_after else ""
                writer.write(f"HTTP/1.1 {status} X\r\n{extra}Content-Length: {len(answer)}\r\n\r\n".encode() + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    """A receiver on loopback, and the portal allowed to call it."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("VENTANILLA_OUTBOUND_TRUSTED_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("VENTANILLA_OUTBOUND_PLAIN_HTTP", "true")
    monkeypatch.setenv("VENTANILLA_OUTBOUND_PORTS", "1-65535")
    forget_settings()
    try:
        yield receiver
    finally:
        server.close()
        monkeypatch.undo()
        forget_settings()
