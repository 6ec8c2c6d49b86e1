"""The first time on pages: what doesn't match, the way back to where one wanted to go, an account without a number."""

import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.identity.models import SignInCode
from app.identity.service.code_delivery import find_code_to_send
from app.kernel.actor import Assurance, Role
from app.registry.models import Person
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser

NSS, CURP = "12345678903", "NUPA900517MDFXXN07"


@pytest.fixture
def browser(app: FastAPI) -> Browser:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return Browser(
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers={"accept": "text/html"})
    )


async def known(scene: Scene) -> dict[str, str]:
    """What the registry knows of someone without an account, and a contact of theirs."""
    async with scene.db.transaction() as session:
        person = await actors.person(session, scene.unit)
        person.nss, person.postal_code = NSS, "06300"
    return {"curp": person.curp, "nss": NSS, "postal_code": "06300", "way": "email", "email": "ana@ejemplo.mx"}


async def code(scene: Scene) -> str:
    """The last code that was made."""
    async with scene.db.transaction() as session:
        last = await session.scalar(select(SignInCode.id).order_by(SignInCode.id.desc()).limit(1))
        assert last is not None
        found = await find_code_to_send(session, last)
    assert found is not None
    return found.code


async def low(app: FastAPI, scene: Scene, person: Person) -> Browser:
    return await signed_in_browser(app, scene.db, person_id=person.id, assurance=Assurance.LOW)


@pytest.mark.parametrize("wrong", [{"nss": "12345678911"}, {"postal_code": "99998"}, {"curp": CURP}])
async def test_what_does_not_match_is_said_and_what_was_typed_stays(
    browser: Browser, scene: Scene, wrong: dict[str, str]
) -> None:
    typed = await known(scene) | wrong
    await browser.get("/entrar/contacto")
    answer = await browser.send("/entrar/contacto", **typed)
    assert answer.status_code == 422
    assert "Uno de los tres datos no coincide" in browser.text
    assert "recepción de su clínica" in browser.text
    for name in ("curp", "nss", "postal_code", "email"):
        assert f'value="{typed[name]}"' in browser.html
    assert not re.search(r'id="(curp|nss|postal_code)-error"', browser.html), "it isn't said which"


@pytest.mark.parametrize("code", ["99999", "00000", "00100", "17000", "19999"])
@pytest.mark.parametrize("page", ["/entrar/contacto", "/entrar/sin-numero"])
async def test_what_is_no_postal_code_is_said_at_its_field(
    browser: Browser, scene: Scene, page: str, code: str
) -> None:
    """That there is none such is no news of the registry: it is said who's CURP is typed."""
    typed = await known(scene) | {"given_names": "Ana", "postal_code": code}
    for curp in (typed["curp"], CURP):
        await browser.get(page)
        answer = await browser.send(page, **typed | {"curp": curp})
        assert answer.status_code == 422
        assert re.search(r'id="postal_code-error"', browser.html)
        assert "Ningún código postal de México es así: revise sus 5 números." in browser.text
        assert "Uno de los tres datos" not in browser.text
    async with scene.db.transaction() as session:
        assert await session.scalar(select(SignInCode.id)) is None


@pytest.mark.parametrize(
    ("wanted", "landed"),
    [
        ("/tramites/complaint/quien", "/tramites/complaint/quien"),
        ("//otro.example/x", "/mi"),
        ("https://otro.example", "/mi"),
    ],
)
async def test_the_first_time_leads_to_where_one_wanted_to_go(
    browser: Browser, scene: Scene, wanted: str, landed: str
) -> None:
    typed = await known(scene)
    if landed == wanted:
        asked = await browser.get(wanted)
        assert asked.status_code == 303
        await browser.get(asked.headers["location"])
    else:
        await browser.get(f"/entrar?next={wanted}")
    (first,) = re.findall(r'href="(/entrar/contacto[^"]*)"', browser.html)
    await browser.get(first)
    # One mistake on the way keeps it too.
    await browser.send("/entrar/contacto", **typed | {"postal_code": "1"})
    # Nor does it lead anywhere else when the form is tampered with.
    sent = await browser.send("/entrar/contacto", **typed, **({} if landed == wanted else {"next": wanted}))
    assert sent.headers["location"] == "/entrar/codigo"
    await browser.get("/entrar/codigo")
    assert "Sus tres datos coinciden." in browser.text
    done = await browser.send("/entrar/codigo", code=await code(scene))
    assert done.headers["location"] == landed


