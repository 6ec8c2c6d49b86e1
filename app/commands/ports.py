"""The ports of one machine: which are free, which one the worker gets, and which process listens on one."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.commands.console import fail
from app.kernel.settings import PREFIX, Settings

LAST_PORT = 65535
LISTENS = "0A"
"""The state of a listening socket in /proc/net/tcp."""
WORKER_PORT = f"{PREFIX}WORKER_PORT"


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def require_free(settings: Settings) -> None:
    """Require that the web server can have its port, and the worker its own if one is set.

    Raises:
        typer.Exit: another program has it.
    """
    host, port = settings.host, settings.port
    if not is_free(host, port):
        other = _first_free_pair(host, port + 1)
        hint = f"Choose another: make run PORT={other}" if other else "Choose another: make run PORT=…"
        raise fail(f"port {port} of {host} is in use by another program.", hint)
    worker = settings.worker_port
    if worker is not None and (worker == port or not is_free(host, worker)):
        who = "is the web server's" if worker == port else "is in use by another program"
        raise fail(f"port {worker} of {host} {who}.", f"Choose another {WORKER_PORT}, or leave it out.")


def worker_port(settings: Settings, given: str | None) -> str:
    """The port of the worker's health, as a setting: the one that is set, `given`, or the first free one after the web
    server's; empty for none."""
    if given is not None:
        return given
    after = range(settings.port + 1, LAST_PORT + 1)
    return next((str(port) for port in after if is_free(settings.host, port)), "")


def _first_free_pair(host: str, first: int) -> int | None:
    """The first port that is free together with the next: the worker of an installation has the second."""
    pairs = (port for port in range(first, LAST_PORT) if is_free(host, port) and is_free(host, port + 1))
    return next(pairs, None)


def listens(pid: int, port: int) -> bool:
    """Whether this process listens on the port: another program may answer there. True where it can't be read."""
    if not Path("/proc/net/tcp").exists():
        return True
    rows = [line.split() for name in ("tcp", "tcp6") for line in _rows_of(name)]
    there = {row[9] for row in rows if row[3] == LISTENS and int(row[1].rpartition(":")[2], 16) == port}
    return not there.isdisjoint(_sockets_of(pid))


def _rows_of(name: str) -> list[str]:
    table = Path(f"/proc/net/{name}")
    return table.read_text().splitlines()[1:] if table.exists() else []


def _sockets_of(pid: int) -> Iterator[str]:
    """The numbers of the sockets that a process has open."""
    try:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                yield str(entry.readlink()).removeprefix("socket:[").removesuffix("]")
    except OSError:  # it ended
        return
