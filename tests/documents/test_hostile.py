"""Files made to cost: each is refused within its limits, and neither this process nor another person notices."""

import asyncio
import resource
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from app.documents import inspection, service
from app.documents.formats import HEAD_BYTES, kind_of
from app.documents.problems import FileDamaged, FileTooComplex
from app.kernel import ids
from app.kernel.sandbox import client
from app.kernel.sandbox.client import CostLimitExceeded
from app.kernel.sandbox.server import Limits
from tests.documents.conftest import files_in
from tests.documents.factories import ANY, JPEG, upload
from tests.documents.hostile import KINDS, xref_of_millions

pytestmark = pytest.mark.slow

MEGABYTE = 1 << 20
SHORT = 1.0


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
async def test_a_hostile_file_is_refused_within_its_limits(make: Callable[[], bytes]) -> None:
    data = make()
    real = inspection.PDF if kind_of(data[:HEAD_BYTES]) == "pdf" else inspection.PICTURE
    limits = Limits(real.memory, real.cpu, SHORT, real.written)
    began = time.monotonic()
    with TemporaryFile(buffering=0) as source, TemporaryFile(buffering=0) as copy:
        source.write(data)
        try:
            found = await client.run(inspection.EXAMINE, source, copy, limits)
        except CostLimitExceeded:
            found = {"refused": "cost"}
    assert set(found) >= {"refused"}
    assert time.monotonic() - began < SHORT + 20


async def received(data: bytes) -> float:
    """A file of someone new; returns the seconds it took."""
    began = time.monotonic()
    await service.store_upload(ids.new_id(), upload(data), formats=ANY, max_mb=10)
    return time.monotonic() - began


async def refused(data: bytes) -> None:
    with pytest.raises((FileTooComplex, FileDamaged)):
        await received(data)


async def test_while_four_hostile_files_are_inspected_another_person_s_takes_its_usual_time(
    storage_folder: Path,
) -> None:
    await received(JPEG)
    usual = min([await received(JPEG) for _ in range(3)])
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    hostile = [asyncio.create_task(refused(xref_of_millions())) for _ in range(4)]
    await asyncio.sleep(0.3)
    during = [await received(JPEG) for _ in range(5)]
    assert not any(task.done() for task in hostile)
    await asyncio.gather(*hostile)
    assert time.monotonic() - began < inspection.WALL_SECONDS + 10
    assert sorted(during)[2] < usual + 1.5, "in line behind them it would be two seconds more"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024, "kilobytes of this process"
    assert len(files_in(storage_folder)) == 9, "of a refused file nothing is kept"


async def test_a_person_s_own_files_wait_for_one_another(storage_folder: Path) -> None:
    """So that one person's hostile files never take every place."""
    person = ids.new_id()

    async def send(data: bytes) -> None:
        await service.store_upload(person, upload(data), formats=ANY, max_mb=10)

    hostile = asyncio.create_task(send(xref_of_millions()))
    await asyncio.sleep(0.3)
    own = asyncio.create_task(send(JPEG))
    for _ in range(5):
        await received(JPEG)
    assert not own.done()
    with pytest.raises(FileTooComplex):
        await hostile
    await own
