"""The head of a request, bounded in size and time: uvicorn's parser takes any number of header bytes, for any time.

Bodies have limits of their own (`bodies`). A proxy in front usually bounds heads too; this holds without one.
"""

from asyncio import Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 65_536
"""Request line and headers; nginx and Apache take 8 to 32 kB in all."""
HEAD_SECONDS = 15.0
"""From the first byte of a request, or from the connection, to the end of its headers."""


class BoundedHeads(HttpToolsProtocol):
    """Ends a connection whose request line and headers are too long, or take too long."""

    head_bytes = 0
    is_in_head = True
    deadline: Any = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as the base class narrows it
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self.head_bytes = self.head_bytes + len(data) if self.is_in_head else 0
        if self.head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The request's headers are too long.")

    def on_message_begin(self) -> None:
        self._expect_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.is_in_head, self.head_bytes = False, 0
        self._forget_deadline()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_deadline()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self.is_in_head, self.head_bytes = True, 0
        self._forget_deadline()
        self.deadline = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _forget_deadline(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    def _too_slow(self) -> None:
        if self.is_in_head and not self.transport.is_closing():
            self.transport.close()
