"""The lines of the error summary: which field each is about, said once."""

import pytest

from app.catalog.definition import FieldView
from app.catalog.loader import load_services
from app.kernel.i18n import gettext, use_language
from app.requests.rules import corrections, forms, kinship
from app.requests.rules.checks import NOT_YET, UNIT_CLOSED
from app.web.forms import SMALL_WORDS, YEAR_IN_FULL, summary_line

MESSAGES = [
    forms.MISSING,
    forms.NO_SUCH_DATE,
    forms.CLABE_DIGITS,
    *forms.FORMAT_MESSAGES.values(),
    *forms.FIXED.values(),
    *forms.TYPES.values(),
    NOT_YET,
    UNIT_CLOSED,
    YEAR_IN_FULL,
    "A la fecha le falta: el año.",
    "El código postal tiene 5 números.",
    "Eligió un salario diario de $300.00; debe estar entre $315.04 y $2,932.75.",
]
OWN = {
    service: [value for name, value in vars(rules).items() if name.isupper() and isinstance(value, str)]
    for service, rules in {"data-correct": corrections, "dependant-add": kinship}.items()
}
"""What the rules of one service say."""
FORMS = [
    pytest.param(service.form.fields, OWN.get(service.id, []), id=service.id)
    for service in load_services().values()
    if service.form.fields
]


def are_asked_together(one: FieldView, other: FieldView) -> bool:
    shared = one.show_when.keys() & other.show_when.keys()
    return all(set(one.show_when[name]) & set(other.show_when[name]) for name in shared)


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize(("views", "own_messages"), FORMS)
def test_no_line_names_its_field_twice(views: dict[str, FieldView], own_messages: list[str], language: str) -> None:
    with use_language(language):
        for name, view in views.items():
            labels = {other: str(one.label) for other, one in views.items() if are_asked_together(view, one)}
            label = labels[name]
            missing = forms.MISSING_BY_WIDGET.get(view.widget, forms.MISSING)
            for message in map(gettext, [*MESSAGES, *own_messages, missing]):
                line = summary_line(message, label, labels)
                own = line.removesuffix(message)
                assert line in {message, f"{label}: {message}", f"{label} {message}"}
                first = label.split()[0].casefold().strip("¿?")
                says_it = first in message.casefold().split() and first not in SMALL_WORDS
                assert not own or len(first) < 3 or not says_it, line


def test_what_is_missing_is_always_named() -> None:
    labels = {"curp": "CURP de esa persona", "day": "¿Desde qué fecha?"}
    assert summary_line("Falta este dato: son 18 letras y números.", labels["curp"], labels) == (
        "CURP de esa persona: Falta este dato: son 18 letras y números."
    )
    missing = "Falta este dato: escriba el día, el mes y el año."
    assert summary_line(missing, labels["day"], labels) == f"¿Desde qué fecha? {missing}"


@pytest.mark.parametrize(
    ("message", "label", "line"),
    [
        ("Esa fecha no existe; revise día, mes y año.", "Fecha de nacimiento", None),
        ("El código postal tiene 5 números.", "Código postal", None),
        ("Hay un error en la CLABE.", "CLABE de su cuenta de banco", None),
        ("Son 5 números, sin letras.", "Código postal", "Código postal: Son 5 números, sin letras."),
        ("Use sólo letras.", "¿Cómo se llama?", "¿Cómo se llama? Use sólo letras."),
        ("Use sólo letras.", "", None),
    ],
)
def test_a_line(message: str, label: str, line: str | None) -> None:
    assert summary_line(message, label, {"field": label}) == (line or message)


def test_a_word_that_two_labels_share_names_neither() -> None:
    labels = {"first": "Primer apellido", "second": "Segundo apellido"}
    said = "Escribió ese apellido y también eligió quitarlo."
    assert summary_line(said, labels["first"], labels) == f"Primer apellido: {said}"
