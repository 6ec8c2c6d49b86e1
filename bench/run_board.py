"""A call until it is on the screens: 200 boards (streams of server-sent events) on one server of two processes, against
the bare round trip of NOTIFY between two connections.

First ten boards hang at each of twenty units, as in life; then all of them at one, which is the worst case. Counters
call over HTTP, some a second; a call counts for each board of its unit, from its request to the message that has it.
"""

import asyncio
import re
import statistics
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import uvloop
from sqlalchemy.engine import make_url

from bench import dataset, officers
from bench.desk_dataset import COUNTERS, sessions_sql, tickets_sql
from bench.event_streams import StreamMessage, StreamReader
from bench.harness import Result, database_server, execute, migrated, say, start_web
from bench.load import Connection, HttpRequest

BOARDS, PROCESSES = 200, 2
CALLS, CALLS_A_SECOND = 150, 10
TRIPS = 300
TICKETS = 5_000
MOST_SECONDS = 0.5
TARGET = 60.0
"""The screens' p95 against that of the bare round trip, at most."""
PATH = "/api/v1/desk/counter/calls"
FREE = """UPDATE desk_ticket SET status = 'done', counter = NULL, served_at = now(), ended_at = now()
    WHERE status = 'called'"""
RESIDENT = re.compile(r"VmRSS:\s+([0-9]+) kB")
_keys = count()


@dataclass(slots=True)
class Screens:
    """The boards of each unit, and when each call was on each."""

    boards: dict[UUID, list[StreamReader]] = field(default_factory=dict)
    seen: dict[tuple[UUID, str], list[float]] = field(default_factory=dict)

    async def hang(self, port: int, units: list[UUID]) -> None:
        """Open all of them, as many at each unit."""
        for place in range(BOARDS):
            unit = units[place % len(units)]
            board = StreamReader(port, f"/api/v1/units/{unit}/board/events", seen=self._watch(unit))
            self.boards.setdefault(unit, []).append(await board.open())
        for boards in self.boards.values():
            for board in boards:
                await board.until(lambda one: bool(one.messages))

    def _watch(self, unit: UUID) -> Any:
        known: set[str] = set()

        def hear(message: StreamMessage) -> None:
            for call in message.data["calls"]:
                if call["number"] not in known:
                    known.add(call["number"])
                    self.seen.setdefault((unit, call["number"]), []).append(message.at)

        return hear

    async def take_down(self) -> None:
        for boards in self.boards.values():
            for board in boards:
                await board.close()


def run() -> Result:
    """p95 below half a second, and a small multiple of what PostgreSQL itself takes."""
    with database_server() as server:
        url = migrated(server)
        dataset.add_units(url)
        officers.add_officers(url)
        unit = dataset.sql_uuid(dataset.UNIT, f"n % {officers.UNITS}")
        execute(
            url,
            f"INSERT INTO room (unit_id, number, kind, name) SELECT {unit}, n / {officers.UNITS} + 1, 'window',"
            f" 'Ventanilla' FROM generate_series(0, {COUNTERS - 1}) n ON CONFLICT DO NOTHING",
            f"INSERT INTO desk_queue (unit_id, service, letter) SELECT {unit}, 'window', 'A'"
            f" FROM generate_series(0, {officers.UNITS - 1}) n",
            sessions_sql(unit, f"n / {officers.UNITS} + 1"),
            tickets_sql(f"n % {officers.UNITS}", TICKETS, 0),
        )
        dataset.analyze(url)
        web = start_web(url, workers=PROCESSES, given={"VENTANILLA_STREAMS_PER_ADDRESS": str(2 * BOARDS)})
        try:
            spread, bare, memory = uvloop.run(_measure(web.port, url, web.process.pid, officers.UNITS))
            crowded, _bare, _memory = uvloop.run(_measure(web.port, url, web.process.pid, 1))
        finally:
            web.kill()
    say(f"a board costs {memory / 1024:.0f} kB of the server's memory")
    p95, worst = _p95(spread), _p95(crowded)
    say(f"call to screen p95 {1000 * p95:.1f} ms ({1000 * worst:.1f} all at one unit), NOTIFY {1000 * _p95(bare):.2f}")
    fine = max(p95, worst) < MOST_SECONDS
    return Result("board", p95 / _p95(bare), TARGET, at_least=False, also=fine)


