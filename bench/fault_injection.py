"""What goes wrong meanwhile: connections cut, holds that lapse, a web server killed, the database killed."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import psycopg

from app.kernel.postgres import EmbeddedServer
from bench.harness import Launch, WebServer, launch_program, start_web
from bench.load_test import LoadTest

CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND random() < 0.15"
)
LAPSE = "UPDATE seat SET held_until = now() - interval '1 second' WHERE state = 'held' AND random() < 0.3"


@dataclass(slots=True)
class FaultInjector:
    """Inject faults in turn until the load test is over, which waits for one of each; count them."""

    storm: LoadTest
    url: str
    server: EmbeddedServer
    webs: list[WebServer]
    start: Callable[[int], WebServer]
    pause: float = 1.0
    done: dict[str, int] = field(default_factory=dict)

    async def run(self) -> None:
        self.storm.hold_on = True
        try:
            await self._run()
        finally:
            self.storm.hold_on = False

    async def _run(self) -> None:
        dice = random.Random(7)
        injections: list[Callable[[], Awaitable[None]]] = [self._lapse, self._cut, self._lapse, self._kill_web]
        injections += [self._lapse, self._cut, self._kill_server]
        number = 0
        while not self.storm.over:
            await asyncio.sleep(self.pause * (0.5 + dice.random()))
            act = injections[number % len(injections)]
            number += 1
            await act()
            name = act.__name__.strip("_")
            self.done[name] = self.done.get(name, 0) + 1
            if number == len(injections):
                self.storm.hold_on = False

    async def _sql(self, statement: str) -> None:
        def run() -> None:
            try:
                with psycopg.connect(self.url, autocommit=True) as connection:
                    connection.execute(statement.encode())
            except psycopg.OperationalError:
                return  # it was cut itself

        await asyncio.to_thread(run)

    async def _lapse(self) -> None:
        await self._sql(LAPSE)

    async def _cut(self) -> None:
        await self._sql(CUT)

    async def _kill_web(self) -> None:
        victim = random.randrange(len(self.webs))
        port = self.webs[victim].port
        await asyncio.to_thread(self.webs[victim].kill)
        self.webs[victim] = await asyncio.to_thread(self.start, port)

    async def _kill_server(self) -> None:
        await asyncio.to_thread(self.server.stop, "immediate")
        await asyncio.to_thread(EmbeddedServer.start, self.server.data_dir)


def starter(
    url: str, app: str, given: Mapping[str, str], launch: Launch = launch_program
) -> Callable[[int], WebServer]:
    """How a killed web server comes back: on the same port."""
    return lambda port: start_web(url, port=port, app=app, given=given, launch=launch)
