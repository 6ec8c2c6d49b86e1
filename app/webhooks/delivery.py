"""Deliver events: sign, post, record what was answered.

The table of deliveries is the queue; a job of a webhook sends what is due of it, and one runs at a time. So an endpoint
that is slow, or doesn't answer, holds one slot of the lane and no more, however much waits for it.

A delivery is recorded after it was sent. Of a worker that dies in between it isn't known whether the event arrived: it
is sent again with the same `webhook-id`, by which receivers drop it.
"""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, crypto, ids, metrics
from app.kernel.actor import System
from app.kernel.consumers import Event
from app.kernel.db import reading, retry_until_stored, transaction
from app.kernel.events import record
from app.kernel.jobs import Lane, NewJob, enqueue_many
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
BATCH = 100
AT_ONCE = 16
"""Calls of a webhook that run at the same time."""
JOB_SECONDS = 20.0
"""After this long a job begins no other batch, but enqueues the next job: other webhooks have their turn."""
SYSTEM = System("webhooks")
USER_AGENT = "Ventanilla-Webhooks"

_ADD = STATEMENTS.load("add_deliveries")
_DUE = STATEMENTS.load("due")
_RECORD = STATEMENTS.load("record_attempts")
_PUT_OFF = STATEMENTS.load("put_off")
_END = text("UPDATE webhook_delivery SET status = 'dead-letter' WHERE webhook_id = :webhook_id AND status = 'pending'")
_WITH_DUE = text("SELECT DISTINCT webhook_id FROM webhook_delivery WHERE status = 'pending' AND due_at <= :now")
_DELETE_ATTEMPTS = text("DELETE FROM webhook_attempt WHERE at < :before")
_DELETE_DELIVERIES = text("DELETE FROM webhook_delivery WHERE created_at < :before")


@dataclass(frozen=True, slots=True)
class Call:
    """An event that was sent, or wasn't because the endpoint didn't answer another (`at` is None)."""

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
    added = (await session.scalars(_ADD, {"events": json.dumps(given), "now": clock.now()})).all()
    await enqueue_jobs(session, set(added))
    return len(added)


async def enqueue_jobs(session: AsyncSession, webhook_ids: Iterable[UUID]) -> None:
    """Enqueue a job for each of these webhooks."""
    asked = [
        NewJob(Lane.WEBHOOKS, f"webhook:{webhook_id}", {"webhook_id": str(webhook_id)})
        for webhook_id in sorted(webhook_ids)
    ]
    await enqueue_many(session, DELIVER, asked)


async def enqueue_due() -> None:
    """Enqueue the jobs of webhooks with something that is due again."""
    async with transaction() as session:
        await enqueue_jobs(session, (await session.scalars(_WITH_DUE, {"now": clock.now()})).all())


async def deliver(webhook_id: UUID, client: OutboundClient | None = None) -> None:
    """Send what is due to a webhook, until nothing is, it doesn't answer, or it had its time."""
    until = monotonic() + JOB_SECONDS
    is_answering = False
    while True:
        webhook, events = await _load(webhook_id)
        if webhook is None or not events:
            return
        if webhook.disabled_at is not None:
            await retry_until_stored(lambda: _end(webhook_id))
            return
        calls = await send(webhook, events, client or await outbound_client(), is_answering=is_answering)
        is_answering = all(call.status is not None for call in calls)
        await retry_until_stored(lambda: record_calls(webhook_id, calls, puts_off=not is_answering))  # noqa: B023 # awaited
        if not is_answering:
            return
        if monotonic() > until:
            async with transaction() as session:
                await enqueue_jobs(session, [webhook_id])
            return


async def _load(webhook_id: UUID) -> tuple[Webhook | None, list[EventToSend]]:
    async with reading() as session:
        webhook = await session.get(Webhook, webhook_id)
        asked = {"webhook_id": webhook_id, "now": clock.now(), "most": BATCH}
        rows = (await session.execute(_DUE, asked)).all()
    return webhook, [EventToSend(**row._mapping) for row in rows]  # the row's public mapping


async def _end(webhook_id: UUID) -> None:
    async with transaction() as session:
        await end_pending(session, webhook_id)


async def end_pending(session: AsyncSession, webhook_id: UUID) -> None:
    """Make dead letters of what waits for a webhook that is disabled."""
    await session.execute(_END, {"webhook_id": webhook_id})


async def send(
    webhook: Webhook, events: Sequence[EventToSend], client: OutboundClient, *, is_answering: bool = False
) -> list[Call]:
    """Send events, the first by itself unless the endpoint `is_answering`; once one has no answer, no other is sent."""
    secrets = secrets_of(webhook, clock.now())
    places = asyncio.Semaphore(AT_ONCE)
    is_silent = False

    async def one(event: EventToSend) -> Call:
        nonlocal is_silent
        async with places:
            if is_silent:
                return Call(event)
            call = await _call(webhook.url, secrets, event, client)
        is_silent = is_silent or call.status is None
        return call

    first = [] if is_answering else [await one(events[0])]
    return [*first, *await asyncio.gather(*(one(event) for event in events[len(first) :]))]


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
        metrics.WEBHOOK_ATTEMPTS.labels("unanswered").inc()
        return Call(event, at, _milliseconds(begun), reason=error.reason.value)
    metrics.WEBHOOK_ATTEMPTS.labels("delivered" if rules.is_delivered(answer.status) else "refused").inc()
    return Call(event, at, _milliseconds(begun), answer.status, answer=rules.stored_answer(answer.body))


def _milliseconds(begun: float) -> int:
    return round((monotonic() - begun) * 1000)


async def record_calls(webhook_id: UUID, calls: Sequence[Call], *, puts_off: bool = False) -> None:
    """Record calls and what they say about the endpoint. `puts_off`: all else that is due counts as tried too."""
    given = {"webhook_id": webhook_id, "waits": list(rules.WAITS), "now": clock.now()}
    async with transaction() as session:
        await session.execute(_RECORD, given | {"attempts": json.dumps([call.row() for call in calls])})
        if puts_off:
            await session.execute(_PUT_OFF, given)
        await _note_health(session, webhook_id, [call for call in calls if call.at is not None])


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
    await end_pending(session, webhook_id)
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
