"""One-time codes: requested, sent to a known contact or issued at the desk, and verified once.

NIST SP 800-63B 5.1.3: random, short-lived, single use, rate-limited. Existence of a person is never revealed: every
request writes the same rows and gets the same response.
"""

import json
import secrets
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import CodeRequested, DeskCodeIssued, SignInRefused
from app.identity.models import CODE_PURPOSE, Account, SignInCode
from app.identity.problems import WrongCode
from app.identity.rules import Contact, Delivery, Purpose, choose_delivery
from app.identity.service import attempts
from app.identity.service.attempts import CODES, Attempt
from app.identity.service.proofs import SignInResult, sign_in_with_code
from app.identity.settings import identity_settings
from app.kernel import clock, crypto, ids
from app.kernel.actor import Anonymous, Assurance, Staff
from app.kernel.db import separate_tx
from app.kernel.events import record
from app.kernel.jobs import Lane, enqueue_named

MAX_ATTEMPTS = 5
DIGITS, MORE_DIGITS = 6, 8
DESK_CODE_LIFE = timedelta(hours=24)
DELIVER_CODE = "notifications.deliver-code"
"""The task that sends a code, which the messages' package registers."""
SIGN_IN_PURPOSES = (Purpose.SIGN_IN, Purpose.REGISTRY, Purpose.ENROL, Purpose.OPEN, Purpose.DESK)

# Counted before the comparison in a separate transaction, so that a failed attempt stays counted. Only on the
# challenge, which is the caller's own: anyone can request one, so a wrong attempt must not use up the person's desk
# code.
_COUNT_ATTEMPT = text(
    "UPDATE sign_in_code SET attempts = attempts + 1 WHERE id = CAST(:id AS uuid) AND attempts < :most"
    " AND used_at IS NULL AND expires_at > :now RETURNING id, code_hash"
)
_DESK_CODES = text(
    "SELECT id, code_hash FROM sign_in_code WHERE purpose = 'desk' AND curp = :curp AND used_at IS NULL"
    " AND expires_at > :now"
)
_CURP = text("SELECT curp FROM sign_in_code WHERE id = CAST(:id AS uuid)")
_DELETE_EXPIRED = text("DELETE FROM sign_in_code WHERE expires_at < :before")


async def request_code(
    session: AsyncSession,
    actor: Anonymous,
    *,
    curp: str,
    language: str,
    person_id: UUID | None,
    registered: Contact,
    new: Contact | None = None,
    full_only: bool = False,
) -> UUID:
    """Send a code to a contact of this person, if there is one; returns the challenge either way.

    It goes to the account's contact or the registry's (`registered`). Only who has neither gets it at a `new` one;
    knowing a person's data isn't enough to replace the contact on file. `person_id` is None for a person whom the
    registry doesn't know: the challenge can't be met. `full_only`: send only to a contact that gives full assurance.

    Raises:
        TooManyRequests: this source asked too often for this person, or for too many.
    """
    attempt = await attempts.count_attempt(CODES, actor, curp)
    account = await session.get(Account, person_id) if person_id is not None else None
    theirs = Contact(account.email, account.phone) if account else None
    level = Assurance(account.assurance) if account else Assurance.LOW
    sending = choose_delivery(account=theirs, level=level, registered=registered, new=new, full_only=full_only)
    whose = person_id
    if whose is None or not sending.contact.is_there:
        whose, sending = None, Delivery(sending.purpose, Contact())
    return await create_code(session, actor, attempt, sending, curp=curp, person_id=whose, language=language)


async def request_account_opening(
    session: AsyncSession,
    actor: Anonymous,
    *,
    curp: str,
    language: str,
    new: Contact,
    declare: Callable[[], Awaitable[UUID]],
) -> UUID:
    """Send a code to a declared person: to the contact of their account, or to this `new` one, which opens the account
    at low assurance. `declare` returns their id, once the attempt was counted.

    Raises:
        TooManyRequests: this source asked too often for this person, or for too many.
    """
    attempt = await attempts.count_attempt(CODES, actor, curp)
    person_id = await declare()
    account = await session.get(Account, person_id)
    theirs = Contact(account.email, account.phone) if account is not None else Contact()
    known = theirs.is_there
    sending = Delivery(Purpose.SIGN_IN, theirs.reached) if known else Delivery(Purpose.OPEN, new.reached)
    return await create_code(session, actor, attempt, sending, curp=curp, person_id=person_id, language=language)


