"""Sign-in with a verified code: the account and its level of assurance. A stronger proof replaces a weaker one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.devices import is_known
from app.identity.events import AccountReleased, ContactChanged, NewDeviceSeen, SignedIn
from app.identity.models import Account, SignInCode
from app.identity.problems import AccountFrozen, WrongCode
from app.identity.rules import Contact, Purpose
from app.identity.service.mandates import attach_delegate
from app.identity.service.revocation import revoke_all_access, store_former_contact
from app.kernel import clock
from app.kernel.actor import Anonymous, Assurance, Citizen
from app.kernel.events import record

FullAssuranceHook = Callable[[AsyncSession, Citizen, UUID | None], Awaitable[None]]
_FULL_ASSURANCE_HOOKS: list[FullAssuranceHook] = []


def on_full_assurance(act: FullAssuranceHook) -> FullAssuranceHook:
    """Register a hook that runs in the transaction of a sign-in at full assurance, with the citizen and the browser's
    session, if any."""
    _FULL_ASSURANCE_HOOKS.append(act)
    return act


@dataclass(frozen=True, slots=True)
class SignInResult:
    """Result of a sign-in: the person, assurance and method, and whether the account is new."""

    person_id: UUID
    assurance: Assurance
    how: str
    is_new: bool = False
    needs_contact: bool = False
    """The account has no contact: ask for one."""


async def sign_in_with_code(
    session: AsyncSession, actor: Anonymous, used: SignInCode, how: str, session_id: UUID | None
) -> SignInResult:
    """Sign in the person of a consumed code.

    Raises:
        WrongCode: the code went to a new contact, and the account has another one by now.
        AccountFrozen: only a desk code opens the account.
    """
    assert used.person_id is not None
    purpose = Purpose(used.purpose)
    is_new = await _ensure_account(session, used, purpose)
    account = (
        await session.scalars(select(Account).where(Account.person_id == used.person_id).with_for_update())
    ).one()
    if account.frozen_at is not None and purpose is not Purpose.DESK:
        raise AccountFrozen
    is_first = purpose in (Purpose.ENROL, Purpose.OPEN)
    if is_first and Contact(account.email, account.phone) != Contact(used.email, used.phone):
        raise WrongCode
    if purpose is Purpose.REGISTRY and not _may_replace(account, used):
        raise WrongCode
    # Without a meter: the time of signing in belongs to the transaction.
    citizen = Citizen(used.person_id, actor.channel, device=actor.device, assurance=_level(account, purpose))
    way = "desk-code" if purpose is Purpose.DESK else how
    await _upgrade_account(session, citizen, account, used, way, session_id)
    if citizen.assurance is Assurance.FULL:
        for act in _FULL_ASSURANCE_HOOKS:
            await act(session, citizen, session_id)
    event = SignedIn(subject_id=used.person_id, person_id=used.person_id, how=way, assurance=citizen.assurance.value)
    await record(session, citizen, event)
    # A program has no cookie: each of its sign-ins is reported. The one that creates the account isn't: there is no
    # earlier contact to notify.
    if not is_new and not is_known(actor.known_device, account.curp):
        seen = NewDeviceSeen(subject_id=used.person_id, person_id=used.person_id, assurance=citizen.assurance.value)
        await record(session, citizen, seen)
    return SignInResult(
        used.person_id,
        citizen.assurance,
        way,
        is_new,
        needs_contact=not is_new and not Contact(account.email, account.phone).is_there,
    )


async def _ensure_account(session: AsyncSession, used: SignInCode, purpose: Purpose) -> bool:
    """Create the account if there is none; return whether it was created."""
    level = Assurance.LOW if purpose in (Purpose.ENROL, Purpose.OPEN) else Assurance.FULL
    made = (
        insert(Account)
        .values(
            person_id=used.person_id,
            curp=used.curp,
            email=used.email,
            phone=used.phone,
            language=used.language,
            created_at=clock.now(),
            assurance=level.value,
        )
        .on_conflict_do_nothing()
        .returning(Account.person_id)
    )
    is_new = await session.scalar(made) is not None
    # A mandate is granted to a person, not to a declared one with their CURP.
    if is_new and purpose is not Purpose.OPEN and used.person_id is not None and used.curp is not None:
        await attach_delegate(session, used.curp, used.person_id)
    return is_new


def _may_replace(account: Account, used: SignInCode) -> bool:
    """Whether the registry's contact may become the account's: not in the place of one that was proved as surely."""
    theirs = Contact(account.email, account.phone)
    return account.assurance == Assurance.LOW or not theirs.is_there or theirs == Contact(used.email, used.phone)


def _level(account: Account, purpose: Purpose) -> Assurance:
    return Assurance.FULL if purpose in (Purpose.DESK, Purpose.REGISTRY) else Assurance(account.assurance)


async def _upgrade_account(
    session: AsyncSession, citizen: Citizen, account: Account, used: SignInCode, how: str, session_id: UUID | None
) -> None:
    """Upgrade an account: a stronger proof replaces the contact of a weaker one, revokes its access, and unfreezes
    it."""
    was_frozen = account.frozen_at is not None
    is_stronger = citizen.assurance is Assurance.FULL and account.assurance == Assurance.LOW
    theirs, proved = Contact(account.email, account.phone), Contact(used.email, used.phone)
    if was_frozen or is_stronger:
        await revoke_all_access(session, account.person_id, keep_session=session_id)
    if was_frozen:
        account.frozen_at, account.settled_until = None, account.frozen_at
        released = AccountReleased(subject_id=account.person_id, person_id=account.person_id)
        await record(session, citizen, released)
    account.assurance = citizen.assurance.value
    replaces = was_frozen or is_stronger or (used.purpose == Purpose.REGISTRY and not theirs.is_there)
    if replaces and theirs != proved:
        # The owner of the weaker contact is unknown: it is notified of the change but can't freeze the account.
        await store_former_contact(session, account, Assurance.LOW)
        account.email, account.phone = proved.email, proved.phone
        changed = ContactChanged(
            subject_id=account.person_id, person_id=account.person_id, how=how, assurance=citizen.assurance.value
        )
        await record(session, citizen, changed)
