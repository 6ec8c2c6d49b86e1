"""Bytes in and out: a folder by default, any S3 by setting. Names are random and say nothing."""

from functools import lru_cache

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from app.documents.problems import StorageAway
from app.kernel import ids
from app.kernel.problems import NotFound
from app.kernel.terms import storage_terms


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
    try:
        await obstore.put_async(store(), key, data)
    except (BaseError, OSError) as error:
        raise StorageAway from error


async def get(key: str) -> bytes:
    """The bytes of a key.

    Raises:
        NotFound: they are gone.
        StorageAway: it doesn't answer.
    """
    try:
        found = await obstore.get_async(store(), key)
        return bytes(await found.bytes_async())
    except FileNotFoundError as error:
        raise NotFound from error
    except (BaseError, OSError) as error:
        raise StorageAway from error


async def remove(keys: list[str]) -> None:
    """Forget the bytes of these keys; those gone already are fine."""
    for key in keys:
        try:
            await obstore.delete_async(store(), key)
        except FileNotFoundError:
            continue
