"""The life cycle of staff accounts: added, changed, deactivated and reactivated by administrators or the command.

Each change is made on the version its page showed, locks the administrators first, and is an event. A member of staff
who is deactivated is out at once: every request asks whether they are active, and sessions and tokens end here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import StaffChanged, StaffDeactivated, StaffReactivated
from app.identity.models import StaffMember, StaffSetupLink, StaffUnit, WebSession
from app.identity.problems import LastAdministrator, OwnAccount, WrongRole
from app.identity.service.assistance import end_all_of
from app.identity.service.refresh import revoke_staff
from app.kernel.actor import Actor, Role, Staff
from app.kernel.events import record
from app.kernel.problems import NotFound, Stale

LIST_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Placement:
    """What a member of staff is trusted with, and where; `unit_ids` None means every unit."""

    role: Role
    unit_ids: frozenset[UUID] | None


async def staff_member(session: AsyncSession, staff_id: UUID) -> StaffMember:
    """The account of this id.

    Raises:
        NotFound: there is none.
    """
    found = await session.get(StaffMember, staff_id)
    if found is None:
        raise NotFound
    return found


async def find_staff(session: AsyncSession, staff_id: UUID) -> StaffMember | None:
    """The account of this id, if it is one of staff."""
    return await session.get(StaffMember, staff_id)


async def staff_by_username(session: AsyncSession, username: str) -> StaffMember:
    """The account of this user name.

    Raises:
        NotFound: there is none.
    """
    found: StaffMember | None = await session.scalar(select(StaffMember).where(StaffMember.username == username))
    if found is None:
        raise NotFound
    return found


async def list_staff(
    session: AsyncSession, *, after: UUID | None = None, words: str = "", limit: int = LIST_LIMIT
) -> list[StaffMember]:
    """Accounts by user name, after this one; those whose user name or name has these words in it."""
    chosen = select(StaffMember).order_by(StaffMember.username).limit(limit)
    if after is not None:
        last = select(StaffMember.username).where(StaffMember.id == after).scalar_subquery()
        chosen = chosen.where(StaffMember.username > last)
    for word in words.split():
        like = f"%{word.replace('%', '').replace('_', '')}%"
        chosen = chosen.where(or_(StaffMember.username.ilike(like), StaffMember.full_name.ilike(like)))
    return list((await session.scalars(chosen)).all())


async def current_placement(session: AsyncSession, member: StaffMember) -> Placement:
    """What they are trusted with, and where, as it is now."""
    if member.all_units:
        return Placement(Role(member.role), None)
    units = await session.scalars(select(StaffUnit.unit_id).where(StaffUnit.staff_id == member.id))
    return Placement(Role(member.role), frozenset(units.all()))


async def lock_member(session: AsyncSession, actor: Actor, staff_id: UUID) -> StaffMember:
    """The account, locked, after all active administrators: two of them can't deactivate each other at once, since who
    waited for the other asks again whether they are one still.

    Raises:
        NotFound: there is none. WrongRole: the actor is no administrator any more.
    """
    administrators = (
        select(StaffMember.id)
        .where(StaffMember.role == Role.ADMIN.value, StaffMember.is_active)
        .order_by(StaffMember.id)
        .with_for_update()
    )
    active = (await session.scalars(administrators)).all()
    if isinstance(actor, Staff) and actor.staff_id not in active:
        raise WrongRole
    found: StaffMember | None = await session.get(StaffMember, staff_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def change_staff(
    session: AsyncSession,
    actor: Actor,
    staff_id: UUID,
    *,
    role: Role,
    unit_ids: Collection[UUID] | None,
    version: int | None = None,
) -> StaffMember:
    """Give another role or other units, from their next request on; what they do for people at this moment ends. As it
    is already changes nothing.

    Raises:
        NotFound; Stale; OwnAccount: one's own role. LastAdministrator: no other one is left.
    """
    member = await lock_member(session, actor, staff_id)
    before = await current_placement(session, member)
    wanted = Placement(role, None if unit_ids is None else frozenset(unit_ids))
    if before == wanted:
        return member
    if version is not None and member.version != version:
        raise Stale
    if before.role != role:
        await _require_replaceable(session, actor, member)
    member.role, member.all_units, member.version = role.value, unit_ids is None, member.version + 1
    await session.execute(delete(StaffUnit).where(StaffUnit.staff_id == member.id))
    session.add_all(StaffUnit(staff_id=member.id, unit_id=unit_id) for unit_id in wanted.unit_ids or ())
    await session.flush()
    event = StaffChanged(
        subject_id=member.id,
        role_before=before.role.value,
        role=role.value,
        units_before=_listed(before.unit_ids),
        units=_listed(wanted.unit_ids),
    )
    await record(session, actor, event)
    await end_all_of(session, actor, member.id)
    return member


def _listed(unit_ids: frozenset[UUID] | None) -> list[str] | None:
    return None if unit_ids is None else sorted(str(unit_id) for unit_id in unit_ids)


async def deactivate_staff(
    session: AsyncSession, actor: Actor, staff_id: UUID, *, version: int | None = None, even_last: bool = False
) -> StaffMember:
    """Let them in no more, from this moment: sessions, tokens and set-up links end. Again changes nothing.

    `even_last` is for the demonstration's accounts, whose passwords are public.

    Raises:
        NotFound; Stale; OwnAccount: one's own. LastAdministrator: no other one is left.
    """
    member = await lock_member(session, actor, staff_id)
    if not member.is_active:
        return member
    if version is not None and member.version != version:
        raise Stale
    if not even_last:
        await _require_replaceable(session, actor, member)
    member.is_active, member.version = False, member.version + 1
    await session.execute(delete(StaffSetupLink).where(StaffSetupLink.staff_id == member.id))
    await end_staff_sessions(session, actor, member.id)
    await record(session, actor, StaffDeactivated(subject_id=member.id, role=member.role))
    return member


async def reactivate_staff(
    session: AsyncSession, actor: Actor, staff_id: UUID, *, version: int | None = None
) -> StaffMember:
    """Let them in again, with the password and authenticator they had. Again changes nothing.

    Raises:
        NotFound; Stale.
    """
    member = await lock_member(session, actor, staff_id)
    if member.is_active:
        return member
    if version is not None and member.version != version:
        raise Stale
    member.is_active, member.version = True, member.version + 1
    await session.flush()
    await record(session, actor, StaffReactivated(subject_id=member.id, role=member.role))
    return member


async def end_staff_sessions(session: AsyncSession, actor: Actor, staff_id: UUID) -> None:
    """Sign them out of every browser and program, and end what they do for people."""
    await end_all_of(session, actor, staff_id)
    await session.execute(delete(WebSession).where(WebSession.staff_id == staff_id))
    await revoke_staff(session, staff_id)


async def _require_replaceable(session: AsyncSession, actor: Actor, member: StaffMember) -> None:
    """Someone must be able to undo it: not oneself, and not the last administrator who can sign in."""
    if actor.id == member.id:
        raise OwnAccount
    if member.role != Role.ADMIN.value or not member.is_active:
        return
    others = select(func.count()).where(
        StaffMember.role == Role.ADMIN.value,
        StaffMember.is_active,
        StaffMember.password_hash.is_not(None),
        StaffMember.totp_secret_encrypted.is_not(None),
        StaffMember.id != member.id,
    )
    if not await session.scalar(others):
        raise LastAdministrator


async def demo_staff(session: AsyncSession) -> list[StaffMember]:
    """The demonstration's accounts that may still sign in."""
    rows = select(StaffMember).where(StaffMember.is_demo, StaffMember.is_active).order_by(StaffMember.username)
    return list((await session.scalars(rows)).all())
