"""The line that a ticket stands in, as the forecast takes it: counters, people ahead, and who is still to come."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.rules import has_own_doctor
from app.desk.rules.forecast import Ahead, Expected, Line, Observed, OpenCounter, TimeAtCounter, shrunk
from app.desk.rules.turns import Turn, call_order
from app.desk.statements import STATEMENTS
from app.kernel import clock

TOLERANCE = timedelta(minutes=10)
"""How late people are still expected for an appointment."""
_LINE = STATEMENTS.load("line_of_unit")
_TIMES = STATEMENTS.load("service_times_here")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket that waits, and where it stands."""

    unit_id: UUID
    id: UUID
    service: str
    letter: str
    number: int
    turn: Turn
    room: int | None


async def line_of(session: AsyncSession, ticket: Waiting) -> Line:
    """What stands between a ticket and its call, as it is now."""
    now = clock.now()
    given = {"unit_id": ticket.unit_id, "before": ticket.turn.rank_at, "tolerance": TOLERANCE, "now": now}
    rows = (await session.execute(_LINE, given)).all()
    open_ = [row for row in rows if row.kind == "counter"]
    waiting = sorted((row for row in rows if row.kind == "waiting"), key=lambda row: _order(row, now))
    mine = _may_call(open_, ticket.service, ticket.room)
    takes = await _times(session, ticket.unit_id, {row.service for row in rows if row.service}, now)
    ahead, expected = [], []
    for row in waiting:
        if row.id == ticket.id:
            break
        if share := _share(mine, _may_call(open_, row.service, row.room)):
            ahead.append(Ahead(_key(row.id), takes[row.service], share))
    for row in rows:
        if row.kind == "expected":
            by = _may_call(open_, row.service, row.room if has_own_doctor(row.service) else None)
            if _share(mine, by) > 0:
                expected.append(Expected(_key(row.id), takes[row.service], (row.at - now) / timedelta(minutes=1)))
    return Line([_counter(row, takes, now) for row in open_ if row.number in mine], ahead, expected)


def _order(row: Any, now: datetime) -> tuple[Any, ...]:
    return (*call_order(Turn(row.at, row.first_at), row.number, now), row.letter)


def _may_call(counters: Collection[Any], service: str, room: int | None) -> set[int]:
    """The open counters that may call a ticket."""
    return {row.number for row in counters if service in row.services and room in {None, row.number}}


def _share(mine: set[int], theirs: set[int]) -> float:
    """Of the counters that may call another ticket, how many may call mine."""
    return len(mine & theirs) / len(theirs) if theirs else 0.0


def _counter(row: Any, takes: Mapping[str, TimeAtCounter], now: datetime) -> OpenCounter:
    if row.at is None:
        return OpenCounter(row.number)
    return OpenCounter(row.number, max(0.0, (now - row.at) / timedelta(minutes=1)), takes[row.service])


def _key(known: UUID) -> int:
    """Random numbers of their own."""
    return int.from_bytes(known.bytes[8:])


async def _times(
    session: AsyncSession, unit_id: UUID, services: Collection[str], now: datetime
) -> dict[str, TimeAtCounter]:
    seen: dict[str, list[Observed]] = defaultdict(list)
    given = {"unit_id": unit_id, "services": sorted(services), "now": now}
    for row in await session.execute(_TIMES, given):
        seen[row.service].append(Observed(row.n, row.mean, row.variance))
    return {service: shrunk(seen[service]) for service in services}
