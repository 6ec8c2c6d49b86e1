"""A scanner that speaks clamd's INSTREAM on a port of this machine: what it answers is the test's choice."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

SILENT = None
"""Reads everything, and never says a word."""
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

Answer = Callable[[bytes], bytes | None]


def scan_result(data: bytes) -> bytes:
    """What clamd says of a file that has the test signature in it, and of any other."""
    return b"stream: Eicar-Test-Signature FOUND\n" if EICAR in data else b"stream: OK\n"


@dataclass
class Scanner:
    """Where it listens, and what it was given to scan."""

    port: int
    scanned: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def scanner(answer: Answer = scan_result) -> AsyncIterator[Scanner]:
    """Listens for as long as the block lasts; closes the connection once it answered, as clamd does."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await received(reader)
        running.scanned.append(data)
        said = answer(data)
        if said is SILENT:
            await over.wait()
        else:
            writer.write(said)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    running = Scanner(server.sockets[0].getsockname()[1])
    async with server:
        yield running
        over.set()


async def received(reader: asyncio.StreamReader) -> bytes:
    """The file of an INSTREAM: blocks with their length before them, the last one empty."""
    assert await reader.readline() == b"nINSTREAM\n"
    data = b""
    while length := struct.unpack("!L", await reader.readexactly(4))[0]:
        data += await reader.readexactly(length)
    return data
