"""What the public page may show of a name, how a document stands, and which letters it prints."""

import unicodedata
from datetime import date, timedelta
from pathlib import Path

import pytest
import typst._typst as library
from hypothesis import given
from hypothesis import strategies as st

from app.certificates.fonts import supported_code_points
from app.certificates.queries import parse_code
from app.certificates.rules import PARTICLES, certificate_status, holder_label, plain, unsupported_characters
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
    assert certificate_status(is_superseded=False, valid_until=valid_until, today=today) == expected
    assert certificate_status(is_superseded=True, valid_until=valid_until, today=today) == "superseded"


def test_without_a_last_day_it_never_expires() -> None:
    assert (
        certificate_status(is_superseded=False, valid_until=None, today=date(2026, 1, 1) + timedelta(days=36_500))
        == "valid"
    )


@given(st.text())
def test_what_is_printed_is_one_line_without_format_characters(text: str) -> None:
    printed = plain(text)
    assert printed == " ".join(printed.split())
    assert not any(unicodedata.category(letter) == "Cf" for letter in printed)


@given(st.text())
def test_a_letter_is_drawn_or_named(text: str) -> None:
    missing = unsupported_characters(text, supported_code_points())
    assert [letter for letter in dict.fromkeys(plain(text)) if ord(letter) not in supported_code_points()] == missing


def test_letters_of_names_stay_and_those_that_are_not_drawn_are_named() -> None:
    assert plain("  Ángela\nÑúñez  O'Brien-Łoś ") == "Ángela Ñúñez O'Brien-Łoś"
    assert plain("Jose\u0301") == "José"
    assert plain("Te\u00adresa Mo\u200bra \u200fRivas\u202e") == "Teresa Mora Rivas"
    for name in ("Tz\u02bcunun Ch\u02bcen", "Yu\ua78cu Ñu\ua78cu Ko\ua78co", "Nāhuatl Ākatl Ẍochitl", "Cœur ẞ"):
        assert unsupported_characters(name, supported_code_points()) == []
    assert unsupported_characters("A\x00C漢D😀漢\ufffd", supported_code_points()) == ["\x00", "漢", "😀", "\ufffd"]


def test_without_the_fonts_the_ranges_that_were_rendered_stand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known = supported_code_points()
    (tmp_path / "library").write_bytes(b"without fonts")
    monkeypatch.setattr(library, "__file__", str(tmp_path / "library"))
    supported_code_points.cache_clear()
    try:
        assert supported_code_points() < known
        assert unsupported_characters("Ángela Ñúñez", supported_code_points()) == []
    finally:
        supported_code_points.cache_clear()


@given(st.text(ids.ALPHABET, min_size=10, max_size=10))
def test_a_code_is_read_however_it_is_typed(code: str) -> None:
    assert parse_code(f" {code[:5].lower()}-{code[5:]} ") == code
    assert parse_code(code.replace("0", "o").replace("1", "l")) == code