async def _measure(port: int, url: str, pid: int, units: int) -> tuple[list[float], list[float], float]:
    """Seconds from a call to each screen, seconds of bare round trips, and memory of a board in bytes."""
    places = [UUID(f"{dataset.UNIT}{n:012x}") for n in range(units)]
    first = await StreamReader(port, f"/api/v1/units/{places[0]}/board/events").open()
    before = _memory_of(pid)
    screens = Screens()
    await screens.hang(port, places)
    memory = (_memory_of(pid) - before) / BOARDS
    bare = await _round_trips(url)
    took: list[float] = []
    late = 0
    for _ in range(CALLS):
        turn = time.monotonic()
        took_now, missing = await _call(port, url, screens, places)
        took += took_now
        late += missing
        await asyncio.sleep(max(0.0, 1 / CALLS_A_SECOND - (time.monotonic() - turn)))
    await screens.take_down()
    await first.close()
    boards = BOARDS // units
    say(
        f"{units} units with {boards} boards each: {CALLS} calls, p50 {1000 * statistics.median(took):.1f} ms,"
        f" p95 {1000 * _p95(took):.1f} ms, worst {1000 * max(took):.1f} ms; {late} not shown within a second"
    )
    if late:
        raise RuntimeError("a board did not show a call")
    return took, bare, memory


async def _call(port: int, url: str, screens: Screens, places: list[UUID]) -> tuple[list[float], int]:
    """One call by the counter whose turn it is; how long it took to each screen, and on how many it never was."""
    number = next(_keys)
    place = number % len(places)
    token = officers.token_of_officer(place + officers.UNITS * (number % (COUNTERS // officers.UNITS)))
    connection = Connection(port)
    began = time.monotonic()
    answer = await connection.ask(HttpRequest("POST", PATH, token=token, key=f"board-{number:08d}").encoded())
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"a call was answered {answer.status}: {answer.body!r}")
    called = answer.json()
    unit, wanted = UUID(called["unit_id"]), len(screens.boards[UUID(called["unit_id"])])
    seen = screens.seen.setdefault((unit, called["number"]), [])
    until = began + 1
    while len(seen) < wanted and time.monotonic() < until:
        await asyncio.sleep(0.002)
    await asyncio.to_thread(execute, url, FREE)
    return [at - began for at in seen], wanted - len(seen)


async def _round_trips(url: str) -> list[float]:
    """NOTIFY on one connection until another hears it, on this machine and with the boards open."""
    address = make_url(url)
    arguments = {"user": address.username, "database": address.database, "host": address.query["host"]}
    speaker, listener = await asyncpg.connect(**arguments), await asyncpg.connect(**arguments)
    heard = asyncio.Event()
    await listener.add_listener("bare", lambda *_about: heard.set())
    took = []
    for _ in range(TRIPS):
        heard.clear()
        began = time.monotonic()
        await speaker.execute("SELECT pg_notify('bare', 'x')")
        await heard.wait()
        took.append(time.monotonic() - began)
        await asyncio.sleep(0.005)
    await speaker.close()
    await listener.close()
    return took


def _memory_of(pid: int) -> int:
    """Memory of the web server and its processes, in bytes."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            is_ours = int(stat.read_text().rpartition(")")[2].split()[3]) == pid
            found = RESIDENT.search((stat.parent / "status").read_text()) if is_ours else None
        except OSError:
            continue
        total += int(found.group(1)) * 1024 if found else 0
    return total


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(0.95 * len(seconds))]
