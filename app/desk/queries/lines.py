"""The line that a ticket stands in, as the forecast takes it, read from what is so at its unit now."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.rules import has_own_doctor
from app.desk.rules.calibration import Reach, Scored, shrunk_reach
from app.desk.rules.forecast import Line, Observed, TimeAtCounter, shrunk
from app.desk.rules.lines import IsAwaited, StaffedCounter, StandsInLine, line_of_ticket
from app.desk.rules.turns import Turn
from app.desk.statements import STATEMENTS
from app.kernel import clock

TOLERANCE = timedelta(minutes=10)
"""How late people are still expected for an appointment."""
_LINE = STATEMENTS.load("line_of_unit")
_TIMES = STATEMENTS.load("service_times_here")
_REACHES = STATEMENTS.load("forecast_reaches_here")


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
    counters, waiting, awaited = [], [], []
    for row in await session.execute(_LINE, given):
        if row.kind == "counter":
            counters.append(StaffedCounter(row.number, row.services, row.service, row.at, row.is_paused))
        elif row.kind == "waiting":
            turn = Turn(row.at, row.first_at)
            waiting.append(StandsInLine(key_of(row.id), row.service, row.letter, row.number, turn, row.room))
        else:
            room = row.room if has_own_doctor(row.service) else None
            awaited.append(IsAwaited(key_of(row.id), row.service, row.at, room))
    named = {one.service for one in waiting} | {one.service for one in awaited}
    named |= {one.with_service for one in counters if one.with_service is not None}
    takes = await _times(session, ticket.unit_id, named, now)
    mine = StandsInLine(key_of(ticket.id), ticket.service, ticket.letter, ticket.number, ticket.turn, ticket.room)
    return line_of_ticket(mine, counters, waiting, awaited, takes, now)


async def reach_of(session: AsyncSession, unit_id: UUID, service: str) -> Reach:
    """How far the ranges of a service's waits at a unit have to reach."""
    rows = await session.execute(_REACHES, {"unit_id": unit_id, "service": service})
    return shrunk_reach([Scored(row.n, row.below, row.above) for row in rows])


def key_of(known: UUID) -> int:
    """What gives a ticket or appointment random numbers of its own."""
    return int.from_bytes(known.bytes[8:])


async def _times(
    session: AsyncSession, unit_id: UUID, services: Collection[str], now: datetime
) -> dict[str, TimeAtCounter]:
    seen: dict[str, list[Observed]] = defaultdict(list)
    given = {"unit_id": unit_id, "services": sorted(services), "now": now}
    for row in await session.execute(_TIMES, given):
        seen[row.service].append(Observed(row.n, row.mean, row.variance))
    return {service: shrunk(seen[service]) for service in services}
