"""Commands for administrators: figures of law by effective date."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from app.commands.console import fail, out
from app.commands.inputs import OPERATOR
from app.commands.server import with_database
from app.kernel import clock, db
from app.kernel.i18n import use_language
from app.places.rules import DEFAULT_ZONE

law = typer.Typer(no_args_is_help=True, help="Figures of law: amounts, rates, ages and terms, with their days.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("a day is written like 2026-01-31") from error


Name = Annotated[str, typer.Argument(help="As `ventanilla law list` has it, like uma.")]
Day = Annotated[
    date | None, typer.Option("--on", parser=_day, metavar="DAY", help="A day like 2026-12-31; today if none.")
]


@law.command("list")
def list_figures(day: Day = None) -> None:
    """List the figures in force on a day with their sources; marks those unconfirmed or missing."""
    from app.law.current import refresh
    from app.law.definitions import definitions
    from app.law.rows import format_amount

    async def work() -> Any:
        async with db.reading() as session:
            return await refresh(session)

    figures, on_day = with_database(work), day or clock.today(DEFAULT_ZONE)
    for name, definition in definitions().items():
        found = figures.find(name, on_day)
        if found is None:
            out.print(f"{name}  none in force on {on_day}: no amount is given that needs it", soft_wrap=True)
            continue
        until = found.valid_to or "no end"
        doubt = "  DOUBTFUL" if found.is_doubtful else ""
        with use_language("en"):
            meaning = definition.meaning(found.value)
        amount = format_amount(found.value, definition.unit) + (f" ({meaning})" if meaning else "")
        line = f"{name}  {amount} {definition.unit}  {found.valid_from} to {until}{doubt}  {found.source}"
        out.print(line, soft_wrap=True)


# So that a negative value is parsed as a value, not as an option.
@law.command("set", context_settings={"ignore_unknown_options": True})
def set_figure(
    name: Name,
    value: Annotated[str, typer.Argument(help="A number like 121.90, or a table by age like 0:9200,20:11500.")],
    valid_from: Annotated[date, typer.Option("--from", parser=_day, metavar="DAY", help="First day, like 2027-02-01.")],
    source: Annotated[str, typer.Option(help="Where it was read: a gazette and its day, an agreement.")],
    valid_to: Annotated[
        date | None,
        typer.Option("--to", parser=_day, metavar="DAY", help="Last day, included; without an end if none."),
    ] = None,
    doubtful: Annotated[bool, typer.Option("--doubtful", help="It isn't confirmed; the public page says so.")] = False,
) -> None:
    """Set a figure from a day on; the previous one ends the day before. The same first day corrects a row.

    From then on the agency maintains this figure: new releases don't change it. The change is recorded in the event
    log.

    Example: ventanilla law set uma 121.90 --from 2027-02-01 --to 2028-01-31 --source "INEGI, DOF 2027-01-09"
    """
    from app.law.definitions import Row, definitions
    from app.law.problems import FigureImpossible
    from app.law.rows import format_amount
    from app.law.service import set_figure as change

    if valid_to is not None and valid_to < valid_from:
        raise fail(f"--to {valid_to} is before --from {valid_from}.", "The last day is included.")
    amounts = _amounts(value)
    try:
        row = Row(
            valid_from=valid_from,
            valid_to=valid_to,
            source=source,
            certainty="doubtful" if doubtful else "confirmed",
            **amounts,
        )
    except ValidationError as error:
        raise fail("; ".join(_named(one) for one in error.errors()), "See `ventanilla law set --help`.") from error

    async def work() -> Any:
        async with db.transaction() as session:
            try:
                return await change(session, OPERATOR, name, row)
            except FigureImpossible as impossible:
                with use_language("en"):
                    raise fail(f"VALUE: {impossible.text()}", impossible.advice()) from impossible

    for one in with_database(work):
        amount, until = format_amount(one.value, definitions()[name].unit), one.valid_to or "no end"
        out.print(f"{one.name}  {amount}  {one.valid_from} to {until}", soft_wrap=True)


_OPTIONS = {"from": "--from", "valid_from": "--from", "to": "--to", "valid_to": "--to", "source": "--source"}


def _named(error: Any) -> str:
    """Prefix an error with the option or argument it concerns."""
    where = _OPTIONS.get(str(error["loc"][0]) if error["loc"] else "", "VALUE")
    if where == "VALUE" and len(error["loc"]) > 1:
        where += f", row {int(error['loc'][1]) + 1}"
    return f"{where}: {error['msg'].removeprefix('Value error, ')}"


def _amounts(text: str) -> dict[str, Any]:
    try:
        if ":" not in text:
            return {"value": Decimal(text)}
        pairs = (part.split(":") for part in text.split(","))
        return {"table": [(int(age), Decimal(amount)) for age, amount in pairs]}
    except (ValueError, InvalidOperation) as error:
        hint = "A table by age is written 0:9200,20:11500."
        raise fail(f"VALUE: {text} is neither a number nor a table.", hint) from error
