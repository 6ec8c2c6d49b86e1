"""`clients list`, `add`, `secret`, `key`, `credentials`, `revoke-credential` and `revoke`."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.clients.rules import DEFAULT_PER_MINUTE, MAX_PER_MINUTE
from app.commands.console import fail, out
from app.commands.server import with_database
from app.kernel import db
from app.kernel.actor import System
from app.kernel.problems import Invalid, NotFound, Problem

clients = typer.Typer(no_args_is_help=True, help="Programs of other systems: OAuth clients and their credentials.")

CLI = System("cli")
Result = TypeVar("Result")
Id = Annotated[UUID, typer.Argument(help="Of the client, as `list` prints it.")]


def _run(work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    async def once() -> Result:
        async with db.transaction() as session:
            return await work(session)

    try:
        result: Result = with_database(once)
    except NotFound as error:
        raise fail("nothing has this id.", "See all: ventanilla clients list") from error
    except Invalid as error:
        raise fail("; ".join(f"{one.field}: {one.message}" for one in error.fields) or error.text()) from error
    except Problem as error:
        raise fail(error.text() or error.slug, error.advice()) from error
    return result


@clients.command("list")
def list_all() -> None:
    """List clients: id, state, last use, scopes and name."""
    from app.clients.service.clients import list_clients

    async def work(session: AsyncSession) -> list[str]:
        return [
            f"{one.id}  {'revoked' if one.revoked_at else 'active':7}"
            f"  {one.last_used_at.isoformat(timespec='minutes') if one.last_used_at else 'never used':22}"
            f"  {' '.join(one.scopes)}  {one.name}"
            for one in await list_clients(session, CLI)
        ]

    for line in _run(work) or ["There is no client."]:
        out.print(line, markup=False, soft_wrap=True)


@clients.command()
def add(
    name: Annotated[str, typer.Option(help="Of the system.")],
    contact: Annotated[str, typer.Option(help="Mail or telephone of those who look after it.")],
    scopes: Annotated[list[str], typer.Option("--scope", help="What it may read; give it once for each.")],
    units: Annotated[
        list[str] | None, typer.Option("--unit", help="CLUES key of a unit; every unit when left out.")
    ] = None,
    per_minute: Annotated[int, typer.Option(min=1, max=MAX_PER_MINUTE, help="Calls a minute.")] = DEFAULT_PER_MINUTE,
) -> None:
    """Add a client, and print its id and a secret, this once.

    Example: ventanilla clients add --name Records --contact it@example.mx --scope appointments.read --unit DFIMS000266
    """
    from app.clients.service.clients import Terms, add_client, add_secret
    from app.kernel.parsing import one_line
    from app.places.queries import unit_by_clues

    async def work(session: AsyncSession) -> tuple[UUID, str]:
        chosen = None if not units else frozenset([(await unit_by_clues(session, key)).id for key in units])
        try:
            terms = Terms(one_line(name)[:80], one_line(contact)[:200], frozenset(scopes), chosen, per_minute)
        except ValueError as error:
            raise fail("name and contact must have something to read in them.") from error
        made = await add_client(session, CLI, terms)
        return made.id, (await add_secret(session, CLI, made.id)).secret

    client_id, secret = _run(work)
    out.print(str(client_id), secret, markup=False, soft_wrap=True)


@clients.command()
def secret(client_id: Id) -> None:
    """Give a client another secret, and print it, this once. The one before is valid until it is revoked."""
    from app.clients.service.clients import add_secret

    out.print(_run(lambda session: add_secret(session, CLI, client_id)).secret, markup=False, soft_wrap=True)


@clients.command()
def key(
    client_id: Id, jwk: Annotated[Path, typer.Argument(help="File with the public key as JWK.", exists=True)]
) -> None:
    """Register a public key, with which the client signs assertions."""
    from app.clients.service.clients import add_key

    try:
        found = json.loads(jwk.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise fail(f"{jwk} is no JSON file.") from error
    made = _run(lambda session: add_key(session, CLI, client_id, found if isinstance(found, dict) else {}))
    out.print(str(made.id), markup=False)


@clients.command()
def credentials(client_id: Id) -> None:
    """List the credentials of a client: id, kind, its end, and last use."""
    from app.clients.service.clients import credentials_of, find_client

    async def work(session: AsyncSession) -> list[str]:
        await find_client(session, CLI, client_id)
        return [
            f"{one.id}  {one.kind:6}  …{one.hint}"
            f"  {one.last_used_at.isoformat(timespec='minutes') if one.last_used_at else 'never used'}"
            for one in await credentials_of(session, client_id)
        ]

    for line in _run(work) or ["It has none, so it can't get a token."]:
        out.print(line, markup=False, soft_wrap=True)


@clients.command()
def revoke_credential(
    client_id: Id, credential_id: Annotated[UUID, typer.Argument(help="As `credentials` prints it.")]
) -> None:
    """End a credential of a client, and the tokens that were issued for it."""
    from app.clients.service.clients import revoke_credential as end

    _run(lambda session: end(session, CLI, client_id, credential_id))
    out.print("Revoked.")


@clients.command()
def revoke(client_id: Id) -> None:
    """End a client for good."""
    from app.clients.service.clients import revoke_client

    _run(lambda session: revoke_client(session, CLI, client_id))
    out.print("Revoked.")
