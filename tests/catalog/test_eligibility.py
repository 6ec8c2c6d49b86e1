"""Who qualifies, by family, place and record: each rule at its boundaries."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.catalog.rules.eligibility.facts import Facts, Kin
from app.catalog.rules.eligibility.registry import rule_named, rule_names
from tests.catalog.rule_cases import ADULT, DAY, TODAY, ask, child, family, outcome, who, worker

CURP = "XAXX900517MDFBBB05"
OTHER = "XAXX150301HDFCCCA1"
BIRTHS = st.dates(date(1930, 1, 1), date(2026, 11, 25))
LIMITS = {"child_until": 16, "student_until": 25}


def test_rules_are_listed_by_name_and_a_stranger_is_none() -> None:
    assert {"kinship_allowed", "weeks_within", "postal_code_served", "has_nss"} <= set(rule_names())
    assert rule_named("magic") is None


def test_a_rule_takes_its_own_parameters_only() -> None:
    with pytest.raises(ValidationError, match="years"):
        ask("age_at_least", worker())
    with pytest.raises(ValidationError, match="weeks"):
        ask("age_at_least", worker(), years=18, weeks=2)


# Records


@pytest.mark.parametrize(("nss", "has", "has_no"), [("12345678903", "pass", "fail"), (None, "fail", "pass")])
def test_having_a_number(nss: str | None, has: str, has_no: str) -> None:
    facts = Facts(today=TODAY, person=who(nss=nss))
    assert (outcome("has_nss", facts), outcome("has_no_nss", facts)) == (has, has_no)


@pytest.mark.parametrize(
    ("birth_on", "today", "expected"),
    [
        (date(2008, 11, 26), TODAY, "fail"),
        (date(2008, 11, 25), TODAY, "pass"),
        (date(2008, 11, 24), TODAY, "pass"),
        (date(2008, 2, 29), date(2026, 2, 28), "fail"),
        (date(2008, 2, 29), date(2026, 3, 1), "pass"),
        (date(2008, 2, 29), date(2028, 2, 29), "pass"),
    ],
)
def test_age_counts_from_the_birthday_and_on_1_march_for_who_was_born_on_29_february(
    birth_on: date, today: date, expected: str
) -> None:
    assert outcome("age_at_least", Facts(today=today, person=who(birth_on)), years=18) == expected


@given(BIRTHS, st.integers(0, 100), st.integers(0, 4000))
def test_who_is_old_enough_stays_so(birth_on: date, years: int, later: int) -> None:
    facts = Facts(today=TODAY, person=who(birth_on))
    if outcome("age_at_least", facts, years=years) == "pass":
        assert outcome("age_at_least", replace(facts, today=TODAY + later * DAY), years=years) == "pass"
        assert outcome("age_at_least", facts, years=max(0, years - 1)) == "pass"


@pytest.mark.parametrize(
    ("wanted", "value", "expected"),
    [
        ("birth_on", "1990-05-17", "pass"),
        ("birth_on", "1990-05-16", "fail"),
        ("birth_on", "17/05/1990", "fail"),
        ("birth_on", None, "fail"),
        ("sex", "M", "pass"),
        ("sex", "H", "fail"),
        ("first_surname", "Peña", "unknown"),
    ],
)
def test_a_correction_agrees_with_the_curp(wanted: str, value: str | None, expected: str) -> None:
    facts = Facts(today=TODAY, person=who(curp=CURP), answers={"field": wanted, "value": value})
    assert outcome("agrees_with_curp", facts, field="field", value="value") == expected


def test_a_correction_without_a_good_curp_never_agrees() -> None:
    facts = Facts(today=TODAY, person=who(curp=""), answers={"field": "birth_on", "value": "1990-05-17"})
    assert outcome("agrees_with_curp", facts, field="field", value="value") == "fail"


@pytest.mark.parametrize(
    ("given_answer", "values", "expected"),
    [
        (True, [True], "pass"),
        (False, [True], "fail"),
        (1, [True], "fail"),
        ("true", [True], "fail"),
        (None, [True], "fail"),
        ("none", ["none", "waiting"], "pass"),
        ("excluded", ["none", "waiting"], "fail"),
    ],
)
def test_an_answer_has_one_of_the_values_and_its_type(
    given_answer: object, values: list[object], expected: str
) -> None:
    facts = family(said=given_answer)
    assert outcome("answer_is", facts, field="said", values=values) == expected


# Family


def test_the_relative_is_known_and_not_covered() -> None:
    no_one, known = family(), child(date(2020, 1, 1))
    assert (outcome("relative_known", no_one), outcome("relative_known", known)) == ("fail", "pass")
    assert outcome("relative_not_covered", no_one) == "unknown"
    assert outcome("relative_not_covered", known) == "pass"
    assert outcome("relative_not_covered", replace(known, relative=who(covered_by_others=True))) == "fail"
    # Rights by their own work are no registration through someone.
    assert outcome("relative_not_covered", replace(known, relative=who(in_force=True))) == "pass"


@pytest.mark.parametrize(
    ("birth_on", "today", "situation", "expected"),
    [
        (date(2010, 11, 26), TODAY, "none", "pass"),
        (date(2010, 11, 25), TODAY, "none", "fail"),
        (date(2010, 11, 24), TODAY, "none", "fail"),
        (date(2010, 11, 25), TODAY, "studies", "pass"),
        (date(2001, 11, 26), TODAY, "studies", "pass"),
        (date(2001, 11, 25), TODAY, "studies", "fail"),
        (date(2001, 11, 24), TODAY, "studies", "fail"),
        (date(2012, 2, 29), date(2028, 2, 28), "none", "pass"),
        (date(2012, 2, 29), date(2028, 2, 29), "none", "fail"),
        (date(2004, 2, 29), date(2029, 2, 28), "studies", "pass"),
        (date(2004, 2, 29), date(2029, 3, 1), "studies", "fail"),
        (date(1970, 1, 1), TODAY, "disability", "pass"),
        (TODAY, TODAY, "none", "pass"),
    ],
)
def test_children_by_age_and_situation(birth_on: date, today: date, situation: str, expected: str) -> None:
    assert outcome("kinship_allowed", child(birth_on, today, situation=situation), **LIMITS) == expected


@pytest.mark.parametrize(
    ("kinship", "expected"),
    [("spouse", "pass"), ("partner", "pass"), ("parent", "pass"), ("cousin", "fail"), (None, "fail")],
)
@pytest.mark.parametrize("birth_on", [date(1930, 1, 1), date(2024, 1, 1)])
def test_others_by_kinship_alone(kinship: str | None, expected: str, birth_on: date) -> None:
    facts = replace(child(birth_on), answers={"kinship": kinship})
    assert outcome("kinship_allowed", facts, **LIMITS) == expected
    assert outcome("kinship_allowed", replace(facts, relative=None, relative_birth_on=None), **LIMITS) == expected


def test_the_age_of_a_child_without_a_curp_is_unknown() -> None:
    no_one = replace(child(TODAY), relative=None, relative_birth_on=None)
    assert outcome("kinship_allowed", no_one, **LIMITS) == "unknown"


@given(BIRTHS, st.sampled_from(["child", "parent", "spouse"]), st.sampled_from(["none", "studies", "disability"]))
def test_what_rests_on_an_age_is_the_same_for_who_is_not_in_the_registry(
    birth_on: date, kinship: str, situation: str
) -> None:
    known = replace(child(birth_on), answers={"kinship": kinship, "situation": situation})
    stranger = replace(known, relative=None)
    for name, parameters in [
        ("kinship_allowed", LIMITS),
        ("parent_older", {"years": 10}),
        ("child_age_between", {"from_days": 43, "until_years": 4}),
    ]:
        assert ask(name, known, **parameters) == ask(name, stranger, **parameters)
    assert known.named() == stranger.named()


@given(BIRTHS, st.integers(0, 6000))
def test_who_is_too_old_once_is_too_old_for_good_and_studying_never_harms(birth_on: date, later: int) -> None:
    for situation in ("none", "studies", "disability"):
        now = child(birth_on, situation=situation)
        if outcome("kinship_allowed", now, **LIMITS) == "fail":
            assert outcome("kinship_allowed", replace(now, today=TODAY + later * DAY), **LIMITS) == "fail"
            assert outcome("kinship_allowed", child(birth_on, situation="none"), **LIMITS) == "fail"


@pytest.mark.parametrize("kinship", ["spouse", "partner"])
@pytest.mark.parametrize(
    ("there", "expected"), [("spouse", "fail"), ("partner", "fail"), ("child", "pass"), ("parent", "pass")]
)
def test_one_couple_at_a_time(kinship: str, there: str, expected: str) -> None:
    assert outcome("one_couple", family(Kin(CURP, there), kinship=kinship)) == expected
    assert outcome("one_couple", family(Kin(CURP, there), kinship="child")) == "pass"
    assert outcome("one_couple", family(kinship=kinship)) == "pass"


@pytest.mark.parametrize(
    ("kinship", "year", "expected"),
    [
        ("child", 1989, "fail"),
        ("child", 1990, "pass"),
        ("child", 1970, "fail"),
        ("parent", 1971, "fail"),
        ("parent", 1970, "pass"),
        ("parent", 1990, "fail"),
        ("spouse", 1980, "pass"),
    ],
)
def test_parents_are_older_than_their_children(kinship: str, year: int, expected: str) -> None:
    facts = replace(child(date(year, 6, 15)), answers={"kinship": kinship})
    assert ADULT.year == 1980
    assert outcome("parent_older", facts, years=10) == expected
    assert outcome("parent_older", replace(facts, relative=None, relative_birth_on=None), years=10) == "pass"


def test_only_my_dependants_and_none_a_court_ordered() -> None:
    mine, ordered = Kin(CURP, "child"), Kin(OTHER, "child", is_protected=True)
    of_mine, of_ordered = family(mine, ordered, dependant_curp=CURP), family(mine, ordered, dependant_curp=OTHER)
    stranger = family(mine, dependant_curp=OTHER)
    assert [outcome("is_my_dependant", facts) for facts in (of_mine, of_ordered, stranger)] == ["pass", "pass", "fail"]
    assert [outcome("no_court_order", facts) for facts in (of_mine, of_ordered, stranger)] == ["pass", "fail", "pass"]


@pytest.mark.parametrize(
    ("birth_on", "today", "expected"),
    [
        (TODAY - timedelta(days=42), TODAY, "fail"),
        (TODAY - timedelta(days=43), TODAY, "pass"),
        (TODAY - timedelta(days=44), TODAY, "pass"),
        (date(2022, 11, 26), TODAY, "pass"),
        (date(2022, 11, 25), TODAY, "fail"),
        (date(2022, 11, 24), TODAY, "fail"),
        (date(2024, 2, 29), date(2028, 2, 28), "pass"),
        (date(2024, 2, 29), date(2028, 2, 29), "fail"),
        (TODAY + DAY, TODAY, "fail"),
    ],
)
def test_the_nursery_takes_children_of_43_days_to_under_4_years(birth_on: date, today: date, expected: str) -> None:
    assert outcome("child_age_between", child(birth_on, today), from_days=43, until_years=4) == expected
    no_one = replace(child(birth_on, today), relative=None, relative_birth_on=None)
    assert outcome("child_age_between", no_one, from_days=43, until_years=4) == "unknown"


@given(st.dates(date(2015, 1, 1), date(2026, 11, 25)))
def test_the_nursery_takes_a_child_on_one_run_of_days(birth_on: date) -> None:
    days = [birth_on + n * DAY for n in range(0, 5 * 366, 7)]
    taken = [outcome("child_age_between", child(birth_on, day), from_days=43, until_years=4) == "pass" for day in days]
    changes = sum(before != after for before, after in itertools.pairwise(taken))
    assert (taken[0], taken[-1], changes) == (False, False, 2)


# Places


@pytest.mark.parametrize(("known", "expected"), [(True, "pass"), (False, "fail"), (None, "unknown")])
def test_what_the_agency_has_not_said_of_a_clinic_is_unknown(known: bool | None, expected: str) -> None:
    facts = Facts(today=TODAY, person=who(), is_served=known, has_place=known)
    assert outcome("postal_code_served", facts) == expected
    assert outcome("room_with_place", facts) == expected


@pytest.mark.parametrize(
    ("ago", "moved", "expected"),
    [
        (None, False, "pass"),
        (0, False, "fail"),
        (89, False, "fail"),
        (90, False, "pass"),
        (91, False, "pass"),
        (0, True, "pass"),
    ],
)
def test_one_change_in_ninety_days_unless_the_address_changed(ago: int | None, moved: bool, expected: str) -> None:
    last = None if ago is None else TODAY - timedelta(days=ago)
    facts = Facts(today=TODAY, person=who(), last_approved_on=last, address_changed=moved)
    assert outcome("not_changed_within", facts, days=90) == expected
