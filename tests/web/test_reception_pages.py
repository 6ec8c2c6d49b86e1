"""Reception in the pages: a person is found, checks in or gets a number once, and the page says what stands in the
way."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text, update

from app.appointments.models import Appointment
from app.appointments.schemas import AppointmentOut
from app.appointments.service import closures, reschedule
from app.certificates import service
from app.identity.service.staff import add_staff
from app.kernel import ids
from app.kernel.actor import Role, System
from app.registry.models import Person
from tests.appointments import factories as places
from tests.certificates import factories as certificates
from tests.conftest import Database
from tests.desk.factories import Clinic, clinic
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, another_tab, count, signed_in_browser, twice

NINE = datetime(2026, 10, 6, 15, tzinfo=UTC)
PAGE = "/ventanilla/recepcion"
ARRIVAL, NUMBER = f"{PAGE}/llegadas", f"{PAGE}/turnos"
CURP = "GOAL661013MTCNGZ06"
TICKETS = "SELECT count(*) FROM desk_ticket"


@dataclass
class Desk:
    """A clinic at nine in the morning, another two kilometres away, and a receptionist's browser."""

    db: Database
    here: Clinic
    there: Clinic
    page: Browser
    made: dict[str, tuple[Person, AppointmentOut]] = field(default_factory=dict)

    async def came(self, typed: str) -> None:
        """Type or scan into the box, and go where it leads."""
        await self.page.get(PAGE)
        await self.follow(await self.page.send(PAGE, q=typed))

    async def follow(self, answer: Any) -> None:
        if answer.status_code == 303:
            await self.page.get(answer.headers["location"])

    async def register(self, **fields: Any) -> Any:
        """Press the first button that checks in."""
        return await self.page.send(ARRIVAL, **fields)

    async def views(self, who: Person) -> set[str]:
        """In which contexts the person's data was shown, as the access log has it."""
        async with self.db.transaction() as session:
            found = await session.scalars(
                text("SELECT unnest(contexts) FROM personal_data_view WHERE person_id = :id"), {"id": who.id}
            )
            return set(found)


APPOINTMENTS = {"ana": 0, "late": -25, "gone": 60, "shut": 75, "missed": -60}


@pytest.fixture
async def desk(app: FastAPI, db: Database) -> AsyncIterator[Desk]:
    """Appointments of the day by the name of what became of them, and one at the other clinic."""
    with time_machine.travel(NINE - timedelta(days=1), tick=True):
        async with db.transaction() as session:
            here, there = await clinic(session), await clinic(session)
            here.unit.name, there.unit.name = "UMF 27 Centro", "UMF 5 Norte"
            here.unit.latitude, here.unit.longitude = 19.45, -99.13
            there.unit.latitude, there.unit.longitude, there.unit.address = 19.43, -99.13, "Av. Norte 5"
            made = {}
            for name, minutes in APPOINTMENTS.items():
                start_at = NINE + timedelta(minutes=minutes)
                await places.seats(session, here.unit, start_at=start_at)
                who = await places.person(session, here.unit)
                who.given_names = name.capitalize()
                made[name] = (who, await places.booked(session, who, places.place(here.unit, start_at)))
            for name, at, day in (("away", there, 0), ("tomorrow", here, 1)):
                start_at = NINE + timedelta(days=day, minutes=90)
                await places.seats(session, at.unit, start_at=start_at)
                who = await places.person(session, at.unit)
                who.given_names, who.email = name.capitalize(), f"{name}@ejemplo.mx"
                made[name] = (who, await places.booked(session, who, places.place(at.unit, start_at)))
            await reschedule.cancel(session, here.desk, made["gone"][1].folio, "other", places.once())
            shut = NINE + timedelta(minutes=APPOINTMENTS["shut"])
            boss = places.staff(Role.SUPERVISOR, here.unit)
            await closures.close(
                session,
                boss,
                unit_id=here.unit.id,
                room=1,
                shift=None,
                starts_at=shut,
                ends_at=shut + timedelta(minutes=15),
                reason="leave",
            )
            made["ana"][0].curp, made["ana"][0].given_names = CURP, "Ana"
            missed = Appointment.folio == made["missed"][1].folio
            await session.execute(update(Appointment).where(missed).values(status="missed"))
    with time_machine.travel(NINE, tick=True):
        browser = await signed_in_browser(app, db, staff_id=here.desk.staff_id)
        yield Desk(db, here, there, browser, made)


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
    assert "Su turno es el A-001" in desk.page.text
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


async def test_a_double_click_and_another_tab_act_once(desk: Desk) -> None:
    await desk.came(desk.made["ana"][1].folio)
    other = another_tab(desk.page)
    await other.get(desk.page.here + f"?folio={desk.made['ana'][1].folio}")
    first, second = await twice(desk.page, ARRIVAL, desk.page.form(ARRIVAL))
    assert first.headers["location"] == second.headers["location"]
    again = await other.send(ARRIVAL)
    assert again.headers["location"] == f"{first.headers['location']}?aviso=ya"
    await other.get(again.headers["location"])
    assert "Esto ya estaba hecho." in other.text
    assert await count(desk.db, TICKETS) == 1


