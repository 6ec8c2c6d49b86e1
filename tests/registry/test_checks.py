"""The checks over whole columns say the same as the reference of each identifier, value by value."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.mx import curp as stdnum_curp

from app.registry.identifiers import parse_curp
from app.registry.importers import checks
from tests.registry import files

SOME_CURP = st.integers(0, 999).map(files.curp)
SOME_NSS = st.integers(0, 9_999_999_999).map(files.nss)
LETTERS = st.sampled_from("ABCXHMÑ0123456789Z-ñ é")


@st.composite
def spoilt(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    """The value, perhaps with one character changed, dropped or added."""
    value = draw(values)
    place = draw(st.integers(0, len(value) - 1))
    return draw(
        st.sampled_from(
            [
                value,
                value[:place] + draw(LETTERS) + value[place + 1 :],
                value[:place] + value[place + 1 :],
                value[:place] + draw(LETTERS) + value[place:],
            ]
        )
    )


@st.composite
def with_right_digit(draw: st.DrawFn) -> str:
    """Any date, sex and state, with the digit that belongs to it: what is left to check is all but the digit."""
    year, month, day = draw(st.integers(0, 99)), draw(st.integers(0, 13)), draw(st.integers(0, 32))
    state = draw(st.sampled_from(["DF", "NE", "ZS", "XX", "MX", "AS"]))
    base = f"NUPA{year:02d}{month:02d}{day:02d}{draw(st.sampled_from('HMXA'))}{state}BXN{draw(st.sampled_from('0A9'))}"
    return base + stdnum_curp.calc_check_digit(base)


def really_a_curp(value: str) -> bool:
    """What is typed may have spaces, dashes and small letters; a file has the plain form."""
    try:
        return parse_curp(value) == value
    except ValueError:
        return False


@given(st.lists(spoilt(SOME_CURP) | with_right_digit(), min_size=1, max_size=30))
def test_curps(column: list[str]) -> None:
    found = [bool(right and born) for right, born in zip(checks.is_curp(column), checks.is_born(column), strict=True)]
    assert found == [really_a_curp(value) for value in column]


@given(st.lists(spoilt(SOME_NSS), min_size=1, max_size=30))
def test_social_security_numbers(column: list[str]) -> None:
    expected = [len(v) == 11 and v.isascii() and v.isdigit() and bool(luhn.is_valid(v)) for v in column]
    assert checks.is_nss(column).tolist() == expected


def is_a_date(text: str) -> bool:
    try:
        parsed = date.fromisoformat(text)
    except ValueError:
        return False
    return parsed.isoformat() == text and 1850 <= parsed.year <= 2200


DATES = st.dates(date(1849, 1, 1), date(2201, 12, 31)).map(date.isoformat)
NEAR_DATES = st.tuples(st.integers(1899, 2101), st.integers(0, 13), st.integers(0, 32)).map(
    lambda d: f"{d[0]:04d}-{d[1]:02d}-{d[2]:02d}"
)


@given(st.lists(spoilt(DATES) | NEAR_DATES, min_size=1, max_size=30))
def test_dates(column: list[str]) -> None:
    assert checks.is_date(column).tolist() == [is_a_date(value) for value in column]


def test_texts_have_nothing_unseen_and_an_end() -> None:
    column = ["Ñandú O'Higgins", "", "a\0b", "a\nb", "x" * 120, "x" * 121]
    assert checks.is_text(column).tolist() == [True, False, False, False, True, False]


def test_contacts() -> None:
    phones = ["5512345678", "+525512345678", "+12125550100", "551234567", "+1551234567890123", "55123456 8"]
    assert checks.is_phone(phones).tolist() == [True, True, True, False, False, False]
    mails = ["a@b.mx", "a@b", "a b@c.mx", "@b.mx", "a@b..mx", "a@" + "b" * 260 + ".mx", "a\t@b.mx", "a@b.m\x7f"]
    assert checks.is_email(mails).tolist() == [True] + [False] * 7
    assert checks.is_money(["439.98", "439.987", "-1", "", "4,3"]).tolist() == [True, False, False, False, False]


@given(st.lists(spoilt(st.integers(-9, 1200).map(str)), min_size=1, max_size=30))
def test_whole_numbers_between_two(column: list[str]) -> None:
    expected = [v.isascii() and v.isdigit() and len(v) <= 3 and 1 <= int(v) <= 364 for v in column]
    assert checks.within(1, 364)(column).tolist() == expected


def test_whole_numbers_are_written_with_plain_figures() -> None:
    column = ["0", "007", "٧", "²", "1e2", "+1", "1 ", "", "9" * 5000]
    assert checks.within(0, 364)(column).tolist() == [True, True] + [False] * 7


def test_codes_have_no_blank_and_no_unseen_character() -> None:
    column = ["A", "AB-1/2", "x" * 30, "x" * 31, "", " A", "A ", "A\u200b", "A\n", "Ñ1", "-A", "=A", "\u04101"]
    assert checks.is_code(column).tolist() == [True] * 3 + [False] * 10
