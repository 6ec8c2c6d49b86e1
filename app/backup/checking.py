"""Checks after a restore, before the portal reopens; each finding says what to do."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from sqlalchemy import text

from app.backup.taking import tables
from app.documents import storage
from app.documents.problems import StorageUnavailable
from app.kernel import consumer_runner, key_rotation, migrate, positions
from app.kernel.db import Base, reading
from app.kernel.problems import NotFound

FETCHED, AT_ONCE, SHOWN = 500, 16, 5
_SEQUENCES = text(
    """
    SELECT quote_ident(s.relname) AS sequence, quote_ident(t.relname) AS table, quote_ident(a.attname) AS column
    FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_class t ON t.oid = d.refobjid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND t.relnamespace = 'public'::regnamespace
    ORDER BY 1
    """
)
_WAITING = text(
    "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queue_name IN"
    " ('codes-email', 'codes-sms', 'messages-email', 'messages-sms', 'messages-push',"
    " 'reminders-email', 'reminders-sms')"
)


@dataclass(slots=True)
class Findings:
    """Errors to fix, and remarks."""

    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def after_restore(url: str) -> Findings:
    """Run all checks of a restored database."""
    found = Findings()
    found.wrong += await asyncio.to_thread(migrate.differences, url, Base.metadata)
    found.wrong += await log_faults()
    found.wrong += await _sequences()
    await _files(found)
    await _keys(found)
    async with reading() as session:
        waiting = await session.scalar(_WAITING)
    if waiting:
        found.notes.append(
            f"{waiting} messages were waiting when the backup was taken: the worker sends them, also those that the"
            " portal before had sent since"
        )
    return found


async def log_faults() -> list[str]:
    """Describe inconsistencies in the positions of the event log; empty if there are none."""
    async with reading() as session:
        wrong = await consumer_runner.positions_ahead_of_log(session)
        left_out = await positions.count_skipped_events(session)
    return wrong + ([f"{left_out} events were never given a position: no consumer would read them"] if left_out else [])


async def _sequences() -> list[str]:
    wrong = []
    async with reading() as session:
        for row in (await session.execute(_SEQUENCES)).all():
            ahead = text(
                f"SELECT (SELECT max({row.column}) FROM {row.table}) > last_value FROM {row.sequence}"  # quoted
            )
            if await session.scalar(ahead):
                wrong.append(
                    f"the sequence {row.sequence} is behind {row.table}.{row.column}: the next row would be refused."
                    f" Run in psql: SELECT setval('{row.sequence}', (SELECT max({row.column}) FROM {row.table}))"
                )
    return wrong


async def _named() -> AsyncIterator[list[tuple[str, int]]]:
    for table in tables():
        rows_of = f"SELECT storage_key, size FROM {table}"  # our own names
        page = text(f"{rows_of} WHERE storage_key > :last ORDER BY storage_key LIMIT {FETCHED}")
        last = ""
        while True:
            async with reading() as session:
                rows = [(str(row.storage_key), int(row.size)) for row in await session.execute(page, {"last": last})]
            if not rows:
                break
            yield rows
            last = rows[-1][0]


async def _files(found: Findings) -> None:
    places, count, lost = asyncio.Semaphore(AT_ONCE), 0, list[str]()

    async def is_there(key: str, size: int) -> bool:
        async with places:
            try:
                return await storage.size(key) == size
            except NotFound:
                return False

    try:
        async for rows in _named():
            there = await asyncio.gather(*(is_there(key, size) for key, size in rows))
            lost += [key for (key, _size), is_found in zip(rows, there, strict=True) if not is_found]
            count += len(rows)
    except StorageUnavailable:
        found.wrong.append("the store of documents doesn't answer: see VENTANILLA_STORAGE_URL and its keys")
        return
    if lost:
        shown = ", ".join(lost[:SHOWN]) + (", …" if len(lost) > SHOWN else "")
        found.wrong.append(
            f"{len(lost)} of {count} files that rows name are missing from the store, or have another size ({shown})."
            " Run: ventanilla storage recover; then restore them from an earlier backup"
        )
    else:
        found.notes.append(f"all {count} files that rows name are in the store, with their size")


async def _keys(found: Findings) -> None:
    for column in await key_rotation.rotate(dry_run=True):
        if column.unreadable:
            found.wrong.append(
                f"{column.unreadable} of {column.column} can't be decrypted: put the secret key of that time into"
                " VENTANILLA_SECRET_KEY_FALLBACKS; without it, staff need: ventanilla staff reset-authenticator"
            )