async def test_a_page_that_another_receptionist_made_stale_shows_the_number(desk: Desk, app: FastAPI) -> None:
    _who, made = desk.made["ana"]
    async with desk.db.transaction() as session:
        hired = await add_staff(
            session,
            System("test"),
            username="otra",
            full_name="Otra Persona",
            role=Role.RECEPTIONIST,
            password="una frase bastante larga",
            unit_ids=[desk.here.unit.id],
        )
    colleague = Desk(desk.db, desk.here, desk.there, await signed_in_browser(app, desk.db, staff_id=hired.staff_id))
    await desk.came(made.folio)
    await colleague.came(made.folio)
    await colleague.follow(await colleague.register())
    answer = await desk.register()
    assert answer.status_code == 409
    assert "Esto cambió mientras tenía abierta la página" in desk.page.text
    assert "Su turno es el A-001" in desk.page.text
    assert await count(desk.db, TICKETS) == 1


async def test_a_session_that_lapsed_takes_the_form_up_again(desk: Desk, app: FastAPI) -> None:
    who, made = desk.made["ana"]
    await desk.came(made.folio)
    form = desk.page.form(ARRIVAL, protegida="si")
    async with desk.db.transaction() as session:
        await session.execute(text("DELETE FROM web_session"))
    answer = await desk.page.client.post(ARRIVAL, data=form, headers={"accept": "text/html"})
    assert "/ventanilla/entrar?next=" in answer.headers["location"]
    back = await signed_in_browser(app, desk.db, staff_id=desk.here.desk.staff_id)
    await back.get(f"{PAGE}/personas/{who.id}?folio={made.folio}&guardado=1")
    assert "Recuperamos lo que escribió" in back.text
    assert await count(desk.db, TICKETS) == 0
    answer = await back.send(ARRIVAL)
    assert answer.status_code == 303
    assert await count(desk.db, TICKETS) == 1


async def test_a_scan_after_the_session_lapsed_is_not_lost(desk: Desk, app: FastAPI) -> None:
    who, made = desk.made["ana"]
    await desk.page.get(PAGE)
    form = desk.page.form(PAGE, q=made.folio)
    async with desk.db.transaction() as session:
        await session.execute(text("DELETE FROM web_session"))
    answer = await desk.page.client.post(PAGE, data=form, headers={"accept": "text/html"})
    assert answer.headers["location"] == "/ventanilla/entrar?next=/ventanilla/recepcion%3Fguardado%3D1"
    back = await signed_in_browser(app, desk.db, staff_id=desk.here.desk.staff_id)
    answer = await back.get(f"{PAGE}?guardado=1")
    assert answer.headers["location"] == f"{PAGE}/personas/{who.id}?folio={made.folio}"


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


async def test_others_are_refused_and_what_isnt_there_is_not_found(desk: Desk, app: FastAPI) -> None:
    async with desk.db.transaction() as session:
        hired = await add_staff(
            session,
            System("test"),
            username="analista",
            full_name="Ana Lista",
            role=Role.ANALYST,
            password="una frase bastante larga",
            unit_ids=None,
        )
    analyst = await signed_in_browser(app, desk.db, staff_id=hired.staff_id)
    who, made = desk.made["ana"]
    paths = (PAGE, f"{PAGE}/unidad", f"{PAGE}/personas/{who.id}", f"{PAGE}/indicaciones/{made.folio}")
    for path in (*paths, f"{PAGE}/turno/{ids.new_id()}"):
        assert (await analyst.get(path)).status_code == 403, path
    for path in (f"personas/{ids.new_id()}", f"turno/{ids.new_id()}", f"indicaciones/{ids.new_folio('C')}"):
        assert (await desk.page.get(f"{PAGE}/{path}")).status_code == 404, path
    await desk.page.get(PAGE)
    assert (await desk.page.send(NUMBER, para="window", persona="nothing")).status_code == 404
    assert (await desk.page.send(ARRIVAL, via=NUMBER, folio="nothing")).status_code == 404
    assert (await desk.page.get(f"{PAGE}?unidad={desk.there.unit.clues}")).status_code == 404


async def test_who_works_at_all_units_chooses_one_first(desk: Desk, app: FastAPI) -> None:
    async with desk.db.transaction() as session:
        hired = await add_staff(
            session,
            System("test"),
            username="todas",
            full_name="Todas Ellas",
            role=Role.ADMIN,
            password="una frase bastante larga",
            unit_ids=None,
        )
    admin = await signed_in_browser(app, desk.db, staff_id=hired.staff_id)
    assert (await admin.get(PAGE)).headers["location"] == f"{PAGE}/unidad"
    await admin.get(f"{PAGE}/unidad")
    assert "Clave CLUES de la unidad" in admin.text
    answer = await admin.get(f"{PAGE}?unidad={desk.there.unit.clues}")
    assert answer.headers["location"] == PAGE
    await admin.get(PAGE)
    assert "UMF 5 Norte · Cambiar de unidad" in admin.text
    await admin.send(PAGE, q=desk.made["away"][1].folio)
    await admin.get(f"{PAGE}/personas/{desk.made['away'][0].id}")
    assert desk.made["away"][0].curp in admin.text, "it is theirs there"


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
