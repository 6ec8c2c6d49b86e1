"""A table as a stream of bytes, for HTTP: what is written is sent, and memory holds one page."""

import io
from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncSession

from app.savings.export.reading import Span, pages
from app.savings.export.writing import Format, Writer


class _Sink(io.RawIOBase):
    """Takes what a writer writes, and gives it away."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override] # any buffer is one of these
        part = bytes(data)
        self._parts.append(part)
        self._at += len(part)
        return len(part)

    def tell(self) -> int:
        return self._at

    def drain(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


async def chunks(session: AsyncSession, name: str, span: Span, kind: Format) -> AsyncIterator[bytes]:
    """The file of a table, piece by piece.

    Raises:
        KeyError: there is no such table for whom it is. BaselineUnknown: there is no published version.
    """
    sink = _Sink()
    writer = Writer(span.tables()[name], sink, kind)  # type: ignore[arg-type] # a raw stream is enough to write to
    async for page in pages(session, name, span):
        writer.write(page)
        if made := sink.drain():
            yield made
    writer.close()
    yield sink.drain()
