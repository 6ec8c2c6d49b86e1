"""Writes a file into a folder so that it is still there after the power fails: the object store's library doesn't."""

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO

DRAFTS = "incoming"
"""Where files are written before they get their name; on the same file system, so that naming them is one step."""


def write_file(folder: Path, key: str, source: IO[bytes]) -> None:
    """Write a file under `folder / key`: all of it or nothing, and on the disk once this returns.

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
    """The folder, and each above it that is new, on the disk."""
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
