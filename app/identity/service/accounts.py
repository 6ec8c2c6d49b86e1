"""What a citizen decides about their account: its language, and its end."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import AccountClosed
from app.identity.models import Account, FormerContact, SignInCode
from app.identity.service.mandates import revoke_all_mandates
from app.identity.service.revocation import revoke_all_access
from app.kernel.actor import Citizen
from app.kernel.events import record


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
    """Delete the citizen's contacts, revoke their mandates and sign them out everywhere, access tokens included.
    Appointments stay: they are the agency's record."""
    await revoke_all_mandates(session, actor)
    for table in (SignInCode, FormerContact, Account):
        await session.execute(delete(table).where(table.person_id == actor.person_id))
    # Recorded while the session exists, so that its time counts for this and not as abandoned.
    await record(session, actor, AccountClosed(subject_id=actor.person_id, person_id=actor.person_id))
    await revoke_all_access(session, actor.person_id)
