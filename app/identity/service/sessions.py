"""Server-side web sessions: the cookie holds a random token, the database its digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.identity.models import WebSession
from app.identity.service.activity import ABANDONED_COLUMNS, record_abandoned
from app.identity.settings import identity_settings
from app.kernel import clock, crypto, ids
from app.kernel.actor import Assurance, Device

# Minimum interval between writes of the last page view.
TOUCH_INTERVAL = timedelta(minutes=1)
# An idle session is signed out but stored until it expires: its owner finds their answers after signing in again.
DELETE_BATCH = 500
# How long the same proof from the same browser (a double click, a resubmission) leads to the same session.
REPEAT_WINDOW = timedelta(seconds=30)
PROOF_DIGEST, LANDING_PAGE = "proved", "landed"
# Digests of the latest idle sessions that an anonymous session replaced.
IDLE_TOKENS, MAX_IDLE_TOKENS = "after", 5

_TOUCH = text(
    "UPDATE web_session SET seen_at = :now WHERE token_digest = (SELECT token_digest FROM web_session"
    " WHERE token_digest = :digest FOR UPDATE SKIP LOCKED)"
)
_LOCK = text("SELECT pg_advisory_xact_lock(CAST(:key AS bigint))")


@dataclass(frozen=True, slots=True)
class CarriedState:
    """State carried over from earlier sessions."""

    answers: dict[str, Any]
    active_seconds: float = 0.0
    last_active_at: datetime | None = None


async def find_session(session: AsyncSession, token: str) -> WebSession | None:
    """Return the active session of this cookie: neither expired nor idle. Read-only."""
    found = await session.get(WebSession, ids.digest(token))
    now = clock.now()
    idle = timedelta(minutes=identity_settings().session_idle_minutes)
    if found is None or found.expires_at <= now or found.seen_at + idle <= now:
        return None
    return found


async def touch_session(session: AsyncSession, token: str) -> WebSession | None:
    """Like `find_session`, and reset the idle time-out."""
    found = await find_session(session, token)
    now = clock.now()
    if found is not None and found.seen_at + TOUCH_INTERVAL <= now:
        # Not through the row: another request may be ending this session, and then there is nothing to write down.
        await session.execute(_TOUCH, {"now": now, "digest": found.token_digest})
        set_committed_value(found, "seen_at", now)
    return found


@dataclass(frozen=True, slots=True)
class Proof:
    """What a browser sent to sign in, and what identifies the browser: its session cookie and the key of its form.
    Session tokens are derived from both, so that resubmitting finds the session."""

    what: str
    browsers: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Digest stored in the session; it doesn't reveal the proof."""
        return self.digests[0]

    @property
    def digests(self) -> list[str]:
        """The digest by each secret key: an older key may have been used."""
        return [made.hex() for made in crypto.hmac_digests("proof", self.what)]

    def token(self, browser: str) -> str:
        return self.tokens(browser)[0]

    def tokens(self, browser: str) -> list[str]:
        return [made.hex() for made in crypto.hmac_digests("session-token", f"{browser}\n{self.what}")]


async def lock_sign_in(session: AsyncSession, browsers: Sequence[str]) -> None:
    """Serialize the sign-ins of a browser until the end of the transaction."""
    for browser in browsers:
        key = int.from_bytes(ids.digest(f"sign-in {browser}")[:8], signed=True)
        await session.execute(_LOCK, {"key": key})


async def find_repeated_sign_in(
    session: AsyncSession, current: WebSession | None, proof: Proof
) -> tuple[WebSession, str | None] | None:
    """Return the session that the same proof from the same browser created moments ago, and its token unless the
    browser already has the cookie."""
    if current is not None and _is_fresh(current) and current.answers.get(PROOF_DIGEST) in proof.digests:
        return current, None
    for token in (token for browser in proof.browsers for token in proof.tokens(browser)):
        found = await session.get(WebSession, ids.digest(token))
        if found is not None and _is_fresh(found):
            return found, token
    return None


def _is_fresh(row: WebSession) -> bool:
    return row.created_at + REPEAT_WINDOW > clock.now()


async def idle_session(session: AsyncSession, token: str) -> WebSession | None:
    """Return the idle session of this cookie: signed out, with its answers stored."""
    found = await session.get(WebSession, ids.digest(token))
    return found if found is not None and found.expires_at > clock.now() else None


def _after_idle(idle: WebSession | None) -> CarriedState:
    """Link an anonymous session to the idle session it replaces, so that its owner finds their answers after signing
    in. Nothing of it can be read before."""
    if idle is None:
        return CarriedState({})
    return CarriedState({IDLE_TOKENS: [*idle.answers.get(IDLE_TOKENS, []), idle.token_digest.hex()][-MAX_IDLE_TOKENS:]})


