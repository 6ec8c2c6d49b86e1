"""`python -m app.kernel.sandbox.server FD MODULE...`: forks a limited child for each file that arrives on a socket.

It is single-threaded and has the modules loaded, so a child begins in a few milliseconds. A job is one message on the
socket: its limits, with the descriptors of a reply socket, the file, and where the child may write. The child reads
`{"function": "module:name", "arguments": {...}}` from the reply socket, runs the function, which must be of one of the
modules given at the start, and answers with JSON. The server ends when the socket is closed, and its children with it.
"""

import errno
import gc
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import IO, Any, Self

MEGABYTE = 1 << 20
_WIRE = struct.Struct(">QQdQ")
WIRE_SIZE = _WIRE.size


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory` is the whole address space and `written` the largest file, in bytes; `cpu` and `wall` are seconds."""

    memory: int
    cpu: int
    wall: float
    written: int

    def packed(self) -> bytes:
        """The limits as bytes."""
        return _WIRE.pack(self.memory, self.cpu, self.wall, self.written)

    @classmethod
    def unpacked(cls, data: bytes) -> Self:
        """The limits from bytes."""
        return cls(*_WIRE.unpack(data))


NICE = 5
NICE_AFTER_SECONDS, NICE_THEN = 1.0, 19
"""A file that takes longer than the usual ones gives way to those that come after it."""
LONGEST_REQUEST = 65_536
MOST_FILES = 32
DESCRIPTORS = 3
LONGEST_WAIT = 60.0


@dataclass(slots=True)
class Job:
    """A running child: when it gives way, and when it is killed."""

    give_way_at: float
    kill_at: float


def main(descriptor: int, modules: list[str]) -> None:
    """Serve until the socket is closed."""
    allowed = {name: import_module(name) for name in modules}
    os.nice(NICE)
    gc.collect()
    gc.freeze()  # shared with the children copy-on-write
    control = socket.socket(fileno=descriptor)
    jobs: dict[int, Job] = {}
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    while True:
        ready, _, _ = select.select([control.fileno(), wake], [], [], _seconds_left(jobs))
        if wake in ready:
            os.read(wake, 4096)
        _reap(jobs)
        _enforce(jobs)
        if control.fileno() in ready and not _accept(control, jobs, allowed):
            break
    for pid in jobs:
        os.kill(pid, signal.SIGKILL)


def _seconds_left(jobs: dict[int, Job]) -> float | None:
    if not jobs:
        return None
    next_at = min(min(job.give_way_at, job.kill_at) for job in jobs.values())
    return min(max(0.0, next_at - time.monotonic()), LONGEST_WAIT)


def _reap(jobs: dict[int, Job]) -> None:
    while jobs:
        pid, _status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        jobs.pop(pid, None)


def _enforce(jobs: dict[int, Job]) -> None:
    """The pid of a child that isn't reaped isn't reused."""
    now = time.monotonic()
    for pid, job in jobs.items():
        if now >= job.kill_at:
            os.kill(pid, signal.SIGKILL)
            job.kill_at = float("inf")
        elif now >= job.give_way_at:
            os.setpriority(os.PRIO_PROCESS, pid, NICE_THEN)
            job.give_way_at = float("inf")


def _accept(control: socket.socket, jobs: dict[int, Job], allowed: dict[str, Any]) -> bool:
    """Start the next job; false if the peer closed the connection."""
    message, descriptors, _flags, _address = socket.recv_fds(control, WIRE_SIZE, DESCRIPTORS)
    if len(message) < WIRE_SIZE or len(descriptors) < DESCRIPTORS:
        return False
    limits = Limits.unpacked(message)
    pid = os.fork()
    if pid == 0:
        control.close()
        _child(descriptors, limits, allowed)
    for one in descriptors:
        os.close(one)
    now = time.monotonic()
    jobs[pid] = Job(now + NICE_AFTER_SECONDS, now + limits.wall)
    return True


def _child(descriptors: list[int], limits: Limits, allowed: dict[str, Any]) -> None:
    """Do one job and end, whatever happens."""
    try:
        _limit(limits)
        reply, source, target = descriptors
        with (
            socket.socket(fileno=reply) as connection,
            os.fdopen(source, "rb") as read,
            os.fdopen(target, "wb") as write,
        ):
            answer = _answer(connection, read, write, allowed)
            connection.sendall(json.dumps(answer).encode())
    finally:
        os._exit(0)


def _limit(limits: Limits) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit is reported like any other error
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu, limits.cpu))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.written, limits.written))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))


def _answer(connection: socket.socket, read: IO[bytes], write: IO[bytes], allowed: dict[str, Any]) -> dict[str, Any]:
    try:
        with connection.makefile("rb") as incoming:
            request = json.loads(incoming.readline(LONGEST_REQUEST))
        module, _colon, name = request["function"].partition(":")
        function: Callable[..., Any] = getattr(allowed[module], name)
        value = function(read, write, **request["arguments"])
        write.flush()
        return {"value": value}
    except MemoryError:
        return {"exceeded": "memory"}
    except BaseException as error:  # noqa: BLE001 # reported to the peer; there is no caller here
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            return {"exceeded": "written"}
        return {"error": type(error).__name__}


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
