"""Commands for service files: validate them and compare them with the published versions."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import ProgrammingError

from app.catalog.definition import Service
from app.catalog.loader import FOLDER, load_folder
from app.catalog.service import Difference, differences
from app.catalog.yaml_files import CatalogInvalid
from app.commands.console import errors, fail, out
from app.commands.server import with_database
from app.kernel import db

catalog = typer.Typer(no_args_is_help=True, help="The services offered, described in files. See docs/services.md.")

Folder = Annotated[
    Path | None,
    typer.Argument(
        exists=True, file_okay=False, help="It has `services/` and `workflows/`; this program's own if none."
    ),
]


@catalog.command()
def check(folder: Folder = None) -> None:
    """Validate the service files; lists each issue with file and line; status 1. Needs no database.

    Example: ventanilla catalog check app/catalog
    """
    found = len(_read(folder or FOLDER))
    out.print("1 service is right." if found == 1 else f"{found} services are right.")


@catalog.command()
def diff() -> None:
    """Compare the files with the published versions: new, unchanged or changed, and where. Changes nothing.

    Status 1 when a published version was changed: requests that began with it would change their rules.
    """
    _read(FOLDER)
    found = with_database(_compare, prepared=False)
    for one in found:
        _print_difference(one)
    changed = [one.service for one in found if one.state == "changed"]
    if changed:
        raise fail(f"published with another text: {', '.join(changed)}.", "Raise `version` in the file.")


def _read(folder: Path) -> dict[str, Service]:
    try:
        return load_folder(folder)
    except CatalogInvalid as invalid:
        for issue in invalid.issues:
            errors.print(str(issue), markup=False, soft_wrap=True)
        raise typer.Exit(1) from invalid


async def _compare() -> list[Difference]:
    async with db.reading() as session:
        try:
            return await differences(session)
        except ProgrammingError as error:
            raise RuntimeError("the database has no services yet. Run: ventanilla db upgrade") from error


def _print_difference(one: Difference) -> None:
    out.print(f"{one.service} {one.version}: {one.state}", markup=False, soft_wrap=True)
    for change in one.changes:
        out.print(f"  {change}", markup=False, soft_wrap=True)
