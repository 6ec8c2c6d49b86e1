"""`db upgrade` and `db check`."""

import typer

from app.commands.console import explained, fail, out
from app.commands.schema import prepare
from app.commands.server import database_url
from app.kernel import migrate
from app.kernel.settings import get_settings
from app.tables import metadata

db = typer.Typer(no_args_is_help=True, help="The database's schema.")


@db.command()
def upgrade(revision: str = typer.Argument("head", help="How far; `head` is the newest.")) -> None:
    """Bring the database to this program's schema. Run it before starting a new release."""
    with explained(), database_url(get_settings()) as url:
        prepare(url, revision)
        out.print(f"The schema is at {migrate.head() if revision == 'head' else revision}.")


@db.command()
def check() -> None:
    """Say whether server, schema and program fit each other; status 1 when they don't."""
    with explained(), database_url(get_settings()) as url:
        found = migrate.differences(url, metadata)
        if found:
            raise fail(
                "the database is not what this program needs:\n  " + "\n  ".join(found), "Run: ventanilla db upgrade"
            )
        out.print(f"All is well: schema {migrate.head()}.")
