"""The time a visit takes, measured from its steps on our side; nothing is asked of the browser.

A step is a form sent. Reading a page only starts the clock, so that reading costs a write every five minutes at most.
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
from app.kernel.actor import Anonymous, Channel, Citizen
from app.kernel.db import Db
from app.kernel.device import Device
from app.kernel.events import record

# Less than this is a page opened and left: no time of anybody's.
MIN_SECONDS = 1.0
# The answer that names the service a visit is asking for, of appointments or of requests.
SERVICE_ANSWER = "asking"

# Guarded by the step it counts from: of two requests of a visit at once, one is the step. Measuring waits for nobody:
# while another request of the visit holds the row, this one isn't measured, and its time is counted at the next step.
_STEP = text(
    "UPDATE web_session SET active_seconds = active_seconds + CAST(:more AS double precision),"
    " last_active_at = CAST(:now AS timestamptz) WHERE token_digest = (SELECT token_digest FROM web_session"
    " WHERE token_digest = CAST(:digest AS bytea) AND last_active_at IS NOT DISTINCT FROM CAST(:before AS timestamptz)"
    " FOR UPDATE SKIP LOCKED) RETURNING active_seconds, last_active_at"
)
_CONSUME = text("UPDATE web_session SET active_seconds = 0 WHERE token_digest = CAST(:digest AS bytea)")

# What the fact of a visit that was left needs.
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
    """The meter of a browser's session, at one step of it."""

    digest: bytes
    seconds: float

    async def consume(self, db: Db) -> None:
        """Back to zero. If the caller's transaction is undone the session keeps its time, and so does the next fact."""
        await db.execute(_CONSUME, {"digest": self.digest})
        self.seconds = 0.0


async def track_activity(session: AsyncSession, row: WebSession, *, is_step: bool) -> SessionTimer | None:
    """Count a request of a citizen's visit. A meter comes back at a step: what is recorded now takes its time."""
    now = clock.now()
    if row.staff_id is not None or (not is_step and not restarts_timer(row.last_active_at, now)):
        return None
    more = active_seconds(row.last_active_at, now) if is_step else 0.0
    asked = {"more": more, "now": now, "digest": row.token_digest, "before": row.last_active_at}
    counted = (await session.execute(_STEP, asked)).one_or_none()
    if counted is None:
        return None
    # Told, not changed: were the row dirty, its next write would overwrite what a fact takes meanwhile.
    set_committed_value(row, "active_seconds", counted.active_seconds)
    set_committed_value(row, "last_active_at", counted.last_active_at)
    return SessionTimer(row.token_digest, counted.active_seconds) if is_step else None


async def record_abandoned(session: AsyncSession, ended: Iterable[Any]) -> None:
    """Record, for each of these citizens' sessions that ends, the time it spent on nothing finished."""
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
