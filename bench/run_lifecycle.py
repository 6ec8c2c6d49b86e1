"""Whole lives of requests over HTTP with 1,000,000 requests in the tables, and every kind of search among them.

One web server process; load, server and database on one machine. The same lives are led in turns in a database of 1,000
requests and as many people: what took longer among a million would show there.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from app.kernel.postgres import EmbeddedServer
from bench import lifecycles, lookups, officers, request_dataset
from bench.dataset import analyze
from bench.harness import Result, database_server, execute, migrated, say, web_server
from bench.lifecycles import STEPS, Lifecycles, percentile

FEW, MANY = 1_000, 1_000_000
ROUNDS = 4
LIVES = 150
PEER_A_SECOND = 6.3  # DIGIT's published load test: complaints, 1 million in the database, on 16 virtual cores
MOST_SEARCH_MS = 50.0
MOST_GROWTH = 1.5
TARGET = 7.0


def run() -> Result:
    """Seven times the lives a second of the peer, searches under 50 ms (p95), and filing no slower among a million."""
    with database_server() as server, tempfile.TemporaryDirectory(prefix="vt-bench-") as folder, ExitStack() as stack:
        urls = _databases(server)
        log_file = Path(folder) / "web.log"
        ports = {count: stack.enter_context(web_server(url, log_file=log_file)).port for count, url in urls.items()}
        led = _in_turns(ports)
        found = lookups.search(ports[MANY], urls[MANY], log_file)
    for step in STEPS:
        taken = led[MANY].times[step]
        say(f"{step}: p50 {percentile(taken, 0.5):.1f} ms, p95 {percentile(taken, 0.95):.1f} ms")
    growth = _growth(led)
    slowest = 0.0
    for name, kind in found.items():
        say(f"search, {name}: {kind.summary()}")
        slowest = max(slowest, percentile(kind.client, 0.95))
    say(f"slowest search: p95 {slowest:.1f} ms (at most {MOST_SEARCH_MS:.0f})")
    rate = led[MANY].rate
    say(f"{rate:.1f} whole lives/s with {MANY:,} requests, {led[FEW].rate:.1f} with {FEW:,}; DIGIT {PEER_A_SECOND}/s")
    also = slowest < MOST_SEARCH_MS and growth <= MOST_GROWTH
    return Result("lifecycle", rate / PEER_A_SECOND, TARGET, also=also)


def _databases(server: EmbeddedServer) -> dict[int, str]:
    """The same people and officers twice, with few and with many requests."""
    urls = {FEW: migrated(server, f"lifecycle_{FEW}"), MANY: ""}
    request_dataset.add_people(urls[FEW])
    officers.add_officers(urls[FEW])
    execute(server.url, f"CREATE DATABASE lifecycle_{MANY} TEMPLATE lifecycle_{FEW} STRATEGY FILE_COPY")
    urls[MANY] = urls[FEW].replace(f"/lifecycle_{FEW}?", f"/lifecycle_{MANY}?")
    for count, url in urls.items():
        request_dataset.add_requests(url, count)
        analyze(url)
    return urls


def _in_turns(ports: dict[int, int]) -> dict[int, Lifecycles]:
    led = {count: Lifecycles() for count in ports}
    numbers: dict[int, Iterator[int]] = {count: iter(range(request_dataset.PEOPLE)) for count in ports}
    for number in range(ROUNDS + 1):
        for count, port in ports.items():
            one = asyncio.run(
                lifecycles.run_lifecycles(port, lifecycles.actors(numbers[count], LIVES if number else LIVES // 3))
            )
            if number:  # the first round warms up
                led[count].add(one)
    return led


def _growth(led: dict[int, Lifecycles]) -> float:
    """How many times as long create and submit take among many, by the median; both shares are printed."""
    shares = [percentile(led[MANY].filing(), share) / percentile(led[FEW].filing(), share) for share in (0.5, 0.95)]
    say(f"create and submit, {MANY:,} to {FEW:,} requests: p50 x{shares[0]:.2f}, p95 x{shares[1]:.2f}")
    return shares[0]
