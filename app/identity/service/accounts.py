"""What a citizen decides about their account: its language, and its end."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import AccountClosed
from app.identity.models import Account, SignInCode
from app.identity.service.refresh import revoke_person
from app.identity.service.sessions import end_sessions_of
from app.kernel.actor import Citizen
from app.kernel.facts import record


async def account_of(session: AsyncSession, person_id: UUID) -> Account | None:
    """The account of a person, if they have signed in before."""
    found: Account | None = await session.get(Account, person_id)
    return found


async def choose_language(session: AsyncSession, actor: Citizen, language: str) -> None:
    """Write to the citizen in this language from now on."""
    account = await account_of(session, actor.person_id)
    if account is not None:
        account.language = language


async def close_account(session: AsyncSession, actor: Citizen) -> None:
    """Forget the citizen's contact and sign them out everywhere. Appointments stay: they are the agency's record."""
    await session.execute(delete(SignInCode).where(SignInCode.person_id == actor.person_id))
    await session.execute(delete(Account).where(Account.person_id == actor.person_id))
    await revoke_person(session, actor.person_id)
    # Recorded while the visit is there: its time went into this, and isn't left over when the session ends.
    await record(session, actor, AccountClosed(subject_id=actor.person_id, person_id=actor.person_id))
    await end_sessions_of(session, actor.person_id)
