"""The pure rules of a correction: what it changes, what stands against it, and that both agree."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.rules.eligibility.facts import Facts, PersonFacts
from app.registry.names import LONGEST_NAME, NOT_A_NAME, is_name
from app.requests.rules import corrections as rules
from app.requests.rules.corrections import Change, changes, correction_errors
from tests.requests import actors

TODAY, BORN = date(2026, 11, 29), date(1990, 5, 17)
CURP = actors.curp(BORN)


def facts(answers: dict[str, Any], **about: Any) -> Facts:
    person = {"given_names": "Ana", "first_surname": "Núñez", "second_surname": "Peña", "sex": "M", "curp": CURP}
    return Facts(today=TODAY, person=PersonFacts(birth_on=BORN, **(person | about)), answers=answers)


def said(answers: dict[str, Any], **about: Any) -> list[tuple[str, str]]:
    return [(error.field, error.message) for error in correction_errors(facts(answers, **about))]


@pytest.mark.parametrize(
    ("answers", "field", "message"),
    [
        ({"field": "name"}, "given_names", rules.NOTHING),
        ({"field": "name", "remove_surname": "none"}, "given_names", rules.NOTHING),
        ({"field": "name", "given_names": "Ana"}, "given_names", rules.SAME),
        ({"field": "name", "first_surname": " Núñez "}, "first_surname", rules.SAME),
        ({"field": "name", "given_names": "4na"}, "given_names", NOT_A_NAME),
        ({"field": "name", "given_names": "---"}, "given_names", NOT_A_NAME),
        ({"field": "name", "given_names": "Ana\tLuz"}, "given_names", NOT_A_NAME),
        ({"field": "name", "given_names": "<b>Ana"}, "given_names", NOT_A_NAME),
        ({"field": "name", "given_names": "a" * (LONGEST_NAME + 1)}, "given_names", rules.TOO_LONG),
        ({"field": "name", "second_surname": "Ruiz", "remove_surname": "second"}, "second_surname", rules.BOTH_WAYS),
        ({"field": "name", "remove_surname": "first"}, "remove_surname", rules.FIRST_IS_EMPTY),
        ({"field": "birth_on", "birth_on": "1990-05-17"}, "birth_on", rules.SAME),
        ({"field": "birth_on", "birth_on": "1990-02-31"}, "birth_on", rules.NO_SUCH_DAY),
        ({"field": "birth_on", "birth_on": "2026-11-30"}, "birth_on", rules.NOT_BORN),
        ({"field": "birth_on", "birth_on": "1991-05-17"}, "birth_on", rules.BIRTH_NOT_CURP),
        ({"field": "birth_on", "birth_on": "1991-05-17", "curp": actors.curp(BORN)}, "curp", rules.CURP_NOT_BIRTH),
        ({"field": "sex", "sex": "M"}, "sex", rules.SAME),
        ({"field": "sex", "sex": "H"}, "sex", rules.SEX_NOT_CURP),
        ({"field": "sex", "sex": "H", "curp": actors.curp(BORN, "X")}, "curp", rules.CURP_NOT_SEX),
    ],
)
def test_what_cannot_be_corrected_says_so_at_its_answer(answers: dict[str, Any], field: str, message: str) -> None:
    assert said(answers) == [(field, message)]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"field": "name", "second_surname": "Muñoz"}, [Change("second_surname", "Peña", "Muñoz")]),
        ({"field": "name", "remove_surname": "second"}, [Change("second_surname", "Peña", "")]),
        (
            {"field": "name", "remove_surname": "both"},
            [Change("first_surname", "Núñez", ""), Change("second_surname", "Peña", "")],
        ),
        (
            {"field": "name", "first_surname": "Peña", "remove_surname": "second"},
            [Change("first_surname", "Núñez", "Peña"), Change("second_surname", "Peña", "")],
        ),
        (
            {"field": "name", "given_names": "Ana", "first_surname": "O'Donnell"},
            [Change("first_surname", "Núñez", "O'Donnell")],
        ),
    ],
)
def test_a_name_changes_only_in_what_was_written_or_removed(answers: dict[str, Any], expected: list[Change]) -> None:
    assert said(answers) == []
    assert list(changes(facts(answers))) == expected


def test_a_new_curp_brings_the_date_and_the_sex_that_it_says() -> None:
    new = actors.curp(date(2001, 2, 3), "H")
    answers = {"field": "birth_on", "birth_on": "2001-02-03", "curp": new}
    assert said(answers) == []
    assert changes(facts(answers)) == (
        Change("birth_on", "1990-05-17", "2001-02-03"),
        Change("sex", "M", "H"),
        Change("curp", CURP, new),
    )


def test_what_the_form_stored_of_another_datum_changes_nothing() -> None:
    left = {"given_names": "Luz", "remove_surname": "both", "sex": "H", "birth_on": "1991-01-01"}
    new = actors.curp(BORN, "X")
    answers = left | {"field": "sex", "sex": "X", "curp": new}
    assert [one.field for one in changes(facts(answers))] == ["sex", "curp"]
    assert changes(facts({**left, "field": "complaint"})) == ()


def test_a_curp_of_old_records_that_cannot_be_read_stops_no_one() -> None:
    assert said({"field": "birth_on", "birth_on": "1991-05-17"}, curp="TEST00000000000001") == []


@pytest.mark.parametrize(
    "name", ["Ñ", "O'Donnell", "D’Angelo", "Mª", "María-José", "J. Jesús", "Núñez/Peña", "Wałęsa", "Naʼat", "ʔUxul"]
)
def test_names_as_people_have_them(name: str) -> None:
    assert is_name(name)


ANSWERS = st.fixed_dictionaries(
    {"field": st.sampled_from(["name", "birth_on", "sex"])},
    optional={
        "given_names": st.sampled_from(["Ana", "Luz", "O'Donnell", "4", "", "a" * 121]) | st.text(max_size=8),
        "first_surname": st.sampled_from(["Núñez", "Ñu", " Núñez ", ""]) | st.text(max_size=8),
        "second_surname": st.sampled_from(["Peña", "X", ""]) | st.text(max_size=8),
        "remove_surname": st.sampled_from(["none", "first", "second", "both", "other"]),
        "birth_on": st.sampled_from(["1990-05-17", "1990-02-31"])
        | st.dates(date(1900, 1, 1), date(2030, 1, 1)).map(str),
        "sex": st.sampled_from(["H", "M", "X"]),
        "curp": st.sampled_from([CURP, actors.curp(BORN, "X"), actors.curp(date(2001, 2, 3), "H")]),
    },
)
PEOPLE = st.fixed_dictionaries(
    {},
    optional={
        "given_names": st.sampled_from(["Ana", "Luz"]),
        "first_surname": st.sampled_from(["Núñez", ""]),
        "second_surname": st.sampled_from(["Peña", ""]),
        "sex": st.sampled_from(["H", "M", "X"]),
        "curp": st.sampled_from([CURP, actors.curp(BORN, "X"), "TEST00000000000001"]),
    },
)


@given(ANSWERS, PEOPLE)
def test_whatever_is_accepted_changes_something_and_leaves_data_that_agree(
    answers: dict[str, Any], about: dict[str, str]
) -> None:
    seen = facts(answers, **about)
    errors = correction_errors(seen)
    about_it = answers["field"]
    if errors or (about_it != "name" and not answers.get(about_it)):
        assert all(error.field in {*answers, "given_names", "remove_surname", "second_surname"} for error in errors)
        return
    found = changes(seen)
    assert found
    assert all(one.before != one.after for one in found)
    after = rules.registered(seen.person) | {one.field: one.after for one in found}
    assert is_name(after["given_names"])
    if about_it == "name":
        assert after["first_surname"] or not after["second_surname"]
    inside = rules.inside(after["curp"])
    if about_it != "name" and inside is not None:
        assert after[about_it] == inside[about_it]
    if any(one.field == "curp" for one in found):
        assert inside == {"birth_on": after["birth_on"], "sex": after["sex"]}


@given(ANSWERS)
def test_once_it_is_carried_out_the_same_request_has_nothing_left_to_change(answers: dict[str, Any]) -> None:
    seen = facts(answers)
    if correction_errors(seen):
        return
    after = rules.registered(seen.person) | {one.field: one.after for one in changes(seen)}
    born = date.fromisoformat(after.pop("birth_on"))
    later = PersonFacts(birth_on=born, **after)  # type: ignore[arg-type] # all of them text
    assert changes(Facts(today=TODAY, person=later, answers=answers)) == ()
