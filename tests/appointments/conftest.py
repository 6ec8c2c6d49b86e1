"""What the tests of appointments share."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine


@pytest.fixture
def working_days() -> Iterator[None]:
    """A Monday morning, with a week of working days ahead."""
    with time_machine.travel(datetime(2026, 10, 5, 15, tzinfo=UTC), tick=True):
        yield
