"""`db upgrade`, `db check` and `db sequence`."""

import typer

from app.backup.checking import log_faults
from app.commands.console import explained, fail, out
from app.commands.schema import prepare
from app.commands.server import database_url, with_database
from app.kernel import consumer_runner, migrate, positions
from app.kernel import db as kernel_db
from app.kernel.settings import get_settings
from app.tables import metadata

db = typer.Typer(no_args_is_help=True, help="The database's schema and its event log.")


@db.command()
def upgrade(revision: str = typer.Argument("head", help="How far; `head` is the newest.")) -> None:
    """Bring the database to this program's schema. Run it before starting a new release."""
    with explained(), database_url(get_settings()) as url:
        prepare(url, "head" if revision == migrate.head() else revision)
        at = migrate.current(url)
        if revision not in {"head", at}:
            raise fail(f"the database is past {revision} already, at {at}.", "A schema doesn't go back.")
        out.print(f"The schema is at {at}.")


@db.command()
def check() -> None:
    """Say whether server, schema and program fit each other; status 1 when they don't."""
    with explained(), database_url(get_settings()) as url:
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
    """Give every event of the log its position, wherever it came from, and set consumers right that are ahead of it.

    For a log that was restored without its positions, or into which events were put by hand. Nothing is deleted, and
    what was read is not read again.
    """

    async def work() -> tuple[int, int]:
        numbered = await positions.rescan_positions()
        async with kernel_db.transaction() as session:
            return numbered, await consumer_runner.repair_positions(session)

    numbered, repaired = with_database(work)
    out.print(f"{numbered} events were given a position; {repaired} parts of consumers were set back to its end.")
