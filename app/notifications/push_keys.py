"""The key pairs by which push services know the portal (VAPID, RFC 8292): made once, the private one encrypted at rest.

A subscription is bound to the key that its browser was given. A new pair is for new subscriptions; the others go on
with theirs, which is deleted with the last of them.
"""

import base64
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, crypto, ids
from app.kernel.actor import Actor
from app.kernel.events import record
from app.notifications.events import PushKeyReplaced
from app.notifications.push_models import PUSH_KEY_PURPOSE, PushKey, PushSubscription


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key pair's id and its public key, as browsers take it."""

    id: UUID
    public_key: str


def encoded(raw: bytes) -> str:
    """As base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def current_key(session: AsyncSession) -> PublicKey:
    """Return the pair for new subscriptions; the first call makes it."""
    wanted = select(PushKey.id, PushKey.public_key).where(PushKey.is_current.is_(True))
    found = (await session.execute(wanted)).one_or_none()
    if found is None:
        await _add(session)
        found = (await session.execute(wanted)).one()
    return PublicKey(found.id, found.public_key)


async def key_by_public(session: AsyncSession, public_key: str) -> PublicKey | None:
    """Return the pair with this public key."""
    wanted = select(PushKey.id, PushKey.public_key).where(PushKey.public_key == public_key)
    found = (await session.execute(wanted)).one_or_none()
    return PublicKey(found.id, found.public_key) if found is not None else None


async def replace_key(session: AsyncSession, actor: Actor) -> PublicKey:
    """Make another pair for new subscriptions."""
    now = clock.now()
    await session.execute(update(PushKey).where(PushKey.is_current.is_(True)).values(is_current=None, retired_at=now))
    await _add(session)
    made = await current_key(session)
    await record(session, actor, PushKeyReplaced(subject_id=made.id))
    return made


async def delete_unused(session: AsyncSession) -> None:
    """Delete retired pairs that no subscription is bound to."""
    used = select(PushSubscription.key_id).where(PushSubscription.key_id == PushKey.id).exists()
    await session.execute(delete(PushKey).where(PushKey.retired_at.is_not(None), ~used))


async def _add(session: AsyncSession) -> None:
    """Store a new pair, unless another process did at this moment."""
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    values = {
        "id": ids.new_id(),
        "public_key": encoded(point),
        "private_key": crypto.encrypt(PUSH_KEY_PURPOSE, pem),
        "is_current": True,
        "created_at": clock.now(),
    }
    await session.execute(insert(PushKey).values(values).on_conflict_do_nothing())
