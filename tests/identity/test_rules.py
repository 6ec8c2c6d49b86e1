"""What counts as active time, by property: never more than was there, and no silence."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.rules import IDLE_LIMIT, active_seconds, is_staff_name, is_username, restarts_timer

START = datetime(2026, 11, 23, 16, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(), timedelta(hours=1)).map(lambda since: START + since)
LONGEST = IDLE_LIMIT.total_seconds()


@given(MOMENTS, MOMENTS)
def test_a_gap_is_counted_whole_or_not_at_all(before: datetime, now: datetime) -> None:
    gap = (now - before).total_seconds()
    assert active_seconds(before, now) == (gap if 0 < gap <= LONGEST else 0)
    assert restarts_timer(before, now) == (gap > LONGEST)


@given(st.lists(st.floats(0, 2 * LONGEST), max_size=30))
def test_a_visit_never_counts_more_than_it_lasted(gaps: list[float]) -> None:
    moments = [START]
    for gap in gaps:
        moments.append(moments[-1] + timedelta(seconds=gap))
    counted = sum(active_seconds(a, b) for a, b in pairwise(moments))
    assert 0 <= counted <= (moments[-1] - moments[0]).total_seconds() + 1e-6


def test_a_first_step_has_no_gap() -> None:
    assert (active_seconds(None, START), restarts_timer(None, START)) == (0, True)


@pytest.mark.parametrize("hidden", ["\u200b", "\u202e", "\u3164", "\u2800", "\ufe0f", "\u00ad"])
def test_a_name_of_staff_has_nothing_that_can_not_be_seen(hidden: str) -> None:
    for name in (hidden, f"ana{hidden}", f"{hidden} {hidden}"):
        assert not is_username(name)
        assert not is_staff_name(name)
    assert not is_username("...")
    assert not is_staff_name("—")
    assert is_username("jefa.norte")
    assert is_staff_name("Ana María Núñez")
