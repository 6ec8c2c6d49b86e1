"""Hundreds of clients on few seats through several servers, with faults; then the database is reconciled."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel.actor import Assurance
from app.kernel.postgres import EmbeddedServer
from bench import dataset
from bench.fault_injection import FaultInjector, starter
from bench.harness import APP, Launch, database_server, execute, launch_program, migrated, rows, say
from bench.load_test import Journal, LoadTest, Place
from bench.reconcile import reconcile

GIVEN = {"VENTANILLA_RELEASE_DELAY_SECONDS": "1", "VENTANILLA_POOL_SIZE": "16", "VENTANILLA_LOCK_TIMEOUT_MS": "2000"}


@dataclass(slots=True)
class Outcome:
    """What happened and what is wrong with the books."""

    journal: Journal
    seconds: float
    wrong: list[str]
    faults: dict[str, int] = field(default_factory=dict)


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
    launch: Launch = launch_program,
) -> Outcome:
    """Run a load test on a database server of its own, where processes are killed meanwhile. `quiet_on`: the address of
    an empty database to use instead, where nothing is killed. `app` and `spoil` take guards away, to see the
    reconciliation notice."""
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
            load = LoadTest([web.port for web in webs], tokens, [Place(*row) for row in found])
            faults = FaultInjector(load, url, server, webs, start, pause) if server else None
            began = time.monotonic()
            asyncio.run(_blow(load, faults, clients, operations, seed))
            seconds = time.monotonic() - began
            wrong = reconcile(url, load.journal, len(found))
        finally:
            for web in webs:
                web.kill()
    return Outcome(load.journal, seconds, wrong, faults.done if faults else {})


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
    for line in outcome.wrong:
        say(f"WRONG {line}")
