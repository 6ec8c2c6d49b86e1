"""The consumer that keeps a visit and its request in step, whoever changed which."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import AppointmentCancelled, AppointmentMoved
from app.desk import service
from app.kernel.consumers import Event, consumer
from app.requests.events import RequestLapsed, RequestWithdrawn, VisitAttended

ENDS = (RequestLapsed.type, RequestWithdrawn.type)


@consumer("desk", (AppointmentCancelled.type, AppointmentMoved.type, VisitAttended.type, *ENDS))
async def keep_in_step(session: AsyncSession, event: Event) -> None:
    """Repeated, it finds nothing left to do."""
    if event.type in ENDS:
        await service.free_visit(session, event)
    elif event.type == VisitAttended.type:
        await service.free_attended(session, event)
    else:
        await service.follow_appointment(session, event)
