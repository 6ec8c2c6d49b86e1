"""500 officers claim at once over HTTP, against pgbench with the same statement: several rounds of each, in turns."""

import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

import uvloop

from app.kernel.postgres import EmbeddedServer
from app.requests.service.claims import CLAIM_AT_ONCE
from bench import dataset, officers, pgbench
from bench.harness import Result, cores, database_server, migrated, rows, say, web_server
from bench.load import HttpRequest, HttpResponse, Load, drive
from bench.write_benchmark import CONNECTIONS, ROUNDS, SECONDS

WAITING = 200_000
PGBENCH_COUNT = 12_000
MOST_A_SECOND = 3_000
TARGET = 0.40
KEY = "claim-"

QUESTIONS = {
    "requests claimed twice": """
        SELECT count(*) FROM (SELECT 1 FROM event WHERE type = 'work.claimed'
            GROUP BY subject_id HAVING count(*) > 1) twice""",
    "requests with a holder who didn't claim them": """
        SELECT count(*) FROM work_item w FULL JOIN (SELECT * FROM event WHERE type = 'work.claimed') e
            ON e.subject_id = w.request_id
        WHERE w.holder_id IS DISTINCT FROM e.actor_id""",
    "requests taken at another unit": """
        SELECT count(*) FROM work_item w WHERE holder_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM staff_unit s WHERE (s.staff_id, s.unit_id) = (w.holder_id, w.unit_id))""",
    "requests that went astray": f"""
        SELECT {WAITING} - count(*) FROM work_item""",
}


@dataclass(slots=True)
class ClaimResponses:
    """The responses to the officers: who got which folio."""

    folios: list[tuple[int, str]] = field(default_factory=list)

    def hear(self, ask: HttpRequest, answer: HttpResponse) -> None:
        if answer.status == 200:
            self.folios.append((int(ask.key.removeprefix(KEY)), answer.json()["folio"]))


@dataclass(slots=True)
class Limits:
    """Rounds of pgbench, each with claims of its own."""

    server: EmbeddedServer
    url: str
    folder: Path
    made: int = 0

    def round(self) -> float:
        """Transactions a second of all that a request asks the database: who the officer is and what they get."""
        base, self.made = self.made, self.made + PGBENCH_COUNT
        text = pgbench.script(CLAIM_AT_ONCE, values=officers.CLAIM_VALUES)
        return pgbench.rate(self.server, self.url, text, self.folder, base=base, count=PGBENCH_COUNT)


def run() -> Result:
    """At least two fifths of the limit, and the books right."""
    with database_server() as server, tempfile.TemporaryDirectory(prefix="vt-bench-") as folder:
        Path(folder).chmod(0o755)
        url = migrated(server)
        dataset.populate(url, WAITING, seats=1)
        officers.add_officers(url)
        officers.fill_queue(url, WAITING)
        dataset.analyze(url)
        # Signing tokens is the work of another minute: it is done before the clock starts.
        tokens = [officers.token_of_officer(n) for n in range(officers.OFFICERS)]
        asks = (_ask(n, tokens) for n in count())
        limits = Limits(server, url, Path(folder))
        limits.round()  # the cache is warm after it
        responses, ours, theirs = ClaimResponses(), [], []
        with web_server(url, workers=cores()) as web:
            uvloop.run(_round(web.port, asks, responses, 1.5))
            for _ in range(ROUNDS):
                theirs.append(limits.round())
                load = uvloop.run(_round(web.port, asks, responses, SECONDS))
                ours.append(load.rate)
                say(f"claims: {_told(load)}, pgbench {theirs[-1]:.0f}/s")
        wrong = _reconcile(url, responses, by_pgbench=limits.made)
    for line in wrong:
        say(f"WRONG {line}")
    return Result("claims", statistics.median(ours) / statistics.median(theirs), TARGET, also=not wrong)


def _told(load: Load) -> str:
    return (
        f"{load.rate:.0f}/s over HTTP (p50 {load.percentile(0.5) * 1000:.1f} ms,"
        f" p95 {load.percentile(0.95) * 1000:.1f} ms)"
    )


def _ask(n: int, tokens: list[str]) -> HttpRequest:
    """The n-th claim, by the officer whose turn it is."""
    return HttpRequest("POST", "/api/v1/work/claim", token=tokens[n % len(tokens)], key=f"{KEY}{n:012d}", body={})


async def _round(port: int, asks: Iterator[HttpRequest], responses: ClaimResponses, seconds: float) -> Load:
    ready = list(islice(asks, int(seconds * MOST_A_SECOND)))
    load = await drive(port, iter(ready), connections=CONNECTIONS, seconds=seconds, seen=responses.hear)
    if set(load.statuses) != {200}:
        raise RuntimeError(f"not every claim was answered 200: {dict(load.statuses)} {load.first_fault!r}")
    return load


def _reconcile(url: str, responses: ClaimResponses, *, by_pgbench: int) -> list[str]:
    """Everything that isn't as it must be; empty when the books are right."""
    wrong = [f"{what}: {found}" for what, question in QUESTIONS.items() if (found := rows(url, question)[0][0])]
    twice = [folio for folio, times in Counter(folio for _n, folio in responses.folios).items() if times > 1]
    wrong += [f"{folio}: given to two" for folio in twice[:5]]
    events = rows(url, "SELECT count(*) FROM event WHERE type = 'work.claimed'")[0][0]
    if events != len(responses.folios) + by_pgbench:
        wrong.append(f"events: {events}, claims answered {len(responses.folios)} and {by_pgbench} by pgbench")
    holders = dict(rows(url, "SELECT folio, holder_id FROM work_item WHERE holder_id IS NOT NULL"))
    untrue = [folio for n, folio in responses.folios if holders.get(folio) != officers.officer_id(n)]
    wrong += [f"{folio}: reported to its officer, who does not hold it" for folio in untrue[:5]]
    say(f"reconciled: {events:,} claims, {len(responses.folios):,} of them over HTTP, {len(wrong)} faults")
    return wrong
