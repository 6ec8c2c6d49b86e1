"""Takes a backup while the portal runs, with every file that the database references at the moment of the dump.

Files are copied first, then the database is dumped from one snapshot, then files that the snapshot references and that
weren't there before are copied. If a file was deleted in between, the dump is repeated.
"""

import asyncio
import fcntl
import hashlib
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from app.backup import manifest as written
from app.backup import programs
from app.backup.manifest import DUMP, FILE_LIST, FILES, Manifest, StoredFile
from app.documents import storage
from app.kernel import clock
from app.kernel.db import Base
from app.kernel.postgres_address import parse
from app.kernel.problems import NotFound

TRIES = 5
AT_ONCE = 8
FETCHED = 1_000
NAMING = {"storage_key", "size", "sha256"}


class BackupFailed(RuntimeError):  # noqa: N818
    """No backup was made. The text says why."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The portal's keys, as files of the backup by name."""

    files: dict[str, bytes]


def tables() -> list[str]:
    """Return every table with references to stored files."""
    return [table.name for table in Base.metadata.sorted_tables if {column.name for column in table.columns} >= NAMING]


def _named() -> Composed:
    """Iterate over all referenced files in the order of their keys."""
    one = SQL("SELECT storage_key, size, encode(sha256, 'hex') FROM {}")
    return SQL(" UNION ALL ").join(one.format(Identifier(name)) for name in tables()) + SQL(" ORDER BY 1")


async def take(
    url: str, target: Path, *, program: str, keys: Keys, with_files: bool = True, folder: Path | None = None
) -> Manifest:
    """Create a backup at `target`, a folder that must not exist, atomically.

    Raises:
        BackupFailed, ProgramFailed: nothing was made. StorageUnavailable: the store doesn't answer. OSError: no room.
    """
    with _draft(target) as draft:
        made = await _fill(url, draft, program=program, keys=keys, with_files=with_files, folder=folder)
        made.write(draft)
        for path in draft.rglob("*"):
            if path.is_dir():
                written.sync(path)
        written.sync(draft)
        draft.rename(target)
        written.sync(target.parent)
    return made


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """Provide the temporary folder that becomes the backup; leftovers of an earlier attempt are deleted."""
    if target.exists():
        raise BackupFailed(f"{target} is there already: a backup is a new folder each time")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft, lock = (target.with_name(f".{target.name}.{what}") for what in ("partial", "lock"))
    with lock.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BackupFailed(f"another backup to {target} is under way") from error
        try:
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(mode=0o700)
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)
            lock.unlink(missing_ok=True)


async def _fill(url: str, draft: Path, *, program: str, keys: Keys, with_files: bool, folder: Path | None) -> Manifest:
    for name, content in keys.files.items():
        written.write_synced(draft / name, content)
    if with_files:
        async with _connection(url) as connection:
            async for files in _batches(connection):
                await _copy(draft, files)
    for _try in range(TRIES):
        about, lost = await _dump(url, draft, with_files=with_files, folder=folder)
        if not lost or await _still_named(url, lost):
            break
    else:
        raise BackupFailed("files were removed faster than they could be copied: take the backup at a quieter time")
    count = _forget_unnamed(draft)
    names = [DUMP, FILE_LIST, *keys.files]
    parts = {name: written.part_of(draft / name) for name in names}
    return Manifest(program=program, files=count, has_files=with_files, parts=parts, lost=lost, **about)


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    arguments = parse(url).for_psycopg({"application_name": "ventanilla-backup", "timezone": "UTC"})
    async with await psycopg.AsyncConnection.connect(**arguments) as connection:
        await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
        await connection.set_read_only(True)
        yield connection


async def _batches(connection: psycopg.AsyncConnection[Any]) -> AsyncIterator[list[StoredFile]]:
    async with connection.cursor("files") as cursor:
        await cursor.execute(_named())
        while rows := await cursor.fetchmany(FETCHED):
            yield [StoredFile(*row) for row in rows]


async def _copy(draft: Path, files: list[StoredFile]) -> list[str]:
    """Copy missing files; returns keys that are lost or damaged in the store."""
    places = asyncio.Semaphore(AT_ONCE)

    async def copy(file: StoredFile) -> str | None:
        path = draft / FILES / file.key
        if path.exists():
            return None
        async with places:
            try:
                data = await storage.get(file.key)
            except NotFound:
                return file.key
        if len(data) != file.size or hashlib.sha256(data).hexdigest() != file.sha256:
            return file.key
        await asyncio.to_thread(written.write_synced, path, data)
        return None

    return [key for key in await asyncio.gather(*map(copy, files)) if key is not None]


_ABOUT = """
    SELECT (SELECT version_num FROM alembic_version) AS schema, current_setting('server_version') AS postgresql,
        (SELECT CAST(id AS text) FROM installation) AS installation, pg_export_snapshot() AS snapshot,
        CAST(current_setting('server_version_num') AS int) / 10000 AS major
"""


async def _dump(url: str, draft: Path, *, with_files: bool, folder: Path | None) -> tuple[dict[str, str], list[str]]:
    """Dump the database and copy the files it references, from one snapshot."""
    for name in (DUMP, FILE_LIST):
        (draft / name).unlink(missing_ok=True)
    async with _connection(url) as connection:
        row = await (await connection.execute(_ABOUT)).fetchone()
        assert row is not None
        schema, postgresql, installation, snapshot, major = row
        about = {"schema": schema, "postgresql": postgresql, "installation": installation}
        about["taken_at"] = clock.now().isoformat(timespec="seconds")
        program = programs.find("pg_dump", url, major, folder)
        arguments = ["--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=30s"]
        arguments += [f"--snapshot={snapshot}", f"--file={draft / DUMP}"]
        dumping = asyncio.create_task(asyncio.to_thread(programs.run, program, url, *arguments))
        try:
            lost = await _copy_named(connection, draft, with_files=with_files)
        finally:
            await asyncio.wait([dumping])
        await dumping
    written.sync(draft / DUMP)
    (draft / DUMP).chmod(0o600)
    return about, lost


async def _copy_named(connection: psycopg.AsyncConnection[Any], draft: Path, *, with_files: bool) -> list[str]:
    lost: list[str] = []
    with (draft / FILE_LIST).open("w", encoding="utf-8") as lines:
        async for files in _batches(connection):
            lost += await _copy(draft, files) if with_files else []
            lines.writelines(
                json.dumps({"key": one.key, "size": one.size, "sha256": one.sha256}) + "\n" for one in files
            )
    written.sync(draft / FILE_LIST)
    return lost


async def _still_named(url: str, lost: list[str]) -> bool:
    """Return whether all of these are still referenced: if so they are lost, not deleted meanwhile."""
    counted = SQL(" + ").join(
        SQL("(SELECT count(DISTINCT storage_key) FROM {} WHERE storage_key = ANY(%(lost)s))").format(Identifier(name))
        for name in tables()
    )
    async with _connection(url) as connection:
        row = await (await connection.execute(SQL("SELECT ") + counted, {"lost": lost})).fetchone()
    return row is not None and row[0] == len(set(lost))


def _forget_unnamed(draft: Path) -> int:
    """Delete copies of files that the dump doesn't reference."""
    named = {one.key for one in written.listed(draft)}
    for path in (draft / FILES).rglob("*"):
        if path.is_file() and str(path.relative_to(draft / FILES)) not in named:
            path.unlink()
    return len(named)
