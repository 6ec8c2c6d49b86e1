"""Scheduled work of identity: codes, sessions and tokens that have ended are forgotten."""

from datetime import datetime, timedelta

from app.identity import service
from app.identity.service import staff_setup, stored_forms
from app.kernel.db import transaction
from app.kernel.jobs import sweep

KEEP_CODES = timedelta(days=2)


@sweep("identity.forget", cron="23 * * * *")
async def forget(due: datetime) -> None:
    """Hourly: nothing that ended stays."""
    await forget_ended(due)


async def forget_ended(due: datetime) -> None:
    """Delete what ended before this time."""
    async with transaction() as session:
        await service.forget_codes(session, due - KEEP_CODES)
        await service.forget_tokens(session)
        await service.forget_revocations(session, due)
        await staff_setup.forget_links(session, due)
        await stored_forms.forget_forms(session, due)
    more = True
    while more:  # each batch by itself: what was left unfinished is recorded as its sessions go
        async with transaction() as session:
            more = await service.forget_sessions(session, due) > 0
