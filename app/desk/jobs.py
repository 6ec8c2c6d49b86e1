"""The consumer that synchronises visits with their requests, and the end of each unit's day."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import AppointmentCancelled, AppointmentMoved
from app.desk.service import visits
from app.desk.service.day_end import end_days, units_with_ended_days
from app.kernel.consumers import Event, consumer
from app.kernel.db import transaction
from app.kernel.jobs import Lane, cleanup
from app.requests.events import RequestLapsed, RequestWithdrawn, VisitAttended

ENDS = (RequestLapsed.type, RequestWithdrawn.type)


@consumer("desk", (AppointmentCancelled.type, AppointmentMoved.type, VisitAttended.type, *ENDS))
async def sync_visit_with_request(session: AsyncSession, event: Event) -> None:
    """Idempotent."""
    if event.type in ENDS:
        await visits.release_visit(session, event)
    elif event.type == VisitAttended.type:
        await visits.release_attended_visit(session, event)
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
