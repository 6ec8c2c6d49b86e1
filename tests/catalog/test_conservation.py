"""The age of each pension, and the conservation of rights of the law of 1973, by dated examples."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.rules.conditions import holds
from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.eligibility.registry import Verdict
from app.registry.rules import Period
from tests.catalog.rule_cases import SERVICES, of_service, who

TODAY = date(2026, 11, 25)
BORN_1961 = date(1961, 1, 1)
RULE = "rights_conserved_1973"


def conserved(birth_on: date, *worked: tuple[date, date | None], today: date = TODAY) -> Verdict:
    return of_service("pension", RULE, Facts(today=today, person=who(birth_on, *worked)))


def test_who_left_in_1992_with_678_weeks_gets_no_green_tick() -> None:
    """678 weeks conserve 170 weeks: until 1995. Decades later 52 new weeks are needed (art. 183)."""
    first = date(1979, 3, 5)
    left = first + timedelta(days=678 * 7 - 1)
    found = conserved(BORN_1961, (first, left))
    assert left == date(1992, 3, 1)
    assert (found.outcome, found.finding) == ("fail", "lapsed")
    assert found.values == {"last": "1992-03-01", "until": "1995-06-01", "needed": 52}
    (asked,) = [one for one in SERVICES["pension"].eligibility if one.rule == RULE]
    assert asked.otherwise == "review"


def test_the_quarter_is_of_weeks_and_counted_from_the_last_day() -> None:
    first = date(1990, 1, 1)
    left = first + timedelta(days=800 * 7 - 1)
    until = left + timedelta(days=200 * 7)
    born = date(1990, 1, 1)  # no age is reached in time
    assert conserved(born, (first, left), today=until).values == {"until": until.isoformat()}
    assert conserved(born, (first, left), today=until + timedelta(days=1)).outcome == "fail"


def test_twelve_months_at_least() -> None:
    """100 weeks would conserve 25: the law gives twelve months."""
    born, left = date(1990, 1, 1), date(1992, 2, 29)
    worked = (left - timedelta(days=699), left)
    assert conserved(born, worked, today=date(1993, 2, 28)).finding == "conserved"
    assert conserved(born, worked, today=date(1993, 3, 1)).finding == "recent"


@pytest.mark.parametrize(
    ("back_on", "weeks", "finding", "needed"),
    [
        (date(1995, 3, 1), 1, "recent", None),  # within three years: all is recognised on coming back
        (date(1995, 3, 2), 25, "returned", 26),
        (date(1995, 3, 2), 26, "lapsed", 52),
        (date(1998, 3, 1), 25, "returned", 26),
        (date(1998, 3, 2), 51, "returned", 52),
        (date(1998, 3, 2), 52, "lapsed", 52),
    ],
)
def test_who_came_back(back_on: date, weeks: int, finding: str, needed: int | None) -> None:
    """Left on 1 March 1992 with 100 weeks, which were conserved until March 1993."""
    left = date(1992, 3, 1)
    old = (left - timedelta(days=699), left)
    new = (back_on, back_on + timedelta(days=weeks * 7 - 1))
    today = new[1] + timedelta(days=600) if finding == "recent" else new[1] + timedelta(days=3000)
    found = conserved(date(1980, 1, 1), old, new, today=today)
    assert (found.outcome, found.finding, found.values.get("needed")) == ("fail", finding, needed)


def test_new_weeks_of_several_jobs_add_up() -> None:
    old = (date(1979, 1, 1), date(1992, 3, 1))
    jobs = [(date(2024, 1, 1), date(2024, 6, 30)), (date(2025, 1, 1), date(2025, 7, 31))]
    assert conserved(BORN_1961, old, *jobs).finding == "conserved"
    assert conserved(BORN_1961, old, jobs[0]).finding == "returned"


def test_who_reached_sixty_while_conserved_has_them_for_good() -> None:
    """Thirty years until the end of 2004 conserve more than seven: sixty in 2005."""
    found = conserved(date(1945, 5, 4), (date(1975, 1, 1), date(2004, 12, 31)))
    assert (found.outcome, found.finding) == ("pass", "reached")
    assert found.values["reached"] == "2005-05-04"


def test_modality_40_goes_on_conserving_them() -> None:
    person = who(BORN_1961, (date(1979, 1, 1), date(2019, 12, 31)), continuation=(Period(date(2020, 1, 1), None),))
    assert of_service("pension", RULE, Facts(today=TODAY, person=person)) == Verdict("pass")


@pytest.mark.parametrize("first", [date(1997, 6, 30), date(1997, 7, 1)])
def test_it_is_asked_of_the_law_of_1973_alone(first: date) -> None:
    facts = Facts(today=TODAY, person=who(BORN_1961, (first, date(1999, 1, 1))), answers={"pension": "old-age"})
    (asked,) = [one for one in SERVICES["pension"].eligibility if one.rule == RULE]
    is_of_1973 = first < date(1997, 7, 1)
    assert holds(asked.when, facts.named()) is is_of_1973
    assert (of_service("pension", RULE, facts).outcome == "fail") is is_of_1973


def test_nor_of_who_has_no_age_for_a_pension_yet() -> None:
    (asked,) = [one for one in SERVICES["pension"].eligibility if one.rule == RULE]
    young = Facts(today=date(2020, 12, 31), person=who(BORN_1961, (date(1979, 1, 1), date(1992, 3, 1))))
    assert not holds(asked.when, young.named())


@given(st.dates(date(1970, 1, 1), date(1995, 1, 1)), st.integers(1, 9000), st.integers(0, 9000))
def test_longer_work_never_conserves_less(first: date, days: int, more: int) -> None:
    left = first + timedelta(days=days)
    short = conserved(date(2020, 1, 1), (first, left), today=left + timedelta(days=1))
    long = conserved(date(2020, 1, 1), (first - timedelta(days=more), left), today=left + timedelta(days=1))
    assert short.finding == long.finding == "conserved"
    assert left < date.fromisoformat(short.values["until"]) <= date.fromisoformat(long.values["until"])


@pytest.mark.parametrize(
    ("age", "asks", "finding"),
    [
        (59, "advanced-age", "fail"),
        (60, "advanced-age", "pass"),
        (64, "advanced-age", "pass"),
        (65, "advanced-age", "old_age"),
        (68, "advanced-age", "old_age"),
        (64, "old-age", "fail"),
        (65, "old-age", "pass"),
        (68, "old-age", "pass"),
    ],
)
def test_each_pension_has_its_ages(age: int, asks: str, finding: str) -> None:
    person = who(date(TODAY.year - age, TODAY.month, TODAY.day))
    facts = Facts(today=TODAY, person=person, answers={"pension": asks})
    assert of_service("pension", "pension_age", facts).finding == finding
