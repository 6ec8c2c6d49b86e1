"""A hundred counters call the next ticket over HTTP, against pgbench with the same statement: several rounds of each.

First a hundred counters of one unit call at once, and none may get another's ticket. Then they are of twenty units with
a hundred people waiting in each, and a trigger puts a ticket that was called at the end of its queue again, for both
sides alike: queues neither grow nor run empty, and a counter is free as soon as it has called.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from uuid import UUID

import uvloop

from app.desk.events import TicketCalled
from app.desk.statements import CALL_NEXT
from bench import dataset, officers, pgbench
from bench.desk_dataset import COUNTERS, sessions_sql, tickets_sql
from bench.harness import Result, cores, database_server, execute, migrated, rows, say, web_server
from bench.load import Connection, HttpRequest, Load, drive
from bench.write_benchmark import CONNECTIONS, ROUNDS, SECONDS

WAITING = 100
"""People who wait at each unit."""
CROWD = 130
PGBENCH_COUNT = 12_000
MOST_A_SECOND = 3_000
TARGET = 0.20
PATH = "/api/v1/desk/counter/calls"

CALL_VALUES = {
    "me": dataset.sql_uuid(officers.STAFF_MEMBER, f"CAST(:n AS integer) % {COUNTERS}"),
    "family": "NULL",
    "call_key": "('limit-' || CAST(CAST(:n AS integer) AS text))",
    "now": "now()",
    "event_id": "uuidv7()",
    "event_type": f"text '{TicketCalled.type}'",
    "channel": "text 'desk'",
    "call": "0",
}
PUT_BACK = (
    (
        "CREATE FUNCTION put_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " NEW.status := 'waiting'; NEW.counter := NULL; NEW.rank_at := clock_timestamp(); RETURN NEW; END $$"
    ),
    (
        "CREATE TRIGGER put_back BEFORE UPDATE ON desk_ticket FOR EACH ROW WHEN (NEW.status = 'called')"
        " EXECUTE FUNCTION put_back()"
    ),
)


def run() -> Result:
    """At least a fifth of the limit, and no ticket called twice."""
    with database_server() as server, tempfile.TemporaryDirectory(prefix="vt-bench-") as folder:
        Path(folder).chmod(0o755)
        url = migrated(server)
        dataset.add_units(url)
        officers.add_officers(url)
        tokens = [officers.token_of_officer(n) for n in range(COUNTERS)]
        asks = (HttpRequest("POST", PATH, token=tokens[n % COUNTERS], key=f"call-{n:012d}") for n in count())
        made = 0
        text = pgbench.script(CALL_NEXT, values=CALL_VALUES)

        def limit() -> float:
            nonlocal made
            base, made = made, made + PGBENCH_COUNT
            return pgbench.rate(server, url, text, Path(folder), base=base, count=PGBENCH_COUNT)

        ours, theirs = [], []
        with web_server(url, workers=cores()) as web:
            _open_at_one_unit(url)
            twice = uvloop.run(_crowd(web.port, tokens))
            _open_at_all_units(url)
            dataset.analyze(url)
            limit()  # the cache is warm after it
            uvloop.run(_round(web.port, asks, 1.5))
            for _ in range(ROUNDS):
                theirs.append(limit())
                load = uvloop.run(_round(web.port, asks, SECONDS))
                ours.append(load.rate)
                say(
                    f"calls: {load.rate:.0f}/s over HTTP (p50 {load.percentile(0.5) * 1000:.1f} ms,"
                    f" p95 {load.percentile(0.95) * 1000:.1f} ms), pgbench {theirs[-1]:.0f}/s"
                )
        strayed = rows(url, f"SELECT {WAITING * officers.UNITS} - count(*) FROM desk_ticket WHERE status = 'waiting'")
    say(f"a hundred counters at once: {twice} tickets called twice; {strayed[0][0]} tickets strayed afterwards")
    fine = twice == 0 and strayed[0][0] == 0
    return Result("call-next", statistics.median(ours) / statistics.median(theirs), TARGET, also=fine)


async def _crowd(port: int, tokens: list[str]) -> int:
    """Every counter calls at the same moment; returns how many got a ticket that another has, or none."""

    async def call(n: int) -> UUID:
        connection = Connection(port)
        answer = await connection.ask(HttpRequest("POST", PATH, token=tokens[n], key=f"crowd-{n:04d}").encoded())
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"a call was answered {answer.status}: {answer.body!r}")
        return UUID(answer.json()["id"])

    return COUNTERS - len(set(await asyncio.gather(*(call(n) for n in range(COUNTERS)))))


async def _round(port: int, asks: Iterator[HttpRequest], seconds: float) -> Load:
    load = await drive(
        port, iter(list(islice(asks, int(seconds * MOST_A_SECOND)))), connections=CONNECTIONS, seconds=seconds
    )
    if set(load.statuses) != {200}:
        raise RuntimeError(f"not every call was answered 200: {dict(load.statuses)} {load.first_fault!r}")
    return load


def _open_at_one_unit(url: str) -> None:
    """A hundred counters of the first unit, and somewhat more people."""
    unit = dataset.sql_uuid(dataset.UNIT, "0")
    execute(
        url,
        f"INSERT INTO room (unit_id, number, kind, name) SELECT {unit}, n + 1, 'window', 'Ventanilla'"
        f" FROM generate_series(0, {COUNTERS - 1}) n",
        sessions_sql(unit, "n + 1"),
        tickets_sql("0", CROWD, 0),
    )


def _open_at_all_units(url: str) -> None:
    """The same counters, now five at each unit, and a hundred people waiting there."""
    n = "n"
    unit = dataset.sql_uuid(dataset.UNIT, f"{n} % {officers.UNITS}")
    execute(
        url,
        "DELETE FROM desk_ticket",
        "DELETE FROM counter_session",
        f"INSERT INTO room (unit_id, number, kind, name) SELECT {unit}, n / {officers.UNITS} + 1, 'window',"
        f" 'Ventanilla' FROM generate_series(0, {COUNTERS - 1}) n ON CONFLICT DO NOTHING",
        sessions_sql(unit, f"n / {officers.UNITS} + 1"),
        tickets_sql(f"n % {officers.UNITS}", WAITING * officers.UNITS, 1_000),
        *PUT_BACK,
    )
