"""CURP and NSS as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.mx import curp as stdnum_curp

from app.registry.identifiers import birth_date_of, parse_curp, parse_nss, parse_postal_code
from tests.registry import files


@given(st.integers(0, 999), st.lists(st.tuples(st.integers(0, 17), st.sampled_from(" -.")), max_size=6))
def test_what_people_add_for_reading_is_removed(number: int, added: list[tuple[int, str]]) -> None:
    typed = curp = files.curp(number)
    for place, character in added:
        typed = typed[:place] + character + typed[place:]
    assert parse_curp(typed.lower()) == curp


@given(st.integers(0, 999), st.integers(0, 17), st.sampled_from("ABCDEFGHIJKLMNÑOPQRSTUVWXYZ0123456789"))
def test_no_single_wrong_character_passes_unless_the_reference_lets_it(number: int, place: int, other: str) -> None:
    curp = files.curp(number)
    wrong = curp[:place] + other + curp[place + 1 :]
    if stdnum_curp.is_valid(wrong) and stdnum_curp.get_birth_date(wrong) <= date(2026, 1, 1):
        assert parse_curp(wrong) == wrong
    elif other != "X":
        with pytest.raises(ValueError, match=r"\w"):
            parse_curp(wrong)


@pytest.mark.parametrize("letter", ["\u2013", "\u2011", "\u00a0", "\u200b", "\u202e", "\ufeff", "\u2009", "\u2212"])
def test_what_pasting_brings_is_removed(letter: str) -> None:
    curp, nss = files.curp(7), files.nss(7)
    for place in (0, 4, 10, len(nss)):
        assert parse_curp(curp[:place] + letter + curp[place:]) == curp
        assert parse_nss(nss[:place] + letter * 2 + nss[place:]) == nss
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in nss)
    assert parse_nss(wide) == nss


def test_a_birth_in_the_future_asks_for_the_letter_o() -> None:
    with pytest.raises(ValueError, match="letra O donde va un cero"):
        parse_curp("XOLE880312MDFPRLO8")


def test_sex_x_and_old_beginnings_are_taken() -> None:
    for base in ("NUPA900517XDFXXN0", "PEDA900517MDFXXN0"):
        curp = base + stdnum_curp.calc_check_digit(base)
        assert parse_curp(curp) == curp
        assert birth_date_of(curp).isoformat() == "1990-05-17"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("NUPA900517", "18 letras y números"),
        ("9UPA900517MDFXXN07", "empieza con 4 letras"),
        ("NUPA900231MDFXXN07", "La fecha o el estado"),
        ("NUPA900517MXXXXN07", "La fecha o el estado"),
        ("NUPA900517ADFXXN07", r"\w"),
        ("", "18 letras y números"),
    ],
)
def test_what_is_wrong_is_said(typed: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_curp(typed)
    right = files.curp(7)
    with pytest.raises(ValueError, match="error de escritura"):
        parse_curp(right[:-1] + str((int(right[-1]) + 1) % 10))


@given(st.integers(0, 9_999_999_999), st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_of_a_social_security_number_never_passes(number: int, place: int, more: int) -> None:
    nss = files.nss(number)
    assert parse_nss(f" {nss[:5]}-{nss[5:]} ") == nss
    with pytest.raises(ValueError, match="error de escritura"):
        parse_nss(nss[:place] + str((int(nss[place]) + more) % 10) + nss[place + 1 :])


@pytest.mark.parametrize("typed", ["", "1234567890", "123456789012", "abcdefghijk", "٠١٢٣٤٥٦٧٨٩٠"])
def test_another_length_is_said(typed: str) -> None:
    with pytest.raises(ValueError, match="11 números"):
        parse_nss(typed)


@pytest.mark.parametrize("code", ["01000", "06700", "16999", "20000", "99998", " 06 700 "])
def test_a_postal_code_there_can_be(code: str) -> None:
    assert parse_postal_code(code) == code.replace(" ", "")


@pytest.mark.parametrize("code", ["99999", "00999", "17000", "19999", "0670", "067000", "0670a", "٠٦٧٠٠"])
def test_what_is_no_postal_code(code: str) -> None:
    with pytest.raises(ValueError, match="código postal"):
        parse_postal_code(code)
