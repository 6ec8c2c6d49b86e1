"""The follower that rolls events up into errands and sums."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.bulk import bulk_follower
from app.savings.service import rolling
from app.savings.sql.steps import TYPES


@bulk_follower(rolling.NAME, TYPES)
async def roll_up(session: AsyncSession) -> None:
    """Thousands of events at a time."""
    await rolling.take(session)
