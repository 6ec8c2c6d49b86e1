"""The consumer that rolls events up into errands and sums; the daily reading of how far off appointments are."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.consumers import sql_consumer
from app.kernel.db import transaction
from app.kernel.jobs import periodic
from app.kernel.lanes import Lane
from app.savings.service import rolling
from app.savings.service.access import read_access
from app.savings.sql.steps import TYPES


@sql_consumer(rolling.NAME, TYPES)
async def roll_up(session: AsyncSession) -> None:
    """Thousands of events at a time."""
    await rolling.take(session)


@periodic("savings.read-access", lane=Lane.HEAVY, cron="0 12 * * *")
async def read_access_daily(_due: datetime) -> None:
    """Daily, before units open anywhere in the country: six in the morning in its centre."""
    async with transaction() as session:
        await read_access(session)
