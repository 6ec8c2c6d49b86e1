"""Times of today that were booked and that a person at the unit could have now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.statements import STATEMENTS
from app.kernel import clock

_FREED = STATEMENTS.load("freed_times")


async def freed_times(session: AsyncSession, unit_id: UUID, until: datetime) -> Sequence[Any]:
    """Those that a cancellation or a move gave back and that begin from now until an instant, and those of people who
    were recorded as absent, until they end."""
    given = {"unit_id": unit_id, "until": until, "now": clock.now()}
    return (await session.execute(_FREED, given)).all()
