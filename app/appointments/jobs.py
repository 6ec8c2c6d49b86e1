"""Periodic jobs of appointments: generate slots every hour, delete past seats."""

from datetime import datetime, timedelta

from app.appointments.service.generation import generate_slots, purge_past, units_with_slots
from app.appointments.settings import booking_settings
from app.kernel.db import transaction
from app.kernel.jobs import Lane, cleanup, periodic

RETENTION = timedelta(days=2)


@periodic("appointments.generate-slots", lane=Lane.HEAVY, cron="5 * * * *")
async def generate_slots_hourly(_due: datetime) -> None:
    """Run hourly, because midnight comes at four different hours in the country."""
    await generate_newest_day()


async def generate_newest_day() -> None:
    """Generate the slots of the newest day at every unit, and mark the appointments of those out of operation."""
    async with transaction() as session:
        units = await units_with_slots(session)
    for unit_id in units:  # one at a time: a closure at one of them waits for no other
        async with transaction() as session:
            await generate_slots(session, horizon_days=booking_settings().horizon_days, unit_id=unit_id)


@cleanup("appointments.purge-seats", lane=Lane.HEAVY, cron="11 * * * *")
async def purge_seats(due: datetime) -> None:
    """Delete the seats of past days, hourly."""
    async with transaction() as session:
        await purge_past(session, due - RETENTION)
