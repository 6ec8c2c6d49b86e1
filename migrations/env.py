"""Alembic's entry: runs migrations on the connection or address it is given, with short lock waits.

Old code runs on the new schema while a release rolls out, so every migration must fit both: expand, backfill by a
job, contract in a later release. Indexes on tables in use are made concurrently.
"""

from alembic import context
from sqlalchemy import Connection, text

from app.kernel.db import sync_engine
from app.kernel.migrate import is_ours
from app.kernel.settings import get_settings
from app.tables import metadata

LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"


def run(connection: Connection) -> None:
    """Apply the migrations in one transaction on this connection."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=is_ours,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.commit()
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    given: Connection | None = context.config.attributes.get("connection")
    if given is not None:
        run(given)
        return
    url = context.config.attributes.get("url") or get_settings().database_url
    if url is None:
        raise SystemExit("No database: set VENTANILLA_DATABASE_URL, or use `ventanilla db upgrade`.")
    engine = sync_engine(url)
    with engine.connect() as connection:
        run(connection)


main()
