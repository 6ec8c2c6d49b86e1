"""`ventanilla demo`: load the demonstration's data, or run a clinic's day on it."""

import asyncio
import re
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.console import fail, out
from app.commands.inputs import MOST_OF_INTEGER
from app.commands.server import with_database
from app.settings import portal_settings

if TYPE_CHECKING:
    from app.demo.live.runner import Happened, Live, LiveReport

_HOURS = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")
LAST_HOUR = 24


def _hours(text: str) -> tuple[int, int]:
    found = _HOURS.fullmatch(text)
    if found is None or not int(found[1]) < int(found[2]) <= LAST_HOUR:
        raise fail(f"{text} isn't from one hour to another.", "Hours are written like 8-14, up to 24.")
    return int(found[1]), int(found[2])


def demo(
    people: Annotated[int, typer.Option(min=10, max=5_000_000, help="How many people to make.")] = 2000,
    seed: Annotated[
        int, typer.Option(min=0, max=MOST_OF_INTEGER, help="The same seed makes the same people, and the same day.")
    ] = 7,
    history_days: Annotated[
        int | None,
        typer.Option(min=0, max=400, help="Days of history until yesterday; 0 for none. Left out: a year and more."),
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Run a clinic's day on the demonstration that is loaded, until Ctrl-C.")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=1, max=3600, help="With --live: how many times as fast; 60 is an hour a minute.")
    ] = 60,
    unit: Annotated[str | None, typer.Option(help="With --live: CLUES of the unit; the first when left out.")] = None,
    hours: Annotated[str, typer.Option(metavar="FROM-TO", help="With --live: hours of the day.")] = "8-14",
) -> None:
    """Load demonstration data: synthetic people, units in all 32 states, schedules, staff, a year of history.

    Idempotent. With --live, run a clinic's day instead: people arrive with and without an appointment, counters call,
    pause and close, and board, reception, counters and supervisor can be watched. It ends by itself.

    Example: ventanilla demo --live --speed 60
    """
    if portal_settings().is_production:
        raise fail("demonstration data never goes into production.")
    if live:
        from app.demo.live.runner import Live

        _run_live(Live(unit, _hours(hours), speed, seed))
        return
    from app.demo.load import load_demo

    report = with_database(lambda: load_demo(people=people, seed=seed, history_days=history_days))
    out.print(f"{report.people} people, {report.units} units, {report.seats} free seats.")
    for line in report.accounts:
        out.print(f"  {line}")


def _run_live(live: "Live") -> None:
    async def work() -> "LiveReport":
        from app.demo.live.runner import run_live

        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        try:
            return await run_live(live, stop, _print_action)
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    report = with_database(work)
    counted = ", ".join(f"{act.value} {number}" for act, number in sorted(report.counted.items()))
    out.print(f"{report.unit}: {'the day is over' if report.is_whole else 'stopped'}. {counted}.")
    out.print(f"{report.missed} of {report.appointments} people with an appointment never came.")


def _print_action(happened: "Happened") -> None:
    action = happened.action
    counter = f"  counter {action.counter}" if action.counter is not None else ""
    clock = f"{int(action.at // 60):02d}:{int(action.at % 60):02d}"
    out.print(f"{clock}  {action.act.value:<10}  {happened.number or '':<6}{counter}".rstrip())