async def count_enrolment_attempt(actor: Anonymous, curp: str) -> None:
    """Count an enrolment whose data matched no person, as any attempt at this account.

    Raises:
        TooManyRequests: this source tried this person too often, or too many.
    """
    await attempts.count_attempt(CODES, actor, curp)


async def create_code(
    session: AsyncSession,
    actor: Anonymous | Staff,
    attempt: Attempt,
    sending: Delivery,
    *,
    curp: str,
    person_id: UUID | None,
    language: str,
) -> UUID:
    """Create a code for a contact, record the request and enqueue its delivery."""
    # During a distributed attack codes are longer: a hundredth of the chance per guess.
    digits = MORE_DIGITS if attempt.is_under_attack else DIGITS
    code, link, now = f"{secrets.randbelow(10**digits):0{digits}d}", ids.new_secret(), clock.now()
    challenge = SignInCode(
        id=ids.new_id(),
        person_id=person_id,
        curp=curp,
        purpose=sending.purpose.value,
        email=sending.contact.email,
        phone=sending.contact.phone,
        language=language,
        code_hash=crypto.hmac_digest(CODE_PURPOSE, code),
        link_hash=ids.digest(link),
        ciphertext=crypto.encrypt(CODE_PURPOSE, json.dumps({"code": code, "link": link})),
        created_at=now,
        expires_at=now + timedelta(minutes=identity_settings().code_minutes),
    )
    session.add(challenge)
    await session.flush()
    event_id = await record(session, actor, CodeRequested(subject_id=challenge.id, purpose=sending.purpose.value))
    # Enqueued in this transaction, not by an event consumer, so that no other open transaction delays it.
    lane = Lane.CODES_SMS if sending.contact.phone and not sending.contact.email else Lane.CODES_EMAIL
    await enqueue_named(session, DELIVER_CODE, lane=lane, challenge_id=str(challenge.id), event_id=str(event_id))
    return challenge.id


async def issue_desk_code(session: AsyncSession, actor: Staff, *, person_id: UUID, curp: str) -> str:
    """Issue a code to a person who showed an identity document at the desk; valid for a day, once."""
    code, now = f"{secrets.randbelow(100_000_000):08d}", clock.now()
    issued = SignInCode(
        id=ids.new_id(),
        person_id=person_id,
        curp=curp,
        purpose="desk",
        language="es",
        code_hash=crypto.hmac_digest(CODE_PURPOSE, code),
        created_at=now,
        expires_at=now + DESK_CODE_LIFE,
    )
    session.add(issued)
    await session.flush()
    await record(session, actor, DeskCodeIssued(subject_id=issued.id, person_id=person_id))
    return code


async def verify_code(
    session: AsyncSession, actor: Anonymous, *, challenge_id: UUID, code: str, session_id: UUID | None = None
) -> SignInResult:
    """Verify and consume a code; return the person and assurance. `session_id`: the browser session that continues.

    Raises:
        WrongCode: it isn't right, was used, is too old, or was tried too often.
        AccountFrozen: it is right, but only a desk code opens the account.
        TooManyRequests: this source failed too often, with this person's codes or with many people's.
    """
    curp = await session.scalar(_CURP, {"id": challenge_id})
    attempt = await attempts.count_attempt(CODES, actor, curp or f"challenge {challenge_id}")
    now = clock.now()
    rows = await count_code_attempt(challenge_id)
    rows |= await desk_codes(session, curp)
    matching = [code_id for code_id, stored in rows.items() if crypto.verify_hmac_digest(CODE_PURPOSE, code, stored)]
    if matching:
        # Before the code is locked: those who wait for it have the connections that this needs.
        await attempts.clear_failures(attempt)
    used = await consume_code(session, matching[0], now, SIGN_IN_PURPOSES) if matching else None
    if used is None or used.person_id is None:
        async with separate_tx() as separate:
            await record(separate, actor, SignInRefused(subject_id=challenge_id, how="code"))
        raise WrongCode
    return await sign_in_with_code(session, actor, used, "code", session_id)


