"""Encrypt what is stored with the newest secret key, so that an older one isn't needed any more.

A column with encrypted text names its purpose: `info={"encrypted": purpose}`. Rows are read in the order of their key
and written in batches while the portal runs; rows that already use the newest key are skipped, so the command can be
stopped and run again at any time.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Table, select, text, tuple_, update

from app.kernel import crypto
from app.kernel.actor import Actor
from app.kernel.db import Base, reading, transaction
from app.kernel.events import DomainEvent, record

BATCH = 500
LONGEST_SIGNED = timedelta(days=31)
"""How long what only carries a signature is taken: the links in messages that report a change."""
KEYS = UUID("01900000-0000-7000-8000-00000000006b")
"""What events about keys are about."""


@dataclass(frozen=True, kw_only=True)
class KeysRotated(DomainEvent):
    """All encrypted data is encrypted with the newest secret key, named by its fingerprint."""

    type: ClassVar[str] = "keys.rotated"
    fingerprint: str
    encrypted: int
    unreadable: int


@dataclass(slots=True)
class Rotated:
    """Result for a column: values re-encrypted, up to date already, and unreadable with any key."""

    column: str
    encrypted: int = 0
    current: int = 0
    unreadable: int = 0


def encrypted_columns() -> list[Column[Any]]:
    """All encrypted columns."""
    return [column for table in Base.metadata.sorted_tables for column in table.columns if "encrypted" in column.info]


async def rotate(*, dry_run: bool = False) -> list[Rotated]:
    """Encrypt everything with the newest key; `dry_run` only counts."""
    return [await _rotate(column, dry_run=dry_run) for column in encrypted_columns()]


async def _rotate(column: Column[Any], *, dry_run: bool) -> Rotated:
    found = Rotated(f"{column.table.name}.{column.name}")
    purpose = column.info["encrypted"]
    async for keys in _keys(column):
        async with transaction() as session:
            table = column.table
            assert isinstance(table, Table)
            mine = tuple_(*table.primary_key.columns).in_(keys)
            locked = select(*table.primary_key.columns, column).where(mine, column.is_not(None)).with_for_update()
            for *key, ciphertext in (await session.execute(locked)).all():
                try:
                    again = crypto.reencrypt(purpose, bytes(ciphertext))
                except ValueError:
                    found.unreadable += 1
                    continue
                found.current += again is None
                found.encrypted += again is not None
                if again is not None and not dry_run:
                    one = tuple_(*table.primary_key.columns) == tuple(key)
                    await session.execute(update(table).where(one).values({column.name: again}))
    return found


async def _keys(column: Column[Any]) -> AsyncIterator[list[tuple[Any, ...]]]:
    """Iterate over the keys of rows with ciphertext, in ordered batches."""
    table = column.table
    assert isinstance(table, Table)
    order = tuple(table.primary_key.columns)
    wanted = select(*order).where(column.is_not(None)).order_by(*order).limit(BATCH)
    last: tuple[Any, ...] | None = None
    while True:
        async with reading() as session:
            after = wanted if last is None else wanted.where(tuple_(*order) > last)
            keys = [tuple(row) for row in (await session.execute(after)).all()]
        if not keys:
            return
        yield keys
        last = keys[-1]


_FIRST_ROTATED = text(
    "SELECT min(at) FROM event WHERE subject_id = :keys AND type = 'keys.rotated'"
    " AND payload ->> 'fingerprint' = :fingerprint"
)


async def note_rotated(actor: Actor, done: list[Rotated]) -> datetime:
    """Record that all is encrypted with the newest key; returns until when the older ones verify what they signed."""
    event = KeysRotated(
        subject_id=KEYS,
        fingerprint=crypto.key_fingerprint(),
        encrypted=sum(one.encrypted for one in done),
        unreadable=sum(one.unreadable for one in done),
    )
    async with transaction() as session:
        await record(session, actor, event)
        first: datetime | None = await session.scalar(_FIRST_ROTATED, {"keys": KEYS, "fingerprint": event.fingerprint})
    assert first is not None
    return first + LONGEST_SIGNED
