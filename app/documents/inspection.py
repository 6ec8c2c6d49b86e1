"""Runs the examination of uploads in child processes: limited in number, one per person, with a bounded wait."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import FileIO
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID
from weakref import WeakKeyDictionary, WeakValueDictionary

import structlog

from app.documents.formats import HEAD_BYTES, MAX_PAGES, kind_of
from app.documents.problems import (
    FileDamaged,
    FileEmpty,
    FileNotAccepted,
    FilePasswordProtected,
    FileTooComplex,
    InspectionBusy,
    StorageUnavailable,
)
from app.documents.settings import storage_settings
from app.kernel.i18n import N_
from app.kernel.problems import Problem
from app.kernel.sandbox import client
from app.kernel.sandbox.client import CostLimitExceeded, SandboxUnavailable
from app.kernel.sandbox.server import Limits

log = structlog.get_logger(__name__)

EXAMINE = "app.documents.examination:examine"
client.register("app.documents.examination")

MEGABYTE = 1 << 20
WALL_SECONDS = 5.0
PICTURE = Limits(memory=1024 * MEGABYTE, cpu=4, wall=WALL_SECONDS, written=256 * MEGABYTE)
"""Rotating 80 million pixels needs two thirds of a gigabyte."""
PDF = Limits(memory=512 * MEGABYTE, cpu=2, wall=WALL_SECONDS, written=MEGABYTE)
WAIT_SECONDS = 20.0
"""Longest wait for a slot."""

REFUSALS: dict[str, type[Problem]] = {
    "empty": FileEmpty,
    "locked": FilePasswordProtected,
    "damaged": FileDamaged,
    "unknown": FileNotAccepted,
}
TOO_MANY_PAGES = N_("El PDF tiene más de %(pages)s páginas.")
TOO_MANY_PIXELS = N_("La imagen tiene demasiados puntos.")


@dataclass(slots=True)
class _InspectionSlots:
    """Semaphores of one event loop."""

    slots: asyncio.Semaphore
    people: WeakValueDictionary[UUID, asyncio.Lock] = field(default_factory=WeakValueDictionary)


_slots: WeakKeyDictionary[asyncio.AbstractEventLoop, _InspectionSlots] = WeakKeyDictionary()


@asynccontextmanager
async def _inspection_slot(owner: UUID) -> AsyncIterator[None]:
    """Acquire a slot; files of one person are examined one at a time, so that they can't occupy every slot.

    Raises:
        InspectionBusy: no slot became free in time.
    """
    loop = asyncio.get_running_loop()
    turns = _slots.setdefault(loop, _InspectionSlots(asyncio.Semaphore(storage_settings().inspections_at_once)))
    mine = turns.people.setdefault(owner, asyncio.Lock())
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await mine.acquire()
            try:
                await turns.slots.acquire()
            except BaseException:
                mine.release()
                raise
    except TimeoutError as error:
        raise InspectionBusy from error
    try:
        yield
    finally:
        turns.slots.release()
        mine.release()


async def inspect(owner: UUID, source: FileIO, copy: FileIO) -> tuple[str, FileIO]:
    """The file's format, and the file to store: `source` as it is, or `copy`, written without what isn't the document.

    Raises:
        FileEmpty, FilePasswordProtected, FileDamaged, FileNotAccepted, FileTooComplex: what is wrong with it.
        InspectionBusy: too many are being examined.
    """
    source.seek(0)
    limits = PDF if kind_of(source.read(HEAD_BYTES)) == "pdf" else PICTURE
    async with _inspection_slot(owner):
        try:
            found = await client.run(EXAMINE, source, copy, limits)
        except CostLimitExceeded as error:
            log.warning("file_too_costly")
            raise FileTooComplex(is_costly=True) from error
        except SandboxUnavailable as error:
            log.exception("inspection_unavailable")
            raise InspectionBusy from error
    if "refused" in found:
        log.info("file_refused", reason=found["refused"], because=found.get("because"))
        raise _refusal(found["refused"])
    return found["format"], copy if found["written"] else source


def _refusal(reason: str) -> Problem:
    if reason in REFUSALS:
        return REFUSALS[reason]()
    if reason == "pages":
        return FileTooComplex(detail=TOO_MANY_PAGES, pages=MAX_PAGES)
    return FileTooComplex(detail=TOO_MANY_PIXELS)


@asynccontextmanager
async def on_disk(data: IO[bytes]) -> AsyncIterator[tuple[FileIO, FileIO]]:
    """Provide the upload as a file for the child process and an empty file for the copy. Both are deleted at the end.

    Raises:
        StorageUnavailable: the disk is full or read-only.
    """
    try:
        with TemporaryFile(buffering=0) as source, TemporaryFile(buffering=0) as copy:
            await asyncio.to_thread(_copy, data, source)
            yield source, copy
    except OSError as error:
        log.warning("disk_full_receiving_upload", exc_info=True)
        raise StorageUnavailable from error


def _copy(data: IO[bytes], target: Any) -> None:
    data.seek(0)
    shutil.copyfileobj(data, target)
