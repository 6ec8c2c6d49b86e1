"""Searches of every kind that staff make, one after another, as the client and as the server sees their time."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from bench import officers, request_dataset
from bench.lifecycles import percentile
from bench.load import Connection, HttpRequest
from bench.request_dataset import Known

EACH = 100
MARK = "search"
FREQUENT = ("María", "José")
NOBODY = "Xóchitl"
KINDS = ("folio", "CURP", "NSS", "frequent name", "full name", "unfinished name", "name nobody has")


@dataclass(slots=True)
class Kind:
    """Seconds of the searches of one kind, by the client's clock and by the server's; requests found."""

    client: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    found: int = 0

    def summary(self) -> str:
        client, server = ([percentile(taken, share) for share in (0.5, 0.95)] for taken in (self.client, self.server))
        return (
            f"p50 {client[0]:.1f} ms, p95 {client[1]:.1f} ms; in the server {server[0]:.1f} and {server[1]:.1f} ms;"
            f" {self.found / len(self.client):.1f} found"
        )


def typed(kind: str, known: Known, n: int) -> str:
    """What is typed for the n-th search of a kind."""
    given, *_rest = known.full_name.split()
    return {
        "folio": known.folio.replace("-", "").lower(),
        "CURP": known.curp,
        "NSS": known.nss,
        "frequent name": FREQUENT[n % len(FREQUENT)],
        "full name": known.full_name,
        "unfinished name": known.full_name[:-3],
        "name nobody has": (NOBODY, f"{given} {NOBODY}")[n % 2],
    }[kind]


def search(port: int, url: str, log_file: Path) -> dict[str, Kind]:
    """Every kind by the supervisor of all units and by an officer of the person's own, in a mixed order."""
    plan = list(_planned(request_dataset.sample(url, EACH)))
    Random(11).shuffle(plan)
    asyncio.run(_ask_all(port, plan[: len(plan) // 10], "warm-up"))
    heard = asyncio.run(_ask_all(port, plan, MARK))
    served = _server_times(log_file, last=f"{MARK}-{len(plan) - 1:06d}")
    kinds: defaultdict[str, Kind] = defaultdict(Kind)
    for n, ((name, _ask), (seconds, found)) in enumerate(zip(plan, heard, strict=True)):
        kinds[name].client.append(seconds)
        kinds[name].server.append(served[f"{MARK}-{n:06d}"])
        kinds[name].found += found
    return dict(sorted(kinds.items()))


def _planned(known: list[Known]) -> Iterator[tuple[str, HttpRequest]]:
    supervisor = officers.token_of_supervisor()
    for n, one in enumerate(known):
        for kind in KINDS:
            body = {"q": typed(kind, one, n)}
            for scope, token in (("all units", supervisor), ("one unit", officers.token_of_officer(one.number))):
                yield f"{kind}, {scope}", HttpRequest("POST", "/api/v1/work/search", token=token, body=body)


async def _ask_all(port: int, plan: list[tuple[str, HttpRequest]], mark: str) -> list[tuple[float, int]]:
    """Seconds and requests found of each, each under a request id of its own."""
    connection, heard = Connection(port), []
    for n, (name, ask) in enumerate(plan):
        marked = replace(ask, headers=(("X-Request-Id", f"{mark}-{n:06d}"),))
        began = time.perf_counter()
        answer = await connection.ask(marked.encoded())
        seconds = time.perf_counter() - began
        if answer.status != 200:
            raise RuntimeError(f"{name} was answered {answer.status}: {answer.body!r}")
        found = len(answer.json())
        if found != 1 and name.startswith("folio"):
            raise RuntimeError(f"{name} found {found} requests: {ask.body}")
        heard.append((seconds, found))
    connection.close()
    return heard


def _server_times(log_file: Path, *, last: str) -> dict[str, float]:
    """Seconds by request id, as the server's log tells them: it writes a line after the answer is sent."""
    for _ in range(50):
        text = log_file.read_text()
        if last in text and text.endswith("\n"):
            break
        time.sleep(0.1)
    entries = (json.loads(line) for line in text.splitlines() if line.startswith("{"))
    return {one["request_id"]: one["milliseconds"] / 1000 for one in entries if one.get("event") == "request"}
