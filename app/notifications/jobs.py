"""The consumer that turns events into messages, and the job that sends one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.service.codes import DELIVER_CODE
from app.kernel import clock
from app.kernel.consumers import Event, batch_consumer
from app.kernel.db import transaction
from app.kernel.jobs import Lane, cleanup, periodic, task
from app.notifications import (
    bounces,
    metrics,
    push_delivery,
    push_subscriptions,
    reliability,
    reminder_queue,
    reminders,
    service,
    unaddressed,
    yearly_statements,
)
from app.notifications.composers import COMPOSERS
from app.places.rules import DEFAULT_ZONE

RETENTION_DAYS = 90
METRICS = metrics.messages  # imported, it is read with all the others


@task(service.SEND, lane=Lane.MESSAGES_EMAIL, max_attempts=service.MAX_ATTEMPTS)
async def send_message(message_id: str) -> None:
    """Deliver one message. Repeated, it doesn't resend what is known to be sent."""
    await service.deliver(UUID(message_id))


@task(service.SEND_PUSH, lane=Lane.MESSAGES_PUSH, max_attempts=service.MAX_ATTEMPTS)
async def send_push(message_id: str) -> None:
    """Deliver one push notice. Repeated, a browser shows it once."""
    await push_delivery.deliver(UUID(message_id))


@task(DELIVER_CODE, lane=Lane.CODES_EMAIL, max_attempts=service.MAX_ATTEMPTS)
async def deliver_code(challenge_id: str, event_id: str) -> None:
    """Compose a code's message and deliver it, once. The transaction that created the code enqueues this job."""
    message_id = await service.compose_code(UUID(challenge_id), UUID(event_id))
    if message_id is not None:
        await service.deliver(message_id)


@periodic("notifications.enqueue-reminders", cron="*/5 * * * *")
async def enqueue_reminders(_due: datetime) -> None:
    """Enqueue the reminders that are due, at units where people are awake (every five minutes)."""
    await reminder_queue.enqueue_due()


@task(reminder_queue.REMIND, lane=Lane.REMINDERS_EMAIL, max_attempts=service.MAX_ATTEMPTS)
async def send_reminders(reminder_ids: list[str]) -> None:
    """Compose and deliver some reminders, each once."""
    await reminders.remind([UUID(one) for one in reminder_ids])


@periodic("notifications.read-bounces", cron="* * * * *")
async def read_bounces(_due: datetime) -> None:
    """Read the mailbox of bounces, if there is one (every minute)."""
    await bounces.read_mailbox()


@cleanup("notifications.end-push-subscriptions", cron="43 * * * *")
async def end_push_subscriptions(_due: datetime) -> None:
    """Hourly: delete push subscriptions whose sign-in has ended, and keys that none uses any more."""
    async with transaction() as session:
        await push_subscriptions.delete_ended(session)


@periodic("notifications.yearly-statements", cron="0 16 * 1 *")
async def notify_about_statements(_due: datetime) -> None:
    """Daily in January, at ten in the country's centre: people who asked are notified about the year before."""
    await yearly_statements.notify_due(clock.today(DEFAULT_ZONE))


@batch_consumer("notifications", tuple(COMPOSERS), partitions=8)
async def compose_for_events(session: AsyncSession, events: Sequence[Event]) -> None:
    """Messages and their jobs are written in the transaction of the consumer's position."""
    await service.enqueue_messages(session, await service.compose_messages(session, events))


@cleanup("notifications.delete-old", cron="41 3 * * *")
async def delete_old_messages(due: datetime) -> None:
    """Nightly: delete delivered messages and resolved notices after 90 days."""
    async with transaction() as session:
        await service.delete_before(session, due - timedelta(days=RETENTION_DAYS))
        await reliability.forget_disproved(session)
        await reminders.delete_before(session, due - timedelta(days=RETENTION_DAYS))
        await unaddressed.delete_before(session, due - timedelta(days=RETENTION_DAYS))
