"""Personal tokens: a member of staff's own programs read with them what their role may, and nothing else.

One ends when it expires, when its owner or an administrator revokes it, and when the account of its owner changes:
another role, other units, deactivated, credentials reset. It doesn't come back when the change is undone.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.clients.events import PersonalTokenCreated, PersonalTokenRevoked
from app.clients.models import PersonalToken
from app.clients.problems import TooManyTokens
from app.clients.rules import MAX_TOKEN_DAYS, wrong_with_token
from app.clients.service.clients import HINT_LENGTH, LIST_LIMIT, WRONG_SCOPES
from app.clients.statements import STAFF_BY_TOKEN
from app.identity.models import StaffMember
from app.identity.permissions import Action, may, require
from app.identity.problems import WrongRole
from app.identity.tokens import PERSONAL_TOKEN_PREFIX
from app.kernel import clock, ids
from app.kernel.actor import Channel, Role, Staff
from app.kernel.db import Db
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, NotFound

TOUCH_INTERVAL = timedelta(minutes=1)
MAX_TOKENS = 20
WRONG_DAYS = N_("Escriba de 1 a 365 días.")


@dataclass(frozen=True, slots=True)
class NewToken:
    """A personal token and its text: the only time it is known."""

    row: PersonalToken
    token: str


@dataclass(frozen=True, slots=True)
class OwnedToken:
    """A personal token, whose it is, and whether it is valid."""

    row: PersonalToken
    username: str
    is_valid: bool


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """The member of staff of a personal token, and what it lets their program read."""

    staff: Staff
    scopes: frozenset[str]


async def create_token(session: AsyncSession, actor: Staff, name: str, scopes: frozenset[str], days: int) -> NewToken:
    """Make a token of the actor's own, shown this once.

    Raises:
        Invalid; TooManyTokens. WrongRole: they aren't active any more.
    """
    wrong = []
    scopes_wrong = wrong_with_token(scopes, actor.role)
    if scopes_wrong is not None:
        wrong.append(FieldError("scopes", WRONG_SCOPES[scopes_wrong], f"scopes_{scopes_wrong.name.lower()}"))
    if not 1 <= days <= MAX_TOKEN_DAYS:
        wrong.append(FieldError("days", WRONG_DAYS, "wrong_days"))
    if wrong:
        raise Invalid(fields=wrong)
    owner = await session.get(StaffMember, actor.staff_id, with_for_update=True, populate_existing=True)
    if owner is None or not owner.is_active or owner.role != actor.role:
        raise WrongRole
    if sum(one.is_valid for one in await tokens_of(session, actor)) >= MAX_TOKENS:
        raise TooManyTokens
    token, now = PERSONAL_TOKEN_PREFIX + ids.new_secret(), clock.now()
    row = PersonalToken(
        id=ids.new_id(),
        staff_id=actor.staff_id,
        staff_version=owner.version,
        name=name,
        scopes=sorted(scopes),
        digest=ids.digest(token),
        hint=token[-HINT_LENGTH:],
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    await session.flush()
    await record(session, actor, PersonalTokenCreated(subject_id=row.id, scopes=row.scopes, days=days))
    return NewToken(row, token)


async def tokens_of(session: AsyncSession, actor: Staff) -> list[OwnedToken]:
    """The actor's own tokens, the latest first."""
    return await _list(session, PersonalToken.staff_id == actor.staff_id)


async def all_tokens(session: AsyncSession, actor: Staff) -> list[OwnedToken]:
    """Everyone's tokens that are valid, the latest first.

    Raises:
        WrongRole.
    """
    require(actor, Action.MANAGE_CLIENTS)
    valid = PersonalToken.revoked_at.is_(None), PersonalToken.expires_at > clock.now()
    return [one for one in await _list(session, *valid) if one.is_valid]


async def _list(session: AsyncSession, *conditions: object) -> list[OwnedToken]:
    chosen = (
        select(PersonalToken, StaffMember)
        .join(StaffMember, StaffMember.id == PersonalToken.staff_id)
        .where(*conditions)  # type: ignore[arg-type] # conditions of columns
        .order_by(PersonalToken.id.desc())
        .limit(LIST_LIMIT)
    )
    return [OwnedToken(row, owner.username, _is_valid(row, owner)) for row, owner in await session.execute(chosen)]


def _is_valid(row: PersonalToken, owner: StaffMember) -> bool:
    same = owner.is_active and owner.version == row.staff_version
    return same and row.revoked_at is None and row.expires_at > clock.now()


async def find_token(session: AsyncSession, actor: Staff, token_id: UUID, *, lock: bool = False) -> PersonalToken:
    """A token of the actor's own; anyone's for administrators.

    Raises:
        NotFound.
    """
    found = await session.get(PersonalToken, token_id, with_for_update=lock or None, populate_existing=True)
    if found is None or (found.staff_id != actor.staff_id and not may(actor, Action.MANAGE_CLIENTS)):
        raise NotFound
    return found


async def revoke_token(session: AsyncSession, actor: Staff, token_id: UUID) -> PersonalToken:
    """End a token with its next call. Again changes nothing.

    Raises:
        NotFound.
    """
    row = await find_token(session, actor, token_id, lock=True)
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        await session.flush()
        await record(session, actor, PersonalTokenRevoked(subject_id=row.id, owner_id=row.staff_id))
    return row


async def holder_of(db: Db, token: str) -> TokenHolder | None:
    """The member of staff of this token; None when it is no one's any more."""
    now = clock.now()
    given = {"digest": ids.digest(token), "now": now, "stale": now - TOUCH_INTERVAL}
    found = (await db.execute(STAFF_BY_TOKEN, given)).one_or_none()
    if found is None:
        return None
    units = None if found.units is None else frozenset(found.units)
    return TokenHolder(Staff(found.staff_id, Role(found.role), units, Channel.API), frozenset(found.scopes))
