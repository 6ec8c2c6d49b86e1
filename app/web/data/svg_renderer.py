"""Plots as SVG for pages: drawn in a process of their own, cached by specification, and left out when that fails.

A page never waits for long and never fails because of a plot: its table has the same numbers.
"""

import asyncio
import hashlib
import json
import re
import struct
import sys
from collections import OrderedDict
from contextlib import suppress
from html import escape
from typing import Any

import structlog

log = structlog.get_logger()

LENGTH = struct.Struct(">I")
COMMAND = (sys.executable, "-m", "app.web.data.svg_worker")
FIRST_SECONDS, SECONDS = 10.0, 3.0
"""How long a drawing may take: the first one starts the process and its engine."""
RETRY_AFTER_SECONDS = 30.0
"""After a failure nothing is drawn for so long, so that pages don't wait for it one by one."""
MAX_CACHED = 300

_SIZE = re.compile(r'^(<svg[^>]*?) width="[\d.]+" height="[\d.]+"')
_CLASS = re.compile(r'^(<svg[^>]*?) class="marks"')
# The picture is one image with a name and a description; its parts have nothing more to say, nor a need of names.
_PARTS = re.compile(r' (?:role|class|aria-[a-z]+)="[^"]*"')
_BLOCKS = re.compile(r'<path[^>]* d="M0,0h0v0h0Z"[^>]*/>|<path[^>]* d=""[^>]*/>')


class SvgRenderer:
    """The drawing process of this process, started when it is first needed."""

    def __init__(self, command: tuple[str, ...] = COMMAND, first: float = FIRST_SECONDS, each: float = SECONDS) -> None:
        self.command, self.first, self.each = command, first, each
        self._process: asyncio.subprocess.Process | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock: asyncio.Lock | None = None
        self._cache: OrderedDict[str, str] = OrderedDict()
        self._resting_until = 0.0

    async def draw(self, spec: dict[str, Any]) -> str | None:
        """The SVG of a specification, as the engine makes it; None when it is unavailable."""
        text = json.dumps(spec, ensure_ascii=False, sort_keys=True)
        name = hashlib.sha256(text.encode()).hexdigest()
        cached = self._cache.get(name)
        if cached is not None:
            self._cache.move_to_end(name)
            return cached
        async with self._own_lock():
            drawn = self._cache.get(name) or await self._try(text.encode())
        if drawn is not None:
            self._cache[name] = drawn
            while len(self._cache) > MAX_CACHED:
                self._cache.popitem(last=False)
        return drawn

    def _own_lock(self) -> asyncio.Lock:
        """One at a time. A lock and a process belong to the loop they were made in."""
        loop = asyncio.get_running_loop()
        if self._lock is None or self._loop is not loop:
            self._lock, self._loop, self._process = asyncio.Lock(), loop, None
        return self._lock

    async def _try(self, text: bytes) -> str | None:
        if self._now() < self._resting_until:
            return None
        try:
            limit = self.each if self._process is not None else self.first
            async with asyncio.timeout(limit):
                drawn = await self._ask(text)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            log.warning("plot not drawn", reason=repr(error))
            self._resting_until = self._now() + RETRY_AFTER_SECONDS
            await self.close()
            return None
        except asyncio.CancelledError:
            await self.close()  # its answer, still to come, must not be taken for the next one's
            raise
        if not drawn:
            log.warning("plot not drawn", reason="the specification was refused")
            return None
        return drawn

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    async def _ask(self, text: bytes) -> str:
        process = self._process
        if process is None or process.returncode is not None:
            pipe = asyncio.subprocess.PIPE
            quiet = asyncio.subprocess.DEVNULL
            process = await asyncio.create_subprocess_exec(*self.command, stdin=pipe, stdout=pipe, stderr=quiet)
            self._process = process
        asked, answered = process.stdin, process.stdout
        if asked is None or answered is None:
            raise BrokenPipeError("the drawing process has no pipes")
        asked.write(LENGTH.pack(len(text)) + text)
        await asked.drain()
        (size,) = LENGTH.unpack(await answered.readexactly(LENGTH.size))
        return (await answered.readexactly(size)).decode()

    async def close(self) -> None:
        """End the drawing process; the next plot starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()


svg_renderer = SvgRenderer()


def styled_svg(svg: str, name: str, title: str, description: str, look: str = "") -> str:
    """An SVG for a page: as wide as there is room, one image with a name and a description; `look` is a class more."""
    shown = _PARTS.sub("", _BLOCKS.sub("", _CLASS.sub(r"\1", _SIZE.sub(r"\1", svg))))
    look = f"v-plot {look}".strip()
    head = f'<svg role="img" aria-labelledby="{name}-t {name}-d" class="{look}"'
    caption = f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(description)}</desc>'
    start = shown.index(">") + 1
    return head + shown[len("<svg") : start] + caption + shown[start:]
