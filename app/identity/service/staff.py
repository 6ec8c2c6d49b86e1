"""Staff sign in with a password (Argon2id, RFC 9106) and an authenticator code (TOTP, RFC 6238)."""

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pyotp
import structlog
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import SignedIn, SignInRefused, StaffAdded
from app.identity.models import TOTP_PURPOSE, StaffMember, StaffUnit
from app.identity.passwords import hash_password, matches, needs_rehash, require_strong
from app.identity.problems import AuthenticatorUnreadable, WrongCredentials
from app.identity.rules import is_staff_name, is_username
from app.identity.service import attempts
from app.identity.service.attempts import SECOND_FACTOR, STAFF
from app.kernel import clock, crypto, ids, rate_limits
from app.kernel.actor import Actor, Anonymous, Channel, Role, Staff
from app.kernel.db import Db, separate_tx
from app.kernel.db_errors import translate_errors
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, TooManyRequests
from app.kernel.rate_limits import Counter

log = structlog.get_logger(__name__)

STEP_SECONDS = 30
ISSUER = "Ventanilla"
NO_STAFF = UUID(int=0)
WRONG_USERNAME = N_("El nombre de usuario no lleva espacios y tiene hasta 80 letras o números.")
WRONG_STAFF_NAME = N_("El nombre completo tiene de 1 a 200 letras.")

# Part of every staff request, so that deactivation and sign-out of a program take effect immediately. Hot statements of
# other packages include it.
ACTIVE_STAFF_SQL = (
    "SELECT role, CASE WHEN all_units THEN NULL ELSE ARRAY(SELECT unit_id FROM staff_unit WHERE staff_id = s.id) END"
    " AS units FROM staff s WHERE id = CAST(:me AS uuid) AND is_active AND NOT EXISTS (SELECT FROM refresh_token r"
    " WHERE r.family_id = CAST(:family AS uuid) AND r.revoked_at IS NOT NULL)"
)
_ACTIVE_STAFF = text(ACTIVE_STAFF_SQL)
# Guarded by the proved credentials: a concurrent reset makes it fail.
_CONSUME_STEP = text(
    "UPDATE staff SET totp_step = :step WHERE id = :id AND totp_step < :step AND is_active"
    " AND password_hash = :password AND totp_secret_encrypted = :totp RETURNING id"
)


@dataclass(frozen=True, slots=True)
class StaffCreated:
    """A new member of staff, and the address that puts the second factor into an authenticator app."""

    staff_id: UUID
    totp_secret: str
    totp_uri: str


def totp_uri(username: str, secret: str) -> str:
    """The address that puts this secret into an authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def validate_names(username: str, full_name: str) -> None:
    """Refuse a user name or a name that isn't one.

    Raises:
        Invalid: `fields` says which, and what it may be.
    """
    wrong = [] if is_username(username) else [FieldError("username", WRONG_USERNAME, "wrong_username")]
    wrong += [] if is_staff_name(full_name) else [FieldError("full_name", WRONG_STAFF_NAME, "wrong_staff_name")]
    if wrong:
        raise Invalid(fields=wrong)


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
    is_demo: bool = False,
) -> StaffCreated:
    """Add a member of staff with a password; `unit_ids` None means every unit.

    Raises:
        Invalid: the password is too short, too long or easy to guess; a name isn't one.
        UsernameTaken: another account has that user name.
    """
    validate_names(username, full_name)
    if not is_demo:
        require_strong(password, (username, full_name))
    secret = totp_secret or pyotp.random_base32()
    made = await insert_staff(
        session,
        actor,
        username=username,
        full_name=full_name,
        role=role,
        unit_ids=unit_ids,
        password_hash=await hash_password(password),
        totp_secret_encrypted=crypto.encrypt(TOTP_PURPOSE, secret),
        is_demo=is_demo,
    )
    return StaffCreated(made.id, secret, totp_uri(username, secret))


async def insert_staff(
    session: AsyncSession, actor: Actor, *, role: Role, unit_ids: Collection[UUID] | None, **values: Any
) -> StaffMember:
    """Write a new member of staff, with or without password and authenticator yet.

    Raises:
        Invalid: the user name or the name isn't one (`rules.is_username`, `rules.is_staff_name`).
        UsernameTaken: another account has that user name.
    """
    validate_names(values["username"], values["full_name"])
    made = StaffMember(
        id=ids.new_id(),
        role=role.value,
        all_units=unit_ids is None,
        is_active=True,
        version=1,
        created_at=clock.now(),
        **values,
    )
    with translate_errors():
        session.add(made)
        await session.flush()
    session.add_all(StaffUnit(staff_id=made.id, unit_id=unit_id) for unit_id in unit_ids or ())
    await session.flush()
    await record(session, actor, StaffAdded(subject_id=made.id, role=role.value))
    return made


async def sign_in_staff(session: AsyncSession, actor: Anonymous, *, username: str, password: str, code: str) -> Staff:
    """The member of staff these three prove.

    Raises:
        WrongCredentials: one of them is wrong; which isn't said. A code serves once.
        AuthenticatorUnreadable: the password is right, but the authenticator was encrypted with another secret key.
        TooManyRequests: this source failed too often, for this user or for many.
    """
    attempt = await attempts.count_attempt(STAFF, actor, f"staff {username}")
    found = await session.scalar(select(StaffMember).where(StaffMember.username == username))
    right = await matches(found.password_hash if found else None, password)
    if found is None or not right or not found.is_active or not await _second_factor(session, actor, found, code):
        async with separate_tx() as separate:
            await record(separate, actor, SignInRefused(subject_id=found.id if found else NO_STAFF, how="staff"))
        raise WrongCredentials
    assert found.password_hash is not None
    if needs_rehash(found.password_hash):
        found.password_hash = await hash_password(password)
    await attempts.clear_failures(attempt)
    staff = await staff_by_id(session, found.id, actor.channel)
    if staff is None:  # deactivated this very moment
        raise WrongCredentials
    await record(session, staff, SignedIn(subject_id=found.id, how="staff"))
    return staff


async def _second_factor(session: AsyncSession, actor: Anonymous, found: StaffMember, code: str) -> bool:
    """Return whether it is the authenticator's code. Only reached with a correct password, so only then attempts are
    limited; this isn't disclosed, as it would confirm the password."""
    origin = attempts.device_or_source(actor, f"staff {found.username}")
    counter = Counter(SECOND_FACTOR, f"{found.id} {origin if origin.startswith('device ') else ''}")
    try:
        await rate_limits.count_attempt([counter])
    except TooManyRequests:
        log.warning("second_factor_guessed", staff_id=str(found.id), hint="who tries knows the password: reset it")
        return False
    step = _step_of(found, code)
    if step is None or not await _consume_step(session, found, step):
        return False
    await rate_limits.clear_failures(counter)
    return True


