"""Access to a one-time code for its delivery: read to compose the message, wiped once sent."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import CODE_PURPOSE, SignInCode
from app.identity.rules import Purpose
from app.kernel import crypto


@dataclass(frozen=True, slots=True)
class CodeToSend:
    """A code, the token of its link, and their expiry."""

    code: str
    link: str
    expires_at: datetime
    purpose: Purpose


async def find_code_to_send(session: AsyncSession, challenge_id: UUID) -> CodeToSend | None:
    """Return the code of a challenge; None if it was used, sent or deleted."""
    row = await session.get(SignInCode, challenge_id)
    if row is None or row.ciphertext is None:
        return None
    secret = json.loads(crypto.decrypt(CODE_PURPOSE, row.ciphertext))
    return CodeToSend(secret["code"], secret["link"], row.expires_at, Purpose(row.purpose))


async def find_code_recipient(session: AsyncSession, challenge_id: UUID) -> SignInCode | None:
    """Return the challenge if it has a person and a contact."""
    found: SignInCode | None = await session.scalar(
        select(SignInCode).where(SignInCode.id == challenge_id, SignInCode.person_id.is_not(None))
    )
    return found if found is not None and (found.email or found.phone) else None


async def wipe_code(session: AsyncSession, challenge_id: UUID) -> None:
    """Wipe a code that was sent."""
    await session.execute(update(SignInCode).where(SignInCode.id == challenge_id).values(ciphertext=None))
