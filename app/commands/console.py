"""Terminal output of commands: plain sentences, errors on standard error with the next step."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from app.commands.next_steps import detail_of, step_of
from app.kernel.db_errors import problem_of
from app.kernel.i18n import gettext, use_language
from app.kernel.postgres import AlreadyRunning, StartFailed
from app.kernel.problems import Conflict, Invalid, Problem

ANY_WIDTH = 100_000
"""Columns: more than any line has."""


class PlainConsole(Console):
    """A console that breaks lines and columns at the width of a terminal only: in a file or a pipe they are whole, so
    that searching for a sentence finds it.

    Without markup: a file may be called `list[old].csv`, and it is printed as it is.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False)
        if not self.is_terminal:
            self.width = ANY_WIDTH


out = PlainConsole()
errors = PlainConsole(stderr=True)


def fail(message: str, hint: str = "") -> typer.Exit:
    """Print an error and what to do; raise the result to exit with status 1."""
    errors.print(Text.assemble(("Error:", "bold red"), f" {message}"), soft_wrap=True)
    if hint:
        errors.print(f"  {hint}", soft_wrap=True)
    return typer.Exit(1)


@contextmanager
def explained() -> Iterator[None]:
    """Turn expected errors into a sentence instead of a traceback."""
    try:
        yield
    except typer.Exit:  # already reported
        raise
    except Problem as problem:
        raise _refused(problem) from problem
    except (StartFailed, AlreadyRunning, RuntimeError) as error:
        raise fail(str(error)) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise fail("there is no room left on the disk.", "Free some, and run the command again.") from error
        if error.filename is not None:
            raise fail(f"{error.filename}: {_lowered(error.strerror)}.") from error
        if error.errno is None and isinstance(
            error, FileNotFoundError | PermissionError
        ):  # raised with a message of ours
            raise fail(str(error)) from error
        raise _no_database(error) from error
    except SQLAlchemyError as error:
        meant = problem_of(error)
        if isinstance(meant, Invalid | Conflict):  # a value that the database rejects: it is available
            raise _refused(meant) from error
        raise _no_database(error) from error


def _refused(problem: Problem) -> typer.Exit:
    with use_language("en"):
        detail = "; ".join(f"{field.field}: {gettext(field.message)}" for field in problem.fields)
        return fail(f"{problem.heading()}. {detail or detail_of(problem)}".rstrip(), step_of(problem))


def _lowered(text: str | None) -> str:
    return f"{(text or '')[:1].lower()}{(text or '')[1:]}"


def _no_database(error: Exception) -> typer.Exit:
    reason = str(getattr(error, "orig", error)).splitlines()[0]
    return fail(f"the database did not answer: {reason}", "See docs/operations.md, «When the database is unavailable».")