def _step_of(found: StaffMember, code: str) -> int | None:
    """The time step this code is of: now, or one before or after for a clock that is a little off."""
    if found.totp_secret_encrypted is None:
        return None
    try:
        secret = crypto.decrypt(TOTP_PURPOSE, bytes(found.totp_secret_encrypted))
    except ValueError as error:
        log.warning("authenticator_unreadable", staff_id=str(found.id), hint="the secret key changed: reset it")
        raise AuthenticatorUnreadable from error
    return matching_step(secret, code)


def matching_step(secret: str, code: str) -> int | None:
    """The time step that a code of this secret is of."""
    totp = pyotp.TOTP(secret)
    now = int(clock.now().timestamp()) // STEP_SECONDS
    matching = [
        step for step in (now - 1, now, now + 1) if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
    ]
    return matching[-1] if matching else None


async def _consume_step(session: AsyncSession, found: StaffMember, step: int) -> bool:
    proved = {"id": found.id, "step": step, "password": found.password_hash, "totp": found.totp_secret_encrypted}
    return (await session.execute(_CONSUME_STEP, proved)).one_or_none() is not None


async def staff_by_id(
    db: Db, staff_id: UUID, channel: Channel = Channel.DESK, family: UUID | None = None
) -> Staff | None:
    """The member of staff as an actor, while they are active and the program that asks hasn't signed out."""
    found = (await db.execute(_ACTIVE_STAFF, {"me": staff_id, "family": family})).one_or_none()
    return None if found is None else staff_from_row(staff_id, found, channel, family)


def staff_from_row(staff_id: UUID, row: Any, channel: Channel = Channel.DESK, family: UUID | None = None) -> Staff:
    """The actor of a row of ACTING_ROW."""
    return Staff(staff_id, Role(row.role), None if row.units is None else frozenset(row.units), channel, family)


class DemoStaffActiveError(RuntimeError):
    """Production has active demonstration staff, whose passwords are published."""

    def __init__(self, usernames: Sequence[str]) -> None:
        super().__init__(
            f"this database has active demonstration staff ({', '.join(usernames)}), whose passwords are public: "
            "production doesn't start with them. Deactivate them: ventanilla staff deactivate --demo"
        )


async def require_no_demo_staff(session: AsyncSession) -> None:
    """Require that no demonstration staff can sign in.

    Raises:
        DemoStaffActiveError: they may.
    """
    rows = select(StaffMember.username).where(
        StaffMember.is_demo, StaffMember.is_active, StaffMember.password_hash.is_not(None)
    )
    active = (await session.scalars(rows.order_by(StaffMember.username))).all()
    if active:
        raise DemoStaffActiveError(active)
