"""Sentences about fields are of one language."""

from datetime import date

import pytest
from pydantic import ValidationError

from app.kernel.i18n import use_language
from app.kernel.schemas import Incoming, message_of, require_words


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
        require_words(blank)
    assert require_words("5 de mayo") == "5 de mayo"


@pytest.mark.parametrize("year", [1850, 2026, 2199])
def test_other_years_are_taken(year: int) -> None:
    assert Body(on_date=date(year, 1, 1)).on_date == date(year, 1, 1)
