"""Writes many rows at once."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import psycopg
from sqlalchemy.ext.asyncio import AsyncSession


async def copy_rows(session: AsyncSession, statement: str, rows: Iterable[Iterable[Any]]) -> None:
    """Write rows by COPY. Values are converted to text, which is faster than adapted types."""
    raw = (await (await session.connection()).get_raw_connection()).driver_connection
    if not isinstance(raw, psycopg.AsyncConnection):
        raise TypeError("the demonstration needs the psycopg driver")
    async with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row([value if value is None or isinstance(value, str) else _text(value) for value in row])


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
