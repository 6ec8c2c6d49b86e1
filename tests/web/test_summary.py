"""The lines of the error summary: which field each is about, said once."""

import pytest

from app.catalog.shelf import shelf
from app.kernel.i18n import gettext, use_language
from app.requests.rules import corrections, kinship, wording
from app.requests.rules.effect_answers import NOT_YET, UNIT_CLOSED
from app.web.forms import YEAR_IN_FULL
from app.web.summary import SMALL_WORDS, summary_line

MESSAGES = [
    wording.MISSING,
    wording.NO_SUCH_DATE,
    wording.CLABE_DIGITS,
    *wording.MISSING_BY_WIDGET.values(),
    *wording.FORMATS.values(),
    *wording.FIXED.values(),
    *wording.TYPES.values(),
    *(value for name, value in vars(corrections).items() if name.isupper() and isinstance(value, str) and " " in value),
    *(value for name, value in vars(kinship).items() if name.isupper() and isinstance(value, str) and " " in value),
    NOT_YET,
    UNIT_CLOSED,
    YEAR_IN_FULL,
    "A la fecha le falta: el año.",
    "El código postal tiene 5 números.",
    "Eligió un salario diario de $300.00; debe estar entre $315.04 y $2,932.75.",
]
FORMS = [
    pytest.param({name: view.label for name, view in service.form.fields.items()}, id=service.id)
    for service in shelf().values()
    if service.form.fields
]


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("views", FORMS)
def test_no_line_names_its_field_twice(views: dict[str, object], language: str) -> None:
    with use_language(language):
        labels = {name: str(label) for name, label in views.items()}
        for label in labels.values():
            for message in map(gettext, MESSAGES):
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
