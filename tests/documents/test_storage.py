"""Where the bytes lie: a folder, or any S3. If it fails, a file isn't half stored and no one waits long."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.documents import storage
from app.documents.problems import StorageUnavailable
from app.kernel.problems import NotFound
from tests.documents import s3
from tests.documents.conftest import Configure, files_in
from tests.documents.s3 import Bucket
from tests.portal import free_port

LARGE = bytes(range(256)) * 40_000  # ten megabytes: more than the library sends in one part by itself


def use(configure: Configure, monkeypatch: pytest.MonkeyPatch, address: str, *, http: bool = True) -> None:
    """Settings as an operator gives them."""
    given = {"ENDPOINT_URL": address, "ACCESS_KEY_ID": s3.ACCESS_KEY, "SECRET_ACCESS_KEY": s3.SECRET_KEY}
    given |= {"REGION": s3.REGION} | ({"ALLOW_HTTP": "true"} if http else {})
    for name, value in given.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    configure(STORAGE_URL=f"s3://{s3.BUCKET}/ventanilla")


@pytest.fixture
async def bucket(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bucket]:
    async with s3.s3() as bucket:
        use(configure, monkeypatch, bucket.address)
        yield bucket


def test_names_are_random_and_spread_over_folders() -> None:
    keys = {storage.new_key("documents") for _ in range(1000)}
    assert len(keys) == 1000
    assert all(re.fullmatch(r"documents/[\w-]{2}/[\w-]{30}", key) for key in keys)


async def test_a_folder_keeps_gives_back_and_forgets(storage_folder: Path) -> None:
    await storage.put("documents/ab/cd", LARGE)
    assert await storage.get("documents/ab/cd") == LARGE
    assert files_in(storage_folder) == [storage_folder / "documents" / "ab" / "cd"]
    assert storage_folder.stat().st_mode & 0o777 == 0o700
    await storage.remove(["documents/ab/cd", "documents/ab/never"])
    assert files_in(storage_folder) == []
    with pytest.raises(NotFound):
        await storage.get("documents/ab/cd")


async def test_a_bucket_keeps_gives_back_and_forgets(bucket: Bucket) -> None:
    await storage.put("documents/ab/cd", b"content")
    assert bucket.objects == {"ventanilla/documents/ab/cd": b"content"}
    assert await storage.get("documents/ab/cd") == b"content"
    await storage.remove(["documents/ab/cd", "documents/ab/never"])
    assert bucket.objects == {}
    with pytest.raises(NotFound):
        await storage.get("documents/ab/cd")


async def test_a_bucket_that_lets_nothing_be_deleted_is_not_believed_to_have_done_it(bucket: Bucket) -> None:
    await storage.put("documents/ab/cd", b"content")
    bucket.keeps_for_good = True
    with pytest.raises(StorageUnavailable):
        await storage.remove(["documents/ab/cd"])
    assert len(bucket.objects) == 1


async def test_a_large_file_goes_in_one_request_so_that_no_part_of_it_can_stay(bucket: Bucket) -> None:
    await storage.put("documents/ab/cd", LARGE)
    assert bucket.asked == ["PUT ventanilla/documents/ab/cd"]
    assert await storage.get("documents/ab/cd") == LARGE


async def test_plain_http_has_to_be_allowed(
    bucket: Bucket, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ALLOW_HTTP")
    configure()
    with pytest.raises(StorageUnavailable):
        await storage.put("documents/ab/cd", b"content")
    assert bucket.asked == []


@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_REGION"])
async def test_a_bucket_that_refuses_the_account_is_unavailable(
    bucket: Bucket, configure: Configure, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "another")
    configure()
    with pytest.raises(StorageUnavailable):
        await storage.put("documents/ab/cd", b"content")
    assert bucket.objects == {}


async def every_use_is_refused_soon() -> None:
    """Each of the three ways to use the storage says that it is away, within the time it is given."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage, "TIMEOUT_SECONDS", 0.4)
        for use_it in (storage.put("a/b", b"c"), storage.get("a/b"), storage.remove(["a/b"])):
            began = time.monotonic()
            with pytest.raises(StorageUnavailable):
                await use_it
            assert time.monotonic() - began < 15


async def test_a_failing_bucket_is_unavailable_and_used_again_afterwards(bucket: Bucket) -> None:
    bucket.trouble = 500
    await every_use_is_refused_soon()
    bucket.trouble = 0
    await storage.put("a/b", b"c")
    assert await storage.get("a/b") == b"c"


async def test_a_missing_bucket_is_unavailable(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    use(configure, monkeypatch, f"http://127.0.0.1:{free_port()}")
    await every_use_is_refused_soon()


async def test_a_bucket_that_never_answers_is_unavailable(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    use(configure, monkeypatch, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        await every_use_is_refused_soon()
        over.set()


async def test_an_unknown_storage_host_is_unavailable(configure: Configure) -> None:
    configure(STORAGE_URL="nonsense://expedientes")
    await every_use_is_refused_soon()
