"""Shared options and output helpers of the savings commands."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from app.commands.console import errors, explained, fail
from app.kernel.actor import System

OPERATOR = System("cli")
MOST_OF_INTEGER = 2_147_483_647
"""The largest number that PostgreSQL's `integer` holds."""


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("a day is written like 2026-01-31") from error


Since = Annotated[date, typer.Option("--from", parser=_day, metavar="DAY", help="First day, like 2026-01-01.")]
Until = Annotated[date, typer.Option("--to", parser=_day, metavar="DAY", help="Last day, included.")]
MaybeSince = Annotated[date | None, typer.Option("--from", parser=_day, metavar="DAY", help="First day; all if none.")]
MaybeUntil = Annotated[date | None, typer.Option("--to", parser=_day, metavar="DAY", help="Last day, included.")]
Version = Annotated[
    int | None,
    typer.Option(min=1, max=MOST_OF_INTEGER, help="Of the figures; the newest published one if none."),
]


def require_new(target: Path | None) -> None:
    """Refuse an output file that exists or whose folder doesn't, before doing the work. What isn't a regular file (a
    terminal, a pipe, /dev/null) is written to.

    Raises:
        typer.Exit: after reporting why; nothing was changed.
    """
    if target is None:
        return
    with explained():
        if _is_stream(target):
            return
        if target.exists() or target.is_symlink():
            raise fail(f"{target} exists already: nothing is overwritten.", "Name another file, or remove it first.")
        if not target.parent.is_dir():
            raise fail(f"there is no folder {target.parent}.", "Make it, or name a file elsewhere.")


def _is_stream(target: Path) -> bool:
    return target.exists() and not target.is_file() and not target.is_dir()


def write(content: bytes, target: Path | None) -> None:
    """Write a new file atomically, or to the terminal if none is given."""
    if target is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    require_new(target)
    is_stream = _is_stream(target)
    is_begun = False
    try:
        with target.open("wb" if is_stream else "xb") as file:
            is_begun = not is_stream
            file.write(content)
    except OSError as error:
        if is_begun:
            target.unlink(missing_ok=True)
        raise fail(f"{target} can't be written: {error.strerror}.") from error
    errors.print(f"Written: {target}", markup=False, soft_wrap=True)
