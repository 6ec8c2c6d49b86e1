"""Processes that begin with the portal imported: copies of one process that did it once.

Importing takes three quarters of a portal's start, and tests start dozens. What runs is the same program, in a process
of its own with its own environment, session and log. Where the start itself is tested (`tests/runtime/up.py`), and
where a server has several processes, it begins as anywhere.
"""

import contextlib
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

IMPORTED = ["app.main", "app.cli", "app.commands.run", "uvicorn.main", "uvloop"]
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(IMPORTED)


class Forked:
    """A process that runs a module as `python -m` does, with the methods of `subprocess.Popen` that tests use."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        log.touch()  # it can be read from now on
        process = _context.Process(target=_run, args=(list(command), dict(environment), str(log)), daemon=True)
        # Its folder is removed at the very end, when that of this run is gone.
        of_this_run, tempfile.tempdir = tempfile.gettempdir(), "/tmp"
        try:
            process.start()
        finally:
            tempfile.tempdir = of_this_run
        assert process.pid is not None
        self._process: ForkServerProcess = process
        self.pid: int = process.pid
        with contextlib.suppress(ProcessLookupError):  # it has ended already
            while os.getpgid(self.pid) != self.pid:  # what ends it, ends its session
                time.sleep(0.002)

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()


def launch(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Forked:
    """Start `python -m MODULE …`."""
    assert list(command[:2]) == [sys.executable, "-m"], command
    return Forked(command[2:], environment, log)


def _run(command: list[str], environment: dict[str, str], log: str) -> None:
    """In the new process: as if `python -m` had been called with the rest of the command."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    module, *arguments = command
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
