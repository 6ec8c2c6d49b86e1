"""The pure rules of requests, held to what they promise whatever comes in."""

import json
import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.definition import Service
from app.catalog.loader import load_services
from app.law.definitions import shipped
from app.requests.queries.search import MAX_TYPED, folded, query, vector
from app.requests.rules.amounts import MonthlyFee, fee_by_age, monthly_fee, monthly_fees, nursery_points
from app.requests.rules.checks import Check, conclude, duplicate_key
from app.requests.rules.forms import MISSING, MISSING_BY_WIDGET, is_clabe, normalize, validation_errors
from tests.requests.actors import CLABE

SERVICES = sorted(load_services())
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.sampled_from([CLABE, "\x00"])
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


@st.composite
def filled(draw: st.DrawFn) -> tuple[Service, dict[str, Any]]:
    """A service, and anything at all in its fields and in others."""
    service = load_services()[draw(st.sampled_from(SERVICES))]
    own = sorted(service.form.fields)
    names = st.sampled_from(own) | st.text(max_size=8) if own else st.text(max_size=8)
    return service, draw(st.dictionaries(names, anything, max_size=8))


def figures(schema: dict[str, Any], number: int) -> Service:
    """A service with one number in its form. Validators are cached by version: each test takes its own."""
    whole = {"type": "object", "additionalProperties": False, "properties": {"figure": schema}}
    complaint = load_services()["complaint"]
    form = complaint.form.model_copy(update={"json_schema": whole, "fields": {}, "pages": []})
    return complaint.model_copy(update={"version": number, "form": form})


@given(filled(), st.booleans())
def test_any_answers_give_a_list_of_errors(form: tuple[Service, dict[str, Any]], whole: bool) -> None:
    chosen, answers = form
    stored = normalize(chosen, answers)
    wrong = validation_errors(chosen, stored, whole=whole)
    assert all(one.message and isinstance(one.field, str) for one in wrong)
    assert len({one.field for one in wrong}) == len(wrong)
    if not wrong:
        # What has no error can be stored: it is plain JSON that a database takes.
        assert "\\u0000" not in json.dumps(stored, allow_nan=False)
    if not whole:
        assert not {MISSING, *MISSING_BY_WIDGET.values()} & {one.message for one in wrong}


@given(filled())
def test_normal_answers_stay_as_they_are(form: tuple[Service, dict[str, Any]]) -> None:
    service, answers = form
    once = normalize(service, answers)
    assert repr(normalize(service, once)) == repr(once)
    assert None not in once.values()
    assert "" not in once.values()


def test_identifiers_are_brought_into_one_shape() -> None:
    pension, family = load_services()["pension"], load_services()["dependant-add"]
    assert normalize(pension, {"clabe": " 0321 8000-0118.359719 ", "household": " alone "}) == {
        "clabe": CLABE,
        "household": "alone",
    }
    assert normalize(family, {"dependant_curp": "xaxx900517mdfabc01"}) == {"dependant_curp": "XAXX900517MDFABC01"}


@pytest.mark.parametrize("service", SERVICES)
def test_an_empty_form_names_each_answer_it_needs(service: str) -> None:
    chosen = load_services()[service]
    needed = set(chosen.form.json_schema.get("required", []))
    named = {one.field for one in validation_errors(chosen, {}, whole=True)}
    assert needed <= named
    assert validation_errors(chosen, {}, whole=False) == []


@given(
    st.sampled_from([float("nan"), float("inf"), float("-inf"), 10**400, -(10**16), 1e308, 10**15 + 1])
    | st.floats(allow_nan=False).filter(lambda number: abs(number) > 10**15)
)
def test_an_absurd_number_is_a_client_error_not_a_server_error(number: float) -> None:
    for service, name, more in (
        (load_services()["modality-40"], "daily_wage", {"starts": "request"}),
        (figures({"type": "number", "multipleOf": 0.01}, 992), "figure", {}),
    ):
        assert [one.field for one in validation_errors(service, {name: number, **more}, whole=True)] == [name]


@given(st.decimals(0, 10_000, places=2))
def test_every_amount_in_cents_is_a_multiple_of_a_cent(amount: Decimal) -> None:
    chosen = figures({"type": "number", "multipleOf": 0.01}, 990)
    assert validation_errors(chosen, {"figure": float(amount)}, whole=True) == []


