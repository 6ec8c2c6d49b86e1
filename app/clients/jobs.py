"""Scheduled tasks of clients."""

from datetime import datetime

from app.clients.service import tokens
from app.kernel.db import transaction
from app.kernel.jobs import cleanup


@cleanup("clients.delete-expired", cron="27 * * * *")
async def delete_expired_tokens(due: datetime) -> None:
    """Delete access tokens and ids of assertions that have expired (hourly)."""
    async with transaction() as session:
        await tokens.delete_expired(session, due)
