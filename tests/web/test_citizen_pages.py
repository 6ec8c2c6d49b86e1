"""What the pages of a citizen's requests show: who qualifies, the clinics that serve an address, what is left to do."""

import re
from typing import Any

import pytest
from fastapi import FastAPI

from app.catalog.loader import load_services
from app.identity.models import Account
from app.kernel import clock
from app.places.models import Unit
from app.registry.models import Coverage
from app.web.citizen.services import GROUPS
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser


async def citizen_of(app: FastAPI, scene: Scene) -> Browser:
    return await signed_in_browser(app, scene.db, person_id=scene.ana.id)


async def test_the_list_has_a_line_for_each_service(app: FastAPI, scene: Scene) -> None:
    browser = await citizen_of(app, scene)
    await browser.get("/tramites")
    assert browser.html.count('<li class="v-line">') == len(load_services())
    assert "Quién puede pedirlo" not in browser.text, "that is on the service's page"
    assert re.search(r"Corregir mis datos [^.]+\. 10 días hábiles", browser.text)
    for group in GROUPS:
        assert f'href="#{group}"' in browser.html
        assert f'id="{group}"' in browser.html
    await browser.get("/tramites/data-correct")
    assert "Quién puede pedirlo" in browser.text
    assert "Acta de nacimiento" in browser.text


async def units(scene: Scene, *postal_codes: str | None) -> list[Unit]:
    """Units that serve these postal codes; None: no one said which it serves."""
    made = [await steps.unit(scene, f"UMF {number} Prueba") for number, _code in enumerate(postal_codes, 20)]
    async with scene.db.transaction() as session:
        for unit, postal_code in zip(made, postal_codes, strict=True):
            if postal_code is not None:
                session.add(Coverage(postal_code=postal_code, unit_id=unit.id))
    return made


async def test_the_clinics_offered_are_those_that_serve_the_postal_code(app: FastAPI, scene: Scene) -> None:
    served, also, elsewhere, _silent = await units(scene, "06700", "06700", "64000", None)
    draft = (await scene.citizen.start("clinic-register", postal_code="06700")).json()["folio"]
    browser = await citizen_of(app, scene)
    await browser.get(f"/tramites/{draft}/paso/2")
    assert offered(browser) == [str(scene.unit.id), str(served.id), str(also.id)], "and the one chosen before"
    await scene.citizen.save(draft, postal_code="64000", unit_id=None)
    await browser.get(f"/tramites/{draft}/paso/2")
    assert offered(browser) == [str(elsewhere.id)]


async def test_where_no_one_said_who_serves_it_those_near_are_offered(app: FastAPI, scene: Scene) -> None:
    await units(scene, None, None)
    draft = (await scene.citizen.start("clinic-register", postal_code="99998")).json()["folio"]
    browser = await citizen_of(app, scene)
    await browser.get(f"/tramites/{draft}/paso/2")
    assert str(scene.unit.id) in offered(browser)


def offered(browser: Browser) -> list[str]:
    """The units of the list, by name, without the line that asks to choose."""
    options = re.findall(r'<option value="([0-9a-f-]{36})"[^>]*>([^<]+)', browser.html)
    return [unit_id for unit_id, _name in sorted(options, key=lambda option: option[1])]


async def test_a_clinic_that_was_asked_for_again_can_be_chosen(app: FastAPI, scene: Scene) -> None:
    await units(scene, "64000")
    asked: dict[str, Any] = {"postal_code": "06700", "unit_id": str(scene.unit.id), "shift": "V"}
    await units(scene, "06700")
    folio = (await scene.citizen.submit_request("clinic-register", **asked))["folio"]
    await scene.officer.claim(folio)
    said = {"body": "¿Qué clínica?", "fields": ["postal_code", "unit_id"]}
    assert (await scene.officer.post(f"{folio}/ask", said)).status_code == 200
    browser = await citizen_of(app, scene)
    await browser.get(f"/tramites/{folio}/responder")
    assert str(scene.unit.id) in offered(browser)
    other = {"postal_code": "64000", "unit_id": str(scene.unit.id), "message": "La misma."}
    answered = await browser.send(f"/tramites/{folio}/responder/documentos", send="yes", **other)
    assert answered.status_code == 303
    assert (await scene.citizen.get(folio))["answers"]["postal_code"] == "64000"


async def test_a_draft_is_a_list_of_tasks(app: FastAPI, scene: Scene) -> None:
    draft = (await scene.citizen.start("data-correct")).json()["folio"]
    browser = await citizen_of(app, scene)
    await browser.get(f"/tramites/{draft}")
    assert done(browser) == [False, False, False]
    await scene.citizen.save(draft, field="name")
    await browser.get(f"/tramites/{draft}")
    assert done(browser) == [True, False, False, False], "what it should say is left to do"
    await scene.citizen.save(draft, second_surname="Muñoz")
    await browser.get(f"/tramites/{draft}")
    assert done(browser) == [True, True, False, False]
    assert f'href="/tramites/{draft}/documentos" role="button"' in browser.html, "go on where something is left"
    for kind in ("identification", "birth-certificate"):
        await scene.citizen.attach(draft, kind)
    await browser.get(f"/tramites/{draft}")
    assert done(browser) == [True, True, True, False]
    assert (await scene.citizen.submit(draft)).status_code == 200
    await browser.get(f"/tramites/{draft}")
    assert done(browser) == []


