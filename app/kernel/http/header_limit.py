"""Limits on the size and duration of request headers: uvicorn's parser has none.

Bodies have their own limits (`body_limit`). A reverse proxy usually limits headers too; this works without one.
"""

from asyncio import Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEADER_BYTES = 65_536
"""Request line and headers; nginx and Apache accept 8 to 32 kB in all."""
HEADER_SECONDS = 15.0
"""From the first byte of a request, or from the connection, to the end of its headers."""


class HeaderLimitProtocol(HttpToolsProtocol):
    """Closes a connection whose request headers are too long or too slow."""

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
