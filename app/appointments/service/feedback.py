"""Two questions after booking, moving or cancelling: optional, and blocking nothing."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import rules
from app.appointments.events import AppointmentFeedbackGiven
from app.appointments.queries.own import own_appointment
from app.kernel import clock
from app.kernel.actor import Citizen
from app.kernel.events import record


async def give_feedback(
    session: AsyncSession, actor: Citizen, folio: str, *, would_have_visited: bool | None, satisfaction: int | None
) -> None:
    """Record feedback. The last answer counts; an empty one records nothing.

    Raises:
        NotFound: there is no such appointment, or it isn't the actor's.
        FeedbackClosed: it was booked, moved or cancelled too long ago.
    """
    own = await own_appointment(session, actor, folio)
    rules.require_feedback_open(own.changed_at, clock.now())
    if would_have_visited is None and satisfaction is None:
        return
    event = AppointmentFeedbackGiven(
        subject_id=own.id,
        person_id=own.person_id,
        unit_id=own.unit_id,
        service=own.service,
        folio=own.folio,
        would_have_visited=would_have_visited,
        satisfaction=satisfaction,
    )
    await record(session, actor, event)
