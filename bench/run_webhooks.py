"""Events delivered to one endpoint, from the log to the record of each, against bare posts to the same receiver."""

import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import monotonic, sleep

from bench.harness import Result, database_server, execute, free_port, migrated, python, say

COUNT = 5_000
ROUNDS = 3
TARGET = 0.5
READY_SECONDS = 30
WAIT_SECONDS = 300


def run() -> Result:
    """Half of what bare posts reach, at least; the median of rounds in turns."""
    ratios = []
    with database_server() as server:
        url = migrated(server)
        with _receiver() as port:
            for _ in range(ROUNDS):
                execute(url, "TRUNCATE webhook, webhook_delivery, webhook_attempt, event, event_position CASCADE")
                bare = COUNT / _seconds("bare", port, url)
                ours = COUNT / _seconds("deliver", port, url)
                say(f"{ours:,.0f} deliveries/s, {bare:,.0f} bare posts/s")
                ratios.append(ours / bare)
            received = int(_ask(port))
    wrong = received - 2 * ROUNDS * COUNT
    say(f"{received:,} received, {wrong} too many")
    return Result("webhooks", median(ratios), TARGET, also=wrong == 0)


@contextmanager
def _receiver() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([python(), "-m", "bench.webhooks", "receive", str(port)])
    try:
        deadline = monotonic() + READY_SECONDS
        while True:
            try:
                _ask(port)
                break
            except (urllib.error.URLError, OSError):
                if monotonic() > deadline:
                    raise
                sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def _ask(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
        return str(answer.read().decode())


def _seconds(what: str, port: int, url: str) -> float:
    command = [python(), "-m", "bench.webhooks", what, str(port), url, str(COUNT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_SECONDS, check=True)
    return float(done.stdout.partition("seconds ")[2].split()[0])
