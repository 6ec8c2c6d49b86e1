"""Store, list, open, review and delete documents. Authorisation is the caller's: this package knows persons and
subjects."""

import asyncio
import hashlib
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from os import SEEK_END
from typing import IO, Literal
from uuid import UUID

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.documents import storage
from app.documents.formats import MEDIA_TYPES
from app.documents.inspection import inspect, on_disk
from app.documents.models import Document
from app.documents.problems import FileNotAccepted, FileTooLarge, StorageUnavailable
from app.documents.settings import storage_settings
from app.documents.virus_scan import scan
from app.kernel import clock, ids
from app.kernel.i18n import N_
from app.kernel.problems import NotFound

log = structlog.get_logger(__name__)

MEGABYTE = 1_048_576
LONGEST_NAME = 120
NAMES = {"jpeg": "JPG", "png": "PNG", "webp": "WebP", "pdf": "PDF"}
ONLY_THESE = N_("Para este documento se acepta: %(formats)s.")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as received."""

    kind: str
    name: str
    content: IO[bytes]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An accepted, stored file that no row references yet."""

    kind: str
    file_name: str
    media_type: str
    size: int
    sha256: bytes
    storage_key: str
    scan: Literal["unscanned", "clean"]
    uploaded_at: datetime


async def store_upload(owner: UUID, upload: Upload, *, formats: Collection[str], max_mb: int) -> StoredFile:
    """Examine, scan and store a file under a random name. Takes seconds: call it outside a transaction, then `add` or
    `discard` the result.

    Raises:
        FileTooLarge, FileEmpty, FilePasswordProtected, FileDamaged, FileNotAccepted, FileTooComplex, FileInfected,
        InspectionBusy, StorageUnavailable: nothing is stored.
    """
    limit = max_bytes(max_mb)
    if upload.content.seek(0, SEEK_END) > limit:
        raise too_large(limit)
    async with on_disk(upload.content) as (source, copy):
        found, stored = await inspect(owner, source, copy)
        if found not in formats:
            raise FileNotAccepted(
                next_step=ONLY_THESE, formats=", ".join(NAMES[one] for one in NAMES if one in formats)
            )
        source.seek(0)
        verdict = await scan(source)
        size, stored_digest = await asyncio.to_thread(_measured, stored)
        key = storage.new_key("documents")
        await storage.put(key, stored)
    return StoredFile(
        kind=upload.kind,
        file_name=clean_name(upload.name, found),
        media_type=MEDIA_TYPES[found],
        size=size,
        sha256=stored_digest,
        storage_key=key,
        scan=verdict,
        uploaded_at=clock.now(),
    )


def max_bytes(max_mb: int) -> int:
    """Return the size limit of a kind of document, within the portal's."""
    return min(max_mb * MEGABYTE, storage_settings().max_upload_bytes)


def too_large(limit: int) -> FileTooLarge:
    """Build the problem for a file larger than `limit` bytes."""
    return FileTooLarge(megabytes=f"{limit / MEGABYTE:.3g}", extra={"max_bytes": limit})


def _measured(file: IO[bytes]) -> tuple[int, bytes]:
    size = file.seek(0, SEEK_END)
    file.seek(0)
    return size, hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type] # any binary file will do


async def add(session: AsyncSession, person_id: UUID, subject_id: UUID, stored: StoredFile) -> Document:
    """Insert the row of a stored file."""
    document = Document(person_id=person_id, id=ids.new_id(), subject_id=subject_id, **asdict(stored))
    session.add(document)
    await session.flush()
    return document


async def discard(stored: StoredFile) -> None:
    """Delete a stored file without a row; if that fails now, the cleanup does it later."""
    try:
        await storage.remove([stored.storage_key])
    except StorageUnavailable:
        log.warning("file_not_removed", key=stored.storage_key)


async def find_missing(found: Iterable[Document]) -> list[Document]:
    """Return the documents whose bytes are missing or differ from those received. Reads all of them: don't call it in a
    transaction.

    Raises:
        StorageUnavailable: the storage doesn't answer.
    """
    return [document for document in found if not await _is_whole(document)]


async def _is_whole(document: Document) -> bool:
    try:
        there = await storage.digest(document.storage_key)
    except NotFound:
        there = None
    if there == (document.size, document.sha256):
        return True
    log.error("document_bytes_wrong", document_id=str(document.id), is_missing=there is None)
    return False


def clean_name(name: str, found: str) -> str:
    """Return the name without folders and unprintable characters, with the extension of its actual format."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem = last.rsplit(".", 1)[0] if "." in last else last
    plain = "".join(letter for letter in stem if letter.isprintable() and letter not in '"<>|:*?').strip(" .")
    ending = "jpg" if found == "jpeg" else found
    return f"{plain[:LONGEST_NAME] or 'documento'}.{ending}"


async def documents_of(session: AsyncSession, person_id: UUID, subject_id: UUID) -> list[Document]:
    """List the documents of a subject, oldest first."""
    attached = select(Document).where(Document.person_id == person_id, Document.subject_id == subject_id)
    return list((await session.scalars(attached.order_by(Document.id))).all())


async def document_of(session: AsyncSession, person_id: UUID, subject_id: UUID, document_id: UUID) -> Document:
    """Return one document of a subject.

    Raises:
        NotFound: there is none.
    """
    document = await session.get(Document, (person_id, document_id))
    if document is None or document.subject_id != subject_id:
        raise NotFound
    return document


async def read_content(document: Document) -> bytes:
    """Return the bytes of a document.

    Raises:
        NotFound: missing, or not what was received.
        StorageUnavailable: the storage doesn't answer.
    """
    data = await storage.get(document.storage_key)
    if hashlib.sha256(data).digest() != document.sha256:
        log.error("document_changed_in_storage", document_id=str(document.id))
        raise NotFound
    return data


def review(document: Document, state: Literal["accepted", "rejected"], reason: str | None) -> None:
    """Record an officer's review; the citizen sees the same reason."""
    document.state, document.reason = state, reason if state == "rejected" else None


async def delete_document(session: AsyncSession, document: Document) -> str:
    """Delete a document; returns the storage key to remove after commit."""
    await session.delete(document)
    await session.flush()
    return document.storage_key


async def delete_documents(session: AsyncSession, person_id: UUID, subject_id: UUID) -> list[str]:
    """Delete all documents of a subject; returns the storage keys to remove after commit."""
    removed = (
        delete(Document)
        .where(Document.person_id == person_id, Document.subject_id == subject_id)
        .returning(Document.storage_key)
    )
    return list((await session.scalars(removed)).all())
