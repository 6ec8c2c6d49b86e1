"""Reception in the pages: a person is found, checks in or gets a number once, and the page says what stands in the
way."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import time_machine
from fastapi import FastAPI

from app.certificates import service
from app.desk.service import arrivals
from app.kernel.actor import Role, System
from tests.certificates import factories as certificates
from tests.conftest import Database
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import count, signed_in_browser
from tests.web.reception import ARRIVAL, CURP, NINE, NUMBER, PAGE, TICKETS, Desk, opened


@pytest.fixture
async def desk(app: FastAPI, db: Database) -> AsyncIterator[Desk]:
    async with opened(app, db) as made:
        yield made


async def test_a_scanned_appointment_checks_in_and_the_slip_has_a_number_and_no_name(desk: Desk) -> None:
    who, made = desk.made["ana"]
    await desk.came(f"http://127.0.0.1:8000/citas/{made.folio.lower()}")
    assert desk.page.here == f"{PAGE}/personas/{who.id}"
    assert "Ana Núñez Peña" in desk.page.text
    assert CURP in desk.page.text
    assert "Vigentes (por trabajo)" in desk.page.text
    answer = await desk.register()
    assert f"{PAGE}/turno/" in answer.headers["location"]
    await desk.follow(answer)
    slip = desk.page.html.split('class="v-slip"')[1].split("v-no-print")[0]
    for part in ("A-001", "UMF 27 Centro", "Fila", "Lugar en la fila"):
        assert part in slip
    for secret in ("Ana", "Núñez", CURP, "edicina"):
        assert secret not in slip, "what is dropped says whose it is to no one"
    assert "autofocus" in desk.page.html.split('id="q"')[1].split(">")[0], "the next scan works"
    assert await desk.views(who) == {"desk"}
    slip_page = desk.page.here
    turn = re.search(r"/turno/[0-9a-f]{32}", desk.page.html)
    assert turn
    assert "A-001" in (await desk.page.client.get(turn.group())).text, "the code opens the turn's own page"
    await desk.came(f"http://127.0.0.1:8000{turn.group()}")
    assert desk.page.here == slip_page, "a scanned slip is that slip"
    await desk.came(made.folio)
    assert "Ya llegó Turno A-001" in desk.page.text
    assert "lugar 1 de su fila" in desk.page.text
    assert "Registrar su llegada" not in desk.page.text


async def test_early_and_late_are_said(desk: Desk, app: FastAPI) -> None:
    with time_machine.travel(NINE - timedelta(minutes=12, seconds=30), tick=True):
        await desk.came(desk.made["ana"][1].folio)
    assert "Llega 12 minutos antes." in desk.page.text
    await desk.came(desk.made["late"][1].folio)
    assert "Llega 25 minutos tarde." in desk.page.text
    assert (await desk.register()).status_code == 303
    with time_machine.travel(NINE + timedelta(hours=3), tick=True):
        desk.page = await signed_in_browser(app, desk.db, staff_id=desk.here.desk.staff_id)
        await desk.came(desk.made["ana"][1].folio)
    assert "Llega 3 horas tarde." in desk.page.text


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gone", "La cita está cancelada."),
        ("shut", "A esa hora no se atiende hoy."),
        ("tomorrow", "La cita no es hoy."),
        ("away", "La cita es en otra unidad."),
    ],
)
async def test_each_reason_against_a_check_in_says_what_to_do(desk: Desk, name: str, says: str) -> None:
    who, made = desk.made[name]
    await desk.came(made.folio)
    assert says in desk.page.text
    assert "Registrar su llegada" not in desk.page.text
    assert "Turno sin cita" in desk.page.text
    assert (f"/ventanilla/asistida/{who.id}" in desk.page.html) == (name != "away")
    form = desk.page.form(NUMBER) | {"folio": made.folio}
    refused = await desk.page.client.post(ARRIVAL, data=form)
    await desk.follow(refused)
    assert await count(desk.db, TICKETS) == 0


async def test_who_was_taken_for_missed_checks_in_again(desk: Desk) -> None:
    _who, made = desk.made["missed"]
    await desk.came(made.folio)
    assert "Se había anotado que no vino." in desk.page.text
    await desk.follow(await desk.register())
    assert "Turno A-001" in desk.page.text
    await desk.came(made.folio)
    assert "Ya llegó" in desk.page.text


async def test_a_person_of_another_unit_is_shown_by_name_and_unit_and_gets_a_printed_address(desk: Desk) -> None:
    who, made = desk.made["away"]
    await desk.came(made.folio)
    said = desk.page.text
    assert "Es de otra unidad: UMF 5 Norte." in said
    assert "Su cita es en UMF 5 Norte, a 2.2 km. Av. Norte 5" in said
    for secret in (who.curp, str(who.nss), "away@ejemplo.mx", "Medicina familiar", "Vigentes", "Nacimiento"):
        assert secret not in said
    assert desk.page.html.count(f"/ventanilla/recepcion/indicaciones/{made.folio}") == 1
    await desk.page.get(f"{PAGE}/indicaciones/{made.folio}")
    note = desk.page.html.split('class="v-slip"')[1].split("v-no-print")[0]
    for part in ("UMF 5 Norte", "Av. Norte 5", "10:30", "2.2 km", "<svg", made.folio):
        assert part in note
    assert "Away" not in note
    assert await desk.views(who) == {"desk"}
    await desk.came("away nunez")
    assert desk.page.here == f"{PAGE}/personas/{who.id}"


async def test_of_several_found_people_a_list_tells_them_apart(desk: Desk) -> None:
    await desk.came("núñez")
    assert "7 personas." in desk.page.text
    assert CURP in desk.page.text
    assert desk.made["away"][0].curp not in desk.page.text
    assert "núñez" not in desk.page.here
    assert await desk.views(desk.made["away"][0]) == {"search"}
    assert 'value="núñez"' not in desk.page.html, "the next scan finds the box empty"


async def test_what_was_typed_and_finds_no_one_is_there_again(desk: Desk) -> None:
    await desk.came("Xicoténcatl")
    assert "No se encontró a nadie." in desk.page.text
    assert 'value="Xicoténcatl"' in desk.page.html
    await desk.came("¿?")
    assert "Escriba un folio, una CURP, un NSS o un nombre" in desk.page.text
    assert 'value="¿?"' in desk.page.html
    await desk.page.get(f"{PAGE}?b=unknown")
    assert "Esa búsqueda ya no está guardada." in desk.page.text


async def test_a_known_person_gets_a_number_in_two_fields(desk: Desk) -> None:
    await desk.came(CURP)
    await desk.page.send(NUMBER, para="")
    assert "Elija para qué viene." in desk.page.text
    await desk.came(CURP)
    await desk.page.send(NUMBER, para="surgery", protegida="si")
    assert "Elija para qué viene." in desk.page.text
    assert 'value="si" checked' in desk.page.html, "what was ticked is still there"
    await desk.follow(await desk.page.send(NUMBER, para="window", protegida="si"))
    assert "Turno A-001" in desk.page.text
    assert "Pasa antes" in desk.page.text
    await desk.came(CURP)
    answer = await desk.page.send(NUMBER, para="window")
    assert answer.status_code == 409
    assert "Esa persona ya tiene un turno" in desk.page.text
    assert await count(desk.db, TICKETS) == 1


async def test_someone_unknown_gets_a_number_and_the_counts_follow(desk: Desk) -> None:
    await desk.page.get(PAGE)
    assert "Hoy todavía no llega nadie." in desk.page.text
    assert "0 de 4" in desk.page.text
    await desk.page.send(NUMBER, para="")
    assert "Elija para qué viene." in desk.page.text
    await desk.follow(await desk.page.send(NUMBER, para="window"))
    assert "Turno A-001" in desk.page.text
    await desk.page.get(PAGE)
    assert "A · Ventanilla" in desk.page.text
    assert "Esperan 1" in desk.page.text


async def test_the_pages_are_in_english_too(desk: Desk) -> None:
    who, made = desk.made["ana"]
    await desk.page.get(f"/en{PAGE}")
    for part in ("Reception", "Scan the code", "Number without an appointment", "No one has arrived yet today."):
        assert part in desk.page.text
    await desk.page.get(f"/en{PAGE}/personas/{who.id}?folio={made.folio}")
    for part in ("Check in", "Coverage today", "Open requests", "What do they come for?"):
        assert part in desk.page.text
    answer = await desk.page.send(f"/en{ARRIVAL}")
    await desk.page.get(answer.headers["location"])
    assert "Place in line" in desk.page.text
    away = desk.made["away"][1]
    await desk.page.get(f"/en{PAGE}/indicaciones/{away.folio}")
    assert "2.2 km from UMF 27 Centro" in desk.page.text


async def test_the_start_page_of_a_receptionist_leads_here(desk: Desk) -> None:
    await desk.page.get("/ventanilla")
    assert desk.page.html.count(f'href="{PAGE}"') == 2, "in the menu, and as the first action"


async def test_a_request_and_a_certificate_find_their_person_and_the_request_gets_a_number(
    app: FastAPI, scene: Scene
) -> None:
    folio = await steps.complain(scene)
    reader = await steps.hire(scene, Role.RECEPTIONIST, scene.unit)
    page = await signed_in_browser(app, scene.db, staff_id=reader.staff_id)
    async with scene.db.transaction() as session:
        proof = await certificates.stored_request(session, scene.ana)
        certificate = await service.issue(session, System("test"), proof, "es")
    for scanned in (folio, f"https://citas.example.mx/verificar?f={certificate.folio}&c={certificate.code}"):
        await page.get(PAGE)
        answer = await page.send(PAGE, q=scanned)
        assert f"{PAGE}/personas/{scene.ana.id}?folio=" in answer.headers["location"], scanned
        await page.get(answer.headers["location"])
    assert folio in page.text
    assert f"/ventanilla/solicitudes/{folio}" not in page.html, "a receptionist doesn't work on it"
    answer = await page.send(NUMBER, para=f"window:{folio}")
    assert f"{PAGE}/turno/" in answer.headers["location"]
    ticket = f"{TICKETS} WHERE request_folio = :folio AND person_id = :ana AND service = 'window'"
    assert await count(scene.db, ticket, folio=folio, ana=scene.ana.id) == 1


async def test_a_draft_is_no_ones_to_find(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.start("complaint")).json()["folio"]
    reader = await steps.hire(scene, Role.RECEPTIONIST, scene.unit)
    page = await signed_in_browser(app, scene.db, staff_id=reader.staff_id)
    await page.get(PAGE)
    answer = await page.send(PAGE, q=folio)
    await page.get(answer.headers["location"])
    assert "No se encontró a nadie." in page.text
    assert "La CURP empieza con" not in page.text
    answer = await page.send(PAGE, q="AUTL5607O5HASGRS09")
    await page.get(answer.headers["location"])
    assert "La CURP empieza con 4 letras, luego 6 números" in page.text
    path = f"/api/v1/desk/units/{scene.unit.id}/tickets"
    body = {"service": "window", "request_folio": folio}
    assert (await scene.client.post(path, json=body, headers=reader.keyed())).status_code == 404


async def test_a_number_for_a_request_of_someone_else_is_not_offered(app: FastAPI, scene: Scene) -> None:
    folio = await steps.complain(scene)
    reader = await steps.hire(scene, Role.RECEPTIONIST, scene.unit)
    page = await signed_in_browser(app, scene.db, staff_id=reader.staff_id)
    await page.get(PAGE)
    await page.send(NUMBER, para=f"window:{folio}")
    assert "Elija para qué viene." in page.text
    assert await count(scene.db, TICKETS) == 0


async def test_a_number_is_read_as_people_type_it_and_named_when_it_is_not_of_today(desk: Desk) -> None:
    async with desk.db.transaction() as session:
        given = await arrivals.take_number(session, desk.here.desk, desk.here.unit.id, "window")
    assert given.number == "A-001"
    await desk.page.get(PAGE)
    for typed in (given.number, "a – 001", " a — 1 ", "A 001", "a1"):
        sent = await desk.page.send(PAGE, q=typed)
        assert sent.headers["location"] == f"{PAGE}/turno/{given.id}", typed
    sent = await desk.page.send(PAGE, q="b – 99")
    await desk.page.get(sent.headers["location"])
    assert "No hay turno B-099 hoy." in desk.page.text