async def _linked_idle_sessions(session: AsyncSession, visitor: WebSession) -> list[WebSession]:
    """Return the idle sessions linked by `_after_idle` that haven't expired."""
    found = [await session.get(WebSession, bytes.fromhex(digest)) for digest in visitor.answers.get(IDLE_TOKENS, [])]
    return [row for row in found if row is not None and row.expires_at > clock.now()]


async def start_session(
    session: AsyncSession,
    *,
    person_id: UUID | None = None,
    staff_id: UUID | None = None,
    device: Device | None = None,
    carried: CarriedState | None = None,
    idle: WebSession | None = None,
    token: str | None = None,
    assurance: Assurance = Assurance.LOW,
    signed_in_by: str | None = None,
) -> tuple[WebSession, str]:
    """Create a session; return it with the token for its cookie. An anonymous session is linked to the `idle` session
    of the browser, for `sign_in_session`."""
    token, now = token or ids.new_secret(), clock.now()
    taken_over = carried or _after_idle(idle)
    made = WebSession(
        token_digest=ids.digest(token),
        id=ids.new_id(),
        person_id=person_id,
        staff_id=staff_id,
        csrf=ids.new_secret(16),
        answers=taken_over.answers,
        created_at=now,
        seen_at=now,
        expires_at=now + timedelta(hours=identity_settings().session_hours),
        active_seconds=taken_over.active_seconds,
        last_active_at=taken_over.last_active_at or now,
        device=device.value if device else None,
        assurance=assurance.value if person_id else None,
        signed_in_by=signed_in_by,
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
    idle: WebSession | None = None,
    device: Device | None = None,
    proof: Proof | None = None,
    landed: str = "",
    assurance: Assurance = Assurance.LOW,
    signed_in_by: str | None = None,
) -> tuple[WebSession, str]:
    """Create the session of a person who just signed in, with a new token (no session fixation). With a `proof`, the
    same proof from this browser finds the session again for some seconds, and its `landed` page.

    Answers and time of the anonymous session are carried over, and those of an `idle` session of the same person,
    linked ones included; never those of another person or of a session with higher assurance.
    """
    answers: dict[str, Any] = {}
    seconds, steps = 0.0, []
    latest = [one for one in (idle, before) if one is not None]
    for earlier in [*[row for one in latest for row in await _linked_idle_sessions(session, one)], *latest]:
        if _may_continue(earlier, person_id, assurance):
            answers |= earlier.answers
            seconds += earlier.active_seconds
            steps += [earlier.last_active_at] if earlier.last_active_at else []
            await _delete(session, earlier)
        else:
            await end_session(session, earlier)
    answers.pop(IDLE_TOKENS, None)
    token = None
    if proof is not None:
        answers |= {PROOF_DIGEST: proof.digest, LANDING_PAGE: landed}
        token = proof.token(proof.browsers[0]) if proof.browsers else None
    carried = CarriedState(answers, seconds, max(steps, default=None))
    return await start_session(
        session,
        person_id=person_id,
        staff_id=staff_id,
        device=device,
        carried=carried,
        assurance=assurance,
        signed_in_by=signed_in_by,
        token=token,
    )


def _may_continue(earlier: WebSession, person_id: UUID | None, assurance: Assurance) -> bool:
    if person_id is None or earlier.staff_id is not None or earlier.person_id not in {None, person_id}:
        return False
    return earlier.assurance is None or assurance.reaches(Assurance(earlier.assurance))


async def end_session(session: AsyncSession, ended: WebSession) -> None:
    """Sign out: delete the session with its answers and record its unfinished time."""
    await record_abandoned(session, [ended])
    await _delete(session, ended)


async def _delete(session: AsyncSession, ended: WebSession) -> None:
    await session.execute(delete(WebSession).where(WebSession.token_digest == ended.token_digest))
    session.expunge(ended)


async def end_sessions_of(session: AsyncSession, person_id: UUID, *, keep: UUID | None = None) -> None:
    """Delete a person's sessions except the one to `keep`."""
    deleted = delete(WebSession).where(WebSession.person_id == person_id).returning(*ABANDONED_COLUMNS)
    if keep is not None:
        deleted = deleted.where(WebSession.id != keep)
    await record_abandoned(session, (await session.execute(deleted)).all())


async def delete_expired_sessions(session: AsyncSession, now: datetime) -> int:
    """Delete a batch of expired sessions, recording their unfinished time; return how many."""
    ended = (
        select(WebSession.token_digest)
        .where(WebSession.expires_at < now)
        .order_by(WebSession.expires_at)
        .limit(DELETE_BATCH)
        .with_for_update(skip_locked=True)
    )
    deleted = delete(WebSession).where(WebSession.token_digest.in_(ended)).returning(*ABANDONED_COLUMNS)
    rows = (await session.execute(deleted)).all()
    await record_abandoned(session, rows)
    return len(rows)
