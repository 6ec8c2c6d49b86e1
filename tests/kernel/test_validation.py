"""Sentences about fields are of one language."""

from datetime import date

import pytest
from pydantic import ValidationError

from app.kernel.i18n import use_language
from app.kernel.parsing import one_line
from app.kernel.schemas import Incoming, message_of


def test_a_list_of_choices_brings_no_english_word() -> None:
    error = {"type": "literal_error", "ctx": {"expected": "'leave', 'maintenance' or 'emergency'"}}
    with use_language("es"):
        assert message_of(error) == "Elija una de estas opciones: 'leave', 'maintenance', 'emergency'."
    with use_language("en"):
        assert message_of(error).endswith("'leave', 'maintenance', 'emergency'.")


class Body(Incoming):
    """A body with a day."""

    on_date: date | None = None


@pytest.mark.parametrize("year", [1, 1849, 2200, 9999])
def test_a_year_that_no_one_lives_in_is_refused(year: int) -> None:
    with pytest.raises(ValidationError) as refused:
        Body(on_date=date(year, 12, 31))
    with use_language("en"):
        assert message_of(dict(refused.value.errors()[0])) == "Check the year of the date."


@pytest.mark.parametrize("number", [0, 1801872000, 1.5, "0", "1801872000", "-1", "20261124"])
def test_a_number_is_no_date(number: object) -> None:
    with pytest.raises(ValidationError):
        Body.model_validate({"on_date": number})


@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "\u200b", "\u2060", "\u00ad", "\u3164", "\u2800", "…"])
def test_a_name_says_something(blank: str) -> None:
    with pytest.raises(ValueError, match="al menos una letra"):
        one_line(blank)
    assert one_line("5 de mayo") == "5 de mayo"


@pytest.mark.parametrize(
    "hidden", ["\u200b", "\u202e", "\u2066", "\u00ad", "\u3164", "\u115f", "\ufe0f", "\u034f", "\x07", "\ufeff", "\x00"]
)
def test_two_lines_that_look_the_same_are_the_same(hidden: str) -> None:
    assert one_line(f"a{hidden}b {hidden} {hidden}c") == "ab c"


@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u2028", "  \n "])
def test_a_line_is_one(blank: str) -> None:
    assert one_line(f"{blank}Entrada{blank}norte{blank}") == "Entrada norte"


@pytest.mark.parametrize("line", ["Peña Núñez", "Entrada 2", "O'Brien-Díaz (2.º piso)", "李", "Ñ"])
def test_a_line_that_can_be_read_stays(line: str) -> None:
    assert one_line(line) == line


@pytest.mark.parametrize("year", [1850, 2026, 2199])
def test_other_years_are_taken(year: int) -> None:
    assert Body(on_date=date(year, 1, 1)).on_date == date(year, 1, 1)
