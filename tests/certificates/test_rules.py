"""What the public page may show of a name, how a document stands, and which letters it prints."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.certificates.queries import parse_code
from app.certificates.rules import PARTICLES, UNPRINTABLE, holder_label, plain, standing
from app.kernel import ids

NAMES = st.text("abcdefgñáé", min_size=2, max_size=8).filter(lambda name: name not in PARTICLES)
WORDS = st.lists(NAMES.map(str.title), min_size=1, max_size=3)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@pytest.mark.parametrize(
    ("given_names", "surnames", "label"),
    [
        ("Ana", "Núñez Peña", "Ana N. P."),
        ("ANA MARÍA", "NÚÑEZ", "ANA MARÍA N."),
        ("Juan", "de la Cruz y Ortega", "Juan C. O."),
        ("José", "Ñandú", "José Ñ."),
    ],
)
def test_surnames_are_initials(given_names: str, surnames: str, label: str) -> None:
    assert holder_label(f"{given_names} {surnames}", given_names) == label


def test_a_name_the_registry_no_longer_has_shows_its_first_word_only() -> None:
    assert holder_label("Ana María Núñez Peña", "Mariana") == "Ana M. N. P."
    assert holder_label("Ana María", "Ana María") == "Ana M."


@given(WORDS, WORDS)
def test_no_surname_is_ever_shown(given_names: list[str], surnames: list[str]) -> None:
    label = holder_label(" ".join([*given_names, *surnames]), " ".join(given_names))
    assert label.startswith(" ".join(given_names))
    assert label.removeprefix(" ".join(given_names)).split() == [f"{surname[0]}." for surname in surnames]


@given(DAYS, DAYS)
def test_the_last_day_still_counts(valid_until: date, today: date) -> None:
    expected = "valid" if today <= valid_until else "expired"
    assert standing(is_superseded=False, valid_until=valid_until, today=today) == expected
    assert standing(is_superseded=True, valid_until=valid_until, today=today) == "superseded"


def test_without_a_last_day_it_never_expires() -> None:
    assert standing(is_superseded=False, valid_until=None, today=date(2026, 1, 1) + timedelta(days=36_500)) == "valid"


@given(st.text())
def test_what_is_printed_is_one_line_of_letters_we_have(text: str) -> None:
    printed = plain(text)
    assert printed == " ".join(printed.split()) == plain(printed)
    assert all(letter == UNPRINTABLE or letter.isprintable() for letter in printed)


def test_letters_of_names_stay_and_others_are_marked() -> None:
    assert plain("  Ángela\nÑúñez  O'Brien-Łoś ") == "Ángela Ñúñez O'Brien-Łoś"
    assert plain("Jose\u0301") == "José"
    assert plain("A\u202eB\x00C漢D😀") == "A�B�C�D�"


@given(st.text(ids.ALPHABET, min_size=10, max_size=10))
def test_a_code_is_read_however_it_is_typed(code: str) -> None:
    assert parse_code(f" {code[:5].lower()}-{code[5:]} ") == code
    assert parse_code(code.replace("0", "o").replace("1", "l")) == code
