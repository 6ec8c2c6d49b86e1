"""PostgreSQL's client programs for backups: selected by server version, run with its address."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from app.kernel.postgres import StartFailed, binaries
from app.kernel.postgres_address import Address, parse

PLACES = Path("/usr/lib/postgresql")
VERSION = re.compile(r"\(PostgreSQL\) ([0-9]+)")


class ProgramFailed(RuntimeError):  # noqa: N818
    """A program failed, or none matches. The text has its output."""


def _folders(given: Path | None, address: Address) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    yield from sorted(PLACES.glob("*/bin"), reverse=True)
    found = shutil.which("pg_dump")
    if found is not None:
        yield Path(found).parent
    # Those of the embedded server were built without TLS.
    if not address.uses_tls:
        try:
            yield binaries()
        except StartFailed:
            return


def find(name: str, url: str, server: int, folder: Path | None = None) -> Path:
    """Return the program for a server's major version: the same if available, else the next newer.

    Raises:
        ProgramFailed: there is none.
    """
    address = parse(url)
    versions = {_version(place / name): place / name for place in reversed([*_folders(folder, address)])}
    fitting = sorted(version for version in versions if version >= server)
    if not fitting:
        with_tls = " that can use TLS" if address.uses_tls else ""
        raise ProgramFailed(
            f"no {name} of version {server} or newer{with_tls} was found: install PostgreSQL's client programs"
            f" (postgresql-client-{server}), or name their folder with --programs"
        )
    return versions[fitting[0]]


def _version(program: Path) -> int:
    try:
        completed = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return 0
    found = VERSION.search(completed.stdout)
    return int(found.group(1)) if found else 0


def run(program: Path, url: str, *arguments: str) -> None:
    """Run a program on this database.

    Raises:
        ProgramFailed: it failed.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment |= parse(url).for_programs() | {"LC_ALL": "C"}
    done = subprocess.run(
        [str(program), "--no-password", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ProgramFailed(f"{program.name} failed: {done.stderr.strip()[-600:]}")
