"""One-time codes: asked for, sent to a known contact or given at the desk, and proved once.

NIST SP 800-63B 5.1.3: random, short-lived, single use, rate-limited. Who exists is never revealed: every request
makes the same rows and gets the same answer.
"""

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import CodeRequested, DeskCodeIssued, SignedIn, SignInRefused
from app.identity.models import Account, SignInCode
from app.identity.problems import WrongCode
from app.identity.service import attempts
from app.identity.service.attempts import CODES, Attempt
from app.kernel import clock, ids, vault
from app.kernel.actor import Anyone, Citizen, Staff
from app.kernel.db import separate_tx
from app.kernel.facts import record
from app.kernel.jobs import enqueue_named
from app.kernel.lanes import Lane
from app.kernel.terms import identity_terms

MAX_TRIES = 5
DIGITS, MORE_DIGITS = 6, 8
DESK_CODE_LIFE = timedelta(hours=24)
SEAL = "sign-in-code"
DELIVER_CODE = "notifications.deliver-code"
"""The task that sends a code, which the messages' package registers."""

# Counted before the comparison and committed by itself, so that a refused try stays counted. Only on the challenge,
# which is its caller's own: anybody can ask for one, so a wrong try must not use up what the desk gave to the person.
_COUNT_TRY = text(
    "UPDATE sign_in_code SET tries = tries + 1 WHERE id = CAST(:id AS uuid) AND tries < :most"
    " AND used_at IS NULL AND expires_at > :now RETURNING id, code_hash"
)
_DESK_CODES = text(
    "SELECT id, code_hash FROM sign_in_code WHERE purpose = 'desk' AND curp = :curp AND used_at IS NULL"
    " AND expires_at > :now"
)
_CURP = text("SELECT curp FROM sign_in_code WHERE id = CAST(:id AS uuid)")
_FORGET = text("DELETE FROM sign_in_code WHERE expires_at < :before")


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a code goes: one of the two, or neither."""

    email: str | None = None
    phone: str | None = None


async def request_code(session: AsyncSession, actor: Anyone, *, curp: str, language: str) -> UUID:
    """Send a code to the contact of the account of this CURP, if there is one; returns the challenge either way.

    Raises:
        TooMany: this source asked too often for this person, or for too many.
    """
    attempt = await attempts.admit(CODES, actor, curp)
    account = await session.scalar(select(Account).where(Account.curp == curp))
    contact = Contact(account.email, account.phone) if account else Contact()
    person_id = account.person_id if account else None
    return await _challenge(session, actor, attempt, "sign-in", curp, person_id, contact, language)


async def enrol_code(
    session: AsyncSession, actor: Anyone, *, curp: str, person_id: UUID | None, contact: Contact, language: str
) -> UUID:
    """Send a code to a new contact of a person the registry confirmed; for None the challenge leads nowhere.

    Raises:
        TooMany: this source asked too often for this person, or for too many.
    """
    attempt = await attempts.admit(CODES, actor, curp)
    sent_to = contact if person_id is not None else Contact()
    return await _challenge(session, actor, attempt, "enrol", curp, person_id, sent_to, language)


async def _challenge(
    session: AsyncSession,
    actor: Anyone,
    attempt: Attempt,
    purpose: str,
    curp: str,
    person_id: UUID | None,
    contact: Contact,
    language: str,
) -> UUID:
    # While an account is tried from everywhere its codes are longer: a hundredth of the chance for each guess.
    digits = MORE_DIGITS if attempt.is_hot else DIGITS
    code, link, now = f"{secrets.randbelow(10**digits):0{digits}d}", ids.new_secret(), clock.now()
    challenge = SignInCode(
        id=ids.new_id(),
        person_id=person_id,
        curp=curp,
        purpose=purpose,
        email=contact.email,
        phone=contact.phone,
        language=language,
        code_hash=vault.mark(SEAL, code),
        link_hash=ids.digest(link),
        sealed=vault.seal(SEAL, json.dumps({"code": code, "link": link})),
        created_at=now,
        expires_at=now + timedelta(minutes=identity_terms().code_minutes),
    )
    session.add(challenge)
    await session.flush()
    event_id = await record(session, actor, CodeRequested(subject_id=challenge.id, purpose=purpose))
    # In this transaction, not by a consumer of the event: those wait for every transaction that is open elsewhere.
    lane = Lane.CODES_SMS if contact.phone and not contact.email else Lane.CODES_EMAIL
    await enqueue_named(session, DELIVER_CODE, lane=lane, challenge_id=str(challenge.id), event_id=str(event_id))
    return challenge.id


async def issue_desk_code(session: AsyncSession, actor: Staff, *, person_id: UUID, curp: str) -> str:
    """A code for somebody standing at the desk who proved who they are with a document; good for a day, once."""
    code, now = f"{secrets.randbelow(100_000_000):08d}", clock.now()
    issued = SignInCode(
        id=ids.new_id(),
        person_id=person_id,
        curp=curp,
        purpose="desk",
        language="es",
        code_hash=vault.mark(SEAL, code),
        created_at=now,
        expires_at=now + DESK_CODE_LIFE,
    )
    session.add(issued)
    await session.flush()
    await record(session, actor, DeskCodeIssued(subject_id=issued.id, person_id=person_id))
    return code


async def verify_code(session: AsyncSession, actor: Anyone, *, challenge_id: UUID, code: str) -> UUID:
    """The person this code proves; the code is used up. A new contact becomes the account's.

    Raises:
        WrongCode: it isn't right, was used, is too old, or was tried too often.
        TooMany: this source failed too often, with this person's codes or with many people's.
    """
    curp = await session.scalar(_CURP, {"id": challenge_id})
    attempt = await attempts.admit(CODES, actor, curp or f"challenge {challenge_id}")
    wanted, now = vault.mark(SEAL, code), clock.now()
    async with separate_tx() as counting:
        rows = list((await counting.execute(_COUNT_TRY, {"id": challenge_id, "most": MAX_TRIES, "now": now})).all())
    rows += (await session.execute(_DESK_CODES, {"curp": curp, "now": now})).all()
    matching = [row.id for row in rows if hmac.compare_digest(bytes(row.code_hash), wanted)]
    proved = await _use(session, matching[0], now) if matching else None
    if proved is None or proved.person_id is None:
        async with separate_tx() as kept:
            await record(kept, actor, SignInRefused(subject_id=challenge_id, how="code"))
        raise WrongCode
    await attempts.succeeded(attempt)
    return await _let_in(session, actor, proved, "code")


async def verify_link(
    session: AsyncSession, actor: Anyone, *, token: str, challenge_id: UUID | None, curp: str | None = None
) -> UUID:
    """The person a magic link proves; the link and its code are used up.

    It works in the browser that asked for it (`challenge_id`), or for somebody who also knows whose it is (`curp`):
    a link that was forwarded or seen over a shoulder isn't enough.

    Raises:
        WrongCode: it was used, is too old, never was, or neither fits.
        TooMany: this source failed too often.
    """
    found = await session.scalar(select(SignInCode).where(SignInCode.link_hash == ids.digest(token)))
    attempt = await attempts.admit(CODES, actor, (found.curp if found else None) or "unknown link")
    theirs = found is not None and (found.id == challenge_id or (curp is not None and found.curp == curp))
    proved = await _use(session, found.id, clock.now()) if found is not None and theirs else None
    if proved is None or proved.person_id is None:
        raise WrongCode
    await attempts.succeeded(attempt)
    return await _let_in(session, actor, proved, "link")


async def _use(session: AsyncSession, code_id: UUID, now: datetime) -> SignInCode | None:
    used = (
        update(SignInCode)
        .where(SignInCode.id == code_id, SignInCode.used_at.is_(None), SignInCode.expires_at > now)
        .values(used_at=now, sealed=None)
        .returning(SignInCode)
    )
    found: SignInCode | None = (await session.execute(used)).scalar_one_or_none()
    return found


async def _let_in(session: AsyncSession, actor: Anyone, proved: SignInCode, how: str) -> UUID:
    assert proved.person_id is not None
    account = insert(Account).values(
        person_id=proved.person_id,
        curp=proved.curp,
        email=proved.email,
        phone=proved.phone,
        language=proved.language,
        created_at=clock.now(),
    )
    if proved.purpose == "enrol":
        # The person proved the registry's data and this contact: it replaces what was there.
        contact = {"email": proved.email, "phone": proved.phone}
        account = account.on_conflict_do_update(index_elements=["person_id"], set_=contact)
    else:
        account = account.on_conflict_do_nothing()
    await session.execute(account)
    # Without a meter: the time at the door belongs to the errand, not to the sign-in.
    citizen = Citizen(proved.person_id, actor.channel, device=actor.device)
    way = "desk-code" if proved.purpose == "desk" else how
    await record(session, citizen, SignedIn(subject_id=proved.person_id, person_id=proved.person_id, how=way))
    return proved.person_id


async def forget_codes(session: AsyncSession, before: datetime) -> None:
    """Delete codes that have expired well before."""
    await session.execute(_FORGET, {"before": before})
