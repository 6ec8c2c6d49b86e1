"""Until when a refusal can be challenged, by dated examples and for any day."""

from collections.abc import Collection
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.challenges import INTERNAL_REVIEW, challenges, internal_review, means_against
from app.catalog.loader import load_services
from app.places.calendar import legal_non_working_days
from app.requests.rules.clock import (
    asked_late,
    is_working,
    last_working_day,
    takes_effect_on,
    terms_of,
    working_days_between,
)

APRIL_20 = date(2027, 4, 20)
LAW = frozenset(legal_non_working_days(date(2026, 1, 1), date(2030, 12, 31)))
days = st.dates(date(2026, 1, 1), date(2029, 6, 30))
vacations = st.frozensets(st.dates(date(2026, 1, 1), date(2030, 12, 31)), max_size=40)


def last(notified_on: date, rest: Collection[date] = LAW, working_days: int = 15) -> date:
    return last_working_day(notified_on, working_days, rest, effect_working_days=1)


@pytest.mark.parametrize(
    ("notified_on", "effect", "ends_on"),
    [
        (APRIL_20, date(2027, 4, 21), date(2027, 5, 13)),  # with 5 May left out, and a day to take effect
        (date(2027, 4, 23), date(2027, 4, 26), date(2027, 5, 18)),  # a Friday takes effect on Monday
        (date(2027, 4, 24), date(2027, 4, 26), date(2027, 5, 18)),  # and so does a Saturday
        (date(2027, 5, 4), date(2027, 5, 6), date(2027, 5, 27)),  # 5 May is no day to take effect on
        (date(2026, 12, 21), date(2026, 12, 22), date(2027, 1, 14)),  # Christmas and New Year's Day
    ],
)
def test_dated_examples(notified_on: date, effect: date, ends_on: date) -> None:
    assert takes_effect_on(notified_on, LAW, effect_working_days=1) == effect
    assert last(notified_on) == ends_on


def test_holy_week_of_the_agencys_calendar_is_left_out() -> None:
    holy_week = {date(2027, 3, 25), date(2027, 3, 26)}
    assert last(date(2027, 3, 16)) == date(2027, 4, 7)
    assert last(date(2027, 3, 16), LAW | holy_week) == date(2027, 4, 9)


def test_the_legal_days_are_those_of_rest_and_the_fifth_of_may() -> None:
    assert legal_non_working_days(date(2027, 4, 1), date(2027, 5, 31)) == [date(2027, 5, 1), date(2027, 5, 5)]


@given(days, st.integers(1, 30), vacations)
def test_a_term_has_its_working_days_after_the_notification_took_effect(day: date, count: int, off: set[date]) -> None:
    rest = LAW | off
    effect, ends_on = takes_effect_on(day, rest, effect_working_days=1), last(day, rest, count)
    assert day < effect < ends_on
    assert is_working(effect, rest)
    assert is_working(ends_on, rest)
    assert working_days_between(effect, ends_on, rest) == count
    assert working_days_between(day, effect, rest) == 1


@given(days, st.integers(0, 20), vacations, vacations)
def test_later_notice_and_more_days_off_never_shorten_a_term(
    day: date, later: int, off: set[date], more: set[date]
) -> None:
    assert last(day, LAW | off) <= last(day + timedelta(days=later), LAW | off | more)


def test_a_year_runs_from_the_notification_itself() -> None:
    (court,) = [one for one in challenges().means if one.id == "labour-court"]
    found = [terms_of([court], day, LAW, effect_working_days=1)[0].last_day for day in (APRIL_20, date(2028, 2, 29))]
    assert found == [date(2028, 4, 20), date(2029, 2, 28)]


def test_every_service_names_the_internal_review_and_what_the_law_gives() -> None:
    for service in load_services().values():
        review = internal_review(service)
        assert (review is not None) == (service.appeal is not None)
        assert review is None or review.id == INTERNAL_REVIEW
        assert [one.id for one in means_against(service)] == (
            [] if service.id == "complaint" else ["inconformity", "labour-court"]
        )


def test_the_internal_review_is_the_agencys_own_and_says_so() -> None:
    for service in load_services().values():
        if service.appeal is not None:
            assert "agency" in service.appeal.source
            assert service.appeal.status == ("unconfirmed" if service.id == "complaint" else "agency")


def test_figures_of_law_have_a_source_with_its_date_and_how_sure_we_are() -> None:
    law = challenges()
    figures = [(one.source, one.status) for one in law.means]
    figures += [(law.silence.source, law.silence.status), (law.asking.source, law.asking.status)]
    assert [source for source, _status in figures if "DOF" not in source] == []
    assert {status for _source, status in figures} == {"confirmed", "unconfirmed"}
    assert (law.counting.effect_working_days, law.silence.months) == (1, 3)
    assert (law.asking.times, law.asking.first_part, law.asking.least_working_days) == (1, 3, 5)
    assert min(service.target.answer_days for service in load_services().values()) >= law.asking.least_working_days


@pytest.mark.parametrize(("spent", "target", "late"), [(4, 12, False), (5, 12, True), (0, 1, False), (1, 3, False)])
def test_the_first_third_of_a_term(spent: int, target: int, late: bool) -> None:
    assert asked_late(spent, target, 3) is late
