"""What sick leave pays: LSS arts. 58, 96 to 98, 101, 102 and 109 (DOF 1995-12-21), with dated examples."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.law.definitions import shipped
from app.registry.rules import Job, Period
from app.requests.rules.amounts import Certificate, Paid, Relation, chains, payments, sick_leave_terms, unpaid_reason

DAY = timedelta(days=1)
BEGAN = date(2026, 11, 9)
STEADY = (Job(Period(date(2020, 1, 1), None)),)
WAGE = Decimal(500)


def certificate(starts_on: date, days: int, kind: str = "illness", **about: object) -> Certificate:
    return Certificate(f"F{starts_on:%y%m%d}", kind, starts_on, days, WAGE, **about)  # type: ignore[arg-type]


def pay(*certificates: Certificate, jobs: tuple[Job, ...] = STEADY) -> list[Paid]:
    found: list[Paid] = []
    for chain in chains(certificates):
        terms = sick_leave_terms(shipped(), chain[0].kind, chain[0].starts_on)
        found += payments(chain, jobs, terms)
    return found


def in_a_row(*days: int, began: date = BEGAN, **about: object) -> list[Certificate]:
    made, first = [], began
    for count in days:
        made.append(certificate(first, count, **about))  # type: ignore[arg-type]
        first += count * DAY
    return made


@pytest.mark.parametrize(
    ("days", "paid"),
    [
        ((7,), [4]),
        ((7, 7), [4, 7]),  # 11 days, art. 96: from the fourth of the incapacity
        ((28, 28, 28), [25, 28, 28]),  # 81
        ((2, 2), [0, 1]),
        ((3,), [0]),
        ((4,), [1]),
    ],
)
def test_an_illness_is_paid_from_the_fourth_day_of_the_incapacity(days: tuple[int, ...], paid: list[int]) -> None:
    found = pay(*in_a_row(*days))
    assert [one.days for one in found] == paid
    assert [one.amount for one in found] == [count * WAGE * 60 / 100 for count in paid]  # art. 98
    assert {one.began_on for one in found} == {BEGAN}


def test_a_day_apart_is_another_illness() -> None:
    first, second = certificate(BEGAN, 7), certificate(BEGAN + 8 * DAY, 7)
    assert [one.days for one in pay(first, second)] == [4, 4]


@pytest.mark.parametrize(("relation", "paid"), [("initial", 4), ("subsequent", 7), ("relapse", 7), (None, 4)])
def test_the_doctors_word_comes_before_the_dates(relation: Relation | None, paid: int) -> None:
    apart = certificate(BEGAN + 10 * DAY, 7, relation=relation)
    assert [one.days for one in pay(certificate(BEGAN, 7), apart)] == [4, paid]
    touching = certificate(BEGAN + 7 * DAY, 7, relation=relation)
    assert [one.days for one in pay(certificate(BEGAN, 7), touching)] == [4, 4 if relation == "initial" else 7]


def test_kinds_are_never_one_incapacity() -> None:
    found = pay(certificate(BEGAN, 7), certificate(BEGAN + 7 * DAY, 7, "work-risk"))
    assert {one.certificate.kind: one.days for one in found} == {"illness": 4, "work-risk": 7}


def test_a_day_in_two_certificates_is_paid_once() -> None:
    found = pay(certificate(BEGAN, 10), certificate(BEGAN + 5 * DAY, 10))
    assert [one.days for one in found] == [7, 5]


@pytest.mark.parametrize(("has_opinion", "weeks"), [(False, 52), (True, 78)])
def test_an_illness_is_paid_for_52_weeks_and_26_more_with_an_opinion(has_opinion: bool, weeks: int) -> None:
    """Art. 96, both paragraphs: 1 certificate of 28 days after another from 12 January 2025."""
    certificates = in_a_row(*[28] * 24, began=date(2025, 1, 12))
    if has_opinion:
        certificates[14] = certificate(certificates[14].starts_on, 28, has_opinion=True)
    found = pay(*certificates)
    assert sum(one.days for one in found) == weeks * 7 - 3
    assert found[-1].reason == "term-over"


def test_the_wage_is_that_of_the_beginning() -> None:
    later = Certificate("B", "illness", BEGAN + 7 * DAY, 7, Decimal(900))
    assert [one.amount for one in pay(certificate(BEGAN, 7), later)] == [Decimal("1200.00"), Decimal("2100.00")]


@pytest.mark.parametrize(
    ("worked", "reason"),
    [
        ([(date(2026, 10, 12), None)], None),  # 28 days up to the eve
        ([(date(2026, 10, 15), None)], None),  # 25 days are four weeks (art. 20)
        ([(date(2026, 10, 16), None)], "no-weeks"),
        ([(date(2010, 1, 1), date(2014, 12, 31)), (date(2026, 11, 2), None)], "no-weeks"),  # not immediately before
        ([(date(2020, 1, 1), date(2026, 11, 6)), (date(2026, 11, 9), None)], "no-weeks"),  # the eve is missing
        ([(date(2020, 1, 1), date(2026, 11, 8)), (date(2026, 11, 9), None)], None),  # another job, without a gap
        ([(date(2020, 1, 1), date(2026, 10, 15))], "no-job"),  # conserves medical care only (art. 109)
        ([], "no-job"),
    ],
)
def test_four_weeks_immediately_before_and_a_job(worked: list[tuple[date, date | None]], reason: str | None) -> None:
    jobs = tuple(Job(Period(*days)) for days in worked)
    (found,) = pay(certificate(BEGAN, 10), jobs=jobs)
    assert found.days == (0 if reason else 7)
    assert found.reason == (reason or "first-days")


@pytest.mark.parametrize(
    ("weeks_before", "is_paid"),
    [([(date(2026, 7, 13), 3), (date(2026, 9, 14), 3)], True), ([(date(2026, 9, 14), 5)], False)],
)
def test_casual_workers_need_six_weeks_in_four_months(weeks_before: list[tuple[date, int]], is_paid: bool) -> None:
    """Art. 97, second paragraph: from 9 July to 8 November 2026."""
    before = [Job(Period(first, first + count * 7 * DAY - DAY), is_casual=True) for first, count in weeks_before]
    jobs = (*before, Job(Period(BEGAN, None), is_casual=True))
    (found,) = pay(certificate(BEGAN, 10), jobs=jobs)
    assert found.days == (7 if is_paid else 0)
    steady = tuple(Job(job.period) for job in jobs)
    assert pay(certificate(BEGAN, 10), jobs=steady)[0].days == 0


@pytest.mark.parametrize(
    ("first", "reason"),
    [(date(2026, 4, 16), None), (date(2026, 4, 17), "no-weeks")],
)
def test_maternity_needs_thirty_weeks_in_twelve_months(first: date, reason: str | None) -> None:
    """Art. 102: 207 days are thirty weeks (art. 20); 206 are 29."""
    (found,) = pay(certificate(BEGAN, 84, "maternity"), jobs=(Job(Period(first, None)),))
    assert (found.days, found.amount) == ((0, 0) if reason else (84, 84 * WAGE))
    assert found.reason == reason
    old = (Job(Period(date(2015, 1, 1), date(2025, 10, 31))), Job(Period(date(2026, 11, 1), None)))
    assert pay(certificate(BEGAN, 84, "maternity"), jobs=old)[0].reason == "no-weeks"
    conserved = (Job(Period(date(2015, 1, 1), date(2026, 10, 31))),)
    assert pay(certificate(BEGAN, 84, "maternity"), jobs=conserved)[0].reason == "no-job"


def test_a_work_risk_is_paid_in_full_from_the_first_day() -> None:
    (found,) = pay(certificate(BEGAN, 7, "work-risk"), jobs=())
    assert (found.days, found.amount, found.reason) == (7, 7 * WAGE, None)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 600), st.integers(1, 364), st.sampled_from([None, "initial", "subsequent", "relapse"])
        ),
        max_size=12,
    )
)
def test_never_more_than_the_days_and_their_wage(given_: list[tuple[int, int, Relation | None]]) -> None:
    certificates = [
        Certificate(f"F{n}", "illness", BEGAN + after * DAY, days, WAGE, relation)
        for n, (after, days, relation) in enumerate(given_)
    ]
    found = pay(*certificates)
    assert len(found) == len(certificates)
    assert all(0 <= one.days <= one.certificate.days for one in found)
    for chain in chains(certificates):
        of_chain = [one.days for one in found if one.certificate in chain]
        assert sum(of_chain) <= 52 * 7 - 3
        covered = {one.starts_on + n * DAY for one in chain for n in range(one.days)}
        assert sum(of_chain) == max(0, min(len(covered), 52 * 7) - 3)


def test_why_not_is_none_where_no_job_is_needed() -> None:
    assert unpaid_reason(BEGAN, (), sick_leave_terms(shipped(), "work-risk", BEGAN)) is None
