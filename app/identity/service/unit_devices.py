"""Devices of a unit: kiosks and boards. Staff add one and get a pairing code; it is typed on the device, and exchanged
for a long token that may do nothing else.

A code has nine digits, so that it can be typed on a number pad; it serves once, for ten minutes, and wrong ones are
counted per address. The token has full entropy and is stored as a digest; revoking it ends it with the next request.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import DeviceAdded, DeviceCodeIssued, DeviceEvent, DevicePaired, DeviceRevoked
from app.identity.models import DeviceToken
from app.identity.permissions import Action, may_at, require
from app.identity.problems import DeviceIsRevoked, WrongPairingCode, WrongRole
from app.identity.service.attempts import counted_lookup
from app.kernel import clock, crypto, ids
from app.kernel.actor import Anonymous, DeviceKind, Staff, UnitDevice
from app.kernel.db import Db
from app.kernel.events import record
from app.kernel.parsing import is_digits
from app.kernel.problems import NotFound
from app.kernel.rate_limit_rules import Policy

CODE_MINUTES, CODE_DIGITS = 10, 9
TOKEN_PREFIX = "vtd_"  # noqa: S105 # begins every token of a device, so that it is distinguished from others
WRONG_CODES = Policy("device-code", free=10, first_wait=5, longest_wait=900, leak=120)
_CODE_PURPOSE = "device-code"
_BY_DIGEST = text(
    "WITH found AS (SELECT id, kind, unit_id, last_used_at FROM device_token WHERE digest = :digest), touched AS ("
    "UPDATE device_token d SET last_used_at = :now FROM found f WHERE d.id = f.id AND (f.last_used_at IS NULL"
    " OR f.last_used_at < CAST(:stale AS timestamptz))) SELECT id, kind, unit_id FROM found"
)
TOUCH_INTERVAL = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PairingCode:
    """A device, and the code to type on it."""

    device: DeviceToken
    code: str

    @property
    def in_threes(self) -> str:
        return " ".join(self.code[place : place + 3] for place in range(0, CODE_DIGITS, 3))


async def list_devices(session: AsyncSession, actor: Staff) -> list[DeviceToken]:
    """The devices of the actor's units, the latest first, and of each its state.

    Raises:
        WrongRole.
    """
    require(actor, Action.MANAGE_DEVICES)
    chosen = select(DeviceToken).order_by(DeviceToken.revoked_at.is_not(None), DeviceToken.created_at.desc()).limit(500)
    if actor.unit_ids is not None:
        chosen = chosen.where(DeviceToken.unit_id.in_(actor.unit_ids))
    return list((await session.scalars(chosen)).all())


async def add_device(session: AsyncSession, actor: Staff, unit_id: UUID, kind: DeviceKind, name: str) -> PairingCode:
    """Add a kiosk or board to a unit that exists.

    Raises:
        WrongRole: the actor doesn't manage the devices of this unit.
    """
    if not may_at(actor, Action.MANAGE_DEVICES, unit_id):
        raise WrongRole
    device = DeviceToken(
        id=ids.new_id(), unit_id=unit_id, kind=kind.value, name=name, created_by=actor.staff_id, created_at=clock.now()
    )
    code = _give_code(device)
    session.add(device)
    await session.flush()
    await record(session, actor, _event(DeviceAdded, device))
    return PairingCode(device, code)


async def issue_code(session: AsyncSession, actor: Staff, device_id: UUID) -> PairingCode:
    """Give a device another pairing code: the first was lost, or the device was replaced.

    Raises:
        NotFound; DeviceIsRevoked.
    """
    device = await own_device(session, actor, device_id, lock=True)
    if device.revoked_at is not None:
        raise DeviceIsRevoked
    code = _give_code(device)
    device.version += 1
    await session.flush()
    await record(session, actor, _event(DeviceCodeIssued, device))
    return PairingCode(device, code)


async def revoke_device(session: AsyncSession, actor: Staff, device_id: UUID) -> DeviceToken:
    """End a device's token and code, from its next request on. Again changes nothing.

    Raises:
        NotFound.
    """
    device = await own_device(session, actor, device_id, lock=True)
    if device.revoked_at is not None:
        return device
    device.revoked_at, device.version = clock.now(), device.version + 1
    device.digest = device.code_digest = device.code_expires_at = None
    await session.flush()
    await record(session, actor, _event(DeviceRevoked, device))
    return device


async def own_device(session: AsyncSession, actor: Staff, device_id: UUID, *, lock: bool = False) -> DeviceToken:
    """A device of the actor's units.

    Raises:
        NotFound.
    """
    found = await session.get(DeviceToken, device_id, with_for_update=lock or None, populate_existing=True)
    if found is None or not may_at(actor, Action.MANAGE_DEVICES, found.unit_id):
        raise NotFound
    return found


async def pair_device(
    session: AsyncSession, actor: Anonymous, code: str, kind: DeviceKind | None = None
) -> tuple[UnitDevice, str]:
    """Exchange a pairing code for the device's token, which replaces the one before.

    Args:
        kind: what the device is, where the page that asks is of one kind.

    Raises:
        WrongPairingCode. TooManyRequests: this address typed too many wrong ones.
    """
    typed = "".join(code.split())
    async with counted_lookup(WRONG_CODES, actor):
        device = await _by_code(session, typed, kind)
    token = TOKEN_PREFIX + ids.new_secret()
    device.digest, device.paired_at, device.version = ids.digest(token), clock.now(), device.version + 1
    device.code_digest = device.code_expires_at = device.last_used_at = None
    await session.flush()
    paired = UnitDevice(device.id, DeviceKind(device.kind), device.unit_id)
    await record(session, paired, _event(DevicePaired, device))
    return paired, token


async def _by_code(session: AsyncSession, typed: str, kind: DeviceKind | None) -> DeviceToken:
    if len(typed) != CODE_DIGITS or not is_digits(typed):
        raise WrongPairingCode
    chosen = select(DeviceToken).where(
        DeviceToken.code_digest.in_(crypto.hmac_digests(_CODE_PURPOSE, typed)),
        DeviceToken.code_expires_at > clock.now(),
    )
    found: DeviceToken | None = await session.scalar(chosen.with_for_update())
    if found is None or kind not in {None, DeviceKind(found.kind)}:
        raise WrongPairingCode
    return found


async def device_by_token(db: Db, token: str) -> UnitDevice | None:
    """The device of this token, unless it was revoked."""
    if not token.startswith(TOKEN_PREFIX):
        return None
    now = clock.now()
    asked = {"digest": ids.digest(token), "now": now, "stale": now - TOUCH_INTERVAL}
    found = (await db.execute(_BY_DIGEST, asked)).one_or_none()
    return None if found is None else UnitDevice(found.id, DeviceKind(found.kind), found.unit_id)


def _give_code(device: DeviceToken) -> str:
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    device.code_digest = crypto.hmac_digest(_CODE_PURPOSE, code)
    device.code_expires_at = clock.now() + timedelta(minutes=CODE_MINUTES)
    return code


def _event(kind: type[DeviceEvent], device: DeviceToken) -> DeviceEvent:
    return kind(subject_id=device.id, unit_id=device.unit_id, device_kind=device.kind)
