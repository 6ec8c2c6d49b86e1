"""Use cases of delivery: record what a gateway or a mail server reports of a message that was sent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.service.code_delivery import wipe_code
from app.kernel import clock
from app.kernel.actor import System
from app.kernel.events import record
from app.notifications import reliability
from app.notifications.composers.codes import CODE
from app.notifications.delivery_rules import (
    DeliveryState,
    Report,
    Reported,
    ReportKind,
    is_about_contact,
    state_of,
)
from app.notifications.events import MessageDelivered, MessageFailed
from app.notifications.models import Message
from app.notifications.rules import TEST

SYSTEM = System("notifications")
NEVER_LEFT = ("shown", "dropped")


def reported_of(message: Message) -> Reported:
    """What was reported of a message so far."""
    return Reported(message.delivered_at, message.delayed_at, message.failed_at, message.failure_code)


def delivery_state(message: Message) -> DeliveryState:
    """How far a message came."""
    return state_of(message.status, reported_of(message))


async def apply_report(session: AsyncSession, message_id: UUID, report: Report) -> bool:
    """Record a report; repeated or late ones change nothing. Returns whether there is such a message: those of long ago
    are deleted.

    A message whose sender died before it noted that it was sent is sent, once its delivery is reported.
    """
    wanted = select(Message).where(Message.id == message_id, Message.status.not_in(NEVER_LEFT)).with_for_update()
    message: Message | None = await session.scalar(wanted)
    if message is None:
        return False
    before = delivery_state(message)
    known = reported_of(message)
    at = min(max(report.at, message.created_at), clock.now())
    now = known.with_report(Report(report.kind, at, report.code))
    if now == known:
        return True
    message.delivered_at, message.delayed_at = now.delivered_at, now.delayed_at
    message.failed_at, message.failure_code = now.failed_at, now.failure_code
    if report.kind is ReportKind.DELIVERED:
        await _note_sent(session, message, at)
    await _note_end(session, message, before)
    return True


async def _note_sent(session: AsyncSession, message: Message, at: datetime) -> None:
    if message.status == "sent" or (message.status == "pending" and message.sending_at is None):
        return
    message.status, message.sent_at, message.sending_at = "sent", message.sent_at or at, None
    if message.kind == CODE:
        await wipe_code(session, message.subject_id)


async def _note_end(session: AsyncSession, message: Message, before: DeliveryState) -> None:
    """Record the event of an end that wasn't known before, and what it says of the contact."""
    after = delivery_state(message)
    if after is before or message.kind == TEST:
        return
    await session.flush()
    if after is DeliveryState.DELIVERED:
        await reliability.note_success(session, message, is_proved=True)
        delivered = MessageDelivered(
            subject_id=message.id, person_id=message.citizen_id, kind=message.kind, by=message.channel
        )
        await record(session, SYSTEM, delivered)
    elif after is DeliveryState.FAILED:
        if message.citizen_id is not None and is_about_contact(message.failure_code):
            await reliability.note_failure(session, message, is_reported=True)
        failed = MessageFailed(
            subject_id=message.id,
            person_id=message.citizen_id,
            kind=message.kind,
            by=message.channel,
            code=message.failure_code,
        )
        await record(session, SYSTEM, failed)
