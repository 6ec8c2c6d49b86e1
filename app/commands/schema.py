"""Prepares a database for this release: schema, services, figures of law, and initial savings parameters."""

import asyncio

from app.catalog.service import publish
from app.kernel import db, migrate
from app.law.service import publish_figures
from app.savings.export.views import describe_views
from app.savings.service import baselines, csv_io


def prepare(url: str, revision: str = "head") -> None:
    """Migrate, then publish each service's version, the figures of law, version 1 of the savings' figures, and what the
    views for the data team mean. Doing it again changes nothing.

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
            await publish_figures(session)
            await baselines.seed(session, csv_io.seed_parameters())
            await describe_views(session)
    finally:
        await db.disconnect()
