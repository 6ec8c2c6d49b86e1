"""Every rule of every service in every outcome: what it says is the fact found, with its figures, in both languages."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.catalog.definition import Eligibility
from app.catalog.findings import private_sentence, sentence, written
from app.catalog.rules.eligibility.facts import Facts, Kin
from app.catalog.rules.eligibility.registry import RULES, Verdict, figures_in, rule_named, rule_names
from app.kernel.i18n import use_language
from app.web.data.labels import reason
from tests.catalog.rule_cases import DAY, SERVICES, TODAY, child, family, wage, who, withdrew, worker

CURP = "XAXX900517MDFBBB05"
LONG_AGO = date(1990, 1, 1)
WORKS = worker((LONG_AGO, None), in_force=True)
PENSIONER = worker(in_force=True, is_pensioner=True)
NEVER = worker()
LEFT_12 = worker((TODAY - 100 * DAY, TODAY - 12 * DAY))
LEFT_FOR_LONG = worker((LONG_AGO, date(2005, 3, 1)))
NUMBERED = Facts(today=TODAY, person=who(nss="12345678903"))
PLACE = Facts(today=TODAY, person=who(), answers={"postal_code": "06700"})
OLD = {"pension": "old-age"}
HOLDS = {"pass", "conserved", "reached"}
"""Findings of who meets a rule: of the conservation of rights its last day is shown too."""


A_YEAR, THIRTEEN_YEARS = (date(1996, 1, 1), date(1996, 12, 31)), (date(1979, 1, 1), date(1992, 3, 1))


def beside(holder_side: Facts) -> Facts:
    """A registration that the relative asks for, and how it is from the holder's side."""
    return replace(family(asked_by="relative"), holder_side=holder_side)


def under_1973(birth_on: date, *worked: tuple[date, date]) -> Facts:
    return Facts(today=TODAY, person=who(birth_on, *worked))


