"""Checks before production; each finding says what to do."""

import asyncio
import os
import shutil
import socket
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from app.backup.checking import Findings, log_faults
from app.certificates.problems import SigningUnavailable
from app.certificates.signing import load_key
from app.documents.ownership import ForeignStore, require_own_store
from app.documents.problems import StorageUnavailable
from app.identity.service.staff import require_no_demo_staff
from app.kernel import clock, migrate
from app.kernel.db import WORKER_POOL, PoolerDetected, reading, require_session_mode
from app.kernel.postgres_address import LOOPBACK, parse
from app.kernel.settings import MIN_SECRET_LENGTH, PREFIX
from app.settings import PortalSettings, unknown_settings_text
from app.tables import metadata

FEW_LETTERS = 10
LEAST_FREE = 2 * 2**30
CONNECT_SECONDS = 5
OTHERS = 12
_NOW = text("SELECT clock_timestamp()")
_MOST = text(
    "SELECT CAST(current_setting('max_connections') AS int)"
    " - CAST(current_setting('superuser_reserved_connections') AS int)"
)


def settings_findings(settings: PortalSettings) -> Findings:
    """Check the settings. Outside production, findings are remarks only."""
    found = Findings()
    _secrets(found, settings)
    _addresses(found, settings)
    _messages(found, settings)
    found.notes.extend(unknown_settings_text(os.environ))
    if settings.is_production:
        return found
    return Findings(notes=[f"before production: {sentence}" for sentence in found.wrong] + found.notes)


def _secrets(found: Findings, settings: PortalSettings) -> None:
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    if not secret:
        found.wrong.append(f"there is no secret key: make one (openssl rand -base64 48) and set {PREFIX}SECRET_KEY")
    elif len(secret) < MIN_SECRET_LENGTH or len(set(secret)) < FEW_LETTERS:
        found.wrong.append(f"the secret key is easily guessed: set {PREFIX}SECRET_KEY to openssl rand -base64 48")
    if settings.signing_key is None:
        found.wrong.append(f"nothing signs certificates: set {PREFIX}SIGNING_KEY to a PKCS#12 file")
    else:
        try:
            load_key(settings)
        except (SigningUnavailable, OSError, ValueError):
            found.wrong.append(
                f"the key that signs certificates can't be used: look at the file of {PREFIX}SIGNING_KEY, who may read"
                f" it, and {PREFIX}SIGNING_PASSWORD"
            )
    if settings.metrics_token is None:
        found.notes.append(f"/metrics answers this machine only: set {PREFIX}METRICS_TOKEN to read it from elsewhere")


def _addresses(found: Findings, settings: PortalSettings) -> None:
    if not (settings.public_url or "").startswith("https://"):
        found.wrong.append(f"the public address isn't known: set {PREFIX}PUBLIC_URL to the https:// address people use")
    if settings.host not in LOOPBACK and settings.trusted_proxies.strip() in LOOPBACK:
        found.wrong.append(
            f"the web server listens to the network and trusts no proxy, so all count as one source: set"
            f" {PREFIX}TRUSTED_PROXIES to the proxy's address"
        )
    if settings.database_url is None:
        found.wrong.append(f"the embedded database is for trying: set {PREFIX}DATABASE_URL to a server")
    else:
        address = parse(settings.database_url)
        if not address.is_local and not address.uses_tls:
            found.wrong.append(
                "the database is reached over the network without TLS: add sslmode=verify-full and sslrootcert to"
                f" {PREFIX}DATABASE_URL"
            )


def _messages(found: Findings, settings: PortalSettings) -> None:
    if settings.smtp_host is None:
        found.wrong.append(f"no mail leaves, not even sign-in codes: set {PREFIX}SMTP_HOST")
    elif settings.smtp_security == "none" and settings.smtp_host not in LOOPBACK:
        found.wrong.append(f"mail goes over the network in the clear: set {PREFIX}SMTP_SECURITY to starttls or tls")
    elif not _answers(settings.smtp_host, settings.smtp_port):
        found.wrong.append(
            f"the mail server doesn't answer: look at {PREFIX}SMTP_HOST, {PREFIX}SMTP_PORT and firewalls"
        )
    if "localhost" in settings.mail_from:
        found.wrong.append(f"messages have no sender that exists: set {PREFIX}MAIL_FROM")
    if settings.sms_url is None:
        found.notes.append(f"who has a telephone only gets no messages: set {PREFIX}SMS_URL if there is a gateway")
    if settings.clamd_host is None:
        found.notes.append(f"documents aren't scanned for viruses: set {PREFIX}CLAMD_HOST")
    elif not _answers(settings.clamd_host, settings.clamd_port):
        found.wrong.append(f"the virus scanner doesn't answer: look at {PREFIX}CLAMD_HOST and {PREFIX}CLAMD_PORT")


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


async def surroundings(url: str, settings: PortalSettings) -> Findings:
    """Check database, store, clock and disk."""
    found = Findings()
    try:
        await require_session_mode()
    except PoolerDetected as error:
        found.wrong.append(str(error))
        return found
    differences = await asyncio.to_thread(migrate.differences, url, metadata)
    if differences:
        found.wrong += [*differences, "run: ventanilla db upgrade"]
        return found
    found.wrong += await log_faults()
    await _clock(found, settings)
    await _connections(found, settings)
    await _staff(found, settings)
    await _store(found)
    await asyncio.to_thread(_disk, found, settings.data_dir.resolve())
    return found


async def _clock(found: Findings, settings: PortalSettings) -> None:
    async with reading() as session:
        theirs = (await session.scalars(_NOW)).one()
    apart = abs(clock.now() - theirs)
    if apart > timedelta(seconds=settings.clock_skew_seconds):
        found.wrong.append(
            f"this machine's clock is {apart.total_seconds():.0f} s from the database's: set both by NTP;"
            " scheduled work doesn't run meanwhile"
        )


async def _connections(found: Findings, settings: PortalSettings) -> None:
    async with reading() as session:
        most = int(await session.scalar(_MOST) or 0)
    each = settings.pool_size + settings.raw_pool_size + settings.separate_pool_size
    web, worker = each * settings.web_workers, WORKER_POOL + 2
    found.notes.append(
        f"connections: {each} for each of {settings.web_workers} web processes here and {worker} for each worker;"
        f" the server takes {most}, for all machines and both releases while they are replaced"
    )
    if web + worker + OTHERS > most:
        found.wrong.append(
            f"web processes and a worker here may open {web + worker} connections and the server takes {most}:"
            f" raise its max_connections, or lower {PREFIX}WEB_WORKERS or {PREFIX}POOL_SIZE"
        )


async def _staff(found: Findings, settings: PortalSettings) -> None:
    try:
        async with reading() as session:
            await require_no_demo_staff(session)
    except RuntimeError as error:
        (found.wrong if settings.is_production else found.notes).append(str(error))


async def _store(found: Findings) -> None:
    try:
        await require_own_store()
    except ForeignStore as error:
        found.wrong.append(str(error))
    except StorageUnavailable:
        found.wrong.append(
            f"the store of documents doesn't answer or can't be written: look at {PREFIX}STORAGE_URL and its AWS_…"
            f" keys, or at who owns the folder {PREFIX}DATA_DIR"
        )


def _disk(found: Findings, folder: Path) -> None:
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        found.wrong.append(f"{folder} has {free / 2**30:.1f} GiB free: make room, or documents will be refused")
