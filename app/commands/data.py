"""Commands that import the agency's files."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.appointments.settings import booking_settings
from app.commands.console import explained, fail, out
from app.commands.server import with_database
from app.kernel import db
from app.kernel.actor import System
from app.kernel.tabular.report import rejects_place

MAX_LISTED = 100

imports = typer.Typer(no_args_is_help=True, help="Bring in the agency's own files. See docs/data-files.md.")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file to import.")]
Encoding = Annotated[
    str | None,
    typer.Option(help="The file's encoding, as cp1252, cp850 or mac-roman. Left out: UTF-8, or what its bytes say."),
]
Rejects = Annotated[
    Path | None,
    typer.Option(
        help="Where rejected rows go; FILE.rejects.csv when left out. Of what is there, only earlier rejected rows are"
        " replaced."
    ),
]


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        transient=True,
    )


def _import(file: Path, rejects: Path | None, importer: Callable[..., Awaitable[Any]], **options: Any) -> None:
    target = rejects or file.with_name(file.name + ".rejects.csv")
    with explained():
        rejects_place(target, file)
    with _progress() as bar:
        task = bar.add_task(f"Reading {file.name}", total=None)

        def advance(done: int, total: int | None = None) -> None:
            bar.update(task, completed=done, total=total)

        report = with_database(lambda: importer(file, rejects=target, progress=advance, **options))
    out.print(f"{report.read} rows read: {report.added} added, {report.changed} changed, {report.same} as they were.")
    if report.skipped:
        out.print(f"{report.skipped} rows of other institutions left out.")
    if report.notes:
        mended = report.notes - report.rejected - report.further
        out.print(
            f"{report.rejected} rows rejected, {mended} fields mended or left empty, each with its reason: {target}",
            soft_wrap=True,
        )
    if report.rejected and not report.added + report.changed + report.same:
        raise fail("every row was rejected: nothing was imported.", "Mend the rows in the file and import it again.")


@imports.command("units")
def import_units(
    file: File,
    institution: Annotated[str, typer.Option(help="Key of the institution, as in the catalogue.")] = "IMSS",
    rejects: Rejects = None,
    encoding: Encoding = None,
    book: Annotated[
        bool,
        typer.Option(
            "--default-schedules", help="Open the usual schedule (Monday to Friday, each shift) where there is none."
        ),
    ] = False,
) -> None:
    """Import units, rooms and shifts from the health ministry's CLUES catalogue (XLSX or CSV).

    A unit can't be booked until its rooms have schedules: create them through the API, or use the default ones.

    Example: ventanilla import units ESTABLECIMIENTO_SALUD.xlsx --default-schedules
    """
    from app.places.importers.units import import_units as importer

    _import(file, rejects, importer, institution=institution, encoding=encoding)
    _list_stranded()
    if book:
        _generate_slots()


def _list_stranded() -> None:
    """Report people affected by units that closed: they are notified; staff phone those without a contact."""
    from app.appointments.service.days_off import Stranded, stranded, sync_unit_operation

    async def work() -> tuple[list[Stranded], int]:
        async with db.transaction() as session:
            await sync_unit_operation(session)
            return await stranded(session, MAX_LISTED)

    found, total = with_database(work)
    if not total:
        return
    out.print(f"{total} appointments to come are at units out of operation; their people are notified:")
    for one in found:
        place = f"{one.unit_name} ({one.clues})"
        out.print(f"  {one.folio}  {one.start_at:%Y-%m-%d %H:%M}  {one.service}  {place}", soft_wrap=True)
    if total > len(found):
        out.print(f"  and {total - len(found)} more: see the API's list_affected_appointments, for each unit.")


def _generate_slots() -> None:
    """A unit at a time, each whole: interrupted, the next run goes on with those that are left."""
    from app.appointments.service.default_schedules import (
        WithoutDefault,
        count_units_without_default,
        open_default_schedules,
        units_without_schedules,
    )

    async def work() -> tuple[int, int, WithoutDefault]:
        async with db.reading() as session:
            units = await units_without_schedules(session)
            left_out = await count_units_without_default(session)
        seats = 0
        with _progress() as bar:
            for unit_id in bar.track(units, description="Opening schedules"):
                async with db.transaction() as session:
                    seats += await open_default_schedules(
                        session, System("cli"), unit_id, horizon_days=booking_settings().horizon_days
                    )
        return len(units), seats, left_out

    count, seats, left_out = with_database(work)
    out.print(f"Schedules opened in {count} units: {seats} seats.")
    reasons = {
        "have a schedule already": left_out.scheduled,
        "are out of operation": left_out.not_operating,
        "have only specialists' rooms, or none: open their schedules over the API": left_out.without_rooms,
    }
    for reason, number in reasons.items():
        if number:
            out.print(f"Left as they were: {number} units that {reason}.")


@imports.command("postal-codes")
def import_postal_codes(file: File, rejects: Rejects = None, encoding: Encoding = None) -> None:
    """Postal codes from GeoNames (MX.txt) or SEPOMEX (CPdescarga.txt), or code,lat,lng; .gz is fine.

    Example: ventanilla import postal-codes MX.txt
    """
    from app.places.importers.postal import import_postal_codes as importer

    _import(file, rejects, importer, encoding=encoding)


@imports.command("non-working-days")
def import_non_working_days(file: File, rejects: Rejects = None, encoding: Encoding = None) -> None:
    """Import days that administrative terms exclude, as published by the agency: starts_on,ends_on,name,source.

    The file must be complete for each year it contains. Opening days of units have holidays of their own.

    Example: ventanilla import non-working-days non-working-days-2027.csv
    """
    from app.places.importers.non_working_days import import_non_working_days as importer

    _import(file, rejects, importer, encoding=encoding)


@imports.command("insured")
def import_insured(file: File, rejects: Rejects = None, encoding: Encoding = None) -> None:
    """Import people, work, pensions, payments, dependants, sick leave, withdrawals, coverage or panels, by header.

    The columns of each are in docs/data-files.md.

    Example: ventanilla import insured insured.csv
    """
    from app.registry.importers.pipeline import import_insured as importer

    _import(file, rejects, importer, encoding=encoding)
