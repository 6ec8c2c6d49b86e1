"""The consumer that synchronises visits with their requests."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import AppointmentCancelled, AppointmentMoved
from app.desk.service import visits
from app.kernel.consumers import Event, consumer
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
