"""`db upgrade`, `db check` and `db sequence`."""

import typer

from app.backup.checking import log_faults
from app.commands.console import explained, fail, out
from app.commands.schema import prepare
from app.commands.server import database_url, with_database
from app.kernel import consumer_runner, migrate, positions
from app.kernel import db as kernel_db
from app.settings import portal_settings
from app.tables import metadata

db = typer.Typer(no_args_is_help=True, help="The database's schema and its event log.")


@db.command()
def upgrade(revision: str = typer.Argument("head", help="How far; `head` is the newest.")) -> None:
    """Migrate the database to the schema of this release. Run it before starting a new release."""
    with explained(), database_url(portal_settings()) as url:
        prepare(url, "head" if revision == migrate.head() else revision)
        at = migrate.current(url)
        if revision not in {"head", at}:
            raise fail(f"the database is past {revision} already, at {at}.", "A schema doesn't go back.")
        out.print(f"The schema is at {at}.")


@db.command()
def check() -> None:
    """Check that server, schema and release match; status 1 if they don't."""
    with explained(), database_url(portal_settings()) as url:
        found = migrate.differences(url, metadata)
        if found:
            raise fail(
                "the database is not what this program needs:\n  " + "\n  ".join(found), "Run: ventanilla db upgrade"
            )
        wrong = with_database(log_faults, prepared=False)
        if wrong:
            raise fail("the event log is not whole:\n  " + "\n  ".join(wrong), "Run: ventanilla db sequence")
        out.print(f"All is well: schema {migrate.head()}, and the event log and its consumers fit each other.")


@db.command()
def sequence() -> None:
    """Assign a position to every event of the log, and correct consumers that are ahead of it.

    For a log restored without positions, or with events inserted by hand. Nothing is deleted or processed again.
    """

    async def work() -> tuple[int, int]:
        numbered = await positions.rescan_positions()
        async with kernel_db.transaction() as session:
            return numbered, await consumer_runner.repair_positions(session)

    numbered, repaired = with_database(work)
    out.print(f"{numbered} events were given a position; {repaired} parts of consumers were set back to its end.")
