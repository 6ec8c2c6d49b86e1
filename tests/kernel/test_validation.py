"""Sentences about fields are of one language."""

from app.kernel.i18n import use_language
from app.kernel.schemas import message_of


def test_a_list_of_choices_brings_no_english_word() -> None:
    error = {"type": "literal_error", "ctx": {"expected": "'leave', 'maintenance' or 'emergency'"}}
    with use_language("es"):
        assert message_of(error) == "Elija una de estas opciones: 'leave', 'maintenance', 'emergency'."
    with use_language("en"):
        assert message_of(error).endswith("'leave', 'maintenance', 'emergency'.")
