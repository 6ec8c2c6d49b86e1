"""The pages of the texts of messages: preview, save, two tabs, tests, versions; what was typed survives a refusal."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from app.kernel.actor import Role
from app.kernel.i18n import LANGUAGES
from app.notifications.templates.declarations import Part
from app.notifications.templates.defaults import templates
from tests.conftest import Database
from tests.web.browser import Browser, another_tab, count, signed_in_browser, twice
from tests.web.personnel import hire

PAGE = "/ventanilla/textos"
BOOKED = f"{PAGE}/appointment.booked"
VERSIONS = "SELECT count(*) FROM message_template_version"


def texts(**changed: str) -> dict[str, str]:
    """What the page's fields have, with some of them changed."""
    template = templates()["appointment.booked"]
    stored = {f"{part.value}_{code}": template.defaults[code].part(part) for code in LANGUAGES for part in Part}
    return stored | changed


@pytest.fixture
async def page(app: FastAPI, db: Database) -> AsyncIterator[Browser]:
    browser = await signed_in_browser(app, db, staff_id=await hire(db, "jefa", Role.ADMIN))
    yield browser
    await browser.client.aclose()


async def test_previewed_saved_and_restored(page: Browser, db: Database) -> None:
    await page.get("/ventanilla")
    assert "Textos de los mensajes" in page.text
    await page.get(PAGE)
    assert "Cita reservada" in page.text
    await page.get(BOOKED)
    typed = page.form(BOOKED, **texts(subject_es="Nos vemos el {dia}", body_es=f"{texts()['body_es']}\n<b>Ñ</b>"))
    seen = await page.client.post(f"{BOOKED}/vista-previa", data=typed)
    assert seen.status_code == 200
    assert "Nos vemos el miércoles 24 de noviembre" in seen.text
    assert "&lt;b&gt;Ñ&lt;/b&gt;" in seen.text
    assert "1 parte" in seen.text
    assert 'value="Nos vemos el {dia}"' in seen.text
    assert await count(db, VERSIONS) == 0
    answers = await twice(page, BOOKED, typed)
    assert [one.status_code for one in answers] == [303, 303]
    assert await count(db, VERSIONS) == 1
    await page.get(f"{BOOKED}/versiones")
    assert "Jefa Prueba" in page.text
    assert "Nos vemos el {dia}" in page.text
    assert (await page.send(f"{BOOKED}/restaurar")).status_code == 303
    await page.get(BOOKED)
    assert "Cita confirmada: {dia}, {hora}" in page.html
    assert await count(db, VERSIONS) == 2
    await page.get(answers[0].headers["location"])
    assert ("Cambió después de eso" in page.text, "Se guardó el texto" in page.text) == (True, False)


async def test_what_was_typed_survives_a_refusal(page: Browser, db: Database) -> None:
    await page.get(BOOKED)
    answer = await page.send(BOOKED, **texts(subject_es="Hola {apodo}", sms_en="{dia}"))
    assert answer.status_code == 422
    assert "{apodo} no es un dato de este mensaje" in page.text
    assert "Falta {hora}" in page.text
    assert 'value="Hola {apodo}"' in page.html
    preview = await page.send(f"{BOOKED}/vista-previa", via=BOOKED, **texts(subject_es="x" * 130))
    assert "Tiene 130 letras y caben 120" in preview.text
    assert await count(db, VERSIONS) == 0


async def test_two_tabs_change_one_text(page: Browser, db: Database) -> None:
    await page.get(BOOKED)
    other = another_tab(page)
    await other.get(BOOKED)
    assert (await page.send(BOOKED, **texts(subject_es="Primera {dia}"))).status_code == 303
    late = await other.send(BOOKED, **texts(subject_es="Segunda {dia}"))
    assert late.status_code == 409
    assert "Esto cambió mientras tenía abierta la página" in late.text
    assert 'value="Segunda {dia}"' in late.text
    assert await count(db, VERSIONS) == 1


async def test_a_test_keeps_what_was_typed(page: Browser, db: Database) -> None:
    await page.get(BOOKED)
    form = page.form(BOOKED, **texts(subject_es="Probando {dia}"), to="jefa@ejemplo.mx", test_language="es")
    answers = await twice(page, f"{BOOKED}/prueba", form)
    assert [one.status_code for one in answers] == [200, 200]
    assert "Se envió una prueba a jefa@ejemplo.mx" in answers[0].text
    assert 'value="Probando {dia}"' in answers[0].text
    assert await count(db, "SELECT count(*) FROM message") == 1
    await page.get(BOOKED)
    wrong = await page.send(f"{BOOKED}/prueba", via=BOOKED, **texts(), to="nadie", test_language="es")
    assert wrong.status_code == 422
    assert 'value="nadie"' in wrong.text


async def test_others_have_no_such_page(app: FastAPI, db: Database) -> None:
    other = await signed_in_browser(app, db, staff_id=await hire(db, "oficial", Role.OFFICER))
    assert (await other.get(BOOKED)).status_code == 403
    await other.get("/ventanilla")
    assert "Textos de los mensajes" not in other.text