async def count_code_attempt(challenge_id: UUID) -> dict[UUID, bytes]:
    """Count an attempt against a challenge in a separate transaction; return its digest if attempts are left."""
    asked = {"id": challenge_id, "most": MAX_ATTEMPTS, "now": clock.now()}
    async with separate_tx() as counting:
        return {row.id: bytes(row.code_hash) for row in (await counting.execute(_COUNT_ATTEMPT, asked)).all()}


async def desk_codes(session: AsyncSession, curp: str | None) -> dict[UUID, bytes]:
    """Return the digests of a person's valid desk codes."""
    return await _codes(session, _DESK_CODES, curp=curp)


async def _codes(session: AsyncSession, wanted: TextClause, **asked: Any) -> dict[UUID, bytes]:
    return {row.id: bytes(row.code_hash) for row in await session.execute(wanted, asked | {"now": clock.now()})}


async def verify_link(
    session: AsyncSession,
    actor: Anonymous,
    *,
    token: str,
    challenge_id: UUID | None,
    curp: str | None = None,
    session_id: UUID | None = None,
) -> SignInResult:
    """Verify and consume a magic link; return the person and assurance.

    It works in the browser that requested it (`challenge_id`), or with the person's CURP (`curp`): a forwarded link
    alone isn't enough.

    Raises:
        WrongCode: it was used, is too old, never was, or neither fits.
        AccountFrozen: it is right, but only a desk code opens the account.
        TooManyRequests: this source failed too often.
    """
    found = await session.scalar(select(SignInCode).where(SignInCode.link_hash == ids.digest(token)))
    attempt = await attempts.count_attempt(CODES, actor, (found.curp if found else None) or "unknown link")
    asked_here = found is not None and challenge_id == found.id
    theirs = found is not None and (asked_here or (curp is not None and found.curp == curp))
    if found is None or not theirs:
        raise WrongCode
    await attempts.clear_failures(attempt)  # before the code is locked, as for a code
    used = await consume_code(session, found.id, clock.now(), SIGN_IN_PURPOSES)
    if used is None or used.person_id is None:
        raise WrongCode
    return await sign_in_with_code(session, actor, used, "link", session_id)


async def owner_of_link(session: AsyncSession, token: str) -> UUID | None:
    """Whose a magic link is, while it is good."""
    wanted = select(SignInCode.person_id).where(
        SignInCode.link_hash == ids.digest(token),
        SignInCode.used_at.is_(None),
        SignInCode.expires_at > clock.now(),
        SignInCode.purpose.in_([purpose.value for purpose in SIGN_IN_PURPOSES]),
    )
    found: UUID | None = await session.scalar(wanted)
    return found


async def consume_code(
    session: AsyncSession, code_id: UUID, now: datetime, purposes: Collection[Purpose]
) -> SignInCode | None:
    """Consume a code if it is valid and for one of these purposes."""
    used = (
        update(SignInCode)
        .where(
            SignInCode.id == code_id,
            SignInCode.used_at.is_(None),
            SignInCode.expires_at > now,
            SignInCode.purpose.in_([purpose.value for purpose in purposes]),
        )
        .values(used_at=now, ciphertext=None)
        .returning(SignInCode)
    )
    found: SignInCode | None = (await session.execute(used)).scalar_one_or_none()
    return found


async def delete_expired_codes(session: AsyncSession, before: datetime) -> None:
    """Delete codes that expired before this time."""
    await session.execute(_DELETE_EXPIRED, {"before": before})
