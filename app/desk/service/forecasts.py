"""Forecasts of waits: made when a ticket is given, scored when it is called; and the times at the counter for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.events import TicketCalled
from app.desk.models import DeskForecast, DeskQueue, ForecastReach, ServiceTime
from app.desk.queries.board import policy_of_queue
from app.desk.queries.lines import Waiting, key_of, line_of, reach_of
from app.desk.rules.calibration import MARGIN, NARROWEST, SHARE, calibrated
from app.desk.rules.forecast import Forecast, SimulatedRange, simulate
from app.desk.rules.turns import Arrival, turn_of
from app.desk.statements import STATEMENTS
from app.kernel import clock
from app.kernel.db import savepoint
from app.places.rules import DEFAULT_ZONE

DAYS = 90
"""Of how many days times at the counter, and scores of forecasts, are counted."""
HOLDS_FOR = timedelta(seconds=20)
"""For how long the forecasts on a board hold."""
MOST_HELD = 2_000
"""Units whose forecasts a process holds."""
LAST = 1_000_000
"""The number of who comes now: after all others."""
LATE_DAYS = 3
"""Of how many days forecasts are counted again each night: calls of a desk that was offline come late."""
_COUNT = STATEMENTS.load("count_service_times")
_COUNT_FORECASTS = STATEMENTS.load("count_forecasts")
_CALIBRATE = STATEMENTS.load("calibrate_forecasts", SHARE=SHARE, NARROWEST=NARROWEST, MARGIN=MARGIN)
_SCORE = STATEMENTS.load("score_forecasts", called=f"'{TicketCalled.type}'")
log = structlog.get_logger(__name__)


async def forecast_of(session: AsyncSession, ticket: Waiting) -> Forecast | None:
    """Forecast how long a ticket waits from now on; None when no open counter may call it. Who asks twice while nothing
    changes gets the same."""
    simulated = simulate(await line_of(session, ticket), key_of(ticket.id))
    return await _calibrated(session, ticket, simulated) if simulated is not None else None


async def _calibrated(session: AsyncSession, ticket: Waiting, simulated: SimulatedRange) -> Forecast:
    return calibrated(simulated, await reach_of(session, ticket.unit_id, ticket.service))


@dataclass(frozen=True, slots=True)
class QueueForecast:
    """How long who takes a number of this letter now, without an appointment, waits."""

    letter: str
    forecast: Forecast


_recent: dict[UUID, tuple[datetime, list[QueueForecast]]] = {}


async def forecasts_of_unit(session: AsyncSession, unit_id: UUID) -> list[QueueForecast]:
    """A forecast for each queue of a unit that an open counter attends, by letter: what a board shows. Worked out again
    after `HOLDS_FOR`, however many ask."""
    now = clock.now()
    at, known = _recent.get(unit_id, (now - HOLDS_FOR, []))
    if at <= now < at + HOLDS_FOR:
        return known
    rows = await session.scalars(select(DeskQueue).where(DeskQueue.unit_id == unit_id).order_by(DeskQueue.letter))
    found = []
    for row in rows.all():
        turn = turn_of(Arrival(now), policy_of_queue(row))
        newcomer = Waiting(unit_id, unit_id, row.service, row.letter, LAST, turn, None)
        made = await forecast_of(session, newcomer)
        if made is not None:
            found.append(QueueForecast(row.letter, made))
    if len(_recent) >= MOST_HELD:
        _recent.clear()
    _recent[unit_id] = now, found
    return found


async def store_forecast(session: AsyncSession, ticket: Waiting) -> Forecast | None:
    """Forecast the wait of a new ticket and store it, to be scored. Whatever goes wrong, the ticket is given: it has no
    forecast then."""
    try:
        async with savepoint(session):
            simulated = simulate(await line_of(session, ticket), key_of(ticket.id))
            if simulated is None:
                return None
            made = await _calibrated(session, ticket, simulated)
            row = DeskForecast(unit_id=ticket.unit_id, ticket_id=ticket.id, made_at=clock.now())
            row.low, row.median, row.high = made.low, made.median, made.high
            row.simulated_low, row.simulated_median = simulated.low, simulated.median
            row.simulated_high = simulated.high
            session.add(row)
            await session.flush()
    except Exception:  # who arrives gets their number, whatever fails here
        log.warning("no_forecast", exc_info=True)
        return None
    return made


async def score_forecasts(session: AsyncSession) -> None:
    """Score the forecasts of the tickets that the batch of events calls. Repeated or out of order, the same."""
    await session.execute(_SCORE)


async def count_service_times(session: AsyncSession) -> None:
    """Count times at the counter again, from the tickets themselves; readers see the old ones until it commits."""
    await session.execute(delete(ServiceTime))
    await session.execute(_COUNT, {"today": clock.today(DEFAULT_ZONE), "days": DAYS})


async def calibrate_forecasts(session: AsyncSession) -> None:
    """Count again how far ranges have to reach, from the scores of the days before today; readers see the old factors
    until it commits."""
    await session.execute(delete(ForecastReach))
    await session.execute(_CALIBRATE, {"today": clock.today(DEFAULT_ZONE), "days": DAYS})


async def count_forecasts(session: AsyncSession) -> None:
    """Add up the forecasts of each unit's last days, for what is public."""
    await session.execute(_COUNT_FORECASTS, {"now": clock.now(), "days": LATE_DAYS})
