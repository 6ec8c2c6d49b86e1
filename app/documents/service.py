"""Keep, list, open, judge and forget documents. Who may is the caller's rule: this room knows persons and subjects."""

import asyncio
import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.documents import storage
from app.documents.content import MEDIA_TYPES, format_of
from app.documents.models import Document
from app.documents.problems import FileNotAccepted, FileTooLarge
from app.documents.scanning import scan
from app.kernel import clock, ids
from app.kernel.problems import NotFound
from app.kernel.terms import storage_terms

log = structlog.get_logger(__name__)

MEGABYTE = 1_048_576
LONGEST_NAME = 120
LOOKING = ThreadPoolExecutor(2, "documents")
"""A picture takes up to two thirds of a gigabyte while it is looked at: two at a time in a process, the rest wait."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived."""

    kind: str
    name: str
    data: bytes


async def keep(
    session: AsyncSession, person_id: UUID, subject_id: UUID, upload: Upload, *, formats: Iterable[str], max_mb: int
) -> Document:
    """Check the content, have it scanned, keep it under a random name.

    Raises:
        FileTooLarge, FileNotAccepted, FileInfected: nothing is kept.
        StorageAway: nothing is kept.
    """
    limit = min(max_mb * MEGABYTE, storage_terms().max_bytes)
    if len(upload.data) > limit:
        raise FileTooLarge(megabytes=f"{limit / MEGABYTE:.3g}")
    # Decoding a picture is work: not on the loop that answers everybody else.
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(LOOKING, copy_context().run, format_of, upload.data)
    if found is None or found not in set(formats):
        raise FileNotAccepted
    verdict = await scan(upload.data)
    document = Document(
        person_id=person_id,
        id=ids.new_id(),
        subject_id=subject_id,
        kind=upload.kind,
        file_name=clean_name(upload.name, found),
        media_type=MEDIA_TYPES[found],
        size=len(upload.data),
        sha256=hashlib.sha256(upload.data).digest(),
        storage_key=storage.new_key("documents"),
        scan=verdict,
        uploaded_at=clock.now(),
    )
    await storage.put(document.storage_key, upload.data)
    session.add(document)
    await session.flush()
    return document


def clean_name(name: str, found: str) -> str:
    """The name without folders or what can't be printed; with the ending of what it really is."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem = last.rsplit(".", 1)[0] if "." in last else last
    plain = "".join(letter for letter in stem if letter.isprintable() and letter not in '"<>|:*?').strip(" .")
    ending = "jpg" if found == "jpeg" else found
    return f"{plain[:LONGEST_NAME] or 'documento'}.{ending}"


async def documents_of(session: AsyncSession, person_id: UUID, subject_id: UUID) -> list[Document]:
    """What was attached to a subject, oldest first."""
    kept = select(Document).where(Document.person_id == person_id, Document.subject_id == subject_id)
    return list((await session.scalars(kept.order_by(Document.id))).all())


async def document_of(session: AsyncSession, person_id: UUID, subject_id: UUID, document_id: UUID) -> Document:
    """One document of a subject.

    Raises:
        NotFound: there is none.
    """
    document = await session.get(Document, (person_id, document_id))
    if document is None or document.subject_id != subject_id:
        raise NotFound
    return document


async def content_of(document: Document) -> bytes:
    """The bytes of a document.

    Raises:
        NotFound: they are gone, or aren't what was received.
        StorageAway: the storage doesn't answer.
    """
    data = await storage.get(document.storage_key)
    if hashlib.sha256(data).digest() != document.sha256:
        log.error("document_changed_in_storage", document_id=str(document.id))
        raise NotFound
    return data


def judge(document: Document, state: Literal["accepted", "rejected"], reason: str | None) -> None:
    """An officer's word on a document; the citizen reads the same reason."""
    document.state, document.reason = state, reason if state == "rejected" else None


async def drop(session: AsyncSession, document: Document) -> str:
    """Forget a document; returns the key whose bytes are to be removed once this is committed."""
    await session.delete(document)
    await session.flush()
    return document.storage_key


async def drop_all(session: AsyncSession, person_id: UUID, subject_id: UUID) -> list[str]:
    """Forget all of a subject; returns the keys whose bytes are to be removed once this is committed."""
    gone = (
        delete(Document)
        .where(Document.person_id == person_id, Document.subject_id == subject_id)
        .returning(Document.storage_key)
    )
    return list((await session.scalars(gone)).all())
