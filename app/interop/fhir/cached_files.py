"""Files of many lines that anyone may fetch, cached for as long as programs may: one is made at a time, so that
those who fetch many leave the process to the others."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from app.kernel import clock

LIFETIME = timedelta(seconds=60)
MOST_BYTES = 64 * 2**20
"""Of all files that a process caches."""


class CachedFiles:
    """The files made last, by the object they are about; the oldest go first when there is no room."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._files: dict[UUID, tuple[datetime, bytes]] = {}
        self._making = asyncio.Lock()

    async def get(self, id_: UUID, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """The file, made when there is none or it is too old. `make` takes its connection itself: who waits holds
        none."""
        async with self._making:
            now = clock.now()
            at, body = self._files.pop(id_, (now, b""))
            if not (body and at <= now < at + LIFETIME):
                at, body = now, await make()
            while self._files and self._size() + len(body) > self._most:
                self._files.pop(next(iter(self._files)))
            self._files[id_] = at, body
            return body

    def _size(self) -> int:
        return sum(len(body) for _at, body in self._files.values())
