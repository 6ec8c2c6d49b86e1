"""The consumer that turns events into deliveries, and the job that sends them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.consumers import Event, batch_consumer
from app.kernel.db import transaction
from app.kernel.jobs import Lane, cleanup, periodic, task
from app.webhooks import delivery, notices
from app.webhooks.catalogue import CATALOGUE

RETENTION_DAYS = 30


@batch_consumer("webhooks", tuple(CATALOGUE), key="subject")
async def add_for_events(session: AsyncSession, events: Sequence[Event]) -> None:
    """Deliveries and their jobs are written in the transaction of the consumer's position."""
    await delivery.add_deliveries(session, events)


@task(delivery.DELIVER, lane=Lane.WEBHOOKS)
async def deliver_due(webhook_id: str) -> None:
    """Send what is due to a webhook. Repeated, it doesn't send again what is known to be taken."""
    await delivery.deliver(UUID(webhook_id))


@periodic("webhooks.enqueue-due", cron="* * * * *", lane=Lane.WEBHOOKS)
async def enqueue_due(_due: datetime) -> None:
    """Enqueue the jobs of webhooks with something that is due again (every minute)."""
    await delivery.enqueue_due()


@task(delivery.NOTIFY_DISABLED, lane=Lane.MESSAGES_EMAIL)
async def notify_disabled(webhook_id: str) -> None:
    """Mail the contact of a webhook that was disabled."""
    await notices.notify_disabled(UUID(webhook_id))


@cleanup("webhooks.delete-old", cron="51 3 * * *")
async def delete_old(due: datetime) -> None:
    """Nightly: delete attempts and deliveries of 30 days ago, and secrets that were replaced."""
    async with transaction() as session:
        await delivery.delete_before(session, due - timedelta(days=RETENTION_DAYS))
        await delivery.forget_previous_secrets(session)
