"""Pages at the low level of assurance show nothing of the registry; a contact changes with proof of the old one."""

import re
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.identity.models import Account
from app.identity.service.codes import issue_desk_code
from app.identity.service.sessions import start_session
from app.kernel import clock
from app.kernel.actor import Assurance, Role
from app.registry.models import Person
from tests.appointments import factories as places
from tests.house.routes import LOW, declared
from tests.identity.sign_in import sent
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser

NAMES = {"given_names": "Xochiquetzal", "first_surname": "Zempoalteca", "second_surname": "Tzintzun"}
CHILD = "Tlacaelel"


async def low(app: FastAPI, scene: Scene, *, email: str | None = "nueva@ejemplo.mx") -> Browser:
    """Ana as someone with her payslip: an account at the low level, opened today."""
    async with scene.db.transaction() as session:
        ana = await session.get_one(Person, scene.ana.id)
        for name, value in NAMES.items():
            setattr(ana, name, value)
        child = await places.person(session, scene.unit, birth_on=date(2018, 3, 4))
        child.given_names = CHILD
        await places.depend(session, ana, child)
        account = Account(person_id=ana.id, curp=ana.curp, email=email, language="es", created_at=clock.now())
        session.add(account)
    browser = await signed_in_browser(app, scene.db)
    async with scene.db.transaction() as session:
        _row, token = await start_session(session, person_id=scene.ana.id, signed_in_by="code")
    browser.client.cookies.set("ventanilla", token)
    return browser


async def one(scene: Scene, question: str) -> Any:
    async with scene.db.transaction() as session:
        return (await session.execute(text(question))).one()


async def test_no_page_of_the_low_level_shows_what_the_registry_holds(app: FastAPI, scene: Scene) -> None:
    browser = await low(app, scene)
    async with scene.db.transaction() as session:
        await places.seats(session, scene.unit)
        ana = await session.get_one(Person, scene.ana.id)
        booked = await places.booked(session, ana, places.place(scene.unit, places.tomorrow()))
    await browser.get("/tramites/complaint/quien")
    begun = await browser.send("/tramites/complaint/quien")
    folio = begun.headers["location"].split("/")[2]
    filled = {"{folio:folio}": folio, "{service_id}": "complaint", "{number}": "1", "{folio}": booked.folio}
    await browser.get("/citas/quien")  # no one else to choose: on to what for
    seen = 0
    for route in sorted(declared(LOW)):
        method, path = route.split(" ")
        if (
            method != "GET"
            or path.startswith(("/api", "/fhir", "/open311"))
            or "{document_id}" in path
            or path.endswith("/eventos")
        ):
            continue  # a stream says a version, and ends with its reader
        for blank, value in filled.items():
            path = path.replace(blank, value)
        answer = await browser.get(path)
        # The one document at this level is of who declared who they are: it is refused to Ana, as said below.
        assert answer.status_code in ({403} if path.endswith("/constancia") else {200, 303, 404, 409, 422}), path
        for secret in (*NAMES.values(), CHILD, "17/05/1990", "17 de mayo de 1990"):
            assert secret not in answer.text, (path, secret)
        seen += answer.status_code == 200
    assert seen > 13
    for path in ("/mi/datos.json", "/mi/permisos", f"/tramites/{folio}/constancia", "/tramites/weeks/quien"):
        refused = await browser.client.get(path, headers={"Accept": "text/html"})
        assert refused.status_code == 403, path
        assert f"/mi/confirmar?next={path}" in refused.text
        assert "código de recepción" in refused.text
    assert "Cómo se confirma quién es" in (await browser.get("/tramites/weeks")).text
    assert "Cómo se confirma quién es" not in (await browser.get("/tramites/complaint")).text


async def test_the_same_pages_at_the_full_level_do_show_it(app: FastAPI, scene: Scene) -> None:
    await low(app, scene)
    sure = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    text_of_page = (await sure.get("/mi")).text
    assert NAMES["given_names"] in text_of_page
    assert CHILD in text_of_page


