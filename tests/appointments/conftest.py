"""What the tests of appointments share."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncSession

from tests.appointments.draw_clinic import Clinic, drawn_clinic
from tests.appointments.releasing import OPENS


@pytest.fixture
def working_days() -> Iterator[None]:
    """A Monday morning, with a week of working days ahead."""
    with time_machine.travel(datetime(2026, 10, 5, 15, tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def at() -> Iterator[Any]:
    """Two days before the draw of `clinic` opens; it can move the time."""
    with time_machine.travel(OPENS - timedelta(days=2), tick=False) as traveller:
        yield traveller


@pytest.fixture
async def clinic(session: AsyncSession, at: Any) -> Clinic:
    """With a draw to come. Files about something else have one of their own."""
    return await drawn_clinic(session, at)
