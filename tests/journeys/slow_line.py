"""A network on which what a server sends in one go arrives in pieces."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

PAUSE_SECONDS = 1.5
"""Longer than the second between two looks of a page at its connection."""


@asynccontextmanager
async def line_in_pieces(port: int) -> AsyncIterator[int]:
    """Pass connections on to a port of this machine; yields the port to use instead.

    The blocks of a stream of events arrive one by one, `PAUSE_SECONDS` after each other; all else at once.
    """
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(OSError, asyncio.CancelledError):
            there, back = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(_pass(reader, back, whole=True), _pass(there, writer, whole=False))
        writer.close()
        tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, whole: bool) -> None:
    while part := await reader.read(1 << 16):
        opening, end, rest = part.partition(b"\n\n")
        if whole or not end or b"retry:" not in opening:
            opening, end, rest = part, b"", b""
        writer.write(opening + end)
        await writer.drain()
        if rest:
            await asyncio.sleep(PAUSE_SECONDS)
            writer.write(rest)
    writer.close()
