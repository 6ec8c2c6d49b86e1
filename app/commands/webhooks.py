"""`webhooks list`, `create`, `change`, `rotate`, `disable`, `enable`, `test`, `replay`, `retry` and `log`."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.commands.console import fail, out
from app.commands.server import with_database
from app.kernel import db
from app.kernel.actor import System
from app.kernel.problems import Invalid, NotFound, Problem

webhooks = typer.Typer(no_args_is_help=True, help="Events posted to other systems: subscriptions and deliveries.")

CLI = System("cli")
Result = TypeVar("Result")
Id = Annotated[UUID, typer.Argument(help="Of the webhook, as `list` prints it.")]
Name = Annotated[str | None, typer.Option(help="Of the system.")]
Contact = Annotated[str | None, typer.Option(help="Mail of those who look after it.")]
Url = Annotated[str | None, typer.Option(help="Where events are posted, as https://example.mx/hooks.")]
Types = Annotated[list[str] | None, typer.Option("--type", help="Event type; give it once for each.")]
Moment = Annotated[datetime, typer.Option(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], help="UTC, as 2026-11-30T08:00.")]


def _run(work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    async def once() -> Result:
        async with db.transaction() as session:
            return await work(session)

    try:
        done: Result = with_database(once)
    except NotFound as error:
        raise fail("no webhook has this id.", "See all: ventanilla webhooks list") from error
    except Invalid as error:
        raise fail("; ".join(f"{one.field}: {one.message}" for one in error.fields) or error.text()) from error
    except Problem as error:
        raise fail(error.text() or error.slug, error.advice()) from error
    return done


@webhooks.command("list")
def list_all() -> None:
    """List webhooks: id, state, pending events, dead letters, name and URL."""
    from app.webhooks import queries

    async def work(session: AsyncSession) -> list[str]:
        found = await queries.list_webhooks(session, CLI)
        counts = await queries.counts_of(session, [one.id for one in found])
        return [
            f"{one.id}  {one.disabled_because or 'enabled':8}  {counts[one.id].pending:>6} pending"
            f"  {counts[one.id].dead_letters:>6} dead letters  {one.name}  {one.url}"
            for one in found
        ]

    for line in _run(work) or ["No system is subscribed."]:
        out.print(line, markup=False, soft_wrap=True)


@webhooks.command()
def types() -> None:
    """List the event types that leave the portal."""
    from app.webhooks.catalogue import CATALOGUE

    for name, one in CATALOGUE.items():
        out.print(f"{name}  {', '.join(one.members)}".rstrip(), markup=False, soft_wrap=True)


@webhooks.command()
def create(
    name: Annotated[str, typer.Option(help="Of the system.")],
    contact: Annotated[str, typer.Option(help="Mail of those who look after it.")],
    url: Annotated[str, typer.Option(help="Where events are posted, as https://example.mx/hooks.")],
    types: Annotated[list[str], typer.Option("--type", help="Event type; give it once for each.")],
) -> None:
    """Subscribe a system, and print its secret, this once.

    Example: ventanilla webhooks create --name Records --contact it@example.mx --url https://example.mx/hooks --type
    appointment.booked
    """
    from app.webhooks import service

    made = _run(lambda session: service.create(session, CLI, service.Subscription(name, contact, url, tuple(types))))
    out.print(str(made.webhook.id), made.secret, markup=False, soft_wrap=True)


@webhooks.command()
def change(webhook_id: Id, name: Name = None, contact: Contact = None, url: Url = None, types: Types = None) -> None:
    """Change what is given of a webhook."""
    from app.webhooks import service

    async def work(session: AsyncSession) -> None:
        now = await service.locked_webhook(session, CLI, webhook_id)
        wanted = service.Subscription(
            name or now.name, contact or now.contact, url or now.url, tuple(types or now.types)
        )
        await service.change(session, CLI, webhook_id, wanted)

    _run(work)
    out.print("Changed.")


@webhooks.command()
def rotate(webhook_id: Id) -> None:
    """Give a webhook a new secret, and print it, this once. The one before signs too for seven days."""
    from app.webhooks import service

    out.print(_run(lambda session: service.rotate_secret(session, CLI, webhook_id)).secret, markup=False)


@webhooks.command()
def disable(webhook_id: Id) -> None:
    """Send nothing to a webhook any more."""
    from app.webhooks import service

    _run(lambda session: service.disable(session, CLI, webhook_id))
    out.print("Disabled.")


@webhooks.command()
def enable(webhook_id: Id) -> None:
    """Send the events from now on to a webhook again."""
    from app.webhooks import service

    _run(lambda session: service.enable(session, CLI, webhook_id))
    out.print("Enabled.")


@webhooks.command()
def test(webhook_id: Id) -> None:
    """Send a test event; the worker sends it, and `log` shows what was answered."""
    from app.webhooks import service

    out.print(str(_run(lambda session: service.send_test(session, CLI, webhook_id))))


@webhooks.command()
def replay(webhook_id: Id, since: Moment, until: Moment) -> None:
    """Send the events of a time again, with the same ids, up to 10,000.

    Example: ventanilla webhooks replay 0192… --since 2026-11-29T08:00 --until 2026-11-30T08:00
    """
    from app.webhooks import service

    begin, end = since.replace(tzinfo=UTC), until.replace(tzinfo=UTC)
    out.print(f"{_run(lambda session: service.replay(session, CLI, webhook_id, begin, end))} will be sent again.")


@webhooks.command()
def retry(webhook_id: Id) -> None:
    """Send the events again that used up their attempts, up to 10,000."""
    from app.webhooks import service

    out.print(f"{_run(lambda session: service.retry_dead_letters(session, CLI, webhook_id))} will be sent again.")


@webhooks.command()
def log(webhook_id: Id, count: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20) -> None:
    """Print the latest attempts: time, type, event, milliseconds, and the answer or the reason why there was none."""
    from app.webhooks import queries

    async def work(session: AsyncSession) -> list[str]:
        await queries.find_webhook(session, CLI, webhook_id)
        return [
            f"{one.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}  {one.type}  {one.event_id}  {one.milliseconds} ms  "
            f"{one.status or one.reason}  {' '.join(one.answer.split())[:80]}".rstrip()
            for one in await queries.list_attempts(session, webhook_id, limit=count)
        ]

    for line in _run(work) or ["Nothing was sent yet."]:
        out.print(line, markup=False, soft_wrap=True)
