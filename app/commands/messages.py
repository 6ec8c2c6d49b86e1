"""`messages list`, `retry` and `resolve`: messages that could not be delivered, by group."""

from collections.abc import Awaitable, Callable, Collection
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.commands.console import fail, out
from app.commands.server import with_database
from app.kernel import db
from app.kernel.actor import Actor, System
from app.notifications import dead_letter_groups
from app.notifications.composers.codes import CODE
from app.notifications.dead_letter_groups import LockedBatch, MessageGroup

messages = typer.Typer(no_args_is_help=True, help="Messages that could not be delivered after all attempts.")

CHANNELS = ("email", "sms")

Kind = Annotated[str | None, typer.Option(help="Only of this kind of event, as `list` prints it.")]
Channel = Annotated[str | None, typer.Option(help="Only `email` or `sms`.")]
Reason = Annotated[str | None, typer.Option(help="Only of this reason, as `list` prints it.")]
Change = Callable[[AsyncSession, Actor, MessageGroup, LockedBatch], Awaitable[None]]


@messages.command("list")
def list_groups() -> None:
    """List dead-letter messages by kind, channel and reason."""

    async def work() -> list[MessageGroup]:
        async with db.reading() as session:
            return await dead_letter_groups.list_groups(session)

    found = with_database(work)
    for group in found:
        out.print(f"{group.count:>7}  {group.kind}  {group.channel}  {group.reason}", markup=False, soft_wrap=True)
    if not found:
        out.print("Every message was delivered.")


@messages.command()
def retry(kind: Kind = None, channel: Channel = None, reason: Reason = None) -> None:
    """Retry a group, with attempts reset. Expired sign-in codes aren't retried.

    Runs in atomic batches: if interrupted, the next run continues.

    Example: ventanilla messages retry --channel email --reason SMTPConnectError
    """
    count = with_database(lambda: _each(_chosen(kind, channel, reason, codes=False), dead_letter_groups.retry_batch))
    out.print(f"{count} will be sent again by the worker.")


@messages.command()
def resolve(kind: Kind = None, channel: Channel = None, reason: Reason = None) -> None:
    """Resolve without sending: out of date, or the people were notified otherwise. Give at least a kind or a reason.

    Runs in atomic batches: if interrupted, the next run continues.

    Example: ventanilla messages resolve --kind code.requested
    """
    if kind is None and reason is None:
        raise fail("name a --kind or a --reason, as `ventanilla messages list` prints them.")
    count = with_database(lambda: _each(_chosen(kind, channel, reason, codes=True), dead_letter_groups.resolve_batch))
    out.print(f"{count} resolved.")


async def _chosen(kind: str | None, channel: str | None, reason: str | None, *, codes: bool) -> list[MessageGroup]:
    from app.notifications.composers import COMPOSERS

    async with db.reading() as session:
        everything = await dead_letter_groups.list_groups(session)
        _require_known("--channel", channel, CHANNELS)
        _require_known("--kind", kind, {*COMPOSERS, CODE, *(group.kind for group in everything)})
        _require_known("--reason", reason, {group.reason for group in everything})
        found = await dead_letter_groups.find_groups(session, kind, channel, reason)
    return [group for group in found if codes or group.may_retry]


def _require_known(option: str, given: str | None, known: Collection[str]) -> None:
    if given is not None and given not in known:
        raise fail(f"{option} {given}: there is none like that.", f"There are: {', '.join(sorted(known)) or 'none'}.")


async def _each(chosen: Awaitable[list[MessageGroup]], change: Change) -> int:
    """Iterate once over the messages that existed at the start, so that failures aren't retried endlessly."""
    count = 0
    for group in await chosen:
        after = dead_letter_groups.START
        while True:
            async with db.transaction() as session:
                picked = await dead_letter_groups.lock_batch(session, group, after=after)
                if not picked.ids:
                    break
                await change(session, System("cli"), group, picked)
            count, after = count + len(picked.ids), picked.ids[-1]
    return count
