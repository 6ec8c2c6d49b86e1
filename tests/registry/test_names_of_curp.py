"""Whether a CURP can be of someone of a name: refused only where it is sure."""

import pytest

from app.registry.names import may_have_curp


@pytest.mark.parametrize(
    ("curp", "given_names", "first_surname"),
    [
        ("NUPA", "Ana", "Núñez"),
        ("NUPA", "María Ana", "Núñez"),
        ("NUPM", "María", "Núñez"),
        ("NUPG", "Ma. Guadalupe", "Núñez"),
        ("XAPA", "Ana", "Ñáñez"),
        ("CUPA", "Ana", "de la Cruz"),
        ("AEPA", "Ana", "D'Alessandro"),
        ("PXDJ", "Juan", "Pérez"),
        ("ÁUPA".replace("Á", "A"), "ángel", "álvarez"),
        ("NUPA", "", ""),
        ("NUPA", "Анна", "Нуньес"),
    ],
)
def test_exceptions_and_what_no_one_knows_agree(curp: str, given_names: str, first_surname: str) -> None:
    assert may_have_curp(curp, given_names, first_surname)


@pytest.mark.parametrize(("given_names", "first_surname"), [("Pedro", "Zzz"), ("Pedro", "Pérez"), ("Juan", "Zzz")])
def test_other_letters_are_of_another_person(given_names: str, first_surname: str) -> None:
    assert not may_have_curp("PELJ", given_names, first_surname)
