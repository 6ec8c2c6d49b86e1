"""Bytes in and out: a folder by default, any S3 by setting. Names are random and say nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import lru_cache

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from app.documents.problems import StorageAway
from app.kernel import ids
from app.kernel.problems import NotFound
from app.kernel.terms import storage_terms

log = structlog.get_logger(__name__)

LISTED_AT_ONCE = 500
SECONDS = 20
"""Longest that reading or writing one file may take, the library's other tries included: somebody is waiting."""


@lru_cache
def store() -> ObjectStore:
    """The place files are kept in."""
    terms = storage_terms()
    if terms.storage_url is not None:
        return from_url(terms.storage_url)
    terms.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return LocalStore(terms.folder, mkdir=True)


def new_key(room: str) -> str:
    """A name nobody can guess, spread over folders."""
    name = ids.new_secret(24)
    return f"{room}/{name[:2]}/{name[2:]}"


async def put(key: str, data: bytes) -> None:
    """Keep the bytes under a key.

    Raises:
        StorageAway: it doesn't answer.
    """
    async with _answering():
        # In one request: parts of an upload broken off would lie about in the bucket, unseen.
        await obstore.put_async(store(), key, data, use_multipart=False)


async def get(key: str) -> bytes:
    """The bytes of a key.

    Raises:
        NotFound: they are gone.
        StorageAway: it doesn't answer.
    """
    async with _answering():
        try:
            found = await obstore.get_async(store(), key)
            return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            raise NotFound from error


async def remove(keys: list[str]) -> None:
    """Forget the bytes of these keys; those gone already are fine.

    Raises:
        StorageAway: it doesn't answer; do it again with all of them.
    """
    for key in keys:
        async with _answering():
            with suppress(FileNotFoundError):
                await obstore.delete_async(store(), key)


async def keys_of(room: str, before: datetime) -> AsyncIterator[list[str]]:
    """The keys of a room's files last written before a moment, some hundreds at a time.

    Raises:
        StorageAway: it doesn't answer.
    """
    listed = obstore.list(store(), prefix=f"{room}/", chunk_size=LISTED_AT_ONCE)
    while True:
        async with _answering():
            try:
                chunk = await anext(listed)
            except StopAsyncIteration:
                return
        keys = [str(one["path"]) for one in chunk if one["last_modified"] < before]
        if keys:
            yield keys


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(SECONDS):
            yield
    except (BaseError, OSError) as error:
        log.warning("storage_away", exc_info=True)
        raise StorageAway from error
