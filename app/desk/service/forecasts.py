"""Forecasts of waits: made when a ticket is given, scored when it is called; and the times at the counter for them."""

import structlog
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.events import TicketCalled
from app.desk.models import DeskForecast, ServiceTime
from app.desk.queries.lines import Waiting, key_of, line_of
from app.desk.rules.forecast import Forecast, forecast
from app.desk.statements import STATEMENTS
from app.kernel import clock
from app.kernel.db import savepoint
from app.places.rules import DEFAULT_ZONE

DAYS = 90
"""Of how many days times at the counter are counted."""
LATE_DAYS = 3
"""Of how many days forecasts are counted again each night: calls of a desk that was offline come late."""
_COUNT = STATEMENTS.load("count_service_times")
_COUNT_FORECASTS = STATEMENTS.load("count_forecasts")
_SCORE = STATEMENTS.load("score_forecasts", called=f"'{TicketCalled.type}'")
log = structlog.get_logger(__name__)


async def forecast_of(session: AsyncSession, ticket: Waiting) -> Forecast | None:
    """Forecast how long a ticket waits from now on; None when no open counter may call it. Who asks twice while nothing
    changes gets the same."""
    return forecast(await line_of(session, ticket), key_of(ticket.id))


async def store_forecast(session: AsyncSession, ticket: Waiting) -> Forecast | None:
    """Forecast the wait of a new ticket and store it, to be scored. Whatever goes wrong, the ticket is given: it has no
    forecast then."""
    try:
        async with savepoint(session):
            made = await forecast_of(session, ticket)
            if made is not None:
                figures = {"low": made.low, "median": made.median, "high": made.high}
                session.add(DeskForecast(unit_id=ticket.unit_id, ticket_id=ticket.id, made_at=clock.now(), **figures))
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


async def count_forecasts(session: AsyncSession) -> None:
    """Add up the forecasts of each unit's last days, for what is public."""
    await session.execute(_COUNT_FORECASTS, {"now": clock.now(), "days": LATE_DAYS})
