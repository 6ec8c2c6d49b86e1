"""Commands for savings: reports, exports, rebuilding aggregates, versions of the parameters."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.commands.baseline import baseline
from app.commands.console import errors, fail, out
from app.commands.inputs import OPERATOR, MaybeSince, MaybeUntil, Since, Until, Version, require_new, write
from app.commands.server import with_database
from app.kernel import clock, consumer_runner, db
from app.kernel.consumers import CONSUMERS
from app.kernel.i18n import use_language
from app.places.rules import DEFAULT_ZONE

savings = typer.Typer(
    no_args_is_help=True, help="What was saved: reports and exports for the data team. See docs/data.md."
)
savings.add_typer(baseline, name="baseline")

MISSING = (
    "The sums hold more than the log: restore the missing months of the log first, or keep the sums as they are. "
    "See docs/savings.md, When sums and log differ."
)
DIFFERENT = "Find out first which of the two is right: see docs/savings.md, When sums and log differ."
KILLED = 128
"""Offset of a shell's exit status for a signal."""


class ReportFormat(StrEnum):
    """Output format of a report."""

    MD = "md"
    JSON = "json"
    PARQUET = "parquet"


class ReportLanguage(StrEnum):
    """Language of a textual report."""

    SPANISH = "es"
    ENGLISH = "en"


@savings.command()
def report(
    since: Since,
    until: Until,
    kind: Annotated[
        ReportFormat, typer.Option("--format", help="Words, the API's answer, or a table.")
    ] = ReportFormat.MD,
    version: Version = None,
    prices: Annotated[int | None, typer.Option(min=1990, max=2100, help="Year of the pesos; the newest known.")] = None,
    group_by: Annotated[
        list[str] | None, typer.Option(help="Group by it; up to three times. By service if none.")
    ] = None,
    target: Annotated[Path | None, typer.Option("--out", help="New file to write; the terminal if none.")] = None,
    language: Annotated[ReportLanguage, typer.Option(help="Of the words.")] = ReportLanguage.SPANISH,
) -> None:
    """What was saved in some days: time, money and value of time with their intervals, never added together.

    Example: ventanilla savings report --from 2026-01-01 --to 2026-06-30 --group-by service --out informe.md
    """
    if target is None and kind is ReportFormat.PARQUET:
        raise fail("a Parquet file isn't for a terminal.", "Give --out FILE.")
    require_new(target)

    async def work() -> bytes:
        from app.commands import saving_report as writing
        from app.savings.rules.metric_query import MetricQuery
        from app.savings.service import reports
        from app.savings.service.estimates import ModelOptions, parameters_behind

        query = MetricQuery(since, until, group_by=tuple(group_by or ("service",)))
        async with db.reading() as session:
            result = await reports.savings(session, OPERATOR, query, ModelOptions(version, prices))
            value = writing.value_of(result, query)
            if kind is ReportFormat.JSON:
                return writing.as_json(value) + b"\n"
            if kind is ReportFormat.PARQUET:
                return writing.as_parquet(value)
            return writing.as_markdown(value, await parameters_behind(session, query, value.version))

    with use_language(language.value):
        write(with_database(work), target)


@savings.command()
def rebuild(
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether it would change anything; status 1.")
    ] = False,
) -> None:
    """Rebuild all aggregates from the event log in one transaction: readers see the old ones until it commits.

    It changes nothing, unless a table was touched by hand or a window of repeats was changed. It refuses
    (status 1) when the log no longer has all the events that the sums were made of.
    """

    async def work() -> Any:
        from app.savings.service import rollup

        import_module("app.savings.jobs")
        async with db.transaction() as session:
            await consumer_runner.prepare(session, CONSUMERS[rollup.NAME])
        try:
            async with db.transaction() as session:
                return await (rollup.check(session) if check else rollup.rebuild(session))
        except rollup.EventsMissing as missing:
            raise fail(f"{missing} Nothing was changed.", MISSING) from None

    found = with_database(work)
    if not check:
        out.print(f"{found} events read; the sums are computed from scratch.")
    elif found.differences:
        rows = ", ".join(f"{table} {count}" for table, count in found.differences.items())
        raise fail(f"a rebuild would change rows: {rows}. Nothing was changed.", DIFFERENT)
    else:
        out.print(f"{found.events} events read: the sums are what they say. Nothing was changed.")


@savings.command()
def export(
    folder: Annotated[Path, typer.Option("--out", help="Folder to make; there must be nothing there.")],
    since: MaybeSince = None,
    until: MaybeUntil = None,
    version: Version = None,
    is_public: Annotated[
        bool, typer.Option("--public/--full", help="The public release, without small cells; or all, for the agency.")
    ] = True,
) -> None:
    """Write the sums and figures as CSV and Parquet, with datapackage.json: the folder is made whole or not at all.

    Example: ventanilla savings export --out open-data --from 2026-01-01 --to 2026-12-31
    """

    async def work() -> Any:
        from app.savings.export import package
        from app.savings.export.files import Span

        span = Span(since, until, version, is_public, clock.today(DEFAULT_ZONE))
        with _counting() as progress:
            async with db.reading() as session:
                return await package.export(session, folder, span, clock.now(), progress)

    with _orderly():
        written = with_database(work)
    rows = ", ".join(f"{name} {count}" for name, count in written.rows.items())
    out.print(f"Version {written.version} of the figures. Rows: {rows}.", soft_wrap=True)
    out.print(f"Written: {folder}", markup=False, soft_wrap=True)


@contextmanager
def _orderly() -> Iterator[None]:
    """Treat SIGTERM and SIGHUP like Ctrl-C, so that incomplete output is removed."""
    before = {number: signal.signal(number, _stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(KILLED + number)


@contextmanager
def _counting() -> Iterator[Callable[[str, int], None]]:
    """Show which table is being written, and the number of its rows."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda table, rows: bar.update(task, description=f"{table}: {rows} rows")
