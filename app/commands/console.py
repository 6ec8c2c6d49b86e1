"""How commands speak: plain sentences on the terminal, mistakes on standard error with a way out."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from app.kernel.i18n import gettext, use_language
from app.kernel.postgres import AlreadyRunning, StartFailed
from app.kernel.problems import Problem

out = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def fail(message: str, hint: str = "") -> typer.Exit:
    """Say what is wrong and what to do; raise the result to end with status 1."""
    errors.print(f"[bold red]Error:[/] {message}")
    if hint:
        errors.print(f"  {hint}")
    return typer.Exit(1)


@contextmanager
def explained() -> Iterator[None]:
    """End with a sentence, not a traceback, for what a person can mend."""
    try:
        yield
    except typer.Exit:  # said already
        raise
    except Problem as problem:
        with use_language("en"):
            detail = "; ".join(f"{field.field}: {gettext(field.message)}" for field in problem.fields)
            raise fail(f"{problem.heading()}. {detail or problem.text()}".rstrip(), problem.advice()) from problem
    except (StartFailed, AlreadyRunning, FileNotFoundError, PermissionError, RuntimeError) as error:
        raise fail(str(error)) from error
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise fail(
            f"the database did not answer: {reason}", "See docs/operations.md, «When the database is away»."
        ) from error
