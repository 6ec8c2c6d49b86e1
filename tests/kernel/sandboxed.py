"""What the tests have done in a child process: all that a decoder may be led to do."""

import os
import re
import time
from typing import IO


def copy(read: IO[bytes], write: IO[bytes], *, times: int) -> int:
    """Write the file `times` times; returns how many bytes."""
    read.seek(0)
    return write.write(read.read() * times)


def trickle(_read: IO[bytes], write: IO[bytes], *, kilobytes: int) -> None:
    """Write a little at a time: the last bytes leave the buffer only when it is flushed."""
    for _ in range(kilobytes):
        write.write(b"x" * 1024)


def environment(_read: IO[bytes], _write: IO[bytes]) -> list[str]:
    """The names of all variables."""
    return sorted(os.environ)


def burn(_read: IO[bytes], _write: IO[bytes]) -> None:
    """Work for ever."""
    while True:
        pass


def sleep(_read: IO[bytes], _write: IO[bytes]) -> None:
    """Do nothing, for longer than anyone waits."""
    time.sleep(600)


def hold_the_lock(_read: IO[bytes], _write: IO[bytes]) -> None:
    """Work in C for ever, where no signal handler of Python runs."""
    re.match(r"(a+)+$", "a" * 60 + "b")


def take(_read: IO[bytes], _write: IO[bytes], *, megabytes: int) -> int:
    """Fill memory; returns how much."""
    return len(bytearray(megabytes << 20)) >> 20


def fail(_read: IO[bytes], _write: IO[bytes]) -> None:
    """Raise."""
    raise ValueError


def crash(_read: IO[bytes], _write: IO[bytes]) -> None:
    """As a decoder with a bug."""
    os.abort()


def parent(_read: IO[bytes], _write: IO[bytes]) -> int:
    """The process that forked this one."""
    return os.getppid()
