"""Processes that begin with the portal imported: copies of one process that did it once.

Importing takes three quarters of a portal's start, and tests start dozens. What runs is the same program, in a process
of its own with its own environment, session and log. Where the start itself is tested (`tests/runtime/up.py`), and
where a server has several processes, it begins as anywhere.
"""

import contextlib
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

# Not `app.cli` itself: it is run as the program that was called.
IMPORTED = ["app.main", "app.tables", "app.commands.run", "uvicorn.main", "uvloop", "tests.compiled_templates"]
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(IMPORTED)
_starting = threading.Lock()


class Forked:
    """A process that runs a module as `python -m` does, with the methods of `subprocess.Popen` that tests use. What it
    prints is added to the file `log`, its errors too when they have no file of their own."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path, errors: Path | None = None
    ) -> None:
        files = [log, errors or log]
        for file in files:
            file.touch()  # it can be read from now on
        given = (list(command), dict(environment), [str(file) for file in files])
        process = _context.Process(target=_run, args=given, daemon=True)
        with _starting:  # its folder is removed at the very end, when that of this run is gone
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

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def launch(command: Sequence[str], environment: Mapping[str, str], log: Path, errors: Path | None = None) -> Forked:
    """Start `python -m MODULE …` or `python -c PROGRAM …`."""
    assert command[0] == sys.executable, command
    assert command[1] in {"-m", "-c"}, command
    return Forked(command[1:], environment, log, errors)


def run(
    command: Sequence[str], environment: Mapping[str, str], timeout: float = 180
) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run` with `capture_output` and `text`."""
    with tempfile.TemporaryDirectory() as folder:
        printed, errors = Path(folder) / "printed", Path(folder) / "errors"
        process = launch(command, environment, printed, errors)
        try:
            status = process.wait(timeout)
        finally:
            process.kill()
        return subprocess.CompletedProcess(command, status, printed.read_text(), errors.read_text())


def _run(command: list[str], environment: dict[str, str], files: list[str]) -> None:
    """In the new process: as if Python had been called with the rest of the command."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, file in enumerate(files, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), descriptor)
    # Who waits for a line finds it in the file.
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", buffering=1, closefd=False)
    kind, program, *arguments = command
    if kind == "-m":
        sys.argv = [program, *arguments]
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    else:
        sys.argv = ["-c", *arguments]
        exec(compile(program, "<string>", "exec"), {"__name__": "__main__"})
