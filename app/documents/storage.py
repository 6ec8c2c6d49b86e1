"""Object storage: a folder by default, or S3. Keys are random and meaningless."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import IO

import obstore
import structlog
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from app.documents import durable
from app.documents.problems import StorageUnavailable
from app.documents.settings import storage_settings
from app.kernel import ids
from app.kernel.problems import NotFound

log = structlog.get_logger(__name__)

LIST_BATCH = 500
PART_BYTES = 1 << 20
WRITERS = ThreadPoolExecutor(8, "storage")
TIMEOUT_SECONDS = 20
"""Time limit of reading or writing one file, including the library's retries."""


@lru_cache
def store() -> ObjectStore:
    """Return the object store."""
    settings = storage_settings()
    if settings.storage_url is not None:
        return from_url(settings.storage_url)
    settings.files_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return LocalStore(settings.files_folder, mkdir=True)


def new_key(prefix: str) -> str:
    """Return a random key, spread over folders."""
    name = ids.new_secret(24)
    return f"{prefix}/{name[:2]}/{name[2:]}"


async def put(key: str, data: bytes | IO[bytes]) -> None:
    """Store bytes or a file under a key, durably.

    Raises:
        StorageUnavailable: it doesn't answer, or has no room.
    """
    source = BytesIO(data) if isinstance(data, bytes) else data
    source.seek(0)
    async with _storage_call():
        opened = store()
        if isinstance(opened, LocalStore):
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(WRITERS, durable.write_file, storage_settings().files_folder, key, source)
        else:
            # In one request: interrupted multipart uploads would leave invisible parts in the bucket.
            await obstore.put_async(opened, key, source, use_multipart=False)


async def get(key: str) -> bytes:
    """Return the bytes of a key.

    Raises:
        NotFound: they were deleted.
        StorageUnavailable: it doesn't answer.
    """
    async with _storage_call():
        try:
            found = await obstore.get_async(store(), key)
            return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            raise NotFound from error


async def size(key: str) -> int:
    """Return the size in bytes of the object under a key.

    Raises:
        NotFound: there is nothing. StorageUnavailable: it doesn't answer.
    """
    async with _storage_call():
        try:
            return int((await obstore.head_async(store(), key))["size"])
        except FileNotFoundError as error:
            raise NotFound from error


async def digest(key: str) -> tuple[int, bytes]:
    """Return the size and SHA-256 of the object under a key.

    Raises:
        NotFound: there is nothing. StorageUnavailable: it doesn't answer.
    """
    size, computed = 0, hashlib.sha256()
    async with _storage_call():
        try:
            found = await obstore.get_async(store(), key)
            async for part in found.stream(min_chunk_size=PART_BYTES):
                size += len(part)
                computed.update(part)
        except FileNotFoundError as error:
            raise NotFound from error
    return size, computed.digest()


async def remove(keys: list[str]) -> None:
    """Delete these keys; missing ones are ignored.

    Raises:
        StorageUnavailable: it doesn't answer; do it again with all of them.
    """
    for key in keys:
        async with _storage_call():
            with suppress(FileNotFoundError):
                await obstore.delete_async(store(), key)
        log.info("file_removed", key=key)


async def put_new(key: str, data: bytes) -> None:
    """Store bytes under a key unless it exists.

    Raises:
        StorageUnavailable: it doesn't answer.
    """
    async with _storage_call():
        with suppress(AlreadyExistsError):
            await obstore.put_async(store(), key, data, mode="create", use_multipart=False)


async def move(key: str, target: str) -> None:
    """Rename a key; a missing one is ignored.

    Raises:
        StorageUnavailable: it doesn't answer.
    """
    async with _storage_call():
        with suppress(FileNotFoundError):
            await obstore.rename_async(store(), key, target)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object and its modification time."""

    key: str
    modified: datetime


async def list_files(prefix: str) -> AsyncIterator[list[StoredObject]]:
    """List the objects under a prefix in pages of some hundreds.

    Raises:
        StorageUnavailable: it doesn't answer.
    """
    chunks = obstore.list(store(), prefix=f"{prefix}/", chunk_size=LIST_BATCH)
    while True:
        async with _storage_call():
            try:
                chunk = await anext(chunks)
            except StopAsyncIteration:
                return
        yield [StoredObject(str(one["path"]), one["last_modified"]) for one in chunk]


@asynccontextmanager
async def _storage_call() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            yield
    except (BaseError, OSError) as error:
        log.warning("storage_unavailable", exc_info=True)
        raise StorageUnavailable from error
