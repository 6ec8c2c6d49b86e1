"""Revoke a person's sessions, tokens and codes; store replaced contacts."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import Account, FormerContact, SignInCode
from app.identity.service.refresh import revoke_person
from app.identity.service.sessions import end_sessions_of
from app.kernel import clock, ids
from app.kernel.actor import Assurance
from app.kernel.db import Db

# How long a contact that was replaced still hears of what happens to the account.
CONTACT_RETENTION = timedelta(days=90)
# Longer than any access token lives.
REVOCATION_RETENTION = timedelta(days=1)

_REVOKE_ACCESS = text(
    "INSERT INTO token_revocation (person_id, before) VALUES (CAST(:person AS uuid), CAST(:now AS timestamptz))"
    " ON CONFLICT (person_id) DO UPDATE SET before = greatest(token_revocation.before, excluded.before)"
)
_REVOKED_UNTIL = text("SELECT before FROM token_revocation WHERE person_id = CAST(:person AS uuid)")
IS_REVOKED_SQL = (
    "EXISTS (SELECT 1 FROM token_revocation g WHERE g.person_id = CAST(:actor_id AS uuid)"
    " AND g.before >= CAST(:token_issued_at AS timestamptz))"
)
"""`is_revoked` for a hot statement of the person who acts. Of a null instant, no."""
_DELETE_REVOCATIONS = text("DELETE FROM token_revocation WHERE before < :before")
_DELETE_CONTACTS = text("DELETE FROM former_contact WHERE replaced_at < :before")


async def revoke_all_access(session: AsyncSession, person_id: UUID, *, keep_session: UUID | None = None) -> None:
    """Revoke all access of a person immediately: sessions, refresh and access tokens, unused codes. `keep_session`: the
    browser session that continues."""
    await session.execute(
        delete(SignInCode)
        .where(SignInCode.person_id == person_id, SignInCode.used_at.is_(None))
        .execution_options(synchronize_session=False)
    )
    await revoke_person(session, person_id)
    await session.execute(_REVOKE_ACCESS, {"person": person_id, "now": clock.now()})
    await end_sessions_of(session, person_id, keep=keep_session)


async def is_revoked(db: Db, person_id: UUID, issued_at: datetime) -> bool:
    """Whether an access token of this person, issued then, was ended since."""
    row = (await db.execute(_REVOKED_UNTIL, {"person": person_id})).one_or_none()
    return row is not None and issued_at <= row.before


async def absorb_account(
    session: AsyncSession, from_id: UUID, into_id: UUID, *, keep_session: UUID | None = None
) -> None:
    """Delete the account of a declared person in favour of the verified one; its contact receives notices for a while
    and grants no access."""
    await revoke_all_access(session, from_id, keep_session=keep_session)
    account = await session.get(Account, from_id)
    if account is None:
        return
    if account.email is not None or account.phone is not None:
        session.add(
            FormerContact(
                person_id=into_id,
                id=ids.new_id(),
                email=account.email,
                phone=account.phone,
                language=account.language,
                assurance=Assurance.LOW.value,
                replaced_at=clock.now(),
            )
        )
    await session.execute(delete(FormerContact).where(FormerContact.person_id == from_id))
    await session.delete(account)
    await session.flush()


async def store_former_contact(session: AsyncSession, account: Account, level: Assurance) -> None:
    """Store the contact that an account is about to lose."""
    if account.email is None and account.phone is None:
        return
    session.add(
        FormerContact(
            person_id=account.person_id,
            id=ids.new_id(),
            email=account.email,
            phone=account.phone,
            language=account.language,
            assurance=level.value,
            replaced_at=clock.now(),
        )
    )
    await session.flush()


async def former_contacts(session: AsyncSession, person_id: UUID) -> list[FormerContact]:
    """The contacts that an account had lately."""
    theirs = select(FormerContact).where(FormerContact.person_id == person_id).order_by(FormerContact.id)
    return list((await session.scalars(theirs)).all())


async def delete_expired_revocations(session: AsyncSession, now: datetime) -> None:
    """Delete revocations that no unexpired token needs, and contacts replaced long ago."""
    await session.execute(_DELETE_REVOCATIONS, {"before": now - REVOCATION_RETENTION})
    await session.execute(_DELETE_CONTACTS, {"before": now - CONTACT_RETENTION})
