"""The scanner: its word counts, its silence doesn't cost anyone their document, and officers see which it was."""

import asyncio
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.documents import service, virus_scan
from app.documents.problems import FileInfected
from app.documents.virus_scan import scan
from app.kernel import ids
from tests.documents.clamd import EICAR, SILENT, Answer, Scanner, scanner
from tests.documents.conftest import Configure, files_in
from tests.documents.factories import keep
from tests.documents.samples import picture
from tests.portal import free_port

TROUBLE: dict[str, Answer] = {
    "hangs up": lambda _data: b"",
    "says something else": lambda _data: b"what?\n",
    "failed": lambda _data: b"stream: Can't allocate memory ERROR\n",
    "takes no file so large": lambda _data: b"INSTREAM size limit exceeded. ERROR\n",
}


def use(configure: Configure, running: Scanner) -> None:
    configure(CLAMD_HOST="127.0.0.1", CLAMD_PORT=str(running.port))


async def test_without_a_scanner_a_file_is_unscanned(configure: Configure) -> None:
    configure()
    assert await scan(BytesIO(b"anything")) == "unscanned"


async def test_a_file_without_anything_in_it_is_clean(configure: Configure) -> None:
    data = bytes(range(256)) * 1000
    async with scanner() as running:
        use(configure, running)
        assert await scan(BytesIO(data)) == "clean"
    assert running.scanned == [data]


async def test_a_harmful_file_is_refused(configure: Configure) -> None:
    async with scanner() as running:
        use(configure, running)
        with pytest.raises(FileInfected):
            await scan(BytesIO(b"before" + EICAR))


@pytest.mark.parametrize("answer", TROUBLE.values(), ids=TROUBLE)
async def test_a_scanner_in_trouble_leaves_a_file_unscanned(answer: Answer, configure: Configure) -> None:
    async with scanner(answer) as running:
        use(configure, running)
        assert await scan(BytesIO(b"anything")) == "unscanned"
    assert running.scanned == [b"anything"]


async def test_no_one_waits_for_a_scanner_that_never_answers(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(virus_scan, "SECONDS", 0.3)
    async with scanner(lambda _data: SILENT) as running, asyncio.timeout(15):
        use(configure, running)
        assert await scan(BytesIO(b"anything")) == "unscanned"


async def test_an_absent_scanner_leaves_a_file_unscanned(configure: Configure) -> None:
    configure(CLAMD_HOST="127.0.0.1", CLAMD_PORT=str(free_port()))
    assert await scan(BytesIO(b"anything")) == "unscanned"


async def test_the_result_of_the_virus_scan_is_stored_with_the_document(
    session: AsyncSession, storage_folder: Path, configure: Configure
) -> None:
    async with scanner() as running:
        use(configure, running)
        assert (await keep(session, picture("JPEG"))).scan == "clean"
    assert (await keep(session, picture("JPEG"))).scan == "unscanned"
    assert len(files_in(storage_folder)) == 2


async def test_of_a_harmful_file_nothing_is_stored(
    session: AsyncSession, storage_folder: Path, configure: Configure
) -> None:
    person_id = ids.new_id()
    async with scanner() as running:
        use(configure, running)
        with pytest.raises(FileInfected):
            await keep(session, picture("JPEG") + EICAR, person_id=person_id)
    assert await service.documents_of(session, person_id, person_id) == []
    assert files_in(storage_folder) == []
