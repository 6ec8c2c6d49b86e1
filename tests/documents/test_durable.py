"""What is acknowledged is on the disk; of what a disk in trouble didn't take nothing is left."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from app.documents import storage
from app.documents.problems import StorageUnavailable
from tests.documents.conftest import files_in
from tests.documents.failing_disk import TROUBLE, failing

KEY = "documents/ab/cd"
REAL_FSYNC, REAL_RENAME = os.fsync, os.rename


async def test_file_and_name_are_on_the_disk_before_it_answers(
    storage_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def fsync(descriptor: int) -> None:
        done.append(f"fsync {Path(f'/proc/self/fd/{descriptor}').readlink().relative_to(storage_folder.parent)}")
        REAL_FSYNC(descriptor)

    def rename(source: Any, target: Any, **more: Any) -> None:
        done.append(f"rename to {Path(target).relative_to(storage_folder)}")
        REAL_RENAME(source, target, **more)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "rename", rename)
    await storage.put(KEY, b"content")
    draft, *_rest = [one for one in done if one.startswith("fsync files/incoming/")]
    assert done[-3:] == [draft, f"rename to {KEY}", "fsync files/documents/ab"]
    assert done.index("fsync files") < done.index("fsync files/documents") < done.index(draft), "the folders' names too"


@pytest.mark.parametrize("number", TROUBLE, ids=errno.errorcode.get)
@pytest.mark.parametrize("call", ["fsync", "rename"])
async def test_a_disk_in_trouble_keeps_nothing_says_so_and_is_used_again(
    storage_folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    await storage.put("documents/ab/before", b"before")
    with monkeypatch.context() as trouble:
        trouble.setattr(os, call, failing(number))
        with pytest.raises(StorageUnavailable):
            await storage.put(KEY, b"content")
    assert [path.name for path in files_in(storage_folder)] == ["before"], "no draft is left"
    assert await storage.get("documents/ab/before") == b"before"
    await storage.put(KEY, b"content")
    assert await storage.get(KEY) == b"content"
