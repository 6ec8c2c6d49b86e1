"""Restores a backup into an empty database and an unclaimed store. Nothing existing is overwritten."""

import asyncio
import hashlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import psycopg

from app.backup import manifest as written
from app.backup import programs
from app.backup.manifest import DUMP, FILES, Manifest, NotABackup, StoredFile
from app.documents import storage
from app.documents.ownership import MARKER
from app.kernel import migrate
from app.kernel.postgres_address import parse
from app.kernel.problems import NotFound

AT_ONCE = 8
FETCHED = 500
_TABLES = (
    "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S', 'v')"
)
_MAJOR = "SELECT CAST(current_setting('server_version_num') AS int) / 10000"


class NotEmpty(RuntimeError):  # noqa: N818 # what it is
    """The database or the store isn't empty. The text says what to do."""


def require_fitting(found: Manifest) -> None:
    """Require that this release knows the schema of the backup.

    Raises:
        NotABackup: a newer program wrote it.
    """
    if not migrate.knows(found.schema):
        raise NotABackup(
            f"the backup's schema ({found.schema}) is newer than this program's ({migrate.head()}): restore it with"
            f" version {found.program} or a newer one"
        )


def require_empty(url: str) -> int:
    """Require an empty database; returns its server's major version.

    Raises:
        NotEmpty: something is.
    """
    with psycopg.connect(**parse(url).for_psycopg(), autocommit=True) as connection:
        row, major = connection.execute(_TABLES).fetchone(), connection.execute(_MAJOR).fetchone()
    assert row is not None
    assert major is not None
    if row[0]:
        raise NotEmpty(
            f"the database isn't empty ({row[0]} tables): a backup is restored into a new one. Make it with CREATE"
            " DATABASE, or choose another VENTANILLA_DATA_DIR"
        )
    return int(major[0])


async def require_free_store() -> None:
    """Require an unclaimed store: the restored database claims it at the end.

    Raises:
        NotEmpty: it is another database's. StorageUnavailable: it doesn't answer.
    """
    try:
        await storage.get(MARKER)
    except NotFound:
        return
    raise NotEmpty(
        "the store of documents belongs to a database already: give the restored portal a store of its own"
        " (VENTANILLA_STORAGE_URL, or another VENTANILLA_DATA_DIR)"
    )


async def restore_files(source: Path) -> int:
    """Copy every file of the backup to the store; returns their number. Existing ones must be identical.

    Raises:
        NotABackup: a file of the backup is missing or was changed. NotEmpty: the store has another file of that name.
        StorageUnavailable: the store doesn't answer.
    """
    await require_free_store()
    places, count = asyncio.Semaphore(AT_ONCE), 0
    lost = set(written.read(source).lost)

    async def put(file: StoredFile) -> None:
        async with places:
            await _put(source, file)

    for files in _chunks(one for one in written.listed(source) if one.key not in lost):
        await asyncio.gather(*map(put, files))
        count += len(files)
    return count


async def _put(source: Path, file: StoredFile) -> None:
    path = source / FILES / file.key
    data = await asyncio.to_thread(path.read_bytes) if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise NotABackup(f"{path} is missing or isn't what was written: this backup is damaged")
    try:
        there = await storage.get(file.key)
    except NotFound:
        await storage.put(file.key, data)
        return
    if there != data:
        raise NotEmpty(f"the store holds another file under {file.key}: give the restored portal a store of its own")


def restore_database(source: Path, url: str, server: int, folder: Path | None = None) -> None:
    """Restore the dump in one transaction.

    Raises:
        ProgramFailed: it can't be.
    """
    program = programs.find("pg_restore", url, max(server, dumped_by(source)), folder)
    name = parse(url).parameters.get("dbname", "")
    arguments = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-comments"]
    programs.run(program, url, *arguments, f"--dbname={name}", str(source / DUMP))


def dumped_by(source: Path) -> int:
    """Return the PostgreSQL major version of the backup."""
    return int(written.read(source).postgresql.split(".")[0])


def _chunks(files: Iterator[StoredFile]) -> Iterator[list[StoredFile]]:
    while chunk := list(islice(files, FETCHED)):
        yield chunk