async def test_who_is_signed_in_is_not_asked_what_is_known(app: FastAPI, scene: Scene) -> None:
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    for page in ("/entrar/contacto", "/citas/contacto", "/entrar/sin-numero"):
        assert (await browser.get(page)).headers["location"] == "/mi/contacto"
    assert (await browser.get("/entrar?next=/tramites/weeks")).headers["location"] == "/tramites/weeks"
    assert (await browser.get("/entrar?next=//otro.example")).headers["location"] == "/mi"


async def test_an_account_without_a_number(browser: Browser, scene: Scene) -> None:
    await browser.get("/entrar?next=/tramites/nss-assign/quien")
    (link,) = re.findall(r'href="(/entrar/sin-numero[^"]*)"', browser.html)
    await browser.get(link)
    typed: dict[str, Any] = {"curp": CURP, "postal_code": "06300", "way": "email", "email": "ana@ejemplo.mx"}
    await browser.send("/entrar/sin-numero", **typed, given_names="4na")
    assert "Use sólo letras" in browser.text
    assert "el código llega al correo o celular con que se abrió" in browser.text
    await browser.send("/entrar/sin-numero", **typed, given_names="Pedro", first_surname="Zzz")
    assert "El nombre y la CURP no concuerdan" in browser.text
    await browser.send("/entrar/sin-numero", **typed, given_names="Ana", first_surname="Núñez")
    await browser.get("/entrar/codigo")
    assert "Enviamos 6 números al correo o celular que escribió" in browser.text
    done = await browser.send("/entrar/codigo", code=await code(scene))
    assert done.headers["location"] == "/tramites/nss-assign/quien"
    await browser.get("/tramites/nss-assign/quien")
    begun = await browser.send("/tramites/nss-assign/quien")
    assert begun.status_code == 303
    async with scene.db.transaction() as session:
        person = await session.scalar(select(Person).where(Person.declared_at.is_not(None)))
    assert person is not None
    assert (person.full_name, person.curp, person.sex) == ("Ana Núñez", CURP, "M")
    # What the account can do, and that there is no clinic to give an appointment.
    await browser.get("/mi")
    assert "puede pedir su número de seguridad social y poner una queja" in browser.text
    assert "Todavía no tiene clínica" in browser.text
    assert "/citas/quien" not in browser.html
    draft = begun.headers["location"].split("/paso")[0]
    await browser.get(begun.headers["location"])
    await browser.send(begun.headers["location"], email="ana@ejemplo.mx")
    await browser.get(f"{draft}/revisar")
    assert "Por revisar" in browser.text
    assert "No cumple" not in browser.text
    for compared in ("Nombre que se va a comparar Ana Núñez", f"CURP que se va a comparar {CURP}"):
        assert compared in browser.text
    assert "Cambiar correo electrónico" in browser.text
    done = await browser.send(f"{draft}/revisar")
    await browser.get(done.headers["location"])
    assert f"CURP que se va a comparar {CURP}" in browser.text


async def test_a_number_is_not_shown_at_the_low_level(app: FastAPI, scene: Scene) -> None:
    browser = await low(app, scene, scene.ana)
    assert (await browser.get("/tramites/nss-find/quien")).headers["location"] == "/mi/numero"
    await browser.get("/mi/numero")
    await browser.send("/mi/numero")
    assert "Si tiene un número y su clínica tiene un correo" in browser.text
    assert scene.ana.nss is not None
    assert scene.ana.nss not in browser.html
    full = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    assert (await full.get("/tramites/nss-find/quien")).status_code == 200


async def test_the_desk_registers_who_is_not_in_the_registry(app: FastAPI, scene: Scene) -> None:
    rosa = await steps.hire(scene, Role.RECEPTIONIST)
    browser = await signed_in_browser(app, scene.db, staff_id=rosa.staff_id)
    await browser.get("/ventanilla/codigo")
    assert 'name="given_names"' not in browser.html
    await browser.send("/ventanilla/codigo", curp=CURP)
    assert "Esa CURP no está en el registro" in browser.text
    await browser.send("/ventanilla/codigo", curp=CURP, given_names="Ana", first_surname="Núñez")
    assert "Código para Ana Núñez" in browser.text
    assert re.search(r"\d{4} \d{4}", browser.text)