async def test_what_was_asked_for_before_the_account_is_not_there(app: FastAPI, scene: Scene) -> None:
    filed = await scene.citizen.submit_request(
        "complaint", about="complaint", story="Nadie abrió la ventanilla a su hora."
    )
    browser = await low(app, scene)
    assert filed["folio"] not in (await browser.get("/mi")).text
    assert (await browser.get(f"/tramites/{filed['folio']}")).status_code == 404


async def test_the_full_level_is_reached_by_a_code_of_the_desk_and_leads_back(app: FastAPI, scene: Scene) -> None:
    browser = await low(app, scene)
    await browser.get("/mi/confirmar?next=/tramites/weeks/quien")
    assert browser.hidden("next") == "/tramites/weeks/quien"
    sent_to = await browser.send("/mi/confirmar", next="/tramites/weeks/quien")
    assert sent_to.headers["location"] == "/entrar/codigo"
    # No code went to the contact of the account: it proves no more than was proved already.
    assert (await one(scene, "SELECT person_id, email FROM sign_in_code")) == (None, None)
    async with scene.db.transaction() as session:
        staff = places.staff(Role.RECEPTIONIST)
        code = await issue_desk_code(session, staff, person_id=scene.ana.id, curp=scene.ana.curp)
    await browser.get("/entrar/codigo")
    entered = await browser.send("/entrar/codigo", code=code, idempotency_key=browser.hidden("idempotency_key"))
    # The contact that was proved less surely is gone: the person is asked for one first.
    assert entered.headers["location"] == "/mi/contacto"
    assert NAMES["given_names"] in (await browser.get("/mi")).text
    assert (await one(scene, "SELECT email, assurance FROM account")) == (None, "full")


async def start_change(browser: Browser, scene: Scene) -> dict[str, str]:
    await browser.get("/mi/contacto")
    sent_to = await browser.send("/mi/contacto", way="email", email="otra@ejemplo.mx")
    assert sent_to.headers["location"] == "/mi/contacto/codigo", browser.text
    async with scene.db.transaction() as session:
        asked: dict[str, str] = dict((await session.execute(text("SELECT purpose, id::text FROM sign_in_code"))).all())
    await browser.get("/mi/contacto/codigo")
    return {purpose: (await sent(scene.db, challenge)).code for purpose, challenge in asked.items()}


async def test_the_header_names_who_is_signed_in_wherever_it_offers_to_sign_out(app: FastAPI, scene: Scene) -> None:
    """On pages for everyone too, from the moment that the full level is reached; never below it."""
    pages = ("/", "/tramites", "/tramites/weeks", "/ayuda", "/verificar", "/cifras-de-ley", "/datos", "/en/ayuda")
    browser = await low(app, scene)
    await browser.get("/mi")
    answers = (await one(scene, "SELECT answers FROM web_session WHERE person_id IS NOT NULL"))[0]
    assert "name" not in answers, "its session isn't given what the registry holds either"
    async with scene.db.transaction() as session:  # left by a session at the full level
        await session.execute(text('UPDATE web_session SET answers = \'{"name": "Xochiquetzal"}\''))
    for path in pages:
        assert "v-header__who" not in (await browser.get(path)).text, path
    codes = await start_change(browser, scene)
    async with scene.db.transaction() as session:
        staff = places.staff(Role.RECEPTIONIST)
        desk = await issue_desk_code(session, staff, person_id=scene.ana.id, curp=scene.ana.curp)
    done = await browser.send("/mi/contacto/codigo", new_code=codes["contact"], proof=desk)
    assert done.status_code == 303, browser.text
    for path in pages:
        shown = (await browser.get(path)).text
        header = shown[: shown.index("</header>")]
        assert re.search(r'v-header__who">.*Xochiquetzal', header), path
        assert 'action="' in header, "and the button to sign out"
    assert "v-header__who" not in (await (await signed_in_browser(app, scene.db)).get("/ayuda")).text


async def sure_of(app: FastAPI, scene: Scene, *, email: str | None = "ana@ejemplo.mx") -> Browser:
    async with scene.db.transaction() as session:
        account = Account(person_id=scene.ana.id, curp=scene.ana.curp, email=email, created_at=clock.now())
        account.assurance, account.language = Assurance.FULL.value, "es"
        session.add(account)
    return await signed_in_browser(app, scene.db, person_id=scene.ana.id)