def done(browser: Browser) -> list[bool]:
    """Which tasks of the list are complete."""
    return [mark == "Completo" for mark in re.findall(r"Completo|Por hacer", browser.text)]


async def test_a_family_is_registered_one_by_one(app: FastAPI, scene: Scene) -> None:
    browser = await citizen_of(app, scene)
    first = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    second = (await scene.citizen.submit_request("complaint", about="thanks", story="Me atendieron muy bien."))["folio"]
    await browser.get(f"/tramites/{first}")
    assert "Otras de este trámite" in browser.text
    assert second in browser.text
    assert 'href="/tramites/complaint/quien"' in browser.html
    once = (await scene.citizen.submit_request("vigencia"))["folio"]
    await browser.get(f"/tramites/{once}")
    assert "Otras de este trámite" not in browser.text


async def test_messages_go_both_ways(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.submit_request("complaint", **steps.STORY))["folio"]
    citizen, officer = (
        await citizen_of(app, scene),
        await signed_in_browser(app, scene.db, staff_id=scene.officer.staff_id),
    )
    await citizen.get(f"/tramites/{folio}")
    await citizen.send(f"/tramites/{folio}/mensajes", message="¿Cómo va?")
    await officer.get(f"/ventanilla/solicitudes/{folio}")
    assert "¿Cómo va?" in officer.text
    await officer.send(f"/ventanilla/solicitudes/{folio}/mensaje", body="Hoy se contesta.", note="no")
    await officer.get(f"/ventanilla/solicitudes/{folio}")
    await officer.send(f"/ventanilla/solicitudes/{folio}/mensaje", body="Es amigo de todos.", note="yes")
    await citizen.get(f"/tramites/{folio}")
    assert "Hoy se contesta." in citizen.text
    assert "Es amigo de todos." not in citizen.html


async def test_a_person_with_consent_acts_on_the_pages(app: FastAPI, scene: Scene) -> None:
    helper = await steps.create_person(scene, given_names="Teresa", first_surname="Ríos")
    acting = await signed_in_browser(app, scene.db, person_id=helper.person_id)
    await acting.get("/tramites/complaint/quien")
    assert "Ana" not in acting.text
    owner = await citizen_of(app, scene)
    async with scene.db.transaction() as session:
        person = await steps.person(scene, helper)
        session.add(
            Account(
                person_id=person.id,
                curp=person.curp,
                phone=None,
                language="es",
                created_at=clock.now(),
                assurance="full",
            )
        )
    await owner.get("/mi/permisos")
    given = await owner.send("/mi/permisos", curp=person.curp, services="complaint", days="30")
    assert given.status_code == 303, owner.text
    await acting.get("/tramites/complaint/quien")
    assert "Ana Núñez Peña (con su permiso)" in acting.text
    begun = await acting.send("/tramites/complaint/quien", person=str(scene.ana.id))
    row = await steps.row(scene, begun.headers["location"].split("/")[2])
    assert (row.acting_as, row.person_id, row.applicant_id) == ("mandate", scene.ana.id, helper.person_id)


NO_DATES = [("17", "5", "²"), ("9" * 30, "5", "1990"), ("31", "2", "1990"), ("1", "1", "0199"), ("17", "5", "mil")]


@pytest.mark.parametrize(("day", "month", "year"), NO_DATES)
async def test_a_date_that_cannot_be_is_said_at_its_field(
    app: FastAPI, scene: Scene, day: str, month: str, year: str
) -> None:
    browser = await citizen_of(app, scene)
    await browser.get("/folio")
    typed = {"birth-day": day, "birth-month": month, "birth-year": year}
    refused = await browser.send("/folio", folio="C-7K3M9-QXT2F-R", **typed)
    assert refused.status_code == 422
    assert "Esa fecha no existe" in browser.text
    assert f'value="{year}"' in browser.html


@pytest.mark.parametrize("year", ["55", "955", "0", "19900000000"])
async def test_a_year_in_short_is_asked_for_with_four_digits(app: FastAPI, scene: Scene, year: str) -> None:
    browser = await citizen_of(app, scene)
    await browser.get("/folio")
    typed = {"birth-day": "17", "birth-month": "5", "birth-year": year}
    await browser.send("/folio", folio="C-7K3M9-QXT2F-R", **typed)
    assert browser.text.count("Escriba el año con sus cuatro números, por ejemplo 1990.") == 2
    draft = (await scene.citizen.start("complaint")).json()["folio"]
    await browser.get(f"/tramites/{draft}/paso/1")
    happened = {"happened_on-day": "17", "happened_on-month": "mayo", "happened_on-year": year}
    assert (await browser.send(f"/tramites/{draft}/paso/1", **happened)).status_code == 422
    assert "Escriba el año con sus cuatro números" in browser.text
    await browser.get("/en/folio")
    await browser.send("/en/folio", folio="C-7K3M9-QXT2F-R", **typed)
    assert "Enter the year with its four digits" in browser.text


@pytest.mark.parametrize("text", ["0001-01-01", "99999-01-01", "20261124", "2026-W01-1"])
async def test_an_answer_that_is_no_date_is_refused(scene: Scene, text: str) -> None:
    started = await scene.citizen.start("complaint", happened_on=text)
    assert started.status_code == 422
    assert [wrong["field"] for wrong in started.json()["fields"]] == ["happened_on"]
