"""Scheduled tasks of identity: delete expired codes, sessions and tokens."""

from datetime import datetime, timedelta

from app.identity.service import assistance, codes, refresh, revocation, sessions, staff_setup, stored_forms
from app.kernel.db import transaction
from app.kernel.jobs import cleanup

CODE_RETENTION = timedelta(days=2)


@cleanup("identity.delete-expired", cron="23 * * * *")
async def delete_expired_records(due: datetime) -> None:
    """Delete expired records (hourly)."""
    await delete_expired(due)


async def delete_expired(due: datetime) -> None:
    """Delete what expired before this time."""
    async with transaction() as session:
        await codes.delete_expired_codes(session, due - CODE_RETENTION)
        await refresh.delete_expired_tokens(session)
        await revocation.delete_expired_revocations(session, due)
        await staff_setup.delete_expired_links(session, due)
        await stored_forms.delete_expired_forms(session, due)
    more = True
    while more:  # one transaction per batch: unfinished time is recorded as sessions are deleted
        async with transaction() as session:
            more = await sessions.delete_expired_sessions(session, due) > 0


@cleanup("identity.end-idle-assistances", cron="*/10 * * * *")
async def end_idle_assistances(_due: datetime) -> None:
    """End what staff left open for half an hour (every ten minutes)."""
    more = True
    while more:
        async with transaction() as session:
            more = await assistance.end_idle(session) > 0
