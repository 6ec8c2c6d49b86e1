"""Bring a database to this program: its schema, then the services its files describe."""

import asyncio

from app.catalog.service import publish
from app.kernel import db, migrate


def prepare(url: str, revision: str = "head") -> None:
    """Migrate, then publish each service's version. Doing it again changes nothing.

    Raises:
        VersionReused: a published service changed without a new version.
    """
    migrate.upgrade(url, revision)
    if revision == "head":
        asyncio.run(_publish(url))


async def _publish(url: str) -> None:
    db.configure(url, driver="psycopg")
    try:
        async with db.transaction() as session:
            await publish(session)
    finally:
        await db.disconnect()
