"""The consumer that turns events into messages, and the job that sends one."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.consumers import Event, consumer
from app.kernel.db import transaction
from app.kernel.jobs import enqueue, periodic, task
from app.notifications import service
from app.notifications.events import MessageRetried
from app.notifications.writing import WRITERS

KEEP_DAYS = 90


@task("notifications.send", tries=service.MAX_TRIES)
async def send_message(message_id: str) -> None:
    """Send one message; repeated, it sends nothing twice that it knows was sent."""
    await service.deliver(UUID(message_id))


@consumer("notifications", (*WRITERS, MessageRetried.type), partitions=8)
async def write_messages(session: AsyncSession, event: Event) -> None:
    """Messages and their jobs are written together with the consumer's position."""
    if event.type == MessageRetried.type:
        waiting = [event.subject_id]
    else:
        waiting = await service.write_for(session, event)
    for message_id in waiting:
        await enqueue(session, send_message, lock=f"message:{message_id}", message_id=str(message_id))


@periodic("notifications.forget", cron="41 3 * * *")
async def forget(due: datetime) -> None:
    """Nightly: messages that ended well are forgotten after 90 days."""
    async with transaction() as session:
        await service.forget_before(session, due - timedelta(days=KEEP_DAYS))
