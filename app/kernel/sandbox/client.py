"""Asks the fork server of this process to run a function on a file, and waits for its answer."""

import asyncio
import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any

import structlog

from app.kernel.sandbox.server import Limits

log = structlog.get_logger(__name__)

GRACE_SECONDS = 3.0
"""How much longer than a job's own limit we wait for the server to end it, before the server itself is ended."""
START_SECONDS = 10.0
"""The server's libraries are loaded while its first job waits."""
LONGEST_ANSWER = 1 << 20
TRIES = 2
ENDING_SECONDS = 0.2
PASSED_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""Of our environment; no setting, so no secret."""


_modules: set[str] = set()


def register(module: str) -> None:
    """Name a module whose functions read untrusted files: the server loads it, and runs functions of no other."""
    _modules.add(module)


class CostLimitExceeded(Exception):  # noqa: N818 # the file's fault, not ours
    """The file exceeded the limits of memory, time or output; its process was killed."""


class SandboxUnavailable(Exception):  # noqa: N818 # as Unavailable, the problem
    """No child process can be started now."""


class _Server:
    """The fork server of this process, started on first use and restarted if it exited."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0
        self._loaded: frozenset[str] = frozenset()
        self._fresh_until = 0.0

    def submit(
        self, function: str, arguments: Mapping[str, Any], files: tuple[int, int], limits: Limits
    ) -> tuple[socket.socket, subprocess.Popen[bytes]]:
        """Start a job; its answer arrives on the socket returned, which is closed when the child ends. The process is
        the server that forks it."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                process = self._send(limits.packed(), [theirs.fileno(), *files])
            ours.sendall(json.dumps({"function": function, "arguments": arguments}).encode() + b"\n")
        except OSError as error:
            ours.close()
            raise SandboxUnavailable from error
        return ours, process

    def _send(self, message: bytes, descriptors: list[int]) -> subprocess.Popen[bytes]:
        with self._lock:
            if not self._is_running():
                self._start()
            try:
                self._transmit(message, descriptors)
            except OSError:
                self._start()
                self._transmit(message, descriptors)
            assert self._process is not None
            return self._process

    def _transmit(self, message: bytes, descriptors: list[int]) -> None:
        assert self._control is not None
        socket.send_fds(self._control, [message], descriptors)

    def _is_running(self) -> bool:
        is_ours = self._owner == os.getpid() and self._loaded == _modules
        return is_ours and self._process is not None and self._process.poll() is None

    def _start(self) -> None:
        self._end()
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in PASSED_VARIABLES if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path) or str(Path.cwd())
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app.kernel.sandbox.server", str(theirs.fileno()), *sorted(_modules)],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._control, self._owner, self._loaded = ours, os.getpid(), frozenset(_modules)
        self._fresh_until = time.monotonic() + START_SECONDS

    def patience(self, limits: Limits) -> float:
        """Longest to wait for an answer."""
        starting = max(0.0, self._fresh_until - time.monotonic())
        return limits.wall + GRACE_SECONDS + starting

    def restart(self) -> None:
        """End the server with every child of it."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        control, self._control = self._control, None
        if control is not None:
            control.close()
        if process is not None and self._owner == os.getpid():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


_server = _Server()
atexit.register(_server.restart)


def _opened(answer: bytes) -> Any:
    """The function's value.

    Raises:
        CostLimitExceeded: the child was ended, or ran out of memory. RuntimeError: the function failed.
    """
    if not answer:
        raise CostLimitExceeded
    result = json.loads(answer)
    if "exceeded" in result:
        raise CostLimitExceeded(result["exceeded"])
    if "error" in result:
        raise RuntimeError(result["error"])
    return result["value"]


async def run(function: str, source: FileIO, target: FileIO, limits: Limits, **arguments: Any) -> Any:
    """Run `module:name` on a file in a child process; `target` is where it may write. Returns what it returns.

    The files are unbuffered, because the child shares their position: seek before reading. The function is called with
    both and the arguments. It ends with the child, never later than its limits say, also when the caller is cancelled.

    Raises:
        CostLimitExceeded: it needed too much. SandboxUnavailable: no process can be started. RuntimeError: it failed.
    """
    files = (source.fileno(), target.fileno())
    for _ in range(TRIES):
        connection, server = await asyncio.to_thread(_server.submit, function, arguments, files, limits)
        answer = await _received(connection, function, limits)
        if answer or not await asyncio.to_thread(_has_ended, server):
            return _opened(answer)
    raise SandboxUnavailable


async def _received(connection: socket.socket, function: str, limits: Limits) -> bytes:
    """All that the child answers; nothing when it was ended."""
    reader, writer = await asyncio.open_unix_connection(sock=connection, limit=LONGEST_ANSWER)
    answer = b""
    try:
        async with asyncio.timeout(_server.patience(limits)):
            while not reader.at_eof():
                answer += await reader.read(LONGEST_ANSWER)
    except TimeoutError:
        log.error("sandbox_timeout", function=function)
        await asyncio.to_thread(_server.restart)
        raise CostLimitExceeded from None
    except OSError:
        return b""
    finally:
        writer.close()
    return answer


def run_blocking(function: str, source: FileIO, target: FileIO, limits: Limits, **arguments: Any) -> Any:
    """As `run`, for commands."""
    connection, _process = _server.submit(function, arguments, (source.fileno(), target.fileno()), limits)
    with connection:
        connection.settimeout(_server.patience(limits))
        try:
            with connection.makefile("rb") as incoming:
                answer = incoming.read(LONGEST_ANSWER)
        except TimeoutError:
            _server.restart()
            raise CostLimitExceeded from None
        except OSError:
            answer = b""
    return _opened(answer)


def _has_ended(server: subprocess.Popen[bytes]) -> bool:
    """Whether no answer came because the server itself was killed: that isn't the file's fault."""
    try:
        server.wait(ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True
