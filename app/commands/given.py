"""What several commands of the measurement are given, and where they write."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from app.commands.console import errors, fail
from app.kernel.actor import System

OPERATOR = System("cli")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("a day is written like 2026-01-31") from error


Since = Annotated[date, typer.Option("--from", parser=_day, metavar="DAY", help="First day, like 2026-01-01.")]
Until = Annotated[date, typer.Option("--to", parser=_day, metavar="DAY", help="Last day, included.")]
MaybeSince = Annotated[date | None, typer.Option("--from", parser=_day, metavar="DAY", help="First day; all if none.")]
MaybeUntil = Annotated[date | None, typer.Option("--to", parser=_day, metavar="DAY", help="Last day, included.")]
Version = Annotated[int | None, typer.Option(min=1, help="Of the figures; the newest published one if none.")]


def write(content: bytes, target: Path | None) -> None:
    """Into a file, or on the terminal where none is given."""
    if target is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        target.write_bytes(content)
    except OSError as error:
        raise fail(f"{target} can't be written: {error.strerror}.") from error
    errors.print(f"Written: {target}", markup=False, soft_wrap=True)
