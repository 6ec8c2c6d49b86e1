"""The consumers that synchronise visits with their requests and score forecasts, the end of each unit's day, and the
nightly count of times at the counter."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import AppointmentCancelled, AppointmentMoved
from app.desk.events import AppointmentAttended, TicketCalled
from app.desk.service import forecasts, visits
from app.desk.service.day_end import end_days, units_with_ended_days
from app.kernel.consumers import Event, consumer, sql_consumer
from app.kernel.db import transaction
from app.kernel.jobs import Lane, cleanup
from app.requests.events import RequestLapsed, RequestWithdrawn, VisitAttended

ENDS = (RequestLapsed.type, RequestWithdrawn.type)


@consumer(
    "desk",
    (AppointmentCancelled.type, AppointmentMoved.type, AppointmentAttended.type, VisitAttended.type, *ENDS),
)
async def sync_visit_with_request(session: AsyncSession, event: Event) -> None:
    """Idempotent."""
    if event.type in ENDS:
        await visits.release_visit(session, event)
    elif event.type == VisitAttended.type:
        await visits.end_attended_visit(session, event)
    elif event.type == AppointmentAttended.type:
        await visits.attend_visit_of(session, event)
    else:
        await visits.apply_appointment_change(session, event)


@cleanup("desk.end-days", lane=Lane.HEAVY, cron="25 * * * *")
async def end_days_hourly(_due: datetime) -> None:
    """End what is left open of past days: hourly, because midnight comes at four different hours in the country."""
    async with transaction() as session:
        units = await units_with_ended_days(session)
    for unit_id in units:  # one at a time: a counter at one of them waits for no other
        async with transaction() as session:
            await end_days(session, unit_id)


@sql_consumer("desk-forecasts", (TicketCalled.type,))
async def score_forecasts(session: AsyncSession) -> None:
    """Idempotent."""
    await forecasts.score_forecasts(session)


@cleanup("desk.count-forecasts", lane=Lane.HEAVY, cron="10 9 * * *")
async def count_forecasts_nightly(_due: datetime) -> None:
    """Nightly, at three in the country's centre: times at the counter, how good forecasts were, and how far the ranges
    of the next have to reach. Idempotent."""
    async with transaction() as session:
        await forecasts.count_service_times(session)
        await forecasts.calibrate_forecasts(session)
        await forecasts.count_forecasts(session)
