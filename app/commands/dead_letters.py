"""`dead-letters list`, `retry` and `discard`: events and jobs that used up their attempts, by group."""

from enum import StrEnum
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.commands.console import fail, out
from app.commands.server import with_database
from app.kernel import db
from app.kernel import dead_letters as letters
from app.kernel.actor import System
from app.kernel.dead_letters import DeadLetterGroup
from app.kernel.problems import NotFound

dead_letters = typer.Typer(no_args_is_help=True, help="Events and jobs that stopped after all attempts.")


class LetterKind(StrEnum):
    """Kind of dead letter."""

    EVENT = "event"
    JOB = "job"


Kind = Annotated[LetterKind, typer.Option(help="What stopped.")]
Name = Annotated[str, typer.Option(help="Of the consumer or the task, as `list` prints it.")]
Reason = Annotated[str | None, typer.Option(help="Only this kind of error, as `list` prints it; any if left out.")]


@dead_letters.command("list")
def list_groups() -> None:
    """List dead letters by kind, name and reason."""

    async def work() -> list[letters.DeadLetterGroup]:
        async with db.reading() as session:
            return await letters.groups(session)

    found = with_database(work)
    for group in found:
        out.print(f"{group.count:>7}  {group.kind}  {group.name}  {group.reason}", markup=False, soft_wrap=True)
    if not found:
        out.print("Nothing stopped.")


async def _chosen(session: AsyncSession, kind: LetterKind, name: str, reason: str | None) -> list[DeadLetterGroup]:
    try:
        return await letters.find_groups(session, kind.value, name, reason)
    except NotFound as error:
        what = f"{kind.value} of {name}" + (f" for the reason {reason}" if reason is not None else "")
        raise fail(f"no {what} stopped.", "See what did: ventanilla dead-letters list") from error


@dead_letters.command()
def retry(kind: Kind, name: Name, reason: Reason = None) -> None:
    """Retry a group, with attempts reset.

    Example: ventanilla dead-letters retry --kind job --name notifications.send
    """

    async def work() -> int:
        async with db.transaction() as session:
            chosen = await _chosen(session, kind, name, reason)
            return sum([await letters.retry_group(session, System("cli"), group) for group in chosen])

    out.print(f"{with_database(work)} will be tried again by the worker.")


@dead_letters.command()
def discard(kind: Kind, name: Name, reason: Reason = None) -> None:
    """Discard a group that was handled otherwise.

    Example: ventanilla dead-letters discard --kind event --name notifications --reason LookupError
    """

    async def work() -> int:
        async with db.transaction() as session:
            chosen = await _chosen(session, kind, name, reason)
            return sum([await letters.discard_group(session, System("cli"), group) for group in chosen])

    out.print(f"{with_database(work)} discarded.")