@given(st.decimals(0, 10_000, places=3).filter(lambda amount: amount % Decimal("0.01") != 0))
def test_no_fraction_of_a_cent_is(amount: Decimal) -> None:
    chosen = figures({"type": "number", "multipleOf": 0.01}, 991)
    assert [one.field for one in validation_errors(chosen, {"figure": float(amount)}, whole=True)] == ["figure"]


digits = st.text("0123456789", min_size=17, max_size=17)


@given(digits)
def test_each_account_has_one_check_digit(head: str) -> None:
    assert sum(is_clabe(head + last) for last in "0123456789") == 1


@given(digits, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(head: str, place: int, by: int) -> None:
    right = next(head + last for last in "0123456789" if is_clabe(head + last))
    wrong = right[:place] + str((int(right[place]) + by) % 10) + right[place + 1 :]
    assert not is_clabe(wrong)


@given(st.text())
def test_nothing_but_eighteen_plain_digits_is_an_account(text: str) -> None:
    assert not is_clabe(text) or re.fullmatch(r"[0-9]{18}", text, re.ASCII)
    assert not is_clabe(CLABE.replace("0", "٠"))


@given(st.decimals(0, 5_000, places=2), st.decimals(0, 30, places=3), st.decimals(1, 31, places=1))
def test_a_monthly_fee_is_the_rate_of_the_wage_to_the_cent(wage: Decimal, rate: Decimal, days: Decimal) -> None:
    fee = monthly_fee(wage, rate, days)
    assert fee == fee.quantize(Decimal("0.01"))
    assert abs(fee - wage * days * rate / 100) <= Decimal("0.005")
    assert monthly_fee(wage + 1, rate, days) >= fee


amounts = st.integers(0, 50_000).map(Decimal)
table = st.dictionaries(st.integers(1, 110), amounts).map(lambda rows: [(0, Decimal(100)), *rows.items()])


@given(st.integers(0, 999), table)
def test_a_fee_by_age_is_that_of_the_last_birthday_listed(age: int, rows: list[tuple[int, Decimal]]) -> None:
    reached = [listed for listed, _fee in rows if listed <= age]
    assert fee_by_age(age, rows) == dict(rows)[max(reached)]
    assert fee_by_age(age, list(reversed(rows))) == fee_by_age(age, rows)


def test_each_month_is_paid_by_the_rate_of_its_year() -> None:
    """Reform DOF 2020-12-16: 13.347 % in 2025, 14.438 % in 2026, and more each January."""
    law = shipped()
    months = [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1), date(2027, 1, 1)]
    fees = monthly_fees(
        Decimal(1000),
        months,
        lambda month: law.number("modality-40-rate", month),
        lambda month: law.number("month-days", month),
    )
    assert fees == [
        MonthlyFee(2025, 2, Decimal("4057.49")),
        MonthlyFee(2026, 2, Decimal("4389.15")),
        MonthlyFee(2027, 1, Decimal("4720.51")),
    ]


@given(st.dictionaries(st.sampled_from("abcd"), st.sampled_from([True, False, 1, "yes", None])))
def test_points_are_for_a_yes_alone(answers: dict[str, Any]) -> None:
    points = {"a": 1, "b": 2, "c": 4}
    assert nursery_points(answers, points) == sum(points[name] for name in points if answers.get(name) is True)


@given(st.text(max_size=120))
def test_a_name_is_words_of_plain_letters(text: str) -> None:
    words = folded(text)
    assert all(re.fullmatch(r"[a-z0-9]{1,40}", word) for word in words)
    assert folded(" ".join(words)) == words
    assert folded(text.upper()) == folded(text.upper().lower())
    composed, apart = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert folded(composed) == folded(apart)


@given(st.text(max_size=120), st.none() | st.uuids().map(str))
def test_what_is_searched_holds_no_operator_but_ours(text: str, unit: str | None) -> None:
    lexeme = r"'(@[0-9a-f-]{36}|[a-z0-9]{1,40})'"
    assert re.fullmatch(rf"({lexeme}( {lexeme})*)?", vector(text, unit))
    words = folded(text)[:MAX_TYPED]
    if words:
        asked = query(words, None, *([unit] if unit else []))
        assert re.fullmatch(rf"{lexeme}(:\*)?( & {lexeme}(:\*)?)*", asked)
        assert asked.count(":*") == 1
        assert (unit is None) == ("@" not in asked)


