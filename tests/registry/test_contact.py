"""Contacts as people paste them, and what is no contact."""

import pytest

from app.registry.contact import normal_email, normal_phone


def test_what_pasting_leaves_around_a_contact_is_left_out() -> None:
    assert normal_email("\u200b ana@ejemplo.mx\ufeff\r\n") == "ana@ejemplo.mx"
    assert normal_phone("\u2066 55 1234 5678\u2069\n") == "+525512345678"


@pytest.mark.parametrize(("read", "typed"), [(normal_email, "ana@ejemplo.mx"), (normal_phone, "5512345678")])
def test_a_null_character_is_refused_wherever_it_is(read: object, typed: str) -> None:
    assert callable(read)
    for with_nul in (f"{typed}\0", f"\0{typed}", f"{typed[:3]}\0{typed[3:]}", f"{typed} \0"):
        with pytest.raises(ValueError, match="no se ven"):
            read(with_nul)
