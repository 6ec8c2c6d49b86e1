"""Who can't be registered as whose dependant: the pure rule, for each kinship that the service offers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.loader import load_services
from app.catalog.rules.eligibility.facts import Facts, Kin, PersonFacts
from app.catalog.rules.eligibility.registry import rule_named
from app.registry.identifiers import birth_date_of
from app.registry.rules import CHILDREN, COUPLE, age_on
from app.requests.rules import kinship as rules
from app.requests.rules.kinship import CHECKS, kinship_errors
from tests.requests import actors

TODAY, MINE = date(2026, 11, 29), date(1990, 5, 17)
CURP = actors.curp(MINE)
KINDS = sorted(CHECKS)
DAYS = st.dates(date(1920, 1, 1), TODAY)


def facts(kinship: str, theirs: date, mine: date = MINE, **more: object) -> Facts:
    named = actors.curp(theirs)
    answers = {"kinship": kinship, "dependant_curp": named, **more}
    return Facts(today=TODAY, person=PersonFacts(mine, curp=CURP), answers=answers, relative_birth_on=theirs)


def test_every_kinship_of_the_service_has_its_rule() -> None:
    assert set(KINDS) == set(load_services()["dependant-add"].form.json_schema["properties"]["kinship"]["enum"])


@pytest.mark.parametrize("kinship", KINDS)
def test_no_one_is_their_own_dependant(kinship: str) -> None:
    answers = {"kinship": kinship, "dependant_curp": CURP}
    oneself = Facts(today=TODAY, person=PersonFacts(MINE, curp=CURP), answers=answers)
    assert [error.message for error in kinship_errors(oneself)] == [rules.ONESELF]
    former = actors.curp(MINE)
    by_former = Facts(
        today=TODAY,
        person=PersonFacts(MINE, curp=CURP),
        answers={"kinship": kinship, "dependant_curp": former},
        relative=PersonFacts(MINE, curp=CURP),
        relative_birth_on=MINE,
    )
    assert [error.message for error in kinship_errors(by_former)] == [rules.ONESELF]


@pytest.mark.parametrize("kinship", KINDS)
def test_who_is_mine_already_is_not_registered_again(kinship: str) -> None:
    theirs = {
        **dict.fromkeys(COUPLE, MINE),
        **dict.fromkeys(CHILDREN, date(2020, 1, 1)),
        "parent": date(1960, 1, 1),
    }[kinship]
    seen = facts(kinship, theirs)
    family = (Kin(str(seen.answers["dependant_curp"]), kinship),)
    mine = Facts(TODAY, seen.person, seen.answers, relative_birth_on=theirs, family=family)
    assert [error.message for error in kinship_errors(mine)] == [rules.ALREADY_MINE]
    assert kinship_errors(seen) == []


@pytest.mark.parametrize(
    ("kinship", "theirs", "mine", "message"),
    [
        ("spouse", date(2016, 1, 1), MINE, rules.SPOUSE_TOO_YOUNG),
        ("spouse", TODAY.replace(year=2008) + timedelta(days=1), MINE, rules.SPOUSE_TOO_YOUNG),
        ("spouse", TODAY.replace(year=2008), MINE, None),
        ("spouse", MINE, date(2009, 1, 1), rules.HOLDER_TOO_YOUNG),
        ("partner", date(2016, 1, 1), MINE, rules.PARTNER_TOO_YOUNG),
        ("civil-union", date(2016, 1, 1), MINE, rules.PARTNER_TOO_YOUNG),
        ("ward", TODAY.replace(year=2008), MINE, rules.WARD_OF_AGE),
        ("ward", TODAY.replace(year=2008) + timedelta(days=1), MINE, None),
        ("child", MINE, MINE, rules.CHILD_NOT_YOUNGER),
        ("child", MINE - timedelta(days=1), MINE, rules.CHILD_NOT_YOUNGER),
        ("child", date(2016, 1, 1), MINE, None),
        ("parent", MINE, MINE, rules.PARENT_NOT_OLDER),
        ("parent", MINE + timedelta(days=1), MINE, rules.PARENT_NOT_OLDER),
        ("parent", date(1960, 1, 1), MINE, None),
    ],
)
def test_ages_that_cannot_be(kinship: str, theirs: date, mine: date, message: str | None) -> None:
    assert [error.message for error in kinship_errors(facts(kinship, theirs, mine))] == ([message] if message else [])


@given(st.sampled_from(KINDS), DAYS, DAYS)
def test_whatever_is_accepted_is_possible(kinship: str, theirs: date, mine: date) -> None:
    seen = facts(kinship, theirs, mine)
    possible = {
        "spouse": min(age_on(theirs, TODAY), age_on(mine, TODAY)) >= 18,
        **dict.fromkeys(("civil-union", "partner"), min(age_on(theirs, TODAY), age_on(mine, TODAY)) >= 18),
        "ward": age_on(theirs, TODAY) < 18,
        "child": theirs > mine,
        "parent": theirs < mine,
    }
    assert (kinship_errors(seen) == []) == possible[kinship]
    if kinship in COUPLE:
        rule = rule_named("couple_of_age")
        assert rule is not None
        assert (rule.evaluate(seen, {"years": 18}).outcome == "pass") == possible[kinship], "the check says the same"


@given(st.dictionaries(st.sampled_from(["kinship", "dependant_curp", "situation"]), st.text(max_size=20)))
def test_answers_of_any_kind_are_taken(answers: dict[str, str]) -> None:
    found = kinship_errors(Facts(today=TODAY, person=PersonFacts(MINE, curp=CURP), answers=answers))
    assert {error.field for error in found} <= {"kinship", "dependant_curp", "situation"}


def test_the_date_inside_the_curp_is_what_counts() -> None:
    assert birth_date_of(CURP) == MINE
