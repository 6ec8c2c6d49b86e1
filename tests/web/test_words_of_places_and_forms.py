"""A place has one name everywhere; and a page promises what was typed only where it shows it."""

import re

import pytest

from app.appointments.labels import place_name, place_of
from app.kernel.i18n import use_language
from app.web.form_problems import AlreadySent, PageChanged
from app.web.typed_work import shows_typed
from tests.house.source import APP, content, files

OWN_DOCTOR = {"citizen/time.html", "citizen/unit.html", "citizen/wait_parts.html"}
"""Where the room is that of the person's own doctor, a consulting room."""


@pytest.mark.parametrize(
    ("kind", "service", "name", "english"),
    [
        ("window", "window", "Ventanilla 301", "Window 301"),
        ("preventive", "preventive", "Módulo 301", "Module 301"),
        ("consulting", "family-medicine", "Consultorio 301", "Room 301"),
        ("specialist", "specialist-cardiology", "Consultorio 301", "Room 301"),
    ],
)
def test_a_place_has_one_name_by_its_kind_and_by_what_is_attended_there(
    kind: str, service: str, name: str, english: str
) -> None:
    assert place_name(kind, 301) == place_of(service, 301) == name
    with use_language("en"):
        assert place_name(kind, 301) == place_of(service, 301)
        assert place_name(kind, 301) == english


def test_no_page_names_a_place_by_itself() -> None:
    names = re.compile(r"(onsultorio|entanilla|lugar) %\((room|number|counter)\)s")
    found = [path for path in files(APP, "templates/**/*") if names.search(content(path))]
    assert [str(path) for path in found if not str(path).endswith(tuple(OWN_DOCTOR))] == []


@pytest.mark.parametrize(
    ("page", "is_shown"),
    [
        ('<form method="post"><input type="hidden" name="unidad" value="7"><button>Acepta</button></form>', False),
        ('<form method="get"><input name="unidad" value="7"></form>', False),
        ('<form method="post"><input name="unidad" value=""></form>', False),
        ('<form method="post"><input name="unidad" value="7"></form>', True),
        ('<form method="post"><textarea name="unidad">\n7</textarea></form>', True),
        ('<form method="post"><textarea name="unidad"></textarea></form><p>7</p>', False),
        ('<form method="post"><input type="radio" name="unidad" value="7"></form>', False),
        ('<form method="post"><input type="radio" name="unidad" value="7" checked></form>', True),
        ('<form method="post"><select name="unidad"><option value="7" selected>7</option></select></form>', True),
        ('<form method="post"><select name="unidad"><option value="">-</option></select></form>', False),
        ('<form method="post"><input name="another" value="7"></form>', False),
    ],
)
def test_what_a_page_shows_of_what_was_typed(page: str, is_shown: bool) -> None:
    assert shows_typed(page, {"unidad"}) is is_shown
    assert not shows_typed(page, set())


@pytest.mark.parametrize("problem", [PageChanged, AlreadySent])
def test_where_nothing_was_typed_nothing_is_promised(problem: type[PageChanged | AlreadySent]) -> None:
    assert "escribió" in problem().text()
    for is_page_shown in (True, False):
        said = problem().bare(is_page_shown=is_page_shown)
        assert "escribió" not in f"{said.text()} {said.advice()}"
        assert "no se hizo nada" in said.text().lower()
        assert said.advice()
