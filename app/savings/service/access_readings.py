"""How far off appointments are, read once a day, since the booking horizon moves on."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.availability import third_next_by_unit
from app.savings.models import AccessReading

ROWS_AT_ONCE = 5_000


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