# Facts that lead to each finding of each rule, whatever figures a service gives it.
CASES: dict[str, dict[str, Facts]] = {
    "relative_known": {"pass": child(TODAY), "fail": family()},
    "relative_not_covered": {
        "pass": child(TODAY),
        "fail": replace(child(TODAY), relative=who(covered_by_others=True)),
        "unknown": family(),
    },
    "kinship_allowed": {
        "pass": child(TODAY),
        "kinship": family(kinship="cousin"),
        "age": child(LONG_AGO, situation="none"),
        "student_age": child(LONG_AGO, situation="studies"),
        "unknown": family(kinship="child"),
    },
    "one_couple": {"pass": family(kinship="spouse"), "fail": family(Kin(CURP, "partner"), kinship="spouse")},
    "couple_of_age": {
        "pass": child(LONG_AGO, kinship="spouse"),
        "theirs": child(TODAY - 4000 * DAY, kinship="spouse"),
        "mine": replace(child(LONG_AGO, kinship="partner"), person=who(TODAY - 6000 * DAY)),
        "unknown": family(kinship="spouse"),
    },
    "parent_older": {"pass": child(TODAY), "fail": child(date(1985, 1, 1))},
    "holder_known": {"pass": beside(WORKS), "fail": family(asked_by="relative")},
    "holder_insured": {
        "pass": beside(WORKS),
        "fail": beside(NEVER),
        "no_work": beside(worker(in_force=True)),
        "unknown": family(asked_by="relative"),
    },
    "holder_without_couple": {
        "pass": beside(family(kinship="spouse")),
        "fail": beside(family(Kin(CURP, "partner"), kinship="spouse")),
        "unknown": family(asked_by="relative"),
    },
    "holder_age_fits": {
        "pass": beside(child(LONG_AGO, kinship="spouse")),
        "fail": beside(child(date(1985, 1, 1))),
        "unknown": family(asked_by="relative"),
    },
    "asked_once": {"pass": family(), "fail": replace(family(), other_folio="S-0000-0000")},
    "is_my_dependant": {"pass": family(Kin(CURP, "child"), dependant_curp=CURP), "fail": family(dependant_curp=CURP)},
    "is_my_child": {"pass": family(Kin(CURP, "ward"), dependant_curp=CURP), "fail": family(Kin(CURP, "parent"))},
    "free_of_marriage": {
        "pass": family(kinship="partner", both_unmarried=True),
        "fail": family(kinship="partner", both_unmarried=False),
    },
    "no_court_order": {
        "pass": family(Kin(CURP, "child"), dependant_curp=CURP),
        "fail": family(Kin(CURP, "child", is_protected=True), dependant_curp=CURP),
    },
    "child_age_between": {
        "pass": child(TODAY - timedelta(days=400)),
        "too_young": child(TODAY - 10 * DAY),
        "too_old": child(LONG_AGO),
        "unborn": child(TODAY + 9 * DAY),
        "unknown": family(),
    },
    "postal_code_served": {
        "pass": replace(PLACE, is_served=True),
        "fail": replace(PLACE, is_served=False),
        "unknown": PLACE,
    },
    "room_with_place": {
        "pass": replace(PLACE, has_place=True),
        "fail": replace(PLACE, has_place=False),
        "unknown": PLACE,
    },
    "not_changed_within": {"pass": PLACE, "fail": replace(PLACE, last_approved_on=TODAY - 5 * DAY)},
    "has_nss": {"pass": NUMBERED, "fail": NEVER},
    "has_no_nss": {"pass": NEVER, "fail": NUMBERED},
    "data_compared": {"pass": NEVER, "fail": Facts(today=TODAY, person=who(is_declared=True))},
    "age_at_least": {"pass": NEVER, "fail": child(TODAY)},
    "agrees_with_curp": {
        "pass": Facts(today=TODAY, person=who(curp=CURP), answers={"field": "sex", "sex": "M"}),
        "birth_on": Facts(today=TODAY, person=who(curp=CURP), answers={"field": "birth_on", "birth_on": "1990-05-16"}),
        "sex": Facts(today=TODAY, person=who(curp=CURP), answers={"field": "sex", "sex": "H"}),
        "no_curp": Facts(today=TODAY, person=who(), answers={"field": "birth_on", "birth_on": "1990-05-16"}),
        "unknown": Facts(today=TODAY, person=who(curp=CURP), answers={"field": "name", "first_surname": "Peña"}),
    },
    "answer_is": {
        "pass": family(lives_with_me=True, illnesses="none"),
        "fail": family(lives_with_me=False, illnesses="excluded"),
    },
    "illness_allowed": {"pass": family(illnesses="none"), "fail": family(illnesses="excluded")},
    "rights_in_force": {"pass": WORKS, "never": NEVER, "ended": LEFT_FOR_LONG},
    "works_now": {"pass": WORKS, "never": NEVER, "ended": LEFT_12},
    "not_insured": {"pass": NEVER, "works": WORKS, "covered": worker(in_force=True), "pensioner": PENSIONER},
    "not_insured_otherwise": {
        "pass": worker(in_force=True),
        "works": WORKS,
        "fail": worker(in_force=True, in_force_without_policies=True),
    },
    "works_or_pensioner": {"pass": PENSIONER, "never": NEVER, "ended": LEFT_12},
    "has_left_work": {"pass": LEFT_12, "fail": WORKS},
    "days_without_work": {"pass": LEFT_FOR_LONG, "works": WORKS, "never": NEVER, "fail": LEFT_12},
    "no_withdrawal_within": {"pass": NEVER, "fail": withdrew(TODAY - 60 * DAY, TODAY)},
    "weeks_or_account": {"pass": LEFT_FOR_LONG, "never": NEVER, "fail": LEFT_12},
    "weeks_within": {"pass": WORKS, "fail": LEFT_12},
    "left_within": {"pass": LEFT_12, "works": WORKS, "never": NEVER, "fail": LEFT_FOR_LONG},
    "wage_between": {
        "pass": wage("1000"),
        "fail": wage("1"),
        "below": wage("500", "600.00"),
        "unknown": wage("mucho"),
    },
    "pension_age": {
        "pass": Facts(today=TODAY, person=who(date(1950, 1, 1)), answers=OLD),
        "fail": Facts(today=TODAY, person=who(date(1980, 1, 1)), answers=OLD),
        "old_age": Facts(today=TODAY, person=who(date(1958, 1, 1)), answers={"pension": "advanced-age"}),
    },
    "rights_conserved_1973": {
        "pass": WORKS,
        "conserved": under_1973(date(1960, 1, 1), (LONG_AGO, date(2020, 3, 1))),
        "reached": under_1973(date(1945, 1, 1), (date(1975, 1, 1), date(2004, 12, 31))),
        "recent": under_1973(date(1966, 6, 1), A_YEAR, (date(2024, 1, 1), date(2025, 1, 1))),
        "lapsed": under_1973(date(1961, 1, 1), THIRTEEN_YEARS),
        "returned": under_1973(date(1961, 1, 1), THIRTEEN_YEARS, (TODAY - 100 * DAY, TODAY - 12 * DAY)),
    },
    "weeks_for_pension": {"pass": WORKS, "fail": LEFT_12},
}
USES = [
    pytest.param(service.id, asked, id=f"{service.id}-{asked.rule}")
    for service in SERVICES.values()
    for asked in service.eligibility
]


