"""`keys rotate`: re-encrypt stored data with the newest secret key; `replace-push-key`: another key for web push."""

from datetime import datetime

import typer
from rich.table import Table

from app.commands.console import fail, out
from app.commands.inputs import OPERATOR
from app.commands.server import with_database
from app.kernel import clock, db, key_rotation
from app.kernel.key_rotation import Rotated
from app.kernel.settings import PREFIX
from app.notifications import push_keys
from app.settings import portal_settings

keys = typer.Typer(no_args_is_help=True, help="The portal's secret keys. See docs/operations.md, «Keys».")
FALLBACKS = f"{PREFIX}SECRET_KEY_FALLBACKS"


@keys.command()
def rotate() -> None:
    """Re-encrypt all stored data with the newest secret key while the portal runs; reports when old keys may be
    removed.

    It can be interrupted and resumed. Status 1 if something can't be decrypted with any key.

    Example: ventanilla keys rotate
    """

    async def work() -> tuple[list[Rotated], datetime]:
        done = await key_rotation.rotate()
        return done, await key_rotation.note_rotated(OPERATOR, done)

    done, until = with_database(work)
    table = Table("column", "encrypted again", "was already", "can't be decrypted", box=None)
    for one in done:
        table.add_row(one.column, str(one.encrypted), str(one.current), str(one.unreadable))
    out.print(table)
    unreadable = sum(one.unreadable for one in done)
    if unreadable:
        raise fail(
            f"{unreadable} can't be decrypted with any key there is.",
            f"Add the key of that time to {FALLBACKS} and run this again; where it is lost, staff need:"
            " ventanilla staff reset-authenticator",
        )
    older = len(portal_settings().secrets()) - 1
    out.print("Nothing stored needs an older key.")
    if older and clock.now() >= until:
        out.print(f"The {older} older keys are not needed any more: remove them from {FALLBACKS}.")
    elif older:
        out.print(
            f"Links in messages are signed with it until {until:%Y-%m-%d}: keep it in {FALLBACKS} until then, then"
            " remove it. After a leak, remove it now: those links, open sign-in codes and known browsers end."
        )


@keys.command("replace-push-key")
def replace_push_key() -> None:
    """Make another key pair for web push. Browsers that are notified go on with theirs until they are turned on again.

    Example: ventanilla keys replace-push-key
    """

    async def work() -> str:
        async with db.transaction() as session:
            return (await push_keys.replace_key(session, OPERATOR)).public_key

    out.print(f"New push subscriptions use {with_database(work)}", soft_wrap=True)
