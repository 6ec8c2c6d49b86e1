"""Refresh tokens: each is used once and replaced (OAuth 2.0 BCP, RFC 9700 section 4.14). Reuse means
theft: the whole family is revoked. Families also expire, which requires signing in again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import TokenReused
from app.identity.models import RefreshToken
from app.identity.problems import TokenExpired
from app.identity.settings import identity_settings
from app.identity.tokens import CITIZEN, STAFF, issue_access_token
from app.kernel import clock, crypto, ids
from app.kernel.actor import Anonymous, Assurance
from app.kernel.db import separate_tx
from app.kernel.events import record

# A program that sends the same refresh twice (a retry on a bad network, two tabs) gets the same pair: the next token is
# derived from the one used, so that it needn't be stored to be given again.
GRACE = timedelta(seconds=10)

# A family with a token that was revoked is over: the one that a refresh made while its family was being revoked was not
# there to be revoked with the others.
_USE = text(
    "UPDATE refresh_token t SET used_at = :now WHERE digest = :digest AND used_at IS NULL AND revoked_at IS NULL"
    " AND expires_at > :now AND NOT EXISTS (SELECT FROM refresh_token r WHERE r.family_id = t.family_id"
    " AND r.revoked_at IS NOT NULL) RETURNING family_id, person_id, staff_id, assurance, family_ends_at"
)
_KNOWN = text(
    "SELECT family_id, person_id, staff_id, assurance, family_ends_at, used_at, revoked_at FROM refresh_token"
    " WHERE digest = :digest"
)
_REVOKE = text("UPDATE refresh_token SET revoked_at = :now WHERE family_id = :family AND revoked_at IS NULL")
_REVOKE_PERSON = text("UPDATE refresh_token SET revoked_at = :now WHERE person_id = :person AND revoked_at IS NULL")
_REVOKE_STAFF = text("UPDATE refresh_token SET revoked_at = :now WHERE staff_id = :staff AND revoked_at IS NULL")
_STAFF_IS_ACTIVE = text("SELECT 1 FROM staff WHERE id = :staff AND is_active")
_DELETE_EXPIRED = text("DELETE FROM refresh_token WHERE expires_at < :now")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A short-lived access token and the refresh token for the next pair."""

    access_token: str
    refresh_token: str
    expires_in: int
    assurance: Assurance | None = None


@dataclass(frozen=True, slots=True)
class _Family:
    """Whose tokens they are, how sure that is, and when the last of them ends."""

    id: UUID
    person_id: UUID | None
    staff_id: UUID | None
    assurance: Assurance | None
    ends: datetime


def _family_of(row: Any) -> _Family:
    assurance = Assurance(row.assurance) if row.assurance else None
    return _Family(row.family_id, row.person_id, row.staff_id, assurance, row.family_ends_at)


async def start_family(
    session: AsyncSession,
    *,
    person_id: UUID | None = None,
    staff_id: UUID | None = None,
    assurance: Assurance | None = None,
) -> Tokens:
    """The first pair of tokens after signing in; a citizen's carry their level of assurance. Its family ends after so
    long, however often it is refreshed."""
    settings, now = identity_settings(), clock.now()
    life = timedelta(days=settings.refresh_family_days) if person_id else timedelta(hours=settings.staff_token_hours)
    family = _Family(ids.new_id(), person_id, staff_id, assurance, now + life)
    secret = ids.new_secret()
    await _store(session, secret, family, now)
    return _pair(secret, family, now)


async def _store(session: AsyncSession, secret: str, family: _Family, now: datetime) -> None:
    session.add(
        RefreshToken(
            digest=ids.digest(secret),
            family_id=family.id,
            person_id=family.person_id,
            staff_id=family.staff_id,
            assurance=family.assurance.value if family.assurance else None,
            created_at=now,
            expires_at=min(family.ends, now + timedelta(days=identity_settings().refresh_token_days)),
            family_ends_at=family.ends,
        )
    )
    await session.flush()


def _pair(secret: str, family: _Family, issued: datetime) -> Tokens:
    kind, subject = (CITIZEN, family.person_id) if family.person_id else (STAFF, family.staff_id)
    assert subject is not None
    access, seconds = issue_access_token(
        kind, subject, family.id, assurance=family.assurance, issued=issued, ends=family.ends
    )
    return Tokens(access, secret, seconds, family.assurance)


def _successor(secret: str) -> str:
    return crypto.hmac_digest("refresh-token", secret).hex()


async def _find_successor(session: AsyncSession, secret: str) -> str:
    """The token that came after this one a moment ago: an older key may have made it."""
    made = {ids.digest(one): one for one in (each.hex() for each in crypto.hmac_digests("refresh-token", secret))}
    stored = await session.scalars(select(RefreshToken.digest).where(RefreshToken.digest.in_(made)))
    return next((made[bytes(digest)] for digest in stored), _successor(secret))


async def refresh(session: AsyncSession, actor: Anonymous, secret: str) -> Tokens:
    """Trade a refresh token for a new pair; the same one within ten seconds, also at once, gets the same pair.

    Raises:
        TokenExpired: it is unknown, too old, revoked, or was used before (then the family is revoked).
    """
    now, digest = clock.now(), ids.digest(secret)
    row = (await session.execute(_USE, {"now": now, "digest": digest})).one_or_none()
    if row is not None:
        await _require_active(session, row)
        await _store(session, _successor(secret), _family_of(row), now)
        return _pair(_successor(secret), _family_of(row), now)
    known = (await session.execute(_KNOWN, {"digest": digest})).one_or_none()
    if known is None or known.used_at is None or known.revoked_at is not None:
        raise TokenExpired
    if known.used_at + GRACE >= now:
        await _require_active(session, known)
        return _pair(await _find_successor(session, secret), _family_of(known), known.used_at)
    async with separate_tx() as separate:
        await separate.execute(_REVOKE, {"family": known.family_id, "now": now})
        await record(separate, actor, TokenReused(subject_id=known.family_id))
    raise TokenExpired


async def _require_active(session: AsyncSession, row: Any) -> None:
    if row.staff_id is not None and (await session.execute(_STAFF_IS_ACTIVE, {"staff": row.staff_id})).first() is None:
        raise TokenExpired


async def revoke_family(session: AsyncSession, family: UUID) -> None:
    """Sign out a program: no token of its family gets another."""
    await session.execute(_REVOKE, {"family": family, "now": clock.now()})


async def revoke_person(session: AsyncSession, person_id: UUID) -> None:
    """Sign a person's programs out everywhere."""
    await session.execute(_REVOKE_PERSON, {"person": person_id, "now": clock.now()})


async def revoke_staff(session: AsyncSession, staff_id: UUID) -> None:
    """Sign the programs of a member of staff out everywhere."""
    await session.execute(_REVOKE_STAFF, {"staff": staff_id, "now": clock.now()})


async def delete_expired_tokens(session: AsyncSession) -> None:
    """Delete tokens that have expired."""
    await session.execute(_DELETE_EXPIRED, {"now": clock.now()})
