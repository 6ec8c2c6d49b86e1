"""The views of schema `analytics`, which tools for the database read: what their comments say, and how a migration adds
a measure to those that show sums."""

from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from app.savings.export.tables import VIEWS

SCHEMA = "Tables to be read by the data team: documented views, and a role that reads nothing else."
VIEWS_OF = {"saving_cell": ("cells", "daily", "segments", "units"), "saving_ticket_cell": ("tickets", "waits")}
"""The views of a table's sums."""
FROM = "\n   FROM "
"""Where the columns of a view's query end, as PostgreSQL writes it."""


async def describe_views(session: AsyncSession) -> None:
    """Write what each view and column means into its comment."""
    connection = await session.connection()
    for statement in _comments():
        await connection.exec_driver_sql(statement)


def _comments() -> Iterator[str]:
    yield f"COMMENT ON SCHEMA analytics IS {_quoted(SCHEMA)}"
    for name, view in VIEWS.items():
        yield f"COMMENT ON VIEW analytics.{name} IS {_quoted(f'{view.title}. {view.means}')}"
        for field in view.fields:
            yield f"COMMENT ON COLUMN analytics.{name}.{field.name} IS {_quoted(field.means)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def add_measure(connection: Connection, table: str, name: str) -> None:
    """Add a column of sums, also at the end of the views that show them, while people read these. It is zero until
    `ventanilla savings rebuild` adds up what was observed before."""
    connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {name} bigint NOT NULL DEFAULT 0")
    connection.exec_driver_sql(f"ALTER TABLE {table} ALTER COLUMN {name} DROP DEFAULT")
    for view, columns, rest in _queries(connection, table):
        connection.exec_driver_sql(f"CREATE OR REPLACE VIEW analytics.{view} AS {columns},\n    {name}{FROM}{rest}")


def drop_measure(connection: Connection, table: str, name: str) -> None:
    """Take the newest column of sums away again: views that lose a column are made from scratch.

    Raises:
        ValueError: it isn't the newest.
    """
    for view, columns, rest in list(_queries(connection, table)):
        others, _comma, last = columns.rpartition(",")
        if last.strip().rpartition(".")[2] != name:
            raise ValueError(f"the last column of analytics.{view} isn't {name}")
        connection.exec_driver_sql(f"DROP VIEW analytics.{view}")
        connection.exec_driver_sql(f"CREATE VIEW analytics.{view} AS {others}{FROM}{rest}")
    connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {name}")


def _queries(connection: Connection, table: str) -> Iterator[tuple[str, str, str]]:
    """The columns of each view's query, and the rest of it."""
    for view in VIEWS_OF[table]:
        query = connection.exec_driver_sql(f"SELECT pg_get_viewdef('analytics.{view}'::regclass)").scalar_one()
        columns, _from, rest = query.strip().removesuffix(";").partition(FROM)
        yield view, columns, rest
