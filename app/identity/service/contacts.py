"""Another e-mail or telephone for an account: the new one is proved, and the old one, or a document at the desk."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import ContactChanged
from app.identity.models import CODE_PURPOSE, Account, SignInCode
from app.identity.problems import ProofMissing, WrongCode
from app.identity.rules import Contact, Delivery, Purpose
from app.identity.service import attempts
from app.identity.service.attempts import CODES
from app.identity.service.codes import consume_code, count_code_attempt, create_code, desk_codes
from app.identity.service.revocation import revoke_all_access, store_former_contact
from app.kernel import clock, crypto
from app.kernel.actor import Anonymous, Assurance, Citizen
from app.kernel.events import record
from app.kernel.problems import NotFound


@dataclass(frozen=True, slots=True)
class Change:
    """The challenges of a change of contact: of the new one, and of the one on file when there is one."""

    new_id: UUID
    confirm_id: UUID | None


async def start_change(
    session: AsyncSession, actor: Citizen, caller: Anonymous, contact: Contact, language: str
) -> Change:
    """Send a code to the new contact and another to the one on file. `caller` is where the citizen comes from.

    Raises:
        NotFound: the citizen has no account.
        TooManyRequests: codes were asked for too often.
    """
    account = await _own_account(session, actor)
    attempt = await attempts.count_attempt(CODES, caller, account.curp)

    async def send(purpose: Purpose, to: Contact) -> UUID:
        sending = Delivery(purpose, to.reached)
        return await create_code(
            session, caller, attempt, sending, curp=account.curp, person_id=account.person_id, language=language
        )

    new_id = await send(Purpose.CONTACT, contact)
    theirs = Contact(account.email, account.phone)
    return Change(new_id, await send(Purpose.CONFIRM, theirs) if theirs.is_there else None)


async def _own_account(session: AsyncSession, actor: Citizen) -> Account:
    account: Account | None = await session.scalar(
        select(Account).where(Account.person_id == actor.person_id).with_for_update()
    )
    if account is None:
        raise NotFound
    return account


async def change_contact(
    session: AsyncSession, actor: Citizen, change: Change, *, new_code: str, proof: str, signed_in_by: str | None
) -> Assurance:
    """Write the new contact, once it and the old one (or a desk code) are proved; returns the level reached.

    `proof` is the code sent to the contact on file, or one of the desk. Who signed in with a desk code, or has no
    contact on file, needs none. Other browsers and programs are signed out.

    Raises:
        WrongCode: the code of the new contact isn't right. ProofMissing: the other one isn't.
        NotFound: the citizen has no account.
    """
    account = await _own_account(session, actor)
    rows = await count_code_attempt(change.new_id)
    if not rows:  # tried too often, or too old
        raise WrongCode
    if change.confirm_id is not None:
        rows |= await count_code_attempt(change.confirm_id)
    rows |= await desk_codes(session, account.curp)
    new = await _matching(session, actor, rows, new_code, (Purpose.CONTACT,))
    if new is None:
        raise WrongCode
    how = await _proof(session, actor, account, rows, proof, signed_in_by)
    level = Assurance.FULL if how == "desk-code" else actor.assurance
    await store_former_contact(session, account, Assurance(account.assurance))
    account.email, account.phone, account.assurance = new.email, new.phone, level.value
    event = ContactChanged(subject_id=actor.person_id, person_id=actor.person_id, how=how, assurance=level.value)
    await record(session, actor, event)
    await revoke_all_access(session, actor.person_id, keep_session=actor.session_id)
    return level


async def _proof(
    session: AsyncSession,
    actor: Citizen,
    account: Account,
    rows: dict[UUID, bytes],
    proof: str,
    signed_in_by: str | None,
) -> str:
    if signed_in_by == "desk-code" and actor.assurance is Assurance.FULL:
        return "desk-code"
    if not Contact(account.email, account.phone).is_there:
        return "none-on-file"
    used = await _matching(session, actor, rows, proof, (Purpose.CONFIRM, Purpose.DESK))
    if used is None or (used.purpose == Purpose.CONFIRM and (used.email, used.phone) != _reached(account)):
        raise ProofMissing
    return "desk-code" if used.purpose == Purpose.DESK else "old-contact"


def _reached(account: Account) -> tuple[str | None, str | None]:
    reached = Contact(account.email, account.phone).reached
    return reached.email, reached.phone


async def _matching(
    session: AsyncSession, actor: Citizen, rows: dict[UUID, bytes], code: str, purposes: tuple[Purpose, ...]
) -> SignInCode | None:
    """The code of the citizen's that this is, used up."""
    for code_id, row in rows.items():
        if crypto.verify_hmac_digest(CODE_PURPOSE, code, row):
            used = await consume_code(session, code_id, clock.now(), purposes)
            if used is not None and used.person_id == actor.person_id:
                return used
    return None
