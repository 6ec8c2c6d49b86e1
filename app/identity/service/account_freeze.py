"""Account freeze: the signed «This wasn't me» link of a security notice freezes the account and revokes all access."""

import base64
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import (
    AccountFrozen,
    ContactChanged,
    DeskCodeIssued,
    MandateGranted,
    MandateRevoked,
    NewDeviceSeen,
)
from app.identity.models import Account, Mandate
from app.identity.rules import is_superseded
from app.identity.service.revocation import revoke_all_access
from app.kernel import clock, crypto
from app.kernel.actor import Anonymous, Assurance
from app.kernel.events import record
from app.kernel.problems import NotFound

REPORTED_EVENTS = (
    ContactChanged.type,
    NewDeviceSeen.type,
    DeskCodeIssued.type,
    MandateGranted.type,
    MandateRevoked.type,
)
"""Events that are reported to every known contact of the person."""

FULL = Assurance.FULL
"""The level of what doesn't say how surely it was done: codes of the desk, consents."""
LINK_LIFE = timedelta(days=30)
LINK = "not-me"
DAY = 86_400
# Short enough for a text message: 80 bits that only the key makes, and a last day.
MAC_BYTES, UUID_BYTES, TIME_BYTES = 10, 16, 3

_EVENT = text(
    "SELECT e.type, e.person_id, e.subject_id, e.at, e.payload ->> 'assurance' AS assurance, EXISTS (SELECT 1"
    " FROM event f WHERE f.subject_id = e.person_id AND f.type = :frozen"
    " AND f.payload ->> 'event_id' = CAST(:id AS text)) AS was_used FROM event e WHERE e.id = CAST(:id AS uuid)"
)


@dataclass(frozen=True, slots=True)
class ReportedEvent:
    """What a link is about: the event, whose it is, and whether it can still be stopped."""

    event_id: UUID
    type: str
    person_id: UUID
    subject_id: UUID
    is_over: bool
    is_frozen: bool


def sign_report_link(event_id: UUID) -> str:
    """Return the token of the link that freezes the account because of this event. It contains no personal data and
    can't be forged."""
    ends = int((clock.now() + LINK_LIFE).timestamp()) // DAY
    payload = event_id.bytes + ends.to_bytes(TIME_BYTES)
    return base64.urlsafe_b64encode(payload + _mac(payload)).decode().rstrip("=")


def _mac(payload: bytes) -> bytes:
    return crypto.hmac_digest(LINK, payload.hex())[:MAC_BYTES]


def _parse_report_link(token: str) -> UUID:
    """The event of a link.

    Raises:
        NotFound: it isn't ours, was changed, or is too old.
    """
    try:
        whole = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError as error:
        raise NotFound from error
    payload, mac = whole[:-MAC_BYTES], whole[-MAC_BYTES:]
    if len(payload) != UUID_BYTES + TIME_BYTES or not crypto.verify_hmac_digest(
        LINK, payload.hex(), mac, length=MAC_BYTES
    ):
        raise NotFound
    if int.from_bytes(payload[UUID_BYTES:]) < clock.now().timestamp() // DAY:
        raise NotFound
    return UUID(bytes=payload[:UUID_BYTES])


async def read_report_link(session: AsyncSession, token: str) -> ReportedEvent:
    """What the link in a message is about.

    Raises:
        NotFound: it isn't ours, was changed, or is too old.
    """
    event_id = _parse_report_link(token)
    row = (await session.execute(_EVENT, {"id": str(event_id), "frozen": AccountFrozen.type})).one_or_none()
    if row is None or row.type not in REPORTED_EVENTS or row.person_id is None:
        raise NotFound
    account = await session.scalar(select(Account).where(Account.person_id == row.person_id).with_for_update())
    settled = account.settled_until if account is not None else None
    is_frozen = account is not None and account.frozen_at is not None
    # A document was shown since: earlier events can't freeze the account again. Nor can acts at low assurance after
    # full assurance was reached: their effects were revoked, and an impostor may hold their links.
    is_settled = settled is not None and row.at <= settled
    is_past = account is not None and is_superseded(Assurance(account.assurance), Assurance(row.assurance or FULL))
    return ReportedEvent(
        event_id=event_id,
        type=row.type,
        person_id=row.person_id,
        subject_id=row.subject_id,
        is_over=not is_frozen and (row.was_used or is_settled or is_past),
        is_frozen=is_frozen,
    )


async def freeze(session: AsyncSession, actor: Anonymous, token: str) -> ReportedEvent:
    """Stop the account that a message was about: nothing is signed in to it any more, and only a desk code opens it.
    A consent that was given ends. Doing it again changes nothing.

    Raises:
        NotFound: the link isn't ours, was changed, or is too old.
    """
    report = await read_report_link(session, token)
    if report.is_over or report.is_frozen:
        return report
    await revoke_all_access(session, report.person_id)
    account = await session.get(Account, report.person_id)
    if account is not None:
        account.frozen_at = clock.now()
    if report.type == MandateGranted.type:
        await _end_mandate(session, actor, report)
    frozen = AccountFrozen(
        subject_id=report.person_id, person_id=report.person_id, because=report.type, event_id=report.event_id
    )
    await record(session, actor, frozen)
    return report


async def _end_mandate(session: AsyncSession, actor: Anonymous, report: ReportedEvent) -> None:
    mandate = await session.get(Mandate, (report.person_id, report.subject_id), with_for_update=True)
    if mandate is not None and mandate.revoked_at is None:
        mandate.revoked_at = clock.now()
        event = MandateRevoked(subject_id=mandate.id, person_id=report.person_id, delegate_id=mandate.delegate_id)
        await record(session, actor, event)
