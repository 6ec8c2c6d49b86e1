"""What the messenger needs of a one-time code: read once to write the message, wiped when it has left."""

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
    """A code, its link's token, and until when they are good."""

    code: str
    link: str
    expires_at: datetime
    purpose: Purpose


async def find_code_to_send(session: AsyncSession, challenge_id: UUID) -> CodeToSend | None:
    """The code of a challenge; None when it was used, sent or forgotten."""
    row = await session.get(SignInCode, challenge_id)
    if row is None or row.ciphertext is None:
        return None
    secret = json.loads(crypto.decrypt(CODE_PURPOSE, row.ciphertext))
    return CodeToSend(secret["code"], secret["link"], row.expires_at, Purpose(row.purpose))


async def find_code_recipient(session: AsyncSession, challenge_id: UUID) -> SignInCode | None:
    """The challenge, if it has somebody and a contact to go to."""
    found: SignInCode | None = await session.scalar(
        select(SignInCode).where(SignInCode.id == challenge_id, SignInCode.person_id.is_not(None))
    )
    return found if found is not None and (found.email or found.phone) else None


async def wipe_code(session: AsyncSession, challenge_id: UUID) -> None:
    """The code has left: nobody can read it here any more."""
    await session.execute(update(SignInCode).where(SignInCode.id == challenge_id).values(ciphertext=None))