async def test_a_contact_changes_with_a_code_to_each(app: FastAPI, scene: Scene) -> None:
    browser = await sure_of(app, scene)
    other = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    codes = await start_change(browser, scene)
    assert set(codes) == {"contact", "confirm"}
    wrong = await browser.send("/mi/contacto/codigo", new_code=codes["contact"], proof="00000000")
    assert wrong.status_code == 422
    assert codes["contact"] in browser.html  # what was right is still there
    assert (await one(scene, "SELECT email FROM account"))[0] == "ana@ejemplo.mx"
    done = await browser.send("/mi/contacto/codigo", new_code=codes["contact"], proof=codes["confirm"])
    assert done.headers["location"] == "/mi"
    assert (await one(scene, "SELECT email, assurance FROM account")) == ("otra@ejemplo.mx", "full")
    assert (await one(scene, "SELECT email, assurance FROM former_contact")) == ("ana@ejemplo.mx", "full")
    assert (await browser.get("/mi")).status_code == 200
    assert (await other.client.get("/mi")).status_code == 401  # every other browser is signed out


@pytest.mark.parametrize("proof", ["contact", "other person's desk code"])
async def test_the_old_contact_is_proved_by_nothing_else(app: FastAPI, scene: Scene, proof: str) -> None:
    browser = await sure_of(app, scene)
    codes = await start_change(browser, scene)
    async with scene.db.transaction() as session:
        luz = await places.person(session, scene.unit)
        staff = places.staff(Role.RECEPTIONIST)
        theirs = await issue_desk_code(session, staff, person_id=luz.id, curp=luz.curp)
    said = codes["contact"] if proof == "contact" else theirs
    refused = await browser.send("/mi/contacto/codigo", new_code=codes["contact"], proof=said)
    assert refused.status_code == 422
    assert (await one(scene, "SELECT email FROM account"))[0] == "ana@ejemplo.mx"


async def test_a_desk_code_stands_for_the_old_contact(app: FastAPI, scene: Scene) -> None:
    browser = await sure_of(app, scene)
    codes = await start_change(browser, scene)
    async with scene.db.transaction() as session:
        staff = places.staff(Role.RECEPTIONIST)
        code = await issue_desk_code(session, staff, person_id=scene.ana.id, curp=scene.ana.curp)
    done = await browser.send("/mi/contacto/codigo", new_code=codes["contact"], proof=code)
    assert done.headers["location"] == "/mi"
    assert (await one(scene, "SELECT payload ->> 'how' FROM event WHERE type = 'account.contact-changed'"))[0] == (
        "desk-code"
    )


async def test_codes_of_a_change_sign_no_one_in_and_tries_leave_the_desk_code_good(app: FastAPI, scene: Scene) -> None:
    browser = await sure_of(app, scene)
    codes = await start_change(browser, scene)
    async with scene.db.transaction() as session:
        staff = places.staff(Role.RECEPTIONIST)
        code = await issue_desk_code(session, staff, person_id=scene.ana.id, curp=scene.ana.curp)
        (challenge,) = (
            await session.execute(text("SELECT id::text FROM sign_in_code WHERE purpose = 'contact'"))
        ).one()
    refused = await scene.client.post(
        "/api/v1/sign-in/tokens", json={"challenge_id": challenge, "code": codes["contact"]}
    )
    assert refused.json()["type"] == "/problems/wrong-code"
    for _ in range(6):
        await browser.send("/mi/contacto/codigo", new_code="000000", proof="99999999")
    assert (await one(scene, "SELECT attempts FROM sign_in_code WHERE purpose = 'desk'"))[0] == 0
    asked = await scene.client.post("/api/v1/sign-in/codes", json={"curp": scene.ana.curp})
    given = {"challenge_id": asked.json()["challenge_id"], "code": code}
    assert (await scene.client.post("/api/v1/sign-in/tokens", json=given)).status_code == 200
