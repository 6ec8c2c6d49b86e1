"""Deliver events: sign, post, record what was answered.

A delivery is recorded after it was sent. Of a worker that dies in between it isn't known whether the event arrived: it
is sent again with the same `webhook-id`, by which receivers drop it.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, crypto, ids
from app.kernel.actor import System
from app.kernel.consumers import Event
from app.kernel.db import reading, retry_until_stored, transaction
from app.kernel.events import record
from app.kernel.jobs import Lane, NewJob, RetryLater, enqueue_many
from app.kernel.outbound import OutboundClient, outbound_client
from app.kernel.outbound_rules import OutboundError
from app.kernel.settings import get_settings
from app.webhooks import rules
from app.webhooks.cloud_events import CONTENT_TYPE, EventToSend, encode
from app.webhooks.events import WebhookDisabled
from app.webhooks.models import SECRET_PURPOSE, Webhook
from app.webhooks.signatures import signed_headers
from app.webhooks.statements import STATEMENTS

log = structlog.get_logger(__name__)

DELIVER, NOTIFY_DISABLED = "webhooks.deliver", "webhooks.notify-disabled"
BATCH = 50
"""Events of a job: of one webhook, in the order of the log."""
AT_ONCE = 8
"""Calls of a job that run at the same time."""
SYSTEM = System("webhooks")
USER_AGENT = "Ventanilla-Webhooks"

_ADD = STATEMENTS.load("add_deliveries")
_PENDING = STATEMENTS.load("pending")
_RECORD = STATEMENTS.load("record_attempts")
_DELETE_ATTEMPTS = text("DELETE FROM webhook_attempt WHERE at < :before")
_DELETE_DELIVERIES = text("DELETE FROM webhook_delivery WHERE created_at < :before")


class DeliveryFailed(RetryLater):
    """Some events of the job weren't taken: they are sent again later."""


@dataclass(frozen=True, slots=True)
class Call:
    """An event that was sent, or wasn't because the endpoint didn't answer the one before (`at` is None)."""

    event: EventToSend
    at: datetime | None = None
    milliseconds: int = 0
    status: int | None = None
    reason: str | None = None
    answer: str = ""

    def row(self) -> dict[str, Any]:
        """Return it as `record_attempts` takes it."""
        return {
            "id": str(ids.new_id()) if self.at is not None else None,
            "event_id": str(self.event.event_id),
            "type": self.event.type,
            "at": self.at.isoformat() if self.at is not None else None,
            "milliseconds": self.milliseconds,
            "status": self.status,
            "reason": self.reason,
            "answer": self.answer,
            "delivered": rules.is_delivered(self.status),
        }


async def add_deliveries(session: AsyncSession, events: Sequence[Event]) -> int:
    """Write the deliveries of some events and enqueue their jobs; returns how many there are."""
    given = [
        {"event_id": str(one.id), "type": one.type, "position": one.position, "at": one.at.isoformat()}
        for one in events
    ]
    rows = (await session.execute(_ADD, {"events": json.dumps(given), "now": clock.now()})).all()
    await enqueue_deliveries(session, [(row.webhook_id, row.event_id) for row in rows])
    return len(rows)


async def enqueue_deliveries(session: AsyncSession, added: Sequence[tuple[UUID, UUID]]) -> None:
    """Enqueue the jobs of deliveries: the events of one webhook, some at a time."""
    by_webhook: dict[UUID, list[str]] = {}
    for webhook_id, event_id in added:
        by_webhook.setdefault(webhook_id, []).append(str(event_id))
    asked = [
        NewJob(
            Lane.WEBHOOKS,
            f"webhook:{webhook_id}:{chosen[begin]}",
            {"webhook_id": str(webhook_id), "event_ids": chosen[begin : begin + BATCH]},
        )
        for webhook_id, chosen in by_webhook.items()
        for begin in range(0, len(chosen), BATCH)
    ]
    await enqueue_many(session, DELIVER, asked)


async def deliver(webhook_id: UUID, event_ids: Sequence[UUID], client: OutboundClient | None = None) -> None:
    """Send what is pending of some events to a webhook. What was taken already is skipped.

    Raises:
        DeliveryFailed: some are to be sent again later.
    """
    async with reading() as session:
        webhook = await session.get(Webhook, webhook_id)
        chosen = {"webhook_id": webhook_id, "event_ids": list(event_ids)}
        rows = (await session.execute(_PENDING, chosen)).all()
    events = [EventToSend(**row._mapping) for row in rows]  # the row's public mapping
    if webhook is None or not events:
        return
    calls: list[Call] = []
    if webhook.disabled_at is None:
        calls = await send(webhook, events, client or await outbound_client())
    else:
        calls = [Call(event) for event in events]
    left: list[int] = []

    async def note() -> None:
        left[:] = [await record_calls(webhook_id, calls, ends=webhook.disabled_at is not None)]

    await retry_until_stored(note)
    if left[0]:
        raise DeliveryFailed(f"{left[0]} of {len(events)}")


