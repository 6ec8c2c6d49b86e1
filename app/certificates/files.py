"""Checks whether a PDF is ours and unchanged: by its digest, else by its embedded signature."""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import structlog

from app.certificates import queries, signing
from app.certificates.problems import FileNotChecked, SigningUnavailable
from app.certificates.rules import FileStatus
from app.certificates.service import VERIFICATION_POLICY, VerificationResult, verification_of
from app.certificates.settings import signing_settings
from app.documents.inspection import on_disk
from app.identity.service.attempts import counted_lookup
from app.kernel.actor import Anonymous
from app.kernel.db import reading
from app.kernel.problems import NotFound
from app.kernel.sandbox import client
from app.kernel.sandbox.client import CostLimitExceeded, SandboxUnavailable
from app.kernel.sandbox.server import Limits

log = structlog.get_logger(__name__)

MEGABYTE = 1 << 20
MOST_BYTES = MEGABYTE
"""Our documents are about 100 kB; larger files aren't ours."""
PDF_MAGIC, MAGIC_WITHIN = b"%PDF-", 1024
LIMITS = Limits(memory=512 * MEGABYTE, cpu=2, wall=5.0, written=MEGABYTE)
EXAMINE = "app.certificates.examination:examine"
client.register("app.certificates.examination")


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """Result for a file, and the status of the certificate with these bytes. A file that doesn't open as a PDF isn't
    `is_readable`, and isn't ours."""

    status: FileStatus
    certificate: VerificationResult | None = None
    is_readable: bool = True


def is_pdf(data: bytes) -> bool:
    """Return whether the PDF header is in the first kilobyte, where readers look for it."""
    return PDF_MAGIC in data[:MAGIC_WITHIN]


async def check_file(actor: Anonymous, data: bytes) -> CheckedFile:
    """Check a file. The untrusted bytes are parsed in a child process, outside any transaction; files that aren't ours
    are rate-limited by source.

    Raises:
        TooManyRequests: too many of them from this source. FileNotChecked: no capacity to check it now.
    """
    checked: CheckedFile | None = None
    try:
        async with counted_lookup(VERIFICATION_POLICY, actor):
            checked = await _checked(data)
            if checked.status is not FileStatus.OURS:
                raise NotFound
    except NotFound:
        if checked is None:
            raise
    return checked


async def _checked(data: bytes) -> CheckedFile:
    async with reading() as session:
        found = await queries.find_by_digest(session, hashlib.sha256(data).digest())
        if found is not None:
            return CheckedFile(FileStatus.OURS, await verification_of(session, found))
    signatures, is_readable = await _signatures(data)
    ours = _present_key()
    async with reading() as session:
        ours |= await queries.known_signers(session, [bytes.fromhex(one["signer"]) for one in signatures])
    holding = [one["holds"] for one in signatures if bytes.fromhex(one["signer"]) in ours]
    if not holding:
        return CheckedFile(FileStatus.NOT_OURS, is_readable=is_readable)
    return CheckedFile(FileStatus.UNREGISTERED if all(holding) else FileStatus.ALTERED)


async def _signatures(data: bytes) -> tuple[list[dict[str, Any]], bool]:
    """Return the signatures of a file, and whether it could be opened."""
    try:
        async with on_disk(BytesIO(data)) as (source, target):
            found = await client.run(EXAMINE, source, target, LIMITS)
    except CostLimitExceeded:
        log.info("checked_file_too_costly")
        return [], True
    except SandboxUnavailable as error:
        raise FileNotChecked from error
    signatures: list[dict[str, Any]] = found["signatures"]
    return signatures, "because" not in found


def _present_key() -> set[bytes]:
    try:
        return {hashlib.sha256(signing.load_key(signing_settings()).certificate).digest()}
    except SigningUnavailable:
        return set()
