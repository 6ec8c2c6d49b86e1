"""Members of staff: a password (Argon2id, RFC 9106) and an authenticator code (TOTP, RFC 6238)."""

import asyncio
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import SignedIn, SignInRefused, StaffAdded
from app.identity.models import StaffMember, StaffUnit
from app.identity.problems import WrongCredentials
from app.kernel import clock, ids, limits, vault
from app.kernel.actor import Actor, Anyone, Channel, Role, Staff
from app.kernel.db import Db, separate_tx
from app.kernel.db_errors import translate_errors
from app.kernel.facts import record
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid
from app.kernel.terms import identity_terms

SEAL = "totp"
STEP_SECONDS = 30
MIN_PASSWORD = 12  # NIST SP 800-63B asks for 8 at least; staff see other people's data
MAX_PASSWORD = 200
TRIES, PAUSE_SECONDS = 8, 900
ISSUER = "Ventanilla"
NOBODY = UUID(int=0)

# Every request of staff begins with it, so that who was let go is out at once. A hot statement of another room takes it
# in as its first part.
ACTING_ROW = (
    "SELECT role, CASE WHEN all_units THEN NULL ELSE ARRAY(SELECT unit_id FROM staff_unit WHERE staff_id = s.id) END"
    " AS units FROM staff s WHERE id = CAST(:me AS uuid) AND is_active"
)
_ACTING = text(ACTING_ROW)
_USE_STEP = text("UPDATE staff SET totp_step = :step WHERE id = :id AND totp_step < :step RETURNING id")


@dataclass(frozen=True, slots=True)
class StaffCreated:
    """A new member of staff, and the address that puts the second factor into an authenticator app."""

    staff_id: UUID
    totp_secret: str
    totp_uri: str


@lru_cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=identity_terms().argon2_memory_kib, parallelism=1)


@lru_cache
def _decoy() -> str:
    """The hash compared against for users who don't exist: the wait must not tell."""
    return _hasher().hash("nobody has this password")


async def add_staff(
    session: AsyncSession,
    actor: Actor,
    *,
    username: str,
    full_name: str,
    password: str,
    role: Role,
    unit_ids: Collection[UUID] | None,
    totp_secret: str | None = None,
) -> StaffCreated:
    """Let somebody in from now on; `unit_ids` None means every unit.

    Raises:
        Invalid: the password is too short or too long.
        UsernameTaken: somebody has that user name.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid(fields=[FieldError("password", N_("La contraseña necesita entre 12 y 200 caracteres."))])
    secret = totp_secret or pyotp.random_base32()
    made = StaffMember(
        id=ids.new_id(),
        username=username,
        full_name=full_name,
        role=role.value,
        password_hash=await asyncio.to_thread(_hasher().hash, password),
        totp_sealed=vault.seal(SEAL, secret),
        all_units=unit_ids is None,
        is_active=True,
        created_at=clock.now(),
    )
    with translate_errors():
        session.add(made)
        await session.flush()
    session.add_all(StaffUnit(staff_id=made.id, unit_id=unit_id) for unit_id in unit_ids or ())
    await session.flush()
    await record(session, actor, StaffAdded(subject_id=made.id, role=role.value))
    uri = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)
    return StaffCreated(made.id, secret, uri)


async def sign_in_staff(session: AsyncSession, actor: Anyone, *, username: str, password: str, code: str) -> Staff:
    """The member of staff these three prove.

    Raises:
        WrongCredentials: one of them is wrong; which isn't said. A code serves once.
        TooMany: too many tries for this user or from this address.
    """
    await limits.allow("staff-address", actor.address, limit=TRIES * 8, seconds=PAUSE_SECONDS)
    await limits.allow("staff-user", username, limit=TRIES, seconds=PAUSE_SECONDS)
    found = await session.scalar(select(StaffMember).where(StaffMember.username == username))
    right = await asyncio.to_thread(_matches, found.password_hash if found else _decoy(), password)
    step = _step_of(found, code) if found else None
    used = found is not None and right and found.is_active and step is not None and await _use(session, found.id, step)
    if found is None or not used:
        async with separate_tx() as kept:
            await record(kept, actor, SignInRefused(subject_id=found.id if found else NOBODY, how="staff"))
        raise WrongCredentials
    if _hasher().check_needs_rehash(found.password_hash):
        found.password_hash = await asyncio.to_thread(_hasher().hash, password)
    await limits.clear("staff-user", username)
    staff = await staff_by_id(session, found.id, actor.channel)
    if staff is None:  # let go this very moment
        raise WrongCredentials
    await record(session, staff, SignedIn(subject_id=found.id, how="staff"))
    return staff


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher().verify(password_hash, password)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


def _step_of(found: StaffMember, code: str) -> int | None:
    """The time step this code is of: now, or one before or after for a clock that is a little off."""
    totp = pyotp.TOTP(vault.unseal(SEAL, bytes(found.totp_sealed)))
    now = int(clock.now().timestamp()) // STEP_SECONDS
    matching = [
        step for step in (now - 1, now, now + 1) if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
    ]
    return matching[-1] if matching else None


async def _use(session: AsyncSession, staff_id: UUID, step: int) -> bool:
    return (await session.execute(_USE_STEP, {"id": staff_id, "step": step})).one_or_none() is not None


async def staff_by_id(db: Db, staff_id: UUID, channel: Channel = Channel.DESK) -> Staff | None:
    """The member of staff as an actor, while they are active."""
    found = (await db.execute(_ACTING, {"me": staff_id})).one_or_none()
    return None if found is None else acting(staff_id, found, channel)


def acting(staff_id: UUID, row: Any, channel: Channel = Channel.DESK) -> Staff:
    """The actor of a row of ACTING_ROW."""
    return Staff(staff_id, Role(row.role), None if row.units is None else frozenset(row.units), channel)
