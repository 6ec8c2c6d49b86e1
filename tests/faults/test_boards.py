"""Boards in waiting rooms, by streams of a portal as it really runs: cut off, killed, deaf and slow."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app.desk.service import calls
from app.desk.service.tickets import TicketRef
from app.kernel import clock, ids
from app.kernel.http.sse import HEARTBEAT_SECONDS
from bench.event_streams import StreamReader
from tests.conftest import Database
from tests.desk import factories
from tests.desk.factories import Clinic
from tests.portal import Portal, running
from tests.reuse import ReusedDatabase

SECONDS = 60
END = text(
    "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
    " WHERE application_name = 'ventanilla-listen' AND datname = current_database()"
)


@pytest.fixture(scope="module")
def portal(own_database: ReusedDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One for all tests here that leave it running: each has a unit of its own."""
    log = tmp_path_factory.mktemp("boards") / "portal.log"
    with running(own_database.url, log, workers=2, jobs=False, STREAMS_PER_ADDRESS="20") as portal:
        yield portal


@pytest.fixture
async def here(db: Database) -> Clinic:
    async with db.transaction() as session:
        made = await factories.clinic(session, 3)
        await factories.open_all(session, made)
        for _ in range(20):
            await factories.walk_in(session, made)
    return made


def board_path(here: Clinic) -> str:
    return f"/api/v1/units/{here.unit.id}/board/events"


async def call(db: Database, here: Clinic, counter: int = 1) -> str:
    """The counter ends its ticket, if it has one, and calls the next; its number."""
    actor = here.staff[counter - 1]
    async with db.transaction() as session:
        ticket = await session.execute(
            text("SELECT id FROM desk_ticket WHERE unit_id = :unit AND counter = :counter"),
            {"unit": here.unit.id, "counter": counter},
        )
        for (ticket_id,) in ticket.all():
            await calls.serve(session, actor, TicketRef(here.unit.id, ticket_id))
            await calls.finish(session, actor, TicketRef(here.unit.id, ticket_id))
    async with db.transaction() as session:
        return (await calls.call_next(session, actor.staff_id, ids.new_secret(8))).number


def shows(number: str, counter: int = 1) -> Callable[[StreamReader], bool]:
    def holds(stream: StreamReader) -> bool:
        shown = stream.messages[-1].data["calls"]
        return any((one["number"], one["counter"]) == (number, counter) for one in shown)

    return holds


async def test_who_was_cut_off_is_sent_all_calls_missed(db: Database, portal: Portal, here: Clinic) -> None:
    stream = await StreamReader(portal.port, board_path(here)).open()
    await stream.until(lambda one: bool(one.messages))
    first = await call(db, here)
    await stream.until(shows(first))
    await stream.close()
    missed = [await call(db, here, 1 + n % 3) for n in range(9)]
    # As if it had been cut off half an hour ago and they had been called soon after.
    async with db.transaction() as session:
        await session.execute(text("UPDATE desk_ticket SET called_at = called_at - interval '25 minutes'"))
    before = f"{int((clock.now() - timedelta(minutes=30)).timestamp())}-0000"
    again = await StreamReader(portal.port, board_path(here), last_event_id=before).open()
    await again.until(lambda one: bool(one.messages))
    assert {one["number"] for one in again.messages[0].data["calls"]} == {first, *missed}
    assert all(one["counter"] for one in again.messages[0].data["calls"])
    fresh = await StreamReader(portal.port, board_path(here)).open()
    await fresh.until(lambda one: bool(one.messages))
    assert len(fresh.messages[0].data["calls"]) == 5, "who comes new is shown the last five"
    await again.close()
    await fresh.close()


async def test_what_it_has_already_is_not_sent_again(db: Database, portal: Portal, here: Clinic) -> None:
    stream = await StreamReader(portal.port, board_path(here)).open()
    await stream.until(lambda one: bool(one.messages))
    last = stream.messages[-1].id
    await stream.close()
    again = await StreamReader(portal.port, board_path(here), last_event_id=last).open()
    await again.until(lambda one: one.comments > 0, seconds=HEARTBEAT_SECONDS / 2)  # it hears at once that it is back
    number = await call(db, here)
    await again.until(lambda one: bool(one.messages) and shows(number)(one))
    assert len(again.messages) == 1
    await again.close()


@pytest.mark.faults
async def test_another_process_answers_when_one_is_killed(db: Database, portal: Portal, here: Clinic) -> None:
    assert portal.web is not None
    children = Path(f"/proc/{portal.web.pid}/task/{portal.web.pid}/children").read_text().split()
    streams = [await StreamReader(portal.port, board_path(here)).open() for _ in range(12)]
    for stream in streams:
        await stream.until(lambda one: bool(one.messages))
    for pid in children:  # the system may have given all connections to one of them
        if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(int(pid), signal.SIGKILL)
            with suppress(TimeoutError):
                async with asyncio.timeout(5):
                    while not any(stream.is_over for stream in streams):
                        await asyncio.sleep(0.05)
            if any(stream.is_over for stream in streams):
                break
    assert any(stream.is_over for stream in streams)
    number = await call(db, here)
    again = [
        await StreamReader(portal.port, stream.path, last_event_id=stream.messages[-1].id).open()
        if stream.is_over
        else stream
        for stream in streams
    ]
    for stream in again:
        await stream.until(lambda one: bool(one.messages) and shows(number)(one))
        await stream.close()