def validated(asked: Eligibility, facts: Facts) -> Verdict:
    rule = rule_named(asked.rule)
    assert rule is not None
    return rule.evaluate(facts, asked.parameters)


def test_every_rule_has_a_case_for_each_of_its_findings() -> None:
    assert {name: {*rule.findings, "pass"} for name, rule in RULES.items()} == {
        name: set(cases) for name, cases in CASES.items()
    }


@pytest.mark.parametrize(("service", "asked"), USES)
@pytest.mark.parametrize("language", ["es", "en"])
def test_what_is_said_is_the_fact_found_with_its_figures(service: str, asked: Eligibility, language: str) -> None:
    with use_language(language):
        for finding, facts in CASES[asked.rule].items():
            verdict = validated(asked, facts)
            assert verdict.finding == finding, (service, asked.rule, finding)
            assert (verdict.outcome == "pass") == (finding in HOLDS)
            said = sentence(asked, finding, verdict.values)
            if finding == "pass":
                assert said == str(asked.text)
                continue
            assert said != str(asked.text)
            assert "%(" not in said
            for name, value in verdict.values.items():
                assert written(name, value) in said, (said, name, value)
            with use_language("en" if language == "es" else "es"):
                assert said != sentence(asked, finding, verdict.values)


@pytest.mark.parametrize("name", list(rule_names()))
def test_a_rules_own_words_show_exactly_the_figures_it_finds(name: str) -> None:
    rule = RULES[name]
    parameters: dict[str, Any] = next(
        (one.parameters for each in SERVICES.values() for one in each.eligibility if one.rule == name), {"years": 18}
    )
    for finding, facts in CASES[name].items():
        text = rule.findings.get(finding)
        if text is not None:
            assert figures_in(text) == set(rule.evaluate(facts, parameters).values), (name, finding)
    with use_language("en"):
        assert reason(name) not in {name, rule.label}


def test_a_citizen_reads_their_weeks_and_those_asked_for() -> None:
    (asked,) = [one for one in SERVICES["pension"].eligibility if one.rule == "weeks_for_pension"]
    assert sentence(asked, "fail", {"weeks": 469, "needed": 875, "law": "1997"}) == (
        "Tiene 469 semanas; se piden 875 (ley de 1997)"
    )
    with use_language("en"):
        assert sentence(asked, "fail", {"weeks": 1, "needed": 875, "law": "1997"}).startswith("1 week on record")


def test_who_works_sees_so_and_not_that_they_have_been_out_of_work() -> None:
    (asked,) = [one for one in SERVICES["unemployment"].eligibility if one.rule == "days_without_work"]
    verdict = validated(asked, worker((date(2020, 2, 1), None)))
    assert sentence(asked, verdict.finding, verdict.values) == (
        "Hoy está dado de alta por un patrón, desde el 1 de febrero de 2020; se piden 46 días sin trabajo"
    )


def test_what_is_said_of_another_person_says_nothing() -> None:
    with use_language("es"):
        assert private_sentence() == "Los datos de la otra persona los revisa el personal"
