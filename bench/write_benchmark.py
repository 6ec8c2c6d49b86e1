"""Booking and holding over HTTP against pgbench with the same statements: several rounds of each, in turns."""

import statistics
import tempfile
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path

import uvloop
from sqlalchemy.sql.elements import TextClause

from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel.actor import Assurance
from bench import dataset, pgbench
from bench.harness import Result, cores, database_server, migrated, say, web_server
from bench.load import HttpRequest, drive

ROUNDS = 3
SECONDS = 6.0
CONNECTIONS = 24
PGBENCH_COUNT = 24_000
MOST_A_SECOND = 3_000
HTTP_PEOPLE = 60_000
TARGET = 0.45


def measure(
    name: str,
    statements: tuple[TextClause, ...],
    request: Callable[[int], HttpRequest],
    prepare: Callable[[str, int], None],
) -> Result:
    """The ratio of the medians: requests answered a second, and transactions a second of the limit."""
    people = HTTP_PEOPLE + (ROUNDS + 1) * PGBENCH_COUNT
    with database_server() as server, tempfile.TemporaryDirectory(prefix="vt-bench-") as folder:
        Path(folder).chmod(0o755)
        url = migrated(server)
        dataset.populate(url, people)
        dataset.add_idempotency_keys(url, people)
        prepare(url, people)
        dataset.analyze(url)
        numbers = iter(range(HTTP_PEOPLE))
        text = pgbench.script(*statements)
        base = count(HTTP_PEOPLE, PGBENCH_COUNT)
        pgbench.rate(
            server, url, text, Path(folder), base=next(base), count=PGBENCH_COUNT
        )  # the cache is warm after it
        ours, theirs = [], []
        with web_server(url, workers=cores()) as web:
            uvloop.run(_round(web.port, numbers, request, 1.5))
            for _ in range(ROUNDS):
                theirs.append(pgbench.rate(server, url, text, Path(folder), base=next(base), count=PGBENCH_COUNT))
                rate, p50, p99 = uvloop.run(_round(web.port, numbers, request, SECONDS))
                ours.append(rate)
                say(f"{name}: {rate:.0f}/s over HTTP (p50 {p50:.1f} ms, p99 {p99:.1f} ms), pgbench {theirs[-1]:.0f}/s")
    return Result(name, statistics.median(ours) / statistics.median(theirs), TARGET)


async def _round(
    port: int, numbers: Iterator[int], request: Callable[[int], HttpRequest], seconds: float
) -> tuple[float, float, float]:
    # Signing tokens is the work of another minute: it is done before the clock starts.
    asks = [request(n) for n in islice(numbers, int(seconds * MOST_A_SECOND))]
    load = await drive(port, iter(asks), connections=CONNECTIONS, seconds=seconds)
    if set(load.statuses) != {201}:
        raise RuntimeError(f"not every request was answered 201: {dict(load.statuses)} {load.first_fault!r}")
    return load.rate, load.percentile(0.5) * 1000, load.percentile(0.99) * 1000


def token_of(n: int) -> str:
    """The n-th person's access token."""
    return issue_access_token(CITIZEN, dataset.person_id(n), assurance=Assurance.FULL)[0]
