"""Commands for operators: versions of the savings parameters."""

import csv
import io
from pathlib import Path
from typing import Annotated, Any

import typer

from app.commands.console import explained, fail, out
from app.commands.inputs import MOST_OF_INTEGER, OPERATOR, Since, Until, Version, require_new, write
from app.commands.server import with_database
from app.kernel import db
from app.kernel.tabular.report import require_data

baseline = typer.Typer(no_args_is_help=True, help="Versions of the figures that savings are valued with.")


@baseline.command("list")
def list_versions() -> None:
    """List every version, newest first."""

    async def work() -> Any:
        from app.savings.queries import versions

        async with db.reading() as session:
            return await versions.list_baselines(session)

    for row in with_database(work):
        state = f"published {row.published_at:%Y-%m-%d}" if row.published_at else "draft"
        out.print(f"{row.version}  {state}  {row.note}", markup=False, soft_wrap=True)


@baseline.command("export")
def export_parameters(
    version: Version = None, target: Annotated[Path | None, typer.Option("--out", help="The terminal if none.")] = None
) -> None:
    """The figures of a version as CSV, to change in a spreadsheet and import. A file that is there already stays."""
    require_new(target)

    async def work() -> bytes:
        from app.savings.queries import versions
        from app.savings.service import csv_io

        async with db.reading() as session:
            chosen = version if version is not None else await versions.newest_version(session)
            await versions.baseline_of(session, chosen)
            return csv_io.to_csv(await versions.parameters_of(session, chosen)).encode()

    write(with_database(work), target)


@baseline.command("import")
def import_parameters(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, as exported.")],
    note: Annotated[str, typer.Option(help="Why there is a new version; for a draft that has to be begun.")] = "",
) -> None:
    """The draft's figures are those of the file from now on, all or none; a draft is begun where there is none.

    Example: ventanilla savings baseline import figures.csv --note "Fares of 2026"
    """
    try:
        content = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise fail(f"{file} isn't UTF-8 text.", "Save it as CSV UTF-8.") from error

    with explained():
        require_data(next(csv.reader(io.StringIO(content)), []))

    async def work() -> tuple[int, int]:
        from app.savings.queries import versions
        from app.savings.service import baselines, csv_io

        parameters = csv_io.from_csv(content)
        async with db.transaction() as session:
            draft = await versions.draft_of(session)
            if draft is None:
                draft = await baselines.start_draft(session, OPERATOR, note or file.name)
            return draft.version, await baselines.replace_parameters(session, OPERATOR, draft.version, parameters)

    version, count = with_database(work)
    out.print(f"{count} figures in draft {version}. To put it in force: ventanilla savings baseline publish {version}")


# So that a negative number is an unknown version rather than an unknown option.
@baseline.command(context_settings={"ignore_unknown_options": True})
def publish(version: Annotated[int, typer.Argument(min=1, max=MOST_OF_INTEGER, help="The draft.")]) -> None:
    """Publish a draft. It is immutable from then on; reports of earlier versions don't change."""

    async def work() -> Any:
        from app.savings.service import baselines

        async with db.transaction() as session:
            return await baselines.publish(session, OPERATOR, version)

    with_database(work)
    out.print(f"Version {version} is in force.")


@baseline.command()
def measure(since: Since, until: Until) -> None:
    """Write values with enough observations in these days into the draft, replacing assumptions.

    Waits and attention from desk tickets; the share that would have visited and time online from the portal. Look it
    over, then publish.
    """

    async def work() -> Any:
        from app.savings.service.calibration import measure as measured

        async with db.transaction() as session:
            return await measured(session, OPERATOR, since, until)

    found = with_database(work)
    out.print(f"{found.parameters} measured figures in draft {found.version}.")
