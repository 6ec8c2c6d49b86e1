"""Web sessions, kept on our side: the cookie holds a random token, the database its digest."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import WebSession
from app.kernel import clock, ids
from app.kernel.terms import identity_terms

# A page view is written down at most this often: reading pages must not cost a write each.
SEEN_EVERY = timedelta(minutes=1)
# A silent session is shut but kept until its end: who signs in again finds their answers.
_FORGET = text("DELETE FROM web_session WHERE expires_at < :now")


async def find_session(session: AsyncSession, token: str) -> WebSession | None:
    """The live session of this cookie: neither too old nor too long silent."""
    found = await session.get(WebSession, ids.digest(token))
    now = clock.now()
    idle = timedelta(minutes=identity_terms().session_idle_minutes)
    if found is None or found.expires_at <= now or found.seen_at + idle <= now:
        return None
    if found.seen_at + SEEN_EVERY <= now:
        found.seen_at = now
    return found


async def lapsed_session(session: AsyncSession, token: str) -> WebSession | None:
    """The session of this cookie that was silent for too long: nobody is signed in by it, its answers are kept."""
    found = await session.get(WebSession, ids.digest(token))
    return found if found is not None and found.expires_at > clock.now() else None


async def start_session(
    session: AsyncSession,
    *,
    person_id: UUID | None = None,
    staff_id: UUID | None = None,
    answers: dict[str, Any] | None = None,
) -> tuple[WebSession, str]:
    """A new session and the token for its cookie."""
    token, now = ids.new_secret(), clock.now()
    made = WebSession(
        token_digest=ids.digest(token),
        id=ids.new_id(),
        person_id=person_id,
        staff_id=staff_id,
        csrf=ids.new_secret(16),
        answers=answers or {},
        created_at=now,
        seen_at=now,
        expires_at=now + timedelta(hours=identity_terms().session_hours),
    )
    session.add(made)
    await session.flush()
    return made, token


async def sign_in_session(
    session: AsyncSession,
    before: WebSession | None,
    *,
    person_id: UUID | None = None,
    staff_id: UUID | None = None,
    lapsed: WebSession | None = None,
) -> tuple[WebSession, str]:
    """A session for somebody who just proved who they are. The token changes, so a planted one is worth nothing.

    A visitor's answers are kept, and those of a `lapsed` session of the same person; never somebody else's.
    """
    answers: dict[str, Any] = {}
    for earlier in (lapsed, before):
        if earlier is not None:
            if person_id is not None and earlier.staff_id is None and earlier.person_id in {None, person_id}:
                answers |= earlier.answers
            await end_session(session, earlier)
    return await start_session(session, person_id=person_id, staff_id=staff_id, answers=answers)


async def end_session(session: AsyncSession, ended: WebSession) -> None:
    """Sign out: the session and its answers are gone."""
    await session.execute(delete(WebSession).where(WebSession.token_digest == ended.token_digest))
    session.expunge(ended)


async def end_sessions_of(session: AsyncSession, person_id: UUID) -> None:
    """Sign a person out everywhere."""
    await session.execute(delete(WebSession).where(WebSession.person_id == person_id))


async def sessions_of(session: AsyncSession, person_id: UUID) -> int:
    """How many browsers a person is signed in at."""
    rows = await session.scalars(select(WebSession.id).where(WebSession.person_id == person_id))
    return len(rows.all())


async def forget_sessions(session: AsyncSession, now: datetime) -> None:
    """Delete sessions that have ended."""
    await session.execute(_FORGET, {"now": now})
