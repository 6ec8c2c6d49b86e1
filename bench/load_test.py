"""A load test on few seats: clients that hold, book, move, cancel and release at once, with a journal of every answer.

A client whose connection breaks doesn't know whether its request had its effect. It asks again with the same key until
it is answered, as a real client does; what was answered must be true afterwards (see `books`).
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from bench import dataset
from bench.load import Connection, HttpRequest, HttpResponse

UNSETTLED = {503, 429}
FAULT = 500
TWINS = 0.08
TWO_PHONES = 0.25
WAITS = 0.2
"""How much of what clients do is about the wait list, where they use it."""
REASONS = ("better", "another-time", "no-transport", "other")


@dataclass(frozen=True, slots=True)
class Place:
    """A time in a room, as the API names it."""

    unit: str
    room: int
    start_at: datetime


@dataclass(slots=True)
class Entry:
    """An acknowledged effect."""

    kind: str
    key: str
    body: dict[str, Any]


@dataclass(slots=True)
class Journal:
    """What the clients received."""

    entries: list[Entry] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    broken: int = 0
    unequal: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    @property
    def operations(self) -> int:
        return len(self.entries) + sum(self.refused.values())

    def kinds(self) -> Counter[str]:
        return Counter(entry.kind for entry in self.entries)


@dataclass(slots=True)
class LoadTest:
    """The clients' common knowledge: servers, people with their tokens, places, who has which appointment."""

    ports: list[int]
    tokens: list[str]
    places: list[Place]
    journal: Journal = field(default_factory=Journal)
    folios: dict[int, str] = field(default_factory=dict)
    cancelling: set[str] = field(default_factory=set)
    waits: bool = False
    accepted: int = 0
    hold_on: bool = False
    over: bool = False

    async def run(self, *, clients: int, operations: int, seed: int = 1) -> None:
        """Until the given number of operations is answered, and while `hold_on` is set."""
        await asyncio.gather(*(self._client(random.Random(f"{seed}-{n}"), operations) for n in range(clients)))
        self.over = True

    async def _client(self, dice: random.Random, operations: int) -> None:
        lines = {port: Connection(port) for port in self.ports}
        while self.hold_on or self.journal.operations < operations:
            person = dice.randrange(len(self.tokens))
            if self.waits and dice.random() < WAITS:
                await self._wait(dice, lines, person)
            elif person in self.folios and dice.random() < 0.9:
                await self._change(dice, lines, person, self.folios[person])
            else:
                await self._book(dice, lines, person)
        for line in lines.values():
            line.close()

    async def _book(self, dice: random.Random, lines: dict[int, Connection], person: int) -> None:
        """Take a time; now and then with two phones at once, each choosing its own."""
        if dice.random() >= TWO_PHONES:
            held = await self._hold(dice, lines, person)
            await self._settle(dice, lines, person, held)
            return
        other = random.Random(dice.random())
        others = {port: Connection(port) for port in self.ports}
        first, second = await asyncio.gather(self._hold(dice, lines, person), self._hold(other, others, person))
        await asyncio.gather(self._settle(dice, lines, person, first), self._settle(other, others, person, second))
        for line in others.values():
            line.close()

    async def _hold(self, dice: random.Random, lines: dict[int, Connection], person: int) -> dict[str, Any] | None:
        place = dice.choice(self.places)
        body = {
            "unit_id": place.unit,
            "service": dataset.SERVICE,
            "room": place.room,
            "start_at": place.start_at.isoformat(),
        }
        return await self._do(dice, lines, person, "hold", "/api/v1/holds", body)

    async def _settle(
        self, dice: random.Random, lines: dict[int, Connection], person: int, held: dict[str, Any] | None
    ) -> None:
        """Book what is held, mostly; else give it back or leave it to lapse."""
        if held is None:
            return
        if dice.random() < 0.1:
            await self._release(dice, lines, person, held["id"])
        elif dice.random() < 0.9:
            booked = await self._do(dice, lines, person, "book", "/api/v1/appointments", {"hold_id": held["id"]})
            if booked is not None:
                self._remember(person, booked["folio"])

    def _remember(self, person: int, folio: str) -> None:
        """The person's appointment. They can have another only if a client has asked to cancel that one."""
        earlier = self.folios.get(person)
        if earlier not in (None, folio) and earlier not in self.cancelling:
            self.journal.doubled.append(f"{earlier} and {folio}")
        self.folios[person] = folio

    async def _change(self, dice: random.Random, lines: dict[int, Connection], person: int, folio: str) -> None:
        path = f"/api/v1/appointments/{folio}"
        if dice.random() < 0.6:
            place = dice.choice(self.places)
            body = {"room": place.room, "start_at": place.start_at.isoformat()}
            await self._do(dice, lines, person, "move", f"{path}/move", body)
            return
        self.cancelling.add(folio)
        done = await self._do(dice, lines, person, "cancel", f"{path}/cancel", {"reason": dice.choice(REASONS)})
        if done and self.folios.get(person) == folio:
            del self.folios[person]

    async def _wait(self, dice: random.Random, lines: dict[int, Connection], person: int) -> None:
        """Join the wait list; who is on it answers what is offered, mostly, or leaves it to expire."""
        body = {"unit_id": self.places[0].unit, "service": dataset.SERVICE, "notice_hours": 2}
        ask = HttpRequest("GET", "/api/v1/wait-list", token=self.tokens[person]).encoded()
        entries = (await self._answered(dice, lines, ask)).json()
        if not entries:
            await self._do(dice, lines, person, "join", "/api/v1/wait-list", body)
            return
        offer = entries[0]["offer"]
        if offer is None or dice.random() < 0.1:
            return
        path = f"/api/v1/wait-offers/{offer['id']}"
        if dice.random() < 0.3:
            await self._do(dice, lines, person, "decline", f"{path}/decline", {})
            return
        taken = await self._do(dice, lines, person, "accept", f"{path}/accept", {})
        if taken is not None:
            self.accepted += 1
            self._remember(person, taken["folio"])

    async def _release(self, dice: random.Random, lines: dict[int, Connection], person: int, hold: str) -> None:
        ask = HttpRequest("DELETE", f"/api/v1/holds/{hold}", token=self.tokens[person])
        await self._answered(dice, lines, ask.encoded())

    async def _do(
        self, dice: random.Random, lines: dict[int, Connection], person: int, kind: str, path: str, body: dict[str, Any]
    ) -> dict[str, Any] | None:
        """One operation; its answer when it had an effect. Some are sent twice at once, as an impatient thumb does."""
        key = str(uuid4())
        ask = HttpRequest(
            "POST", path, token=self.tokens[person], key=key, body=body, headers=(("If-Match", "*"),)
        ).encoded()
        if dice.random() < TWINS:
            others = {port: Connection(port) for port in self.ports}
            answer, twin = await asyncio.gather(
                self._answered(dice, lines, ask), self._answered(random.Random(key), others, ask)
            )
            for line in others.values():
                line.close()
            self._compare(answer, twin, kind)
            answer = twin if answer.status >= 400 else answer
        else:
            answer = await self._answered(dice, lines, ask)
        return self._note(kind, key, answer)

    def _compare(self, answer: HttpResponse, twin: HttpResponse, kind: str) -> None:
        """One key has one effect: both got the same response, or both were refused."""
        if answer.status < 400 and twin.status < 400 and answer.body != twin.body:
            self.journal.unequal.append(f"{kind}: {answer.body!r} and {twin.body!r}")
        if (answer.status < 400) != (twin.status < 400):
            self.journal.refused["one-of-twins"] += 1

    def _note(self, kind: str, key: str, answer: HttpResponse) -> dict[str, Any] | None:
        body: dict[str, Any] = answer.json() if answer.body else {}
        if answer.status < 400:
            if kind == "accept":  # it books the first appointment, or moves the one there is
                kind = "book" if body["version"] == 1 else "move"
            self.journal.entries.append(Entry(kind, key, body))
            return body
        self.journal.refused[str(body["type"]).rsplit("/", 1)[-1]] += 1
        if answer.status == FAULT:
            self.journal.faults.append(f"{kind}: {answer.body!r}")
        return None

    async def _answered(self, dice: random.Random, lines: dict[int, Connection], request: bytes) -> HttpResponse:
        """Ask until answered, of any server."""
        while True:
            try:
                answer = await asyncio.wait_for(lines[dice.choice(self.ports)].ask(request), 30)
            except (OSError, EOFError, TimeoutError, asyncio.IncompleteReadError):
                self.journal.broken += 1
                await asyncio.sleep(0.05)
                continue
            if answer.status not in UNSETTLED:
                return answer
            await asyncio.sleep(0.05)
