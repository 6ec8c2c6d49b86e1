"""The database a command uses: the configured one, else the embedded one of the data folder."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from app.commands.console import errors, explained
from app.commands.schema import prepare
from app.identity.service import staff
from app.kernel import db
from app.kernel.postgres import EmbeddedServer
from app.kernel.settings import PREFIX, Settings
from app.settings import portal_settings

URL_VARIABLE = f"{PREFIX}DATABASE_URL"
SERVER_FOLDER = "postgres"


def embedded(settings: Settings) -> EmbeddedServer:
    """Return the embedded server of this data folder, running or not."""
    return EmbeddedServer((settings.data_dir / SERVER_FOLDER).resolve())


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """Provide the database URL; an embedded server is started for the duration of the command if needed."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    server = embedded(settings)
    if server.running():
        yield server.url
        return
    server = EmbeddedServer.start(server.data_dir)
    try:
        yield server.url
    finally:
        server.stop()


def with_database(work: Callable[[], Awaitable[Any]], *, prepared: bool = True) -> Any:
    """Run a command's work on the database, prepared for this release first (never in production, nor if not
    `prepared`). Expected errors end as a sentence."""
    settings = portal_settings()

    async def run(url: str) -> Any:
        db.configure(url, driver="psycopg")
        try:
            return await work()
        finally:
            await db.disconnect()

    with explained(), database_url(settings) as url:
        if prepared and not settings.is_production:
            prepare(url)
        return asyncio.run(run(url))


def require_no_demo_staff(url: str, settings: Settings) -> None:
    """Before a production process starts: refuse a database where the demonstration's staff may sign in. One that
    doesn't answer yet is waited for by the process itself, which asks again.

    Raises:
        DemoStaffActiveError: a sentence, for `explained`. PoolerBetween: also outside production.
    """

    async def look() -> None:
        db.configure(url, driver="psycopg")
        try:
            await db.require_session_mode()
            if not settings.is_production:
                return
            async with db.reading() as session:
                await staff.require_no_demo_staff(session)
        except (SQLAlchemyError, OSError) as error:
            reason = str(getattr(error, "orig", error)).splitlines()[0]
            errors.print(f"The database did not answer yet: {reason}", markup=False)
        finally:
            await db.disconnect()

    asyncio.run(look())


def child_environment(url: str, settings: Settings) -> dict[str, str]:
    """Return the environment shared by the processes of one portal."""
    return os.environ | {
        URL_VARIABLE: url,
        f"{PREFIX}DATA_DIR": str(settings.data_dir.resolve()),
        f"{PREFIX}PORT": str(settings.port),
    }


def require_own_store(url: str) -> None:
    """Refuse to start with a document store that belongs to another database."""

    async def check() -> None:
        from app.documents.ownership import check_at_start

        db.configure(url, driver="psycopg")
        try:
            await check_at_start()
        finally:
            await db.disconnect()

    with explained():
        asyncio.run(check())
