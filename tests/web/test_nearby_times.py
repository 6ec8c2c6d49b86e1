"""Which times are offered in place of an appointment: rules over any days and times."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.appointments.queries.availability import FreeDay, FreeTime
from app.notifications.reminder_rules import Change, change_since
from app.web.citizen.nearby_times import nearest_days, nearest_times

DAY = date(2026, 12, 10)
NINE = datetime(2026, 12, 10, 15, tzinfo=UTC)

days = st.lists(
    st.builds(
        lambda apart, mine: FreeDay(DAY + timedelta(days=apart), 3, NINE, NINE if mine else None, mine),
        st.integers(-9, 30),
        st.integers(0, 2),
    ),
    unique_by=lambda one: one.day,
)
times = st.lists(
    st.builds(
        lambda minutes, mine: FreeTime(NINE + timedelta(minutes=15 * minutes), 1, 15, 1, mine),
        st.integers(-400, 400),
        st.booleans(),
    ),
    unique_by=lambda one: one.start_at,
)


@given(days, st.integers(1, 6))
def test_days_of_the_own_doctor_then_the_nearest(free: list[FreeDay], most: int) -> None:
    chosen = nearest_days(free, DAY)[:most]
    left = [one for one in free if one not in chosen]
    assert len(chosen) == min(most, len(free))
    for out in left:
        for one in chosen:
            assert bool(one.mine) >= bool(out.mine)
            assert bool(one.mine) > bool(out.mine) or abs(one.day - DAY) <= abs(out.day - DAY)


@given(times, st.integers(1, 4))
def test_times_of_the_own_doctor_and_never_the_very_time(free: list[FreeTime], most: int) -> None:
    chosen = nearest_times(free, NINE, most)
    others = [one for one in free if one.start_at != NINE]
    assert len(chosen) == min(most, len(others))
    assert NINE not in {one.start_at for one in chosen}
    assert chosen == sorted(chosen, key=lambda one: one.start_at)
    left = [one for one in others if one not in chosen]
    assert not any(out.is_mine and not one.is_mine for out in left for one in chosen)


moments = st.integers(-3, 3).map(lambda hours: NINE + timedelta(hours=hours))


@given(moments, moments, moments, st.booleans(), st.booleans(), st.booleans())
def test_an_appointment_stands_only_as_it_was_said(
    said: datetime, start_at: datetime, now: datetime, is_booked: bool, is_cancelled: bool, is_affected: bool
) -> None:
    change = change_since(
        said,
        start_at=start_at,
        now=now,
        is_booked=is_booked and not is_cancelled,
        is_cancelled=is_cancelled,
        is_affected=is_affected,
    )
    stands = is_booked and not is_cancelled and not is_affected and said == start_at > now
    assert (change is None) == stands
    assert (change is Change.CANCELLED) == is_cancelled
