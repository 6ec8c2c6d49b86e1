"""Whole lives of requests over HTTP: begun and submitted by a citizen, claimed and decided by an officer."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from bench import officers
from bench.load import Connection, HttpRequest, HttpResponse
from bench.write_benchmark import token_of

CONNECTIONS = 8
STEPS = ("create", "submit", "claim", "decide")
STORY = "La fila de la farmacia fue larga; propongo abrir otra ventanilla por la mañana."
DECISION = {"action": "approve", "reasons": ["answered"], "message": "Gracias por su propuesta: la estudiaremos."}


@dataclass(frozen=True, slots=True)
class Actors:
    """Who takes part in the n-th life, with tokens signed before the clock starts."""

    number: int
    citizen: str
    officer: str


def actors(numbers: Iterator[int], count: int) -> list[Actors]:
    """The next people, each with an officer of their unit."""
    return [Actors(n, token_of(n), officers.token_of_officer(n)) for n in islice(numbers, count)]


@dataclass(slots=True)
class Lifecycles:
    """What a round did. `times` by step, in seconds, life by life."""

    seconds: float = 0.0
    times: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})

    @property
    def rate(self) -> float:
        """Whole lives a second."""
        return len(self.times[STEPS[-1]]) / self.seconds

    def add(self, other: "Lifecycles") -> None:
        self.seconds += other.seconds
        for step, taken in other.times.items():
            self.times[step] += taken

    def filing(self) -> list[float]:
        """Seconds from the draft to its number of days: create and submit."""
        return [one + two for one, two in zip(self.times["create"], self.times["submit"], strict=True)]


def percentile(seconds: list[float], share: float) -> float:
    """Milliseconds within which this share was done."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


async def run_lifecycles(port: int, cast: list[Actors]) -> Lifecycles:
    """Lead a life with each of these, a few at once.

    Raises:
        RuntimeError: a step wasn't answered as it must be.
    """
    lives, waiting = Lifecycles(), iter(cast)
    began = time.perf_counter()
    await asyncio.gather(*(_one_after_another(port, waiting, lives) for _ in range(CONNECTIONS)))
    lives.seconds = time.perf_counter() - began
    return lives


async def _one_after_another(port: int, waiting: Iterator[Actors], lives: Lifecycles) -> None:
    connection = Connection(port)
    for who in waiting:
        await _life(connection, who, lives)
    connection.close()


async def _life(connection: Connection, who: Actors, lives: Lifecycles) -> None:
    begun = {"service": officers.SERVICE, "answers": {"about": "suggestion", "story": STORY}}
    first = HttpRequest("POST", "/api/v1/requests", token=who.citizen, key=f"create-{who.number:09d}", body=begun)
    folio = (await _timed(connection, "create", first, 201, lives)).json()["folio"]
    version = (("If-Match", "*"),)
    handed = HttpRequest(
        *("POST", f"/api/v1/requests/{folio}/submit", who.citizen, f"submit-{who.number:09d}"), headers=version
    )
    await _timed(connection, "submit", handed, 200, lives)
    path, key = f"/api/v1/work/{folio}/claim", f"claim-{who.number:09d}"
    await _timed(connection, "claim", HttpRequest("POST", path, token=who.officer, key=key), 200, lives)
    path, key = f"/api/v1/work/{folio}/decide", f"decide-{who.number:09d}"
    decided = HttpRequest("POST", path, token=who.officer, key=key, body=DECISION, headers=version)
    answer = await _timed(connection, "decide", decided, 200, lives)
    if answer.json()["outcome"] != "approved":
        raise RuntimeError(f"a life ended otherwise: {answer.body!r}")


async def _timed(connection: Connection, step: str, ask: HttpRequest, expected: int, lives: Lifecycles) -> HttpResponse:
    began = time.perf_counter()
    answer = await connection.ask(ask.encoded())
    lives.times[step].append(time.perf_counter() - began)
    if answer.status != expected:
        raise RuntimeError(f"{step} was answered {answer.status}: {answer.body!r}")
    return answer
