"""`check`: find what is missing or unsafe before the portal opens or after a restore."""

import asyncio
from typing import Annotated

import typer

from app.backup.checking import Findings, after_restore
from app.commands.console import errors, explained, out
from app.commands.page_assets import STALE, are_stale
from app.commands.preflight import settings_findings, surroundings
from app.commands.server import database_url
from app.kernel import db
from app.settings import portal_settings


def check(
    restored: Annotated[bool, typer.Option("--after-restore", help="Look at what a restore can leave wrong.")] = False,
) -> None:
    """List what is missing or unsafe, with what to do; status 1 if there are errors.

    Changes nothing, except that an unclaimed store is claimed for this database.
    """
    with explained(), database_url(portal_settings()) as url:
        found = asyncio.run(_look(url, restored=restored))
    _print(found)


async def _look(url: str, *, restored: bool) -> Findings:
    db.configure(url, driver="psycopg")
    try:
        return await findings(url, restored=restored)
    finally:
        await db.disconnect()


async def findings(url: str, *, restored: bool) -> Findings:
    """What is missing or unsafe, each once."""
    settings = portal_settings()
    around = await surroundings(url, settings)
    parts = [settings_findings(settings), around]
    if await asyncio.to_thread(are_stale):
        parts.append(Findings([STALE]))
    if restored:
        parts.append(await after_restore(url))
    wrong = dict.fromkeys(one for part in parts for one in part.wrong)
    notes = dict.fromkeys(one for part in parts for one in part.notes)
    return Findings(list(wrong), list(notes))


def _print(found: Findings) -> None:
    for sentence in found.notes:
        out.print(f"- {sentence}", markup=False, soft_wrap=True)
    for sentence in found.wrong:
        errors.print(f"✗ {sentence}", markup=False, soft_wrap=True)
    if found.wrong:
        raise typer.Exit(1)
    out.print("Nothing must be mended.")