async def send(webhook: Webhook, events: Sequence[EventToSend], client: OutboundClient) -> list[Call]:
    """Send events, the first by itself: an endpoint that doesn't answer isn't waited for fifty times."""
    secrets = secrets_of(webhook, clock.now())
    first = await _call(webhook.url, secrets, events[0], client)
    if first.status is None:
        return [first, *(Call(event) for event in events[1:])]
    places = asyncio.Semaphore(AT_ONCE)

    async def one(event: EventToSend) -> Call:
        async with places:
            return await _call(webhook.url, secrets, event, client)

    return [first, *await asyncio.gather(*(one(event) for event in events[1:]))]


def secrets_of(webhook: Webhook, now: datetime) -> list[str]:
    """Return the secrets that sign now, the newest first."""
    used = [webhook.secret]
    if webhook.previous_secret is not None and webhook.previous_until is not None and webhook.previous_until > now:
        used.append(webhook.previous_secret)
    return [crypto.decrypt(SECRET_PURPOSE, one) for one in used]


async def _call(url: str, secrets: Sequence[str], event: EventToSend, client: OutboundClient) -> Call:
    at, begun = clock.now(), monotonic()
    body = encode(get_settings().base_url, event)
    headers = {"Content-Type": CONTENT_TYPE, "User-Agent": USER_AGENT}
    headers |= signed_headers(secrets, str(event.event_id), int(at.timestamp()), body)
    try:
        answer = await client.post(url, headers, body)
    except OutboundError as error:
        return Call(event, at, _milliseconds(begun), reason=error.reason.value)
    return Call(event, at, _milliseconds(begun), answer.status, answer=rules.stored_answer(answer.body))


def _milliseconds(begun: float) -> int:
    return round((monotonic() - begun) * 1000)


async def record_calls(webhook_id: UUID, calls: Sequence[Call], *, ends: bool = False) -> int:
    """Record calls and what they say about the endpoint; returns how many events are still pending. `ends`: nothing
    is sent again."""
    given = {"webhook_id": webhook_id, "attempts": json.dumps([call.row() for call in calls])}
    async with transaction() as session:
        rows = (await session.execute(_RECORD, given | {"most": rules.MAX_ATTEMPTS, "ends": ends})).all()
        if not ends:
            await _note_health(session, webhook_id, [call for call in calls if call.at is not None])
    return sum(row.status == rules.Status.PENDING for row in rows)


async def _note_health(session: AsyncSession, webhook_id: UUID, calls: Sequence[Call]) -> None:
    """Note since when an endpoint fails, and disable one that has for three days."""
    now = clock.now()
    webhook = await session.get(Webhook, webhook_id, with_for_update=True)
    if webhook is None:
        return
    has_taken = any(rules.is_delivered(call.status) for call in calls)
    webhook.failing_since = rules.failing_since(webhook.failing_since, has_taken=has_taken, now=now)
    if has_taken:
        webhook.delivered_at = now
    because = rules.disabled_because(webhook.failing_since, [call.status for call in calls], now)
    if because is None or webhook.disabled_at is not None:
        return
    webhook.disabled_at, webhook.disabled_because, webhook.version = now, because.value, webhook.version + 1
    log.error("webhook_disabled", webhook_id=str(webhook_id), because=because.value)
    await record(session, SYSTEM, WebhookDisabled(subject_id=webhook_id, because=because.value))
    notice = NewJob(Lane.MESSAGES_EMAIL, f"webhook:{webhook_id}:disabled", {"webhook_id": str(webhook_id)})
    await enqueue_many(session, NOTIFY_DISABLED, [notice])


async def delete_before(session: AsyncSession, before: datetime) -> None:
    """Delete old attempts, and deliveries that ended."""
    await session.execute(_DELETE_ATTEMPTS, {"before": before})
    await session.execute(_DELETE_DELIVERIES, {"before": before})


async def forget_previous_secrets(session: AsyncSession) -> None:
    """Delete the secrets that don't sign any more."""
    lapsed = update(Webhook).where(Webhook.previous_until < clock.now())
    await session.execute(lapsed.values(previous_secret=None, previous_until=None))
