"""What a voluntary insurance gives once it is paid: LSS arts. 218 to 220 and 240 to 245."""

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from app.registry.rights import rights_from, rights_without_policies
from app.registry.rules import InForce, Period, contribution_weeks
from app.registry.voluntary import (
    continuation_cover,
    continuation_start,
    family_cover,
    first_of_next_month,
    months_due,
)

DAY = timedelta(days=1)
UNPAID = 2
DAYS = st.dates(date(2020, 1, 1), date(2029, 12, 31))
STARTS = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("paid_on", "first", "last"),
    [
        (date(2026, 11, 20), STARTS, date(2027, 11, 30)),
        (date(2026, 12, 5), date(2027, 1, 1), date(2027, 12, 31)),  # paid late: from the first of the month after
        (STARTS, date(2027, 1, 1), date(2027, 12, 31)),
    ],
)
def test_a_family_policy_covers_a_year_from_the_first_of_a_month(paid_on: date, first: date, last: date) -> None:
    assert family_cover(STARTS, paid_on) == Period(first, last)
    sources = [[None, None, None, [[STARTS.isoformat(), paid_on.isoformat()]]]]
    assert not rights_from(sources, first - DAY).is_in_force
    assert rights_from(sources, first) == rights_from(sources, last) == InForce(True, last, "insured")
    assert rights_from(sources, last + DAY) == InForce(False, last, "ended")  # nothing is conserved
    assert not rights_without_policies(sources, first).is_in_force


def test_an_unpaid_policy_gives_nothing() -> None:
    assert rights_from([[None, None, None, None]], date(2027, 1, 1)).reason == "never"


@given(DAYS, DAYS)
def test_a_policy_never_covers_before_it_is_paid_nor_before_its_first_day(starts_on: date, paid_on: date) -> None:
    cover = family_cover(starts_on, paid_on)
    assert cover.ends_on is not None
    assert cover.starts_on >= starts_on
    assert cover.starts_on > paid_on
    assert 330 <= (cover.ends_on - cover.starts_on).days <= 366


def months(*numbers: int) -> list[date]:
    """Months after December 2026; 0 is it."""
    return [STARTS + relativedelta(months=number) + 9 * DAY for number in numbers]


@pytest.mark.parametrize(
    ("paid", "covered"),
    [
        ((), 0),
        ((0, 1, 2), 3),
        ((0, 2, 3), 3),  # one month unpaid: it goes on
        ((0, 1, 4, 5), 2),  # two in a row: it ended, and what is paid later gives nothing (art. 220 II)
        ((1, 2), 2),
        ((2, 3), 0),
        ((0, 0, 1), 2),
    ],
)
def test_the_continuation_ends_with_two_unpaid_months(paid: tuple[int, ...], covered: int) -> None:
    assert len(continuation_cover(STARTS, months(*paid), [], UNPAID)) == covered


def test_the_continuation_begins_on_its_day_and_ends_on_the_eve_of_work() -> None:
    cover = continuation_cover(date(2026, 11, 29), [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)], [], UNPAID)
    assert cover[0] == Period(date(2026, 11, 29), date(2026, 11, 30))
    assert cover[-1].ends_on == date(2027, 1, 31)
    work = [Period(date(2020, 1, 1), date(2026, 11, 20)), Period(date(2027, 1, 11), None)]
    cut = continuation_cover(date(2026, 11, 29), [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)], work, UNPAID)
    assert cut[-1] == Period(date(2027, 1, 1), date(2027, 1, 10))
    assert contribution_weeks(cut, date(2027, 6, 1)) == 6  # 43 days


@given(DAYS, st.lists(DAYS, max_size=12), st.lists(DAYS, max_size=2))
def test_only_months_paid_from_the_first_day_to_new_work_count(
    starts_on: date, paid: list[date], work: list[date]
) -> None:
    cover = continuation_cover(starts_on, paid, [Period(day, None) for day in work], UNPAID)
    begun = [day for day in work if day > starts_on]
    for one in cover:
        assert one.ends_on is not None
        assert starts_on <= one.starts_on <= one.ends_on < first_of_next_month(one.starts_on)
        assert one.starts_on.replace(day=1) in {day.replace(day=1) for day in paid}
        assert all(one.ends_on < day for day in begun)
    assert continuation_cover(starts_on, paid[::-1], [Period(day, None) for day in work], UNPAID) == cover


@pytest.mark.parametrize(
    ("after_leaving", "left_on", "starts_on", "due"),
    [
        (False, date(2026, 7, 31), date(2026, 11, 29), 1),
        (True, date(2026, 7, 31), date(2026, 8, 1), 4),
        (True, date(2026, 11, 28), date(2026, 11, 29), 1),
        (True, None, date(2026, 11, 29), 1),
    ],
)
def test_the_continuation_begins_as_the_insured_chooses(
    after_leaving: bool, left_on: date | None, starts_on: date, due: int
) -> None:
    """Art. 66 of the regulation: no hole in the contributions, unless the insured wants it."""
    asked_on = date(2026, 11, 29)
    assert continuation_start(asked_on, left_on, after_leaving=after_leaving) == starts_on
    assert months_due(starts_on, asked_on) == due


@given(DAYS, st.integers(0, 2000))
def test_months_due_are_those_that_the_continuation_counts(starts_on: date, days: int) -> None:
    day = starts_on + days * DAY
    due = months_due(starts_on, day)
    paid = [starts_on.replace(day=1) + relativedelta(months=number) for number in range(due)]
    cover = continuation_cover(starts_on, paid, [], UNPAID)
    assert (cover[0].starts_on, len(cover)) == (starts_on, due)
    assert cover[-1].ends_on is not None
    assert cover[-1].starts_on <= day <= cover[-1].ends_on
