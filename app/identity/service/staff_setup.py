"""One-time links with which members of staff set their own password and authenticator.

Only the owner ever knows either: an administrator passes on the link. Creating a link revokes what it replaces.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import StaffCredentialsReset, StaffCredentialsSet
from app.identity.models import TOTP_PURPOSE, StaffMember, StaffSetupLink
from app.identity.passwords import hash_password, weaknesses
from app.identity.problems import SetupLinkExpired, UsernameTaken
from app.identity.service.staff import insert_staff, matching_step, totp_uri
from app.identity.service.staff_accounts import Placement, end_staff_sessions, lock_member
from app.kernel import clock, crypto, ids
from app.kernel.actor import Actor, Role, Staff
from app.kernel.db import savepoint
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, Stale

LINK_HOURS = 72
LINK_LIFETIME = timedelta(hours=LINK_HOURS)
# A form submitted twice: the second finds the link used and gets the same response.
REPEAT_WINDOW = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Setup:
    """What a link is for. `secret` and `uri` put the authenticator into an app; None when it isn't set."""

    staff_id: UUID
    username: str
    full_name: str
    sets_password: bool
    secret: str | None
    uri: str | None


@dataclass(frozen=True, slots=True)
class SetupLink:
    """A one-time link: its token is shown once and stored as a digest."""

    staff_id: UUID
    token: str
    sets_password: bool
    sets_authenticator: bool


async def create_staff(
    session: AsyncSession, actor: Actor, *, username: str, full_name: str, placement: Placement, key: str
) -> SetupLink:
    """Add a member of staff, and the link with which they set their password and authenticator. The same `key` from the
    same actor gives the same link.

    Raises:
        Invalid: the user name or the name isn't one. UsernameTaken: another account has that user name.
    """
    token = _token(actor, key)
    try:
        async with savepoint(session):
            made = await insert_staff(
                session,
                actor,
                username=username,
                full_name=full_name,
                role=placement.role,
                unit_ids=placement.unit_ids,
                password_hash=None,
                totp_secret_encrypted=None,
            )
            return await _store(session, made, token, sets_password=True, sets_authenticator=True)
    except UsernameTaken:
        again = await session.get(StaffSetupLink, ids.digest(token))
        if again is None:
            raise
        return SetupLink(again.staff_id, token, again.sets_password, again.totp_secret_encrypted is not None)


async def reset_credentials(
    session: AsyncSession,
    actor: Actor,
    staff_id: UUID,
    *,
    key: str,
    password: bool = False,
    authenticator: bool = False,
    version: int | None = None,
) -> SetupLink:
    """End a password, an authenticator or both, sign the member of staff out everywhere, and make the link that sets
    them again. It also sets what an earlier link was to set. The same `key` gives the same link.

    Raises:
        NotFound; Stale.
    """
    token = _token(actor, key)
    member = await lock_member(session, actor, staff_id)
    again = await session.get(StaffSetupLink, ids.digest(token))
    if again is not None and again.staff_id == member.id:
        return SetupLink(member.id, token, again.sets_password, again.totp_secret_encrypted is not None)
    if version is not None and member.version != version:
        raise Stale
    member.version += 1
    if password:
        member.password_hash = None
    if authenticator:
        member.totp_secret_encrypted = None
    member.version += 1
    await end_staff_sessions(session, actor, member.id)
    await session.execute(delete(StaffSetupLink).where(StaffSetupLink.staff_id == member.id))
    event = StaffCredentialsReset(subject_id=member.id, password=password, authenticator=authenticator)
    await record(session, actor, event)
    return await _store(
        session,
        member,
        token,
        sets_password=member.password_hash is None,
        sets_authenticator=member.totp_secret_encrypted is None,
    )


def _token(actor: Actor, key: str) -> str:
    return crypto.hmac_digest("staff-setup", f"{actor.kind} {actor.id}\n{key}").hex()


