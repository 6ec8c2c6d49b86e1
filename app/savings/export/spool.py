"""A table as a file to be sent: written a page at a time, so that a slow reader holds neither memory nor a database
connection."""

import asyncio
import tempfile
from collections.abc import Iterator
from typing import IO

from sqlalchemy.ext.asyncio import AsyncSession

from app.savings.export.rows import Span, pages
from app.savings.export.writers import Format, Writer, batch_of

CHUNK = 1 << 16


async def spooled(session: AsyncSession, name: str, span: Span, kind: Format) -> IO[bytes]:
    """The table in a file that is deleted when it is closed, at its beginning.

    Raises:
        KeyError: there is no such table for whom it is. BaselineUnknown: that version isn't published, or none is.
    """
    file = tempfile.TemporaryFile(prefix="ventanilla-")  # noqa: SIM115 # closed by who sends it, or below
    try:
        table = span.tables()[name]
        with Writer(table, file, kind) as writer:
            async for page in pages(session, name, span):
                # In a thread: turning ten thousand rows into columns would keep other requests waiting.
                await asyncio.to_thread(lambda rows: writer.write(batch_of(table, rows)), page)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """What is in the file, then nothing of it."""
    with file:
        while piece := file.read(CHUNK):
            yield piece
