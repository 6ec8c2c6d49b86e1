"""Commands for the store of documents and certificates: its ownership and orphans."""

from typing import Annotated, Any

import typer

from app.commands.console import fail, out
from app.commands.server import with_database
from app.kernel import clock

storage = typer.Typer(no_args_is_help=True, help="The store of documents and certificates. See docs/documents.md.")

All = Annotated[bool, typer.Option("--all", help="However many there are. Look at `ventanilla storage check` first.")]


def _rooms() -> dict[str, Any]:
    from app.certificates.jobs import REFERENCED_KEYS as CERTIFICATES
    from app.documents.jobs import REFERENCED_KEYS as DOCUMENTS

    return {"documents": DOCUMENTS, "certificates": CERTIFICATES}


@storage.command()
def check() -> None:
    """Check that the store is this database's, and count orphans; status 1 if there are too many.

    Changes nothing.
    """

    async def work() -> dict[str, Any]:
        from app.documents import orphan_cleanup, ownership

        await ownership.require_own_store()
        before = clock.now() - orphan_cleanup.MIN_AGE
        return {room: await orphan_cleanup.find_orphans(room, before, named) for room, named in _rooms().items()}

    suspect = False
    for room, found in with_database(work).items():
        out.print(f"{room}: {found.files} files, {len(found.orphans)} of them old and named by no row.")
        suspect = suspect or found.is_suspect
    if suspect:
        raise fail("this number of files without a row is no accident.", "Is the database the right and whole one?")
    out.print("The store is this database's.")


@storage.command()
def adopt() -> None:
    """Transfer the store to this database after a restore or move. Stop the portal that used it before, for good."""

    async def work() -> Any:
        from app.documents import ownership

        return await ownership.adopt()

    made = with_database(work)
    out.print(f"The store belongs to installation {made.installation}, database {made.database} now.", soft_wrap=True)


@storage.command()
def clean(however_many: All = False) -> None:
    """Move orphans to the trash, as the nightly job does; status 1 if there are implausibly many."""

    async def work() -> int:
        from app.documents import orphan_cleanup

        now = clock.now()
        counts = [
            await orphan_cleanup.trash_orphans(room, now, named, however_many=however_many)
            for room, named in _rooms().items()
        ]
        return sum(counts)

    out.print(f"{with_database(work)} files moved to the trash, where they stay for 30 days.")


@storage.command()
def recover() -> None:
    """Restore from the trash what a row of this database references."""

    async def work() -> int:
        from app.documents import orphan_cleanup

        return sum([await orphan_cleanup.recover(named) for named in _rooms().values()])

    out.print(f"{with_database(work)} files brought back.")
