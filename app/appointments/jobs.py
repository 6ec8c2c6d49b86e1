"""Scheduled work of appointments: the book moves on every hour, seats of closed appointments are cleared."""

from datetime import datetime, timedelta

from app.appointments.service.generation import make_seats, purge_past, units_with_book
from app.kernel.db import transaction
from app.kernel.jobs import periodic, sweep
from app.kernel.lanes import Lane
from app.kernel.terms import booking_terms

KEEP_PAST = timedelta(days=2)


@periodic("appointments.open-book", lane=Lane.HEAVY, cron="5 * * * *")
async def open_book(_due: datetime) -> None:
    """Hourly, because midnight comes at four different hours in the country."""
    await open_newest_day()


async def open_newest_day() -> None:
    """Make the seats of the newest day at every unit, and look after the appointments of those out of operation."""
    async with transaction() as session:
        units = await units_with_book(session)
    for unit_id in units:  # one at a time: who closes something at one of them waits for no other
        async with transaction() as session:
            await make_seats(session, horizon_days=booking_terms().horizon_days, unit_id=unit_id)


@sweep("appointments.purge-seats", lane=Lane.HEAVY, cron="11 * * * *")
async def purge_seats(due: datetime) -> None:
    """Hourly: seats of days gone by."""
    async with transaction() as session:
        await purge_past(session, due - KEEP_PAST)