@pytest.mark.faults
async def test_the_listening_connection_is_cut(db: Database, portal: Portal, here: Clinic) -> None:
    streams = [await StreamReader(portal.port, board_path(here)).open() for _ in range(8)]
    for stream in streams:
        await stream.until(lambda one: bool(one.messages))
    async with db.transaction() as session:
        assert await session.scalar(END)
    number = await call(db, here)  # while no one listens, or just after
    for stream in streams:
        await stream.until(shows(number), 10)
    later = await call(db, here, 2)
    for stream in streams:
        await stream.until(shows(later, 2), 10)
        assert not stream.is_over
        await stream.close()


async def test_a_reader_who_reads_nothing_delays_no_one(db: Database, portal: Portal, here: Clinic) -> None:
    slow = socket.create_connection(("127.0.0.1", portal.port))
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
    slow.sendall(f"GET {board_path(here)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    quick = await StreamReader(portal.port, board_path(here)).open()
    await quick.until(lambda one: bool(one.messages))
    number = ""
    for _ in range(6):
        number = await call(db, here)
        await quick.until(shows(number))
    slow.close()
    await quick.close()
    assert shows(number)(quick)


async def test_an_address_has_a_limit_of_streams_and_gets_its_places_back(portal: Portal, here: Clinic) -> None:
    async def opened() -> list[StreamReader]:
        return [await StreamReader(portal.port, board_path(here)).open() for _ in range(60)]

    streams = await opened()
    refused = [stream for stream in streams if stream.status == 429]
    assert refused, "two processes take twenty each"
    assert "Retry-After: 60" in refused[0].head or "retry-after: 60" in refused[0].head
    assert len(streams) - len(refused) <= 40
    for stream in streams:
        await stream.close()
    async with asyncio.timeout(SECONDS):
        while True:
            one = await StreamReader(portal.port, board_path(here)).open()
            await one.close()
            if one.status == 200:
                break


async def test_a_process_has_a_limit_and_what_cannot_be_read_takes_no_place(
    db: Database, here: Clinic, tmp_path: Path
) -> None:
    with running(db.url, tmp_path / "log", jobs=False, STREAMS_PER_PROCESS="3") as portal:
        nowhere = f"/api/v1/units/{ids.new_id()}/board/events"
        for _ in range(5):
            unknown = await StreamReader(portal.port, nowhere).open()
            assert unknown.status == 404
            await unknown.close()
        streams = [await StreamReader(portal.port, board_path(here)).open() for _ in range(4)]
        assert [stream.status for stream in streams] == [200, 200, 200, 503]
        for stream in streams:
            await stream.close()
        async with asyncio.timeout(SECONDS):
            while True:
                again = await StreamReader(portal.port, board_path(here)).open()
                await again.close()
                if again.status == 200:
                    break


async def test_streams_end_when_the_server_stops(db: Database, here: Clinic, tmp_path: Path) -> None:
    with running(db.url, tmp_path / "log", jobs=False) as portal:
        assert portal.web is not None
        stream = await StreamReader(portal.port, board_path(here)).open()
        await stream.until(lambda one: bool(one.messages))
        began = asyncio.get_running_loop().time()
        portal.web.terminate()
        await stream.until(lambda one: one.is_over)
        await asyncio.to_thread(portal.web.wait)
    assert asyncio.get_running_loop().time() - began < 8, "the server cuts what is left after ten seconds"


async def test_streams_hold_no_connection_of_the_pool(db: Database, here: Clinic, tmp_path: Path) -> None:
    """Forty of one address, where two people share it: each has twenty, and there is no forty-first."""
    with running(
        db.url,
        tmp_path / "log",
        jobs=False,
        POOL_SIZE="2",
        RAW_POOL_SIZE="1",
        STREAMS_PER_ADDRESS="20",
        KNOWN_NETWORKS="127.0.0.0/8=2",
    ) as portal:
        streams = [await StreamReader(portal.port, board_path(here)).open() for _ in range(40)]
        assert {stream.status for stream in streams} == {200}
        more = await StreamReader(portal.port, board_path(here)).open()
        assert more.status == 429
        await more.close()
        for stream in streams:
            await stream.until(lambda one: bool(one.messages))
        page = await StreamReader(portal.port, f"/api/v1/units/{here.unit.id}/board").open()
        assert page.status == 200
        number = await call(db, here)
        for stream in streams:
            await stream.until(shows(number))
            await stream.close()
        await page.close()


async def test_no_unit_no_stream(portal: Portal) -> None:
    stream = await StreamReader(portal.port, f"/api/v1/units/{ids.new_id()}/board/events").open()
    assert stream.status == 404
    await stream.close()
