"""Metrics of messages: pending by kind, dead letters, and open notices."""

from prometheus_client.metrics_core import Metric
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.database_metrics import gauge, reader
from app.notifications.models import OPEN_NOTICE

_PENDING = text(
    "SELECT kind, count(*) AS n, extract(epoch FROM now() - min(created_at)) AS oldest"
    " FROM message WHERE status = 'pending' GROUP BY kind"
)
_DEAD_LETTERS = text("SELECT kind, count(*) AS n FROM message WHERE status = 'dead-letter' GROUP BY kind")

_UNADDRESSED = text(f"SELECT kind, count(*) AS n FROM unaddressed_notice WHERE {OPEN_NOTICE} GROUP BY kind")


@reader
async def messages(session: AsyncSession) -> list[Metric]:
    """Pending messages by kind of event, dead-letter messages, and notices open for staff."""
    pending = gauge("messages_pending", "Messages that have not left, by kind.", ["kind"])
    oldest = gauge("messages_pending_oldest_seconds", "Age of the oldest message that has not left.", ["kind"])
    for row in (await session.execute(_PENDING)).all():
        pending.add_metric([row.kind], row.n)
        oldest.add_metric([row.kind], max(0.0, float(row.oldest)))
    dead = gauge("messages_dead_letters", "Messages that could not be delivered, by kind.", ["kind"])
    for row in (await session.execute(_DEAD_LETTERS)).all():
        dead.add_metric([row.kind], row.n)
    unaddressed = gauge("notices_unaddressed", "Notices for people without a contact, by kind.", ["kind"])
    for row in (await session.execute(_UNADDRESSED)).all():
        unaddressed.add_metric([row.kind], row.n)
    return [pending, oldest, dead, unaddressed]
