"""Refresh tokens: each is used once and replaced (OAuth 2.0 BCP, RFC 9700 section 4.14). One used twice was stolen
from somebody: its whole family ends."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import TokenReused
from app.identity.models import RefreshToken
from app.identity.problems import TokenExpired
from app.identity.tokens import CITIZEN, STAFF, issue_access_token
from app.kernel import clock, ids
from app.kernel.actor import Anyone
from app.kernel.db import separate_tx
from app.kernel.facts import record
from app.kernel.terms import identity_terms

# A program that sends the same refresh twice at once (a retry on a bad network) loses one of the two, not its session.
GRACE = timedelta(seconds=10)

_USE = text(
    "UPDATE refresh_token SET used_at = :now WHERE digest = :digest AND used_at IS NULL AND revoked_at IS NULL"
    " AND expires_at > :now RETURNING family_id, person_id, staff_id"
)
_FAMILY = text("SELECT family_id, used_at FROM refresh_token WHERE digest = :digest")
_REVOKE = text("UPDATE refresh_token SET revoked_at = :now WHERE family_id = :family AND revoked_at IS NULL")
_REVOKE_PERSON = text("UPDATE refresh_token SET revoked_at = :now WHERE person_id = :person AND revoked_at IS NULL")
_FORGET = text("DELETE FROM refresh_token WHERE expires_at < :now")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a program signs in with: a short-lived token, and the one that gets the next pair."""

    access_token: str
    refresh_token: str
    expires_in: int


async def start_family(session: AsyncSession, *, person_id: UUID | None = None, staff_id: UUID | None = None) -> Tokens:
    """The first pair of tokens after signing in."""
    return await _issue(session, ids.new_id(), person_id, staff_id)


async def _issue(session: AsyncSession, family: UUID, person_id: UUID | None, staff_id: UUID | None) -> Tokens:
    secret, now = ids.new_secret(), clock.now()
    session.add(
        RefreshToken(
            digest=ids.digest(secret),
            family_id=family,
            person_id=person_id,
            staff_id=staff_id,
            created_at=now,
            expires_at=now + timedelta(days=identity_terms().refresh_token_days),
        )
    )
    await session.flush()
    kind, subject = (CITIZEN, person_id) if person_id else (STAFF, staff_id)
    assert subject is not None
    access, seconds = issue_access_token(kind, subject, family)
    return Tokens(access, secret, seconds)


async def refresh(session: AsyncSession, actor: Anyone, secret: str) -> Tokens:
    """Trade a refresh token for a new pair. Of two at once with the same token, one wins.

    Raises:
        TokenExpired: it is unknown, too old, revoked, or was used before (then the family is revoked).
    """
    now, digest = clock.now(), ids.digest(secret)
    row = (await session.execute(_USE, {"now": now, "digest": digest})).one_or_none()
    if row is not None:
        return await _issue(session, row.family_id, row.person_id, row.staff_id)
    known = (await session.execute(_FAMILY, {"digest": digest})).one_or_none()
    if known is not None and known.used_at is not None and known.used_at + GRACE < now:
        async with separate_tx() as kept:
            await kept.execute(_REVOKE, {"family": known.family_id, "now": now})
            await record(kept, actor, TokenReused(subject_id=known.family_id))
    raise TokenExpired


async def revoke_family(session: AsyncSession, family: UUID) -> None:
    """Sign out a program: no token of its family gets another."""
    await session.execute(_REVOKE, {"family": family, "now": clock.now()})


async def revoke_person(session: AsyncSession, person_id: UUID) -> None:
    """Sign a person's programs out everywhere."""
    await session.execute(_REVOKE_PERSON, {"person": person_id, "now": clock.now()})


async def forget_tokens(session: AsyncSession) -> None:
    """Delete tokens that have expired."""
    await session.execute(_FORGET, {"now": clock.now()})
