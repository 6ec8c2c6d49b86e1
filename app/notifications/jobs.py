"""The consumer that turns events into messages, and the job that sends one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.service.codes import DELIVER_CODE
from app.kernel.consumers import Event, batch_consumer
from app.kernel.db import transaction
from app.kernel.jobs import sweep, task
from app.kernel.lanes import Lane
from app.notifications import metrics, service, unaddressed
from app.notifications.writing import WRITERS

KEEP_DAYS = 90
METRICS = metrics.messages  # imported, it is read with all the others


@task(service.SEND, lane=Lane.MESSAGES_EMAIL, tries=service.MAX_TRIES)
async def send_message(message_id: str) -> None:
    """Send one message; repeated, it sends nothing twice that it knows was sent."""
    await service.deliver(UUID(message_id))


@task(DELIVER_CODE, lane=Lane.CODES_EMAIL, tries=service.MAX_TRIES)
async def deliver_code(challenge_id: str, event_id: str) -> None:
    """Write a code's message and send it, once. The job was enqueued in the transaction that made the code."""
    message_id = await service.write_code(UUID(challenge_id), UUID(event_id))
    if message_id is not None:
        await service.deliver(message_id)


@batch_consumer("notifications", tuple(WRITERS), partitions=8)
async def write_messages(session: AsyncSession, events: Sequence[Event]) -> None:
    """Messages and their jobs are written together with the consumer's position."""
    await service.enqueue_messages(session, await service.write_for(session, events))


@sweep("notifications.forget", cron="41 3 * * *")
async def forget(due: datetime) -> None:
    """Nightly: messages that ended well, and notices that staff gave, are forgotten after 90 days."""
    async with transaction() as session:
        await service.forget_before(session, due - timedelta(days=KEEP_DAYS))
        await unaddressed.forget_before(session, due - timedelta(days=KEEP_DAYS))
