"""Files for everybody are made once a minute at most, one at a time."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import time_machine

from app.interop.fhir.cached_files import LIFETIME, CachedFiles

ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))


class Maker:
    """Makes files of a size, and counts them and how many were being made at once."""

    def __init__(self, size: int = 10) -> None:
        self.size, self.made, self.at_once, self.most = size, 0, 0, 0

    async def __call__(self) -> bytes:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0.01)
        self.at_once -= 1
        self.made += 1
        return bytes([self.made]) * self.size


async def test_many_at_once_are_given_the_same_one_and_a_minute_later_another() -> None:
    files, make = CachedFiles(), Maker()
    with time_machine.travel(datetime(2026, 11, 30, 12, tzinfo=UTC), tick=False) as at:
        assert len({*await asyncio.gather(*(files.get(ONE, make) for _ in range(20)))}) == 1
        await asyncio.gather(*(files.get(one, make) for one in (TWO, THREE)))
        assert (make.made, make.most) == (3, 1)
        at.shift(LIFETIME - timedelta(seconds=1))
        await files.get(ONE, make)
        assert make.made == 3
        at.shift(timedelta(seconds=1))
        await files.get(ONE, make)
        assert make.made == 4


async def test_the_oldest_goes_when_there_is_no_room() -> None:
    files, make = CachedFiles(most_bytes=25), Maker()
    for one in (ONE, TWO, ONE, THREE):
        await files.get(one, make)
    assert make.made == 3
    await files.get(ONE, make)
    assert make.made == 3, "asked for again, it was kept"
    await files.get(TWO, make)
    assert make.made == 4
