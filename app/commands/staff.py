"""`ventanilla staff`: life cycle of staff accounts, for operators. Administrators have pages for it."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from app.commands.console import explained, fail, out
from app.commands.inputs import OPERATOR
from app.commands.server import with_database
from app.identity.service import staff_accounts, staff_setup
from app.identity.service.staff import add_staff, validate_names
from app.identity.service.staff_accounts import Placement, staff_by_username
from app.identity.service.staff_setup import SetupLink
from app.kernel import db, ids
from app.kernel.actor import Role
from app.kernel.problems import NotFound
from app.places.queries import unit_by_clues, units_by_id
from app.requests.service import assignment
from app.settings import portal_settings

staff = typer.Typer(no_args_is_help=True, help="Members of staff. Each change is an event of the log.")

Username = Annotated[str, typer.Argument(help="What they sign in with: up to 80 letters, digits or signs, no space.")]
Units = Annotated[list[str] | None, typer.Option("--unit", help="CLUES of a unit where they work; repeat it.")]
AllUnits = Annotated[bool, typer.Option("--all-units", help="They work for every unit.")]


def _work(work: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with db.transaction() as session:
            return await work(session)

    return with_database(run)


async def _member(session: AsyncSession, username: str) -> Any:
    try:
        return await staff_by_username(session, username)
    except NotFound as error:
        raise fail(f"no one signs in as {username}.", "See them all: ventanilla staff list") from error


def _require_where(unit: list[str] | None, all_units: bool) -> None:
    if unit and all_units:
        raise fail("--unit and --all-units exclude each other.", "Give --unit CLUES once or more, or --all-units.")
    if not unit and not all_units:
        raise fail("say where they work.", "Give --unit CLUES once or more, or --all-units.")


async def _units(session: AsyncSession, unit: list[str] | None, all_units: bool) -> frozenset[Any] | None:
    _require_where(unit, all_units)
    if all_units:
        return None
    found = set()
    for clues in unit or []:
        try:
            found.add((await unit_by_clues(session, clues)).id)
        except NotFound as error:
            raise fail(f"there is no unit {clues}.", "Units are imported: ventanilla import units") from error
    return frozenset(found)


@staff.command("list")
def staff_list(
    words: Annotated[str, typer.Argument(help="Only those whose user name or name has these words.")] = "",
) -> None:
    """List all current and former staff with role, units and pending steps.

    Example: ventanilla staff list
    """

    async def read(session: AsyncSession) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        after = None
        while page := await staff_accounts.list_staff(session, after=after, words=words):
            for member in page:
                placement = await staff_accounts.current_placement(session, member)
                units = await units_by_id(session, placement.unit_ids or ())
                where = "all" if placement.unit_ids is None else " ".join(unit.clues for unit in units)
                rows.append((member.username, member.full_name, member.role, where, _state(member)))
            after = page[-1].id
        return rows

    table = Table("user", "name", "role", "units", "state", box=None, pad_edge=False)
    for row in _work(read):
        table.add_row(*row)
    out.print(table)


def _state(member: Any) -> str:
    if not member.is_active:
        return "deactivated"
    missing = [] if member.password_hash else ["password"]
    authenticator = staff_setup.authenticator_state(member)
    if authenticator == "unreadable":
        return "active, authenticator unreadable: staff reset-authenticator"
    if authenticator == "missing":
        missing.append("authenticator")
    state = f"active, to set: {', '.join(missing)}" if missing else "active"
    return f"{state} (demonstration)" if member.is_demo else state


@staff.command("add")
def staff_add(
    username: Username,
    role: Annotated[Role, typer.Option(help="What they are trusted with.")],
    full_name: Annotated[str, typer.Option(help="Their name, up to 200 letters; the user name when left out.")] = "",
    unit: Units = None,
    all_units: AllUnits = False,
    link: Annotated[
        bool, typer.Option("--link", help="They set password and authenticator themselves, with a one-time link.")
    ] = False,
    password: Annotated[
        str, typer.Option(envvar="VENTANILLA_STAFF_PASSWORD", help="Asked for when it is left out.", show_default=False)
    ] = "",
) -> None:
    """Create a staff account, with a password given now or a link to set it.

    Example: ventanilla staff add maria --role receptionist --unit DFIMS000266 --link
    """
    _require_where(unit, all_units)
    with explained():
        validate_names(username, full_name or username)
    if link:

        async def invite(session: AsyncSession) -> SetupLink:
            placement = Placement(role, await _units(session, unit, all_units))
            key = ids.new_secret()
            return await staff_setup.create_staff(
                session, OPERATOR, username=username, full_name=full_name or username, placement=placement, key=key
            )

        _print_link(username, _work(invite))
        return
    chosen = password or typer.prompt("Password", hide_input=True, confirmation_prompt=True)

    async def add(session: AsyncSession) -> Any:
        return await add_staff(
            session,
            OPERATOR,
            username=username,
            full_name=full_name or username,
            password=chosen,
            role=role,
            unit_ids=await _units(session, unit, all_units),
        )

    made = _work(add)
    out.print(f"{username} may sign in as {role.value}. Put this address into their authenticator app:")
    out.print(made.totp_uri, soft_wrap=True)


@staff.command("deactivate")
def staff_deactivate(
    username: Annotated[str, typer.Argument(help="Who; left out with --demo.")] = "",
    demo: Annotated[bool, typer.Option("--demo", help="All accounts of the demonstration, the last one too.")] = False,
) -> None:
    """Deactivate an account: sessions and tokens end at once, and its work returns to the queue.

    Example: ventanilla staff deactivate maria
    """
    if bool(username) == demo:
        raise fail("say who.", "Give a user name, or --demo for the demonstration's accounts.")

    async def deactivate(session: AsyncSession) -> list[str]:
        members = await staff_accounts.demo_staff(session) if demo else [await _member(session, username)]
        if not demo and not members[0].is_active:
            raise fail(f"{username} is deactivated already: nothing was changed.", "See: ventanilla staff list")
        for member in members:
            await assignment.deactivate_staff(session, OPERATOR, member.id, even_last=demo)
        return [member.username for member in members]

    deactivated = _work(deactivate)
    out.print(f"Deactivated: {', '.join(deactivated)}." if deactivated else "There is no one to deactivate.")


@staff.command("reactivate")
def staff_reactivate(username: Username) -> None:
    """Reactivate an account, with the password and authenticator it had.

    Example: ventanilla staff reactivate maria
    """

    async def reactivate(session: AsyncSession) -> None:
        member = await _member(session, username)
        if member.is_active:
            raise fail(f"{username} is active already: nothing was changed.", "See them all: ventanilla staff list")
        await staff_accounts.reactivate_staff(session, OPERATOR, member.id)

    _work(reactivate)
    out.print(f"{username} may sign in again.")


@staff.command("change")
def staff_change(
    username: Username,
    role: Annotated[Role | None, typer.Option(help="Their new role; as it is when left out.")] = None,
    unit: Units = None,
    all_units: AllUnits = False,
) -> None:
    """Change role or units; work no longer permitted returns to the queue.

    Example: ventanilla staff change maria --role officer
    """
    if unit and all_units:
        _require_where(unit, all_units)
    if role is None and not unit and not all_units:
        raise fail("say what changes.", "Give --role, --unit CLUES once or more, or --all-units.")

    async def change(session: AsyncSession) -> None:
        member = await _member(session, username)
        now = await staff_accounts.current_placement(session, member)
        units = await _units(session, unit, all_units) if unit or all_units else now.unit_ids
        if (role or now.role, units) == (now.role, now.unit_ids):
            raise fail(f"{username} has that role and those units already: nothing was changed.")
        await assignment.change_staff(session, OPERATOR, member.id, role=role or now.role, unit_ids=units)

    _work(change)
    out.print(f"{username} is changed.")


@staff.command("reset-password")
def staff_reset_password(username: Username) -> None:
    """Invalidate the password and print a one-time link to set another; all sessions end.

    Example: ventanilla staff reset-password maria
    """
    _reset(username, password=True)


@staff.command("reset-authenticator")
def staff_reset_authenticator(username: Username) -> None:
    """Invalidate the authenticator and print a one-time link to set it up again; all sessions end.

    Needed when a telephone is lost, and for all staff when the portal's secret key changed.

    Example: ventanilla staff reset-authenticator maria
    """
    _reset(username, authenticator=True)


def _reset(username: str, **what: bool) -> None:
    async def reset(session: AsyncSession) -> SetupLink:
        member = await _member(session, username)
        return await staff_setup.reset_credentials(session, OPERATOR, member.id, key=ids.new_secret(), **what)

    _print_link(username, _work(reset))


def _print_link(username: str, link: SetupLink) -> None:
    out.print(f"Hand this link to {username}; it works once, for {staff_setup.LINK_HOURS} hours:")
    out.print(f"{portal_settings().base_url}/ventanilla/alta/{link.token}", soft_wrap=True)
