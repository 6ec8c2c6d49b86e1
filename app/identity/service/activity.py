"""Active time of web sessions, measured on the server without client-side code.

A step is a submitted form. A page view only restarts the timer, so that reading costs at most one write in five
minutes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.identity.events import SessionAbandoned
from app.identity.models import WebSession
from app.identity.rules import active_seconds, restarts_timer
from app.kernel import clock
from app.kernel.actor import Anonymous, Channel, Citizen, Device
from app.kernel.db import Db
from app.kernel.events import record

# Less than this is a bounce and isn't counted.
MIN_SECONDS = 1.0
# Session answer with the service being requested, of appointments or of requests.
SERVICE_ANSWER = "asking"

# Guarded by the step it counts from: of two concurrent requests of a session one counts. It never waits for a lock:
# while another request has locked the row, this one isn't measured and its time counts at the next step.
_STEP = text(
    "UPDATE web_session SET active_seconds = active_seconds + CAST(:more AS double precision),"
    " last_active_at = CAST(:now AS timestamptz) WHERE token_digest = (SELECT token_digest FROM web_session"
    " WHERE token_digest = CAST(:digest AS bytea) AND last_active_at IS NOT DISTINCT FROM CAST(:before AS timestamptz)"
    " FOR UPDATE SKIP LOCKED) RETURNING active_seconds, last_active_at"
)
_CONSUME = text("UPDATE web_session SET active_seconds = 0 WHERE token_digest = CAST(:digest AS bytea)")

# Columns needed for the event of an abandoned session.
ABANDONED_COLUMNS = (
    WebSession.id,
    WebSession.person_id,
    WebSession.staff_id,
    WebSession.answers,
    WebSession.active_seconds,
    WebSession.device,
)


@dataclass(slots=True)
class SessionTimer:
    """Timer of a web session at one of its steps."""

    digest: bytes
    seconds: float

    async def consume(self, db: Db) -> None:
        """Reset to zero. If the caller's transaction is rolled back the session keeps its time for the next event."""
        await db.execute(_CONSUME, {"digest": self.digest})
        self.seconds = 0.0


async def track_activity(session: AsyncSession, row: WebSession, *, is_step: bool) -> SessionTimer | None:
    """Count a request of a citizen's session. Return a timer at a step: the next event consumes its time."""
    now = clock.now()
    if row.staff_id is not None or (not is_step and not restarts_timer(row.last_active_at, now)):
        return None
    more = active_seconds(row.last_active_at, now) if is_step else 0.0
    asked = {"more": more, "now": now, "digest": row.token_digest, "before": row.last_active_at}
    counted = (await session.execute(_STEP, asked)).one_or_none()
    if counted is None:
        return None
    # Committed values, not changes: a dirty row would overwrite what an event consumes meanwhile.
    set_committed_value(row, "active_seconds", counted.active_seconds)
    set_committed_value(row, "last_active_at", counted.last_active_at)
    return SessionTimer(row.token_digest, counted.active_seconds) if is_step else None


async def record_abandoned(session: AsyncSession, ended: Iterable[Any]) -> None:
    """Record the unfinished time of each of these ended sessions of citizens."""
    for row in ended:
        if row.staff_id is not None or row.active_seconds < MIN_SECONDS:
            continue
        event = SessionAbandoned(
            subject_id=row.id,
            person_id=row.person_id,
            service=row.answers.get(SERVICE_ANSWER),
            seconds=row.active_seconds,
        )
        await record(session, _actor_of(row), event)


def _actor_of(row: Any) -> Citizen | Anonymous:
    device = Device(row.device) if row.device else None
    if row.person_id is None:
        return Anonymous(Channel.WEB, device=device)
    return Citizen(row.person_id, Channel.WEB, row.id, device)
