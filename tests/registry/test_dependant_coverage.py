"""Until when a dependant is covered: LSS art. 84 V and VI, in Python and in the database alike."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from app.catalog.loader import load_services
from app.law.rules import figures_named_in
from app.registry.dependant_coverage import (
    CHILD_UNTIL,
    STUDENT_UNTIL,
    ages_on,
    is_covered,
    is_covered_sql,
    last_covered_day_sql,
)
from app.registry.models import Dependant
from app.registry.rules import Ages, age_on, birthday, last_day_covered
from tests.appointments import factories as places
from tests.conftest import Database

DAY = timedelta(days=1)
LAW = Ages(child_until=16, student_until=25)
BIRTHS = st.dates(date(1990, 1, 1), date(2025, 12, 31)) | st.sampled_from([date(2000, 2, 29), date(2008, 2, 29)])
LATER = st.none() | st.dates(date(1995, 1, 1), date(2060, 12, 31))
SITUATIONS = st.sampled_from([None, "studies", "disability"])


@pytest.mark.parametrize(
    ("born", "situation", "studies_until", "last"),
    [
        (date(2010, 5, 17), None, None, date(2026, 5, 16)),
        (date(2010, 5, 17), "disability", None, None),
        (date(2010, 5, 17), "studies", date(2027, 7, 31), date(2027, 7, 31)),
        (date(2002, 5, 17), "studies", date(2027, 7, 31), date(2027, 5, 16)),  # 25 comes first
        (date(2002, 5, 17), "studies", None, date(2027, 5, 16)),
        (date(2015, 5, 17), "studies", date(2027, 7, 31), date(2031, 5, 16)),  # a child needs no studies
        (date(2008, 2, 29), None, None, date(2024, 2, 28)),
        (date(2008, 2, 29), "studies", None, date(2033, 2, 28)),  # turns 25 on 1 March 2033
    ],
)
def test_by_age_studies_and_disability(
    born: date, situation: str | None, studies_until: date | None, last: date | None
) -> None:
    assert last_day_covered("child", born, LAW, ends_on=None, situation=situation, studies_until=studies_until) == last
    early = date(2016, 1, 1)
    ended = last_day_covered("child", born, LAW, ends_on=early, situation=situation, studies_until=studies_until)
    assert ended == early


@given(BIRTHS, LATER, SITUATIONS, LATER)
def test_a_child_is_covered_at_the_ages_of_the_law(
    born: date, ends_on: date | None, situation: str | None, studies_until: date | None
) -> None:
    last = last_day_covered("child", born, LAW, ends_on=ends_on, situation=situation, studies_until=studies_until)
    if situation == "disability":
        assert last == ends_on
        return
    assert last is not None
    assert ends_on is None or last <= ends_on
    assert age_on(born, last) < (LAW.student_until if situation == "studies" else LAW.child_until)
    if ends_on is None and situation is None:
        assert age_on(born, last + DAY) == LAW.child_until
    for kinship in ("spouse", "partner", "parent"):
        assert last_day_covered(kinship, born, LAW, ends_on=ends_on, situation=None, studies_until=None) == ends_on


@given(BIRTHS, st.integers(0, 120))
def test_a_birthday_is_the_first_day_of_the_age(born: date, years: int) -> None:
    assert age_on(born, birthday(born, years)) == years
    if years:
        assert age_on(born, birthday(born, years) - DAY) == years - 1


def test_the_service_asks_for_the_same_ages() -> None:
    rule = next(one for one in load_services()["dependant-add"].eligibility if one.rule == "kinship_allowed")
    named = dict(figures_named_in(rule.parameters))
    assert (named["child_until"], named["student_until"]) == (CHILD_UNTIL, STUDENT_UNTIL)
    assert ages_on(date(2026, 11, 29)) == LAW


async def test_the_database_says_the_same(db: Database) -> None:
    births = [date(2000, 2, 28) + n * DAY for n in range(3)] + [date(2003, 3, 1), date(2008, 2, 29), date(2015, 5, 17)]
    studies = [None, date(2020, 7, 31), date(2024, 2, 29), date(2050, 1, 1)]
    cases = [
        (kinship, born, ends_on, situation, until if situation == "studies" else None)
        for kinship in ("child", "parent")
        for born in births
        for ends_on in (None, date(2019, 3, 1), date(2040, 1, 1))
        for situation in (None, "studies", "disability")
        for until in studies
        if kinship == "child" or situation is None
    ]
    asked = text(f"""
        SELECT {last_covered_day_sql("x", "CAST(:day AS date)", "x.birth_on")} AS last_on,
            {is_covered_sql("x", "CAST(:day AS date)", "x.birth_on")} AS depends
        FROM (SELECT CAST(:kinship AS text) AS kinship, CAST(:born AS date) AS birth_on, DATE '2010-01-01' AS starts_on,
            CAST(:ends_on AS date) AS ends_on, CAST(:situation AS text) AS situation,
            CAST(:until AS date) AS studies_until) x
    """)
    async with db.transaction() as session:
        for kinship, born, ends_on, situation, until in cases:
            last = last_day_covered(kinship, born, LAW, ends_on=ends_on, situation=situation, studies_until=until)
            values = {"kinship": kinship, "born": born, "ends_on": ends_on, "situation": situation, "until": until}
            for day in (last or date(2100, 1, 1), (last or date(2100, 1, 1)) + DAY):
                found = (await session.execute(asked, values | {"day": day})).one()
                assert found.last_on == last, values
                assert found.depends == (last is None or day <= last), values


async def test_the_condition_reads_the_birth_date_of_the_registry(db: Database) -> None:
    async with db.transaction() as session:
        holder, child = await places.person(session), await places.person(session, birth_on=date(2008, 2, 29))
        link = Dependant(holder_id=holder.id, person_id=child.id, kinship="child", starts_on=date(2010, 1, 1))
        session.add(link)
        await session.flush()
        for day, expected in ((date(2024, 2, 28), True), (date(2024, 2, 29), False), (date(2009, 12, 31), False)):
            found = await session.scalar(select(Dependant.person_id).where(is_covered(day)))
            assert (found == child.id) is expected
        child.birth_on = date(2009, 2, 28)  # corrected: the end of the rights moves with it
        await session.flush()
        assert await session.scalar(select(Dependant.person_id).where(is_covered(date(2025, 2, 27)))) == child.id
        assert await session.scalar(select(Dependant.person_id).where(is_covered(date(2025, 2, 28)))) is None
