"""Every text for people exists in both languages, with the same placeholders."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from babel.messages.pofile import read_po

from app.kernel.i18n import LOCALE_FOLDER, catalogue, format_hour
from app.kernel.problems import all_problems
from app.law.definitions import shipped
from app.savings.service.csv_io import seed_parameters
from tests.house.source import APP, content, files, nodes

MARKS = {"_", "N_", "gettext"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
PLURAL_TEXT = re.compile(r"""\bngettext\(\s*"(.+?)",\s*"(.+?)",""")
TEMPLATE_TEXT = re.compile(r"""\b_\(\s*(["'])(.+?)\1\s*\)""", re.DOTALL)


def texts_in_code() -> Iterator[str]:
    for path in files(APP):
        for node in nodes(path):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in MARKS and node.args and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)


def texts_in_templates() -> Iterator[str]:
    for path in files(APP, "templates/**/*"):
        for _quote, written in TEMPLATE_TEXT.findall(content(path)):
            yield written


def test_every_text_has_its_english() -> None:
    english = catalogue("en")
    texts = {*texts_in_code(), *texts_in_templates()} - {""}
    assert sorted(text for text in texts if english.gettext(text) == text and not same_in_both(text)) == []


def english_of_each() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in sorted((LOCALE_FOLDER / "en").glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale="en"):
                found.setdefault(str(message.id), set()).add(str(message.string))
    return found


def test_english_writes_hours_as_the_pages_do() -> None:
    assert format_hour(datetime(2026, 1, 1, 8, tzinfo=UTC), "UTC").endswith("a.m.")
    written = {text for each in english_of_each().values() for text in each}
    assert sorted(text for text in written if re.search(r"[0-9] ?[ap]\.?m\b", text)) == [], "8:00 AM"


def test_a_text_has_one_english() -> None:
    """Catalogues are read as one: of two translations of a text, every page shows that of the last file."""
    found = english_of_each()
    assert {text: english for text, english in found.items() if text and len(english) > 1} == {}


def test_every_source_of_a_figure_has_its_english() -> None:
    english = catalogue("en")
    sources = {figure.source for figure in seed_parameters()} | {figure.source for figure in shipped().figures}
    assert sorted(source for source in sources if english.gettext(source) == source) == []


def same_in_both(text: str) -> bool:
    """Names and marks that no language changes are written to the catalogue all the same, so none are exempt."""
    return text in english_equal()


def english_equal() -> set[str]:
    known: dict[str, str] = catalogue("en")._catalog  # type: ignore[attr-defined] # no public listing exists
    return {key for key, text in known.items() if key == text}


def plurals() -> set[tuple[str, str]]:
    """Every text with a singular and a plural, of templates and of code."""
    templates = files(APP, "templates/**/*.html")
    found = {pair for path in templates for pair in PLURAL_TEXT.findall(content(path))}
    for path in files(APP):
        for node in nodes(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ngettext":
                one, many = node.args[:2]
                if isinstance(one, ast.Constant) and isinstance(many, ast.Constant):
                    found.add((str(one.value), str(many.value)))
    return found


def test_every_plural_has_its_english() -> None:
    english = catalogue("en")
    pairs = plurals()
    assert pairs
    assert [pair for pair in pairs for n in (1, 2) if english.ngettext(pair[0], pair[1], n) in pair] == []


# A count beside a noun in the plural: "%(count)s solicitudes", and its verb: "%(count)s esperan".
COUNTED = re.compile(r"%\((count|n|cases|total|days|weeks|hours|target|spent|number|shown|answer|visit|waiting|free)\)s"
                     r" (?:[a-záéíóúñ]+s|[a-záéíóúñ]+[ae]n)\b")  # fmt: skip
# The number is above one wherever these are shown: a term or a limit of the agency's or the law's, or a part of more.
NEVER_ONE = {
    (
        "Si ese trabajo termina, la atención médica se conserva %(weeks)s semanas más para quien cotizó al menos"
        " %(needed)s semanas seguidas (Ley del Seguro Social, artículo 109)."
    ),
    (
        "Cada cifra va de su 5 %% a su 95 %% y las demás se quedan en medio: el círculo es el extremo bajo y el rombo"
        " el alto. Marca negra: %(hours)s horas, con todas en medio."
    ),
    (
        "Ya se usaron %(spent)s de los %(target)s días hábiles del plazo, y la ley pide avisar en su primer tercio (Ley"
        " Federal de Procedimiento Administrativo, art. 17-A): si no contesta, desechar la solicitud puede no ser"
        " válido."
    ),
    "El plazo era de %(days)s días hábiles desde que surtió efectos la notificación.",
    "Hasta %(count)s letras.",
    "La gráfica muestra las %(count)s que más pesan.",
    (
        "Puede escribirnos sobre esta solicitud; una persona le contesta en unos %(days)s días hábiles. Un mensaje no"
        " cambia lo que se decidió:"
    ),
    "Se muestran %(shown)s de %(total)s solicitudes",
    "Se puede hasta %(hours)s horas antes.",
    "Se puede reservar con hasta %(days)s días de anticipación: ahora, hasta el %(last_day)s.",
    "Sirve una sola vez, durante %(hours)s horas. Mientras tanto no puede entrar.",
}


def test_what_is_counted_has_a_singular() -> None:
    """A text with a count before its noun goes through ngettext: «1 solicitudes» is wrong in both languages."""
    counted = {text for text in {*texts_in_code(), *texts_in_templates()} if COUNTED.search(text)}
    assert sorted(counted - NEVER_ONE) == []


def test_the_start_of_a_sentence_keeps_the_capitals_of_the_rest() -> None:
    """The filter `capitalize` writes «Saturday, november 28»; ours is `upper_first`."""
    templates = files(APP, "templates/**/*.html")
    assert [path.name for path in templates if re.search(r"\|\s*capitalize\b", content(path))] == []


def test_placeholders_survive_translation() -> None:
    known: dict[str, str] = catalogue("en")._catalog  # type: ignore[attr-defined]
    wrong = [
        key
        for key, text in known.items()
        if isinstance(key, str) and set(PLACEHOLDER.findall(key)) != set(PLACEHOLDER.findall(text))
    ]
    assert wrong == []


@pytest.mark.parametrize("problem", all_problems(), ids=lambda problem: problem.slug)
def test_every_problem_is_documented(problem: type) -> None:
    assert problem.__doc__
    assert getattr(problem, "title", "")
