"""A gateway for text messages and a mail server that each take a limited number of messages a second, in a thread.

Both drop a second message of the same id; `taken` counts the messages, `repeated` those that came again.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from bench.harness import free_port

PER_SECOND = 200
_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
_MESSAGE_ID = re.compile(rb"^message-id: *(\S+)", re.IGNORECASE | re.MULTILINE)


class Pace:
    """Lets a number of messages through each second, evenly, in the order in which they came."""

    def __init__(self, per_second: int) -> None:
        self.seconds = 1 / per_second
        self.next_at = 0.0
        self.ids: set[str] = set()
        self.repeated = 0

    @property
    def taken(self) -> int:
        return len(self.ids)

    async def take(self, message_id: str) -> None:
        now = asyncio.get_running_loop().time()
        self.next_at = max(now, self.next_at) + self.seconds
        await asyncio.sleep(self.next_at - now)
        self.repeated += message_id in self.ids
        self.ids.add(message_id)


async def _serve_http(pace: Pace, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while head := await reader.readuntil(b"\r\n\r\n"):
        length = _LENGTH.search(head)
        assert length is not None
        await pace.take(json.loads(await reader.readexactly(int(length[1])))["id"])
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")


async def _serve_smtp(pace: Pace, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 bench\r\n")
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"DATA":
            writer.write(b"354 go\r\n")
            mail = await reader.readuntil(b"\r\n.\r\n")
            found = _MESSAGE_ID.search(mail)
            assert found is not None
            await pace.take(found[1].decode())
        writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 OK\r\n")
        if verb == b"QUIT":
            return


@contextmanager
def gateways(per_second: int = PER_SECOND) -> Iterator[tuple[Pace, Pace, dict[str, str]]]:
    """Both, with the settings of who sends to them: text messages, mail."""
    sms, mail = Pace(per_second), Pace(per_second)
    sms_port, mail_port = free_port(), free_port()
    loop = asyncio.new_event_loop()

    def handler(serve: object, pace: Pace) -> object:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await serve(pace, reader, writer)  # type: ignore[operator] # one of the two above
            except (asyncio.IncompleteReadError, ConnectionError):
                pass  # the worker was killed, or closed it
            finally:
                writer.close()

        return connected

    async def start() -> None:
        await asyncio.start_server(handler(_serve_http, sms), "127.0.0.1", sms_port)  # type: ignore[arg-type]
        await asyncio.start_server(handler(_serve_smtp, mail), "127.0.0.1", mail_port)  # type: ignore[arg-type]

    loop.run_until_complete(start())
    Thread(target=loop.run_forever, daemon=True).start()
    settings = {
        "VENTANILLA_SMTP_HOST": "127.0.0.1",
        "VENTANILLA_SMTP_PORT": str(mail_port),
        "VENTANILLA_SMTP_SECURITY": "none",
        "VENTANILLA_SMS_URL": f"http://127.0.0.1:{sms_port}/",
    }
    try:
        yield sms, mail, settings
    finally:
        loop.call_soon_threadsafe(loop.stop)
