"""Durable writes to a folder, which the object store's library doesn't provide."""

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO

DRAFTS = "incoming"
"""Temporary folder, on the same file system so that renaming is atomic."""


def write_file(folder: Path, key: str, source: IO[bytes]) -> None:
    """Write a file at `folder / key` atomically and durably.

    Raises:
        OSError: the disk is full, read-only or broken; nothing is left there.
    """
    path = folder / key
    _make_folder(folder / DRAFTS)
    _make_folder(path.parent)
    draft = folder / DRAFTS / secrets.token_hex(16)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        _sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def _make_folder(folder: Path) -> None:
    """Create the folder and its missing parents, durably."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