@given(st.lists(st.text("abc", min_size=1), min_size=1, max_size=4), st.lists(st.uuids().map(str), max_size=3))
def test_an_unfinished_word_is_any_of_its_endings(words: list[str], units: list[str]) -> None:
    endings = [words[-1] + end for end in ("", "a", "ba")]
    parts = query(words, endings, *units).split(" & ")
    assert parts[: len(words) - 1] == [f"'{word}'" for word in words[:-1]]
    assert parts[len(words) - 1] == "(" + " | ".join(f"'{word}'" for word in endings) + ")"
    assert re.findall("@([0-9a-f-]+)", " ".join(parts[len(words) :])) == units


@given(st.lists(st.text("abcñáü", min_size=1, max_size=8), min_size=1, max_size=8))
def test_a_name_is_found_by_its_own_words(words: list[str]) -> None:
    stored = vector(" ".join(words), None).replace("'", "").split()
    asked = [word.removesuffix(":*").strip("'") for word in query(folded(" ".join(words)), None).split(" & ")]
    assert set(asked) == set(stored)


checks = st.lists(
    st.builds(
        Check,
        position=st.integers(0, 9),
        rule=st.just("a_rule"),
        outcome=st.sampled_from(["pass", "fail", "unknown"]),
        otherwise=st.sampled_from(["refuse", "review"]),
        finding=st.just("it"),
        values=st.just({}),
    ),
    max_size=6,
)
KINDS = {"instant": "weeks", "automatic": "clinic-change", "reviewed": "complaint"}


@given(st.sampled_from(sorted(KINDS)), checks)
def test_what_rules_conclude(kind: str, made: list[Check]) -> None:
    concluded = conclude(load_services()[KINDS[kind]], made)
    refused = any(one.outcome == "fail" and one.otherwise == "refuse" for one in made)
    assert (concluded == "refuse") >= refused
    if all(one.outcome == "pass" for one in made):
        assert concluded == ("refer" if kind == "reviewed" else "approve")
    elif not refused:
        assert concluded == ("refuse" if kind == "instant" else "refer")
    assert conclude(load_services()[KINDS[kind]], list(reversed(made))) == concluded
    assert (
        conclude(load_services()[KINDS[kind]], [*made, Check(0, "a_rule", "pass", "refuse", "pass", {})]) == concluded
    )


@given(st.dictionaries(st.sampled_from(["about", "story"]), st.text(max_size=5)))
def test_only_what_makes_it_another_thing_is_in_the_key(answers: dict[str, str]) -> None:
    key = duplicate_key(load_services()["complaint"], answers)
    about, story = (answers.get(name, "") for name in ("about", "story"))
    parts = [about, "", "", " ".join(story.casefold().split())]
    assert key == "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)
    assert duplicate_key(load_services()["complaint"], answers | {"unit_id": "x"}) != key
    assert duplicate_key(load_services()["pension"], answers) == ""


@given(st.text(alphabet="año ", min_size=500, max_size=1900))
def test_the_key_of_a_long_story_fits_into_an_index(story: str) -> None:
    key = duplicate_key(load_services()["complaint"], {"story": f"{story} fin"})
    assert len(key.encode()) < 900
    assert key == duplicate_key(load_services()["complaint"], {"story": f"  {story.upper()}   FIN "})
    assert key != duplicate_key(load_services()["complaint"], {"story": f"{story} fin."})


def test_answers_that_differ_never_make_the_same_key() -> None:
    """Even when they contain what separates them."""
    service = load_services()["complaint"].model_copy(update={"duplicates_by": ["unit_id", "story"]})
    pairs = [("a|b", "c"), ("a", "b|c"), ("a\\|b", "c"), ("a\\", "b|c"), ("a", "\\|b|c")]
    keys = {duplicate_key(service, {"unit_id": unit, "story": story}) for unit, story in pairs}
    assert len(keys) == len(pairs)
