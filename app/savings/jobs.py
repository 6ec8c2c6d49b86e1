"""The consumer that rolls events up into transactions and sums; the daily release to the public and reading of how far
off appointments are."""

from datetime import datetime

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.availability import third_next_by_unit
from app.kernel import clock
from app.kernel.consumers import sql_consumer
from app.kernel.db import reading, transaction
from app.kernel.jobs import Lane, periodic
from app.places.rules import DEFAULT_ZONE
from app.savings.models import AccessReading
from app.savings.service import public_release, rollup

log = structlog.get_logger(__name__)

ROWS_AT_ONCE = 5_000


@sql_consumer(rollup.NAME, rollup.TYPES)
async def roll_up(session: AsyncSession) -> None:
    """Thousands of events at a time."""
    await rollup.roll_up_batch(session)


@periodic("savings.release", lane=Lane.HEAVY, cron="30 12 * * *")
async def release_daily(_due: datetime) -> None:
    """Daily: months that have settled are released to the public, each in a transaction of its own."""
    async with reading() as session:
        if await public_release.is_behind(session):
            log.warning("release_waits_for_the_roll_up")
            return
        due = await public_release.due(session, clock.today(DEFAULT_ZONE))
    for family, month in due:
        async with transaction() as session:
            await public_release.release(session, family, month)


@periodic("savings.read-access", lane=Lane.HEAVY, cron="0 12 * * *")
async def read_access_daily(_due: datetime) -> None:
    """Daily, before units open anywhere in the country: six in the morning in its centre."""
    async with transaction() as session:
        await read_access(session)


async def read_access(session: AsyncSession) -> int:
    """Store today's third next available time of every service of every unit; returns how many readings are new.
    Repeated the same day, the first reading stays."""
    readings = await third_next_by_unit(session)
    rows = [
        {"unit_id": one.unit_id, "service": one.service, "on_date": one.on_date, "days": one.days} for one in readings
    ]
    new = 0
    for first in range(0, len(rows), ROWS_AT_ONCE):
        made = insert(AccessReading).values(rows[first : first + ROWS_AT_ONCE]).on_conflict_do_nothing()
        new += len((await session.execute(made.returning(AccessReading.on_date))).all())
    return new
