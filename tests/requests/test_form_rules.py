"""Forms: which answers count, which may not stay empty, and what is said of a wrong one."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.loader import load_services
from app.catalog.rules.conditions import holds
from app.catalog.rules.eligibility.facts import Facts, PersonFacts
from app.registry.rules import Period
from app.requests.rules.checks import NOT_YET, answer_errors, checks_before, refused_before, run_checks
from app.requests.rules.forms import applicable, required_names, validation_errors

FAMILY = load_services()["dependant-add"]
TODAY = date(2026, 11, 30)
kinships = st.sampled_from(["spouse", "partner", "child", "parent"])
situations = st.sampled_from(["none", "studies", "disability"])


@st.composite
def answered(draw: st.DrawFn) -> dict[str, Any]:
    """A form of a dependant filled in any order, with what was left from other answers."""
    names = draw(st.sets(st.sampled_from(["kinship", "situation", "studies_until", "lives_with_me"])))
    values = {"kinship": draw(kinships), "situation": draw(situations), "studies_until": "2027-06-30"}
    return {name: (values | {"lives_with_me": True})[name] for name in names}


@given(answered())
def test_only_answers_to_questions_that_are_asked_count(answers: dict[str, Any]) -> None:
    stored = applicable(FAMILY, answers)
    assert stored.items() <= answers.items()
    assert applicable(FAMILY, stored) == stored
    for name in answers:
        assert (name in stored) == holds(FAMILY.form.fields[name].show_when, stored), name


def test_a_chain_of_conditions_falls_with_its_first() -> None:
    left = {"kinship": "spouse", "situation": "studies", "studies_until": "2027-06-30", "lives_with_me": True}
    assert applicable(FAMILY, left) == {"kinship": "spouse"}


@given(answered())
def test_what_may_not_stay_empty_is_what_is_missed_without_it(answers: dict[str, Any]) -> None:
    needed = required_names(FAMILY, FAMILY.form.fields, answers)
    for name in FAMILY.form.fields:
        others = {other: value for other, value in answers.items() if other != name}
        assert (name in needed) == (name in {one.field for one in validation_errors(FAMILY, others, whole=True)}), name


SAID = [
    ("clinic-change", {"postal_code": "123"}, "postal_code", "Son 5 números, sin letras."),
    ("clinic-change", {"postal_code": "99999"}, "postal_code", "Ningún código postal de México es así"),
    ("nursery", {"postal_code": "18000"}, "postal_code", "Ningún código postal de México es así"),
    ("nursery", {"postal_code": "0670A"}, "postal_code", "Son 5 números, sin letras."),
    ("unemployment", {"clabe": "0321"}, "clabe", "La CLABE tiene 18 números."),
    ("pension", {"clabe": "032180000118359710"}, "clabe", "Hay un error de escritura en la CLABE"),
    ("complaint", {"story": "Corta"}, "story", "al menos 10 letras"),
    ("complaint", {"story": "\u200b" * 20}, "story", "al menos 10 letras"),
    ("complaint", {"story": f"Corta{' ' * 9}"}, "story", "al menos 10 letras"),
    ("unemployment", {"afore": "\u202e\u3164a"}, "afore", "al menos 2 letras"),
    ("complaint", {"story": "a" * 2001}, "story", "caben 2,000 letras y escribió 2,001"),
    ("unemployment", {"understands_weeks": False}, "understands_weeks", "hace falta que conteste «Sí»"),
    ("modality-40", {"daily_wage": 0}, "daily_wage", "más pequeño que se acepta es 1."),
    ("modality-40", {"daily_wage": 10_001}, "daily_wage", "más grande que se acepta es 10,000."),
    ("nss-assign", {"phone": "no tengo"}, "phone", "Un teléfono tiene 10 números"),
    ("nss-assign", {"email": "ana"}, "email", "Un correo lleva una arroba"),
    ("family-health", {"ages": "treinta"}, "ages", "Escriba sólo edades separadas por comas"),
    ("complaint", {"happened_on": "2026-02-31"}, "happened_on", "Esa fecha no existe"),
]


@pytest.mark.parametrize(("service", "answers", "field", "said"), SAID)
def test_what_is_wrong_says_what_to_type(service: str, answers: dict[str, Any], field: str, said: str) -> None:
    wrong = {one.field: one.message for one in validation_errors(load_services()[service], answers, whole=False)}
    assert said in wrong[field]


@pytest.mark.parametrize(("ahead", "is_wrong"), [(-1, False), (0, False), (1, True), (400, True)])
def test_what_happened_did_so_by_today(ahead: int, is_wrong: bool) -> None:
    answers = {"happened_on": (TODAY + timedelta(days=ahead)).isoformat()}
    facts = Facts(TODAY, PersonFacts(date(1990, 5, 17)), answers)
    assert [(one.field, one.message) for one in answer_errors(load_services()["complaint"], facts)] == (
        [("happened_on", NOT_YET)] if is_wrong else []
    )


def worker(*periods: Period, nss: str | None = "01159700408", **more: Any) -> Facts:
    return Facts(TODAY, PersonFacts(date(1990, 5, 17), nss=nss, periods=periods, **more))


def test_what_needs_no_answer_is_known_before_the_form() -> None:
    works = worker(Period(date(2020, 1, 1), None))
    assert [one.rule for one in refused_before(load_services()["unemployment"], works)][:1] == ["days_without_work"]
    assert refused_before(load_services()["weeks"], works) == []
    assert [one.rule for one in refused_before(load_services()["weeks"], worker(nss=None))] == ["has_nss"]


@pytest.mark.parametrize("service", sorted(load_services()))
def test_no_answer_changes_what_is_said_beforehand(service: str) -> None:
    """Whatever is answered, the checks made beforehand find the same."""
    facts = worker(Period(date(2020, 1, 1), date(2026, 11, 1)))
    before = {one.position: one for one in checks_before(load_services()[service], facts)}
    named = {"postal_code": "06700", "kinship": "child", "situation": "none", "daily_wage": 400, "cause": "other"}
    with_answers = Facts(
        TODAY, facts.person, named, relative_birth_on=date(2020, 1, 1), is_operating=True, address_changed=True
    )
    after = {one.position: one for one in run_checks(load_services()[service], with_answers)}
    assert {position: after[position] for position in before} == before
