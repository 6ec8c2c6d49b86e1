"""`backup` and `restore`: database, stored files and keys together."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from app import __version__
from app.backup import manifest, restoring, taking
from app.backup.manifest import SECRET_KEYS, SIGNING_KEY, SIGNING_PASSWORD, Manifest
from app.backup.taking import Keys
from app.certificates.settings import signing_settings
from app.commands.console import explained, fail, out
from app.commands.server import database_url
from app.documents import ownership
from app.kernel import clock, db
from app.kernel.settings import PREFIX, Settings
from app.settings import portal_settings

Programs = Annotated[
    Path | None, typer.Option("--programs", help="Folder of pg_dump and pg_restore; found by itself if not given.")
]


def backup(
    target: Annotated[Path | None, typer.Argument(help="A new folder; ventanilla-DATE-TIME if not given.")] = None,
    without_files: Annotated[
        bool, typer.Option("--without-files", help="The store has backups of its own (a versioned bucket).")
    ] = False,
    without_keys: Annotated[bool, typer.Option("--without-keys", help="The keys are stored elsewhere.")] = False,
    programs: Programs = None,
) -> None:
    """Back up database, stored files and keys to one folder while the portal runs; status 1 if files are lost.

    The folder is created atomically. It contains personal data and keys: encrypt it before it leaves the machine.

    Example: ventanilla backup /var/backups/ventanilla/2026-01-31
    """
    settings = portal_settings()
    place = (target or Path(f"ventanilla-{clock.now():%Y%m%d-%H%M%S}")).resolve()
    keys = Keys({} if without_keys else _keys(settings))
    with explained(), database_url(settings) as url:
        made = asyncio.run(_take(url, place, keys, with_files=not without_files, programs=programs))
    size = sum(part.size for part in made.parts.values())
    out.print(f"{place}: database {made.schema} ({size:,} bytes with keys and lists), {made.files} stored files named.")
    if made.lost:
        raise fail(
            f"{len(made.lost)} files that rows name are not in the store or were changed there ({made.lost[0]}, …).",
            "The backup is whole but for them; they are listed in its manifest. See: ventanilla storage recover",
        )


async def _take(url: str, place: Path, keys: Keys, *, with_files: bool, programs: Path | None) -> Manifest:
    db.configure(url, driver="psycopg")
    try:
        if with_files:
            await ownership.require_own_store()
        return await taking.take(url, place, program=__version__, keys=keys, with_files=with_files, folder=programs)
    finally:
        await db.disconnect()


def _keys(settings: Settings) -> dict[str, bytes]:
    found = {SECRET_KEYS: b"\n".join(settings.secrets()) + b"\n"}
    key_settings = signing_settings()
    path = key_settings.signing_key or key_settings.development_key
    if path.is_file():
        found[SIGNING_KEY] = path.read_bytes()
        if key_settings.signing_password:
            found[SIGNING_PASSWORD] = key_settings.signing_password.get_secret_value().encode()
    return found


def restore(
    source: Annotated[Path, typer.Argument(help="A folder that `backup` made.", exists=True, file_okay=False)],
    programs: Programs = None,
) -> None:
    """Restore a backup into an empty database and an unclaimed store; nothing existing is overwritten.

    Stop the portal that was backed up before you open this one. Then: ventanilla check --after-restore

    Example: ventanilla restore /var/backups/ventanilla/2026-01-31
    """
    settings = portal_settings()
    with explained(), database_url(settings) as url:
        found = manifest.verify(source)
        restoring.require_fitting(found)
        major = restoring.require_empty(url)
        count = asyncio.run(restoring.restore_files(source)) if found.has_files else 0
        restoring.restore_database(source, url, major, programs)
        missing = _restore_keys(source, settings)
        if found.has_files:
            asyncio.run(_claim_store(url))
    out.print(f"Restored: the database of {found.taken_at} ({found.schema}) and {count} stored files.")
    if not found.has_files:
        out.print("The backup has no files: give this portal its store, then run: ventanilla storage adopt")
    for sentence in missing:
        out.print(sentence, soft_wrap=True)
    out.print("Now run: ventanilla db upgrade; ventanilla check --after-restore")


async def _claim_store(url: str) -> None:
    db.configure(url, driver="psycopg")
    try:
        await ownership.require_own_store()
    finally:
        await db.disconnect()


def _restore_keys(source: Path, settings: Settings) -> list[str]:
    """Install the keys that this data folder lacks; reports what remains to be done by hand."""
    remarks = []
    keys = source / SECRET_KEYS
    stored = settings.data_dir.resolve() / "secret.key"
    if keys.is_file() and settings.secret_key is None and not stored.exists():
        manifest.write_synced(stored, keys.read_bytes())
    elif keys.is_file() and not set(keys.read_bytes().split()) <= set(settings.secrets()):
        remarks.append(
            f"The backup was made with other secret keys ({keys}): add them to {PREFIX}SECRET_KEY_FALLBACKS, or"
            " authenticators can't be read."
        )
    signing, key_settings = source / SIGNING_KEY, signing_settings()
    if signing.is_file():
        if (
            key_settings.signing_key is None
            and not key_settings.is_production
            and not key_settings.development_key.exists()
        ):
            manifest.write_synced(key_settings.development_key, signing.read_bytes())
        elif (
            key_settings.signing_key is None
            or not key_settings.signing_key.is_file()
            or key_settings.signing_key.read_bytes() != signing.read_bytes()
        ):
            remarks.append(f"The key that signs certificates is {signing}: {PREFIX}SIGNING_KEY isn't it.")
    return remarks