async def _store(
    session: AsyncSession, member: StaffMember, token: str, *, sets_password: bool, sets_authenticator: bool
) -> SetupLink:
    now = clock.now()
    session.add(
        StaffSetupLink(
            digest=ids.digest(token),
            staff_id=member.id,
            sets_password=sets_password,
            totp_secret_encrypted=crypto.encrypt(TOTP_PURPOSE, pyotp.random_base32()) if sets_authenticator else None,
            created_at=now,
            expires_at=now + LINK_LIFETIME,
        )
    )
    await session.flush()
    return SetupLink(member.id, token, sets_password, sets_authenticator)


def authenticator_state(member: StaffMember) -> Literal["set", "missing", "unreadable"]:
    """Return the state of the authenticator: one encrypted with another secret key can't be read and must be reset."""
    if member.totp_secret_encrypted is None:
        return "missing"
    try:
        crypto.decrypt(TOTP_PURPOSE, bytes(member.totp_secret_encrypted))
    except ValueError:
        return "unreadable"
    return "set"


async def delete_expired_links(session: AsyncSession, now: datetime) -> None:
    """Delete links that can't be used any more."""
    await session.execute(delete(StaffSetupLink).where(StaffSetupLink.expires_at < now))


async def find_setup(session: AsyncSession, token: str) -> Setup:
    """What a link is for, while it may be used.

    Raises:
        SetupLinkExpired: it was used, replaced, is too old or never was, or the account isn't active.
    """
    link = await session.get(StaffSetupLink, ids.digest(token))
    if link is None or link.used_at is not None:
        raise SetupLinkExpired
    return _setup(link, await _owner(session, link))


async def _owner(session: AsyncSession, link: StaffSetupLink) -> StaffMember:
    member = await session.get(StaffMember, link.staff_id)
    if member is None or not member.is_active or link.expires_at <= clock.now():
        raise SetupLinkExpired
    return member


def _setup(link: StaffSetupLink, member: StaffMember) -> Setup:
    secret = None
    if link.totp_secret_encrypted is not None:
        try:
            secret = crypto.decrypt(TOTP_PURPOSE, bytes(link.totp_secret_encrypted))
        except ValueError as error:  # the secret key changed since the link was made
            raise SetupLinkExpired from error
    uri = totp_uri(member.username, secret) if secret else None
    return Setup(member.id, member.username, member.full_name, link.sets_password, secret, uri)


def validate_setup(setup: Setup, *, password: str, code: str) -> list[FieldError]:
    """Return the errors that prevent using a link, by field."""
    wrong = weaknesses(password, (setup.username, setup.full_name)) if setup.sets_password else []
    if setup.secret is not None and matching_step(setup.secret, code) is None:
        wrong.append(
            FieldError("code", N_("Ese no es el código de este momento: cambia cada 30 segundos."), "wrong_code")
        )
    return wrong


async def complete_setup(session: AsyncSession, token: str, *, password: str, code: str) -> None:
    """Set what the link is for; it works once. `code` proves that the authenticator has the secret.

    Raises:
        SetupLinkExpired: it can't be used. Invalid: the password and the code, each at its field.
    """
    found = select(StaffSetupLink).where(StaffSetupLink.digest == ids.digest(token)).with_for_update()
    link = await session.scalar(found)
    if link is None:
        raise SetupLinkExpired
    if link.used_at is not None:
        if link.used_at + REPEAT_WINDOW > clock.now():
            return
        raise SetupLinkExpired
    member = await _owner(session, link)
    setup = _setup(link, member)
    if wrong := validate_setup(setup, password=password, code=code):
        raise Invalid(fields=wrong)
    if link.sets_password:
        member.password_hash, member.is_demo = await hash_password(password), False
    if setup.secret is not None:
        member.totp_secret_encrypted, member.totp_step = crypto.encrypt(TOTP_PURPOSE, setup.secret), 0
    member.version += 1
    link.used_at, link.totp_secret_encrypted = clock.now(), None
    await session.flush()
    event = StaffCredentialsSet(
        subject_id=member.id, password=link.sets_password, authenticator=setup.secret is not None
    )
    await record(session, _themselves(member), event)


def _themselves(member: StaffMember) -> Staff:
    return Staff(member.id, Role(member.role), frozenset())
