"""Hundreds of clients on few seats through several servers, with faults; then the database is reconciled."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel.actor import Assurance
from app.kernel.postgres import EmbeddedServer
from bench import dataset
from bench.fault_injection import FaultInjector, starter
from bench.harness import APP, Launch, database_server, execute, launch_program, migrated, python, rows, say
from bench.load_test import Journal, LoadTest, Place
from bench.reconcile import reconcile, reconcile_waits

GIVEN = {
    "VENTANILLA_RELEASE_DELAY_SECONDS": "1",
    "VENTANILLA_POOL_SIZE": "16",
    "VENTANILLA_LOCK_TIMEOUT_MS": "2000",
    "VENTANILLA_HOLDS_PER_DAY": "1000000",
}
WAITING = "bench.short_offers:short_offers"
SETTLES_SECONDS = 20
KILL_SECONDS = 5
OFFERS = "SELECT coalesce(answer, 'open'), count(*)::integer FROM wait_offer GROUP BY 1 ORDER BY 1"


@dataclass(slots=True)
class Outcome:
    """What happened and what is wrong with the books."""

    journal: Journal
    seconds: float
    wrong: list[str]
    faults: dict[str, int] = field(default_factory=dict)
    offers: dict[str, int] = field(default_factory=dict)
    """Offers of the wait list, by their answer."""


def run_load_with_faults(
    *,
    people: int,
    slots: int,
    clients: int,
    operations: int,
    servers: int = 2,
    pause: float = 1.0,
    quiet_on: str | None = None,
    app: str = APP,
    spoil: tuple[str, ...] = (),
    seed: int = 1,
    waits: bool = False,
    launch: Launch = launch_program,
) -> Outcome:
    """Run a load test on a database server of its own, where processes are killed meanwhile. `quiet_on`: the address of
    an empty database to use instead, where nothing is killed. `app` and `spoil` take guards away, to see the
    reconciliation notice. `waits`: clients also use the wait list, whose worker is killed now and then."""
    app = WAITING if waits else app
    with _somewhere(quiet_on) as (url, server):
        dataset.populate(url, people, slots=slots)
        execute(url, *spoil)
        start = starter(url, app, GIVEN, launch)
        webs = [start(0) for _ in range(servers)]
        try:
            found = rows(url, "SELECT unit_id::text, room, start_at FROM seat")
            tokens = [
                issue_access_token(CITIZEN, dataset.person_id(n), assurance=Assurance.FULL)[0] for n in range(people)
            ]
            load = LoadTest([web.port for web in webs], tokens, [Place(*row) for row in found], waits=waits)
            faults = FaultInjector(load, url, server, webs, start, pause) if server else None
            began = time.monotonic()
            with _wait_list_worker(url, load, launch, kills=faults is not None) if waits else nullcontext():
                asyncio.run(_blow(load, faults, clients, operations, seed))
                seconds = time.monotonic() - began
                if waits:
                    time.sleep(SETTLES_SECONDS)
            wrong = reconcile(url, load.journal, len(found)) + (reconcile_waits(url, load.accepted) if waits else [])
            offers = dict(rows(url, OFFERS)) if waits else {}
        finally:
            for web in webs:
                web.kill()
    return Outcome(load.journal, seconds, wrong, faults.done if faults else {}, offers)


@contextmanager
def _wait_list_worker(url: str, load: LoadTest, launch: Launch, *, kills: bool) -> Iterator[None]:
    """The worker of the wait list; every few seconds it is killed and started again, while the load test runs."""
    output = Path(os.environ.get("BENCH_LOG", os.devnull))
    command = [python(), "-m", "bench.short_offers", url]
    running = [launch(command, os.environ, output)]
    ended = threading.Event()

    def kill_often() -> None:
        while not ended.wait(KILL_SECONDS) and not load.over:
            running[-1].kill()
            running[-1].wait()
            running.append(launch(command, os.environ, output))

    killing = threading.Thread(target=kill_often)
    if kills:
        killing.start()
    try:
        yield
    finally:
        ended.set()
        if kills:
            killing.join()
        running[-1].kill()
        running[-1].wait()


@contextmanager
def _somewhere(quiet_on: str | None) -> Iterator[tuple[str, EmbeddedServer | None]]:
    if quiet_on:
        yield quiet_on, None
        return
    with database_server() as server:
        yield migrated(server), server


async def _blow(load: LoadTest, faults: FaultInjector | None, clients: int, operations: int, seed: int) -> None:
    injecting = asyncio.create_task(faults.run()) if faults else None
    await load.run(clients=clients, operations=operations, seed=seed)
    if injecting:
        await injecting


def report(outcome: Outcome) -> None:
    """The figures of a load test."""
    journal = outcome.journal
    say(f"{journal.operations} operations in {outcome.seconds:.0f} s ({journal.operations / outcome.seconds:.0f}/s)")
    say(f"acknowledged: {dict(journal.kinds())}; refused: {dict(journal.refused)}")
    say(f"broken connections {journal.broken}, faults injected {outcome.faults}")
    if outcome.offers:
        say(f"offers of the wait list: {outcome.offers}")
    for line in outcome.wrong:
        say(f"WRONG {line}")
