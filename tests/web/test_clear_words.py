"""What pages say, and what they take: the names of months, the privacy notice, focus on what is wrong, one's family."""

from datetime import date

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.i18n import format_long_day, use_language
from app.kernel.parsing import date_of, month_of
from app.notifications.composers.codes import CodeText, about_code
from app.registry.models import Dependant
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.requests.history import relative
from tests.web.browser import signed_in_browser


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from(["es", "en"]))
def test_a_month_may_be_written_as_the_portal_writes_it(day: date, language: str) -> None:
    with use_language(language):
        words = format_long_day(day).replace(",", "").split()
    name = next(word for word in words if word.isalpha() and word != "de")
    for written in (name, name.upper(), name[:3], f" {name[:3]}. "):
        assert date_of(str(day.year), written, str(day.day)) == day
    assert month_of(str(day.month)) == day.month


@pytest.mark.parametrize("wrong", ["", "mayonesa", "m", "13", "0", "mayo 5", "²"])
def test_what_is_no_month_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        date_of("1990", wrong, "5")


async def test_a_page_takes_the_name_of_a_month_and_says_what_is_asked(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    browser = await signed_in_browser(app, scene.db)
    await browser.get("/folio")
    for part in ("day", "month", "year"):
        assert f'autocomplete="bday-{part}"' in browser.html
    typed = {"birth-day": "17", "birth-month": "Mayo", "birth-year": "1990"}
    assert (await browser.send("/folio", folio=folio, **typed)).status_code == 303
    await browser.get("/folio")
    await browser.send("/folio", folio=folio, **typed | {"birth-month": "mallo"})
    assert "Esa fecha no existe" in browser.text
    summary = browser.html[browser.html.index("govuk-error-summary") :]
    assert "autofocus" in summary[: summary.index(">")]


async def test_the_privacy_notice_says_who_for_what_how_long_and_which_rights(app: FastAPI, scene: Scene) -> None:
    browser = await signed_in_browser(app, scene.db)
    await browser.get("/privacidad")
    rights = ("Acceso:", "/tramites/data-correct", "Cancelación:", "Oposición", "20 días hábiles")
    for said in ("El responsable es", *rights):
        assert said in browser.html
    assert "galleta" not in browser.text
    assert "sólo para darle citas" not in browser.text


async def test_everyone_who_is_covered_is_listed_as_family(app: FastAPI, scene: Scene) -> None:
    """Also a spouse, for whom the holder doesn't act; not who isn't covered any more."""
    await relative(scene, date(1991, 1, 1), of=scene.citizen, kinship="civil-union")
    await relative(scene, steps.ago(400), of=scene.citizen)
    await relative(scene, steps.ago(17 * 366), of=scene.citizen)
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await browser.get("/mi")
    listed = browser.text[browser.text.index("Mi familia") :]
    assert "(pareja por unión civil)" in listed
    assert listed.count("(hija o hijo, con derecho hasta el") == 1
    assert "Cerrar sesión" in browser.html
    async with scene.db.transaction() as session:
        assert len((await session.scalars(Dependant.__table__.select())).all()) == 3


@pytest.mark.parametrize(("hour", "said"), [(19, "hasta la 1:57 p.m."), (20, "hasta las 2:57 p.m.")])
def test_the_time_of_a_code_has_its_article(hour: int, said: str) -> None:
    until = steps.noon(date(2026, 11, 27)).replace(hour=hour, minute=57)
    code = CodeText("123456", None, "An•••", until, "America/Mexico_City")
    with use_language("es"):
        assert f"Es válido {said}" in about_code(code, channel="email").body
