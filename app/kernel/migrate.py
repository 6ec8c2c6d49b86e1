"""Bring a database to the newest schema, or say how it differs from the models."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import MetaData, text
from sqlalchemy.engine import URL

from app.kernel.db import sync_engine

SUPPORTED = range(15, 19)
FOREIGN_TABLES = re.compile(r"procrastinate_|event_p[0-9]|event_default")
# Two processes that start at once must not migrate at once; any constant will do.
ADVISORY_LOCK = 7_365_001


def folder() -> Path:
    """Return the folder of the migrations: inside the installed package, beside the package in a checkout."""
    package = Path(str(files("app")))
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def config(url: str | URL | None = None) -> Config:
    """Alembic's configuration, pointed at this database."""
    made = Config(str(folder() / "alembic.ini"))
    if url is not None:
        made.attributes["url"] = url
    return made


def head() -> str:
    """The newest schema version this code knows."""
    return str(ScriptDirectory.from_config(config()).get_current_head())


def knows(revision: str) -> bool:
    """Whether this code has this schema version, or an older one, in its history."""
    return any(one.revision == revision for one in ScriptDirectory.from_config(config()).walk_revisions())


class SchemaUnknown(RuntimeError):  # noqa: N818 # says a state
    """This program doesn't have a schema version in its history. The text says what to do."""


def current(url: str | URL) -> str | None:
    """The schema version that a database is at; None before the first migration."""
    engine = sync_engine(url)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return found


def upgrade(url: str | URL, revision: str = "head") -> None:
    """Apply what is missing. Safe to run from several processes at once, and again.

    Raises:
        SchemaUnknown: this program doesn't have that version, or the database is at one that it doesn't have.
    """
    if revision != "head" and not knows(revision):
        raise SchemaUnknown(f"this program has no schema version {revision!r}: its newest is {head()}")
    engine = sync_engine(url)
    with engine.connect() as guard:
        guard.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
        guard.commit()
        try:
            command.upgrade(config(url), revision)
        except CommandError as error:
            at = MigrationContext.configure(guard).get_current_revision()
            if at is None or knows(at):
                raise
            raise SchemaUnknown(
                f"the database is at schema {at}, which this program doesn't have (its newest is {head()}):"
                " use the program that the database was upgraded with, or a newer one"
            ) from error
    engine.dispose()


def downgrade(url: str | URL, revision: str) -> None:
    """Take migrations back down to this revision."""
    command.downgrade(config(url), revision)


def differences(url: str | URL, metadata: MetaData) -> list[str]:
    """Return the differences between this database and the one the code expects; empty if there are none."""
    engine = sync_engine(url)
    with engine.connect() as connection:
        major = connection.execute(text("SHOW server_version_num")).scalar_one()
        context = MigrationContext.configure(connection, opts={"include_object": is_ours})
        found = [] if int(major) // 10_000 in SUPPORTED else [f"PostgreSQL {major} is not 15 to 18"]
        current = context.get_current_revision()
        if current != head():
            found.append(f"schema is at {current}, this program needs {head()}")
        found += [in_words(difference) for difference in compare_metadata(context, metadata)]
    engine.dispose()
    return found


def in_words(difference: Any) -> str:
    """A difference as Alembic finds it, as a sentence."""
    if isinstance(difference, list):
        return "; ".join(in_words(one) for one in difference)
    kind, *about = difference
    if kind.startswith("modify_"):
        _schema, table, column = about[:3]
        return f"the column {table}.{column} has another {kind.removeprefix('modify_')} than this program needs"
    action, _, what = kind.partition("_")
    thing = about[-1]
    name = f"{about[-2]}.{thing.name}" if what == "column" else str(getattr(thing, "name", thing))
    words = {"fk": "foreign key"}.get(what, what.replace("_", " "))
    return f"the {words} {name} is missing" if action == "add" else f"the {words} {name} is not this program's"


def is_ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare: Any) -> bool:
    """Leave out what no model describes: the job queue's own tables and the log's partitions."""
    return not (kind == "table" and name is not None and FOREIGN_TABLES.match(name))
