"""The list of a consulting room: who has come, what became of each, and the follow-up appointment."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text

from app.desk.service.check_in import check_in
from app.kernel import clock
from app.kernel.actor import Role, Staff
from app.places.models import Room
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, another_tab, count, signed_in_browser, twice

PAGE = "/ventanilla/consultorio"


@dataclass
class Doctor:
    """A doctor with room 1 of the scene's unit, at noon."""

    app: FastAPI
    scene: Scene
    me: UUID
    tab: Browser

    async def appointment(self, minutes: int, *, service: str = "family-medicine", room: int = 1) -> str:
        """Someone's appointment, `minutes` from now; returns its folio."""
        unit = self.scene.unit
        start_at = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=minutes)
        async with self.scene.db.transaction() as session:
            who = await actors.person(session, unit)
            later = clock.now() + timedelta(hours=2)
            await places.seats(session, unit, start_at=later, service=service, room=room)
            made = await places.booked(session, who, places.place(unit, later, service=service, room=room))
            await session.execute(
                text("UPDATE appointment SET start_at = :at WHERE folio = :folio"),
                {"at": start_at, "folio": made.folio},
            )
            await session.execute(text("DELETE FROM seat"))
        return made.folio

    async def arrives(self, folio: str) -> None:
        async with self.scene.db.transaction() as session:
            staff = Staff(self.me, Role.OFFICER, frozenset({self.scene.unit.id}))
            await check_in(session, staff, self.scene.unit.id, folio)

    async def press(self, path: str, tab: Browser | None = None, **fields: str) -> httpx.Response:
        """A button of the list; then the page that it leads to."""
        tab = tab or self.tab
        sent = await tab.send(f"{PAGE}/{path}", **fields)
        return await tab.get(sent.headers["location"]) if sent.status_code == 303 else sent

    async def ticket(self, folio: str) -> str:
        async with self.scene.db.transaction() as session:
            find = text("SELECT id FROM desk_ticket WHERE appointment_folio = :folio")
            return str(await session.scalar(find, {"folio": folio}))

    async def status(self, folio: str) -> str:
        async with self.scene.db.transaction() as session:
            find = text("SELECT status FROM appointment WHERE folio = :folio")
            return str(await session.scalar(find, {"folio": folio}))

    async def free(self, days: int, room: int = 1) -> datetime:
        moment = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=days)
        async with self.scene.db.transaction() as session:
            await places.seats(session, self.scene.unit, start_at=moment, room=room)
        return moment


@pytest.fixture
async def doctor(app: FastAPI, scene: Scene) -> AsyncIterator[Doctor]:
    with time_machine.travel(steps.noon(clock.today(scene.unit.timezone)), tick=True):
        async with scene.db.transaction() as session:
            session.add_all(
                Room(unit_id=scene.unit.id, number=n, kind="consulting", name=f"Consultorio {n}") for n in (1, 2)
            )
        me = (await steps.hire(scene, Role.OFFICER)).staff_id
        yield Doctor(app, scene, me, await signed_in_browser(app, scene.db, staff_id=me))


def counted(tab: Browser) -> str:
    """The line of numbers of the list."""
    return tab.text.partition("Citas ")[2].partition("Hora")[0]


async def test_a_morning_of_a_room(doctor: Doctor) -> None:
    here, late, soon = [await doctor.appointment(minutes) for minutes in (-5, -30, 40)]
    await doctor.arrives(here)
    tab = doctor.tab
    await tab.get(PAGE)
    assert "Elija uno" in tab.text
    await tab.get(f"{PAGE}?sala=1")
    assert counted(tab).startswith("3 Ya llegaron 1 Atendidas 0 No han llegado a su hora 1 No vinieron 0")
    assert "A-001 · en espera" in tab.text
    assert "No ha llegado hace 30 minutos" in tab.text
    assert f"/turnos/{await doctor.ticket(here)}/llama" not in tab.html, "the room is closed"
    assert f"/citas/{soon}/no-vino" not in tab.html, "they may still come"
    await doctor.press("abrir")
    assert "Abrió: ya puede llamar." in tab.text
    await doctor.press(f"turnos/{await doctor.ticket(here)}/llama")
    assert "Llamó al turno A-001." in tab.text
    await doctor.press(f"turnos/{await doctor.ticket(here)}/otra-vez")
    await doctor.press(f"turnos/{await doctor.ticket(here)}/llego")
    assert "A-001 · en atención" in tab.text
    await doctor.press(f"citas/{here}/atendida")
    assert "Anotó que la cita se atendió." in tab.text
    assert "A-001 · atendido" in tab.text
    await doctor.press(f"citas/{late}/no-vino")
    assert "Anotó que la persona no vino." in tab.text
    assert counted(tab).startswith("3 Ya llegaron 0 Atendidas 1 No han llegado a su hora 0 No vinieron 1")
    await doctor.press(f"citas/{late}/atendida")
    await doctor.press(f"citas/{late}/no-vino")
    assert await doctor.status(late) == "missed", "each corrects the other"
    async with doctor.scene.db.transaction() as session:
        closed = text("SELECT count(*) FROM desk_ticket WHERE status = 'done' AND counter IS NULL")
        assert await session.scalar(closed) == 1
    views = "SELECT count(*) FROM personal_data_view WHERE reader_id = :me"
    assert await count(doctor.scene.db, views, me=doctor.me) == 3


async def test_the_list_in_english(doctor: Doctor) -> None:
    folio = await doctor.appointment(-30)
    await doctor.tab.get(f"/en{PAGE}?sala=1")
    assert "Has not arrived 30 minutes ago" in doctor.tab.text
    sent = await doctor.tab.send(f"/en{PAGE}/citas/{folio}/atendida")
    await doctor.tab.get(sent.headers["location"])
    assert "You recorded that the appointment was attended." in doctor.tab.text


async def test_other_days_and_what_the_address_cannot_ask(doctor: Doctor) -> None:
    await doctor.appointment(20)
    tomorrow = clock.today(doctor.scene.unit.timezone) + timedelta(days=1)
    await doctor.tab.get(f"{PAGE}?sala=1")
    assert f"{PAGE}?sala=1&amp;dia={tomorrow}" in doctor.tab.html
    await doctor.tab.get(f"{PAGE}?sala=1&dia={tomorrow}")
    assert "No hay citas ese día en este lugar." in doctor.tab.text
    assert "Abrir consultorio" not in doctor.tab.text, "people are called on the day"
    await doctor.tab.get(f"{PAGE}?sala=x&dia=ayer")
    assert "Estos filtros no se aplicaron" in doctor.tab.text
    await doctor.tab.get(PAGE)
    assert "Consultorio 1" in doctor.tab.text, "the room that was chosen last"


async def test_what_can_not_be_recorded_says_why(doctor: Doctor) -> None:
    soon, here, later = await doctor.appointment(5), await doctor.appointment(-20), await doctor.appointment(-25)
    tab = doctor.tab
    await tab.get(f"{PAGE}?sala=1")
    missed = tab.form(f"{PAGE}/citas/{later}/no-vino")
    await tab.send(f"{PAGE}/citas/{soon}/no-vino", via=f"{PAGE}/citas/{soon}/atendida")
    assert "Todavía puede llegar" in tab.text
    await doctor.arrives(here)
    await tab.get(f"{PAGE}?sala=1")
    await tab.send(f"{PAGE}/citas/{here}/no-vino", via=f"{PAGE}/citas/{here}/atendida")
    assert "Esa persona sí vino" in tab.text
    await steps.run(doctor.scene, f"UPDATE appointment SET status = 'cancelled' WHERE folio = '{later}'")
    tab._seen(await tab.client.post(f"{PAGE}/citas/{later}/no-vino", data=missed))
    assert "Esto cambió mientras tenía abierta la página" in tab.text
    assert await doctor.status(soon) == "booked"


async def test_two_tabs_and_two_presses_are_one_attention(doctor: Doctor) -> None:
    folio = await doctor.appointment(-30)
    tab, same, other = doctor.tab, another_tab(doctor.tab), another_tab(doctor.tab)
    for one in (tab, same, other):
        await one.get(f"{PAGE}?sala=1")
    path = f"{PAGE}/citas/{folio}/atendida"
    first, second = await twice(tab, path, tab.form(path))
    assert first.headers["location"] == second.headers["location"]
    await doctor.press(f"citas/{folio}/atendida", same)
    assert "Esto ya estaba hecho. No se hizo nada otra vez" in same.text
    await doctor.press(f"citas/{folio}/no-vino", other)
    assert "Esto cambió mientras tenía abierta la página" in other.text
    happened = "SELECT count(*) FROM event WHERE type = 'appointment.attended'"
    assert (await doctor.status(folio), await count(doctor.scene.db, happened)) == ("attended", 1)


async def test_calling_needs_the_room_to_be_open_and_free(doctor: Doctor) -> None:
    first, second = await doctor.appointment(-3), await doctor.appointment(-2)
    for folio in (first, second):
        await doctor.arrives(folio)
    tab, other, early = doctor.tab, another_tab(doctor.tab), another_tab(doctor.tab)
    for one in (tab, early):
        await one.get(f"{PAGE}?sala=1")
    await doctor.press("abrir")
    await other.get(f"{PAGE}?sala=1")
    await doctor.press(f"turnos/{await doctor.ticket(first)}/llama")
    await doctor.press(f"turnos/{await doctor.ticket(second)}/llama", other)
    assert "Esta ventanilla tiene un turno sin terminar" in other.text
    colleague = await steps.hire(doctor.scene, Role.RECEPTIONIST)
    theirs = await signed_in_browser(doctor.app, doctor.scene.db, staff_id=colleague.staff_id)
    await theirs.get(f"{PAGE}?sala=1")
    await doctor.press("abrir", theirs)
    assert "atiende en Consultorio 1 desde las" in theirs.text
    await steps.run(doctor.scene, "UPDATE desk_ticket SET status = 'waiting', counter = NULL")
    await tab.get("/ventanilla/mostrador")
    await tab.send("/ventanilla/mostrador/lugar/cerrar")
    await doctor.press(f"turnos/{await doctor.ticket(second)}/llama", other)
    assert "La ventanilla no está abierta a su nombre" in other.text
    await other.get("/ventanilla/mostrador")
    await other.send("/ventanilla/mostrador/abrir", counter="2")
    await tab.get(f"{PAGE}?sala=1")
    assert "Usted tiene abierto otro lugar: Consultorio 2." in tab.text
    await doctor.press("abrir", early)
    assert "Usted tiene abierto Consultorio 2" in early.text


async def test_a_follow_up_in_one_step(doctor: Doctor) -> None:
    folio = await doctor.appointment(-30)
    tab = doctor.tab
    await tab.get(f"{PAGE}?sala=1")
    assert "seguimiento" not in tab.text
    await tab.get(f"{PAGE}/citas/{folio}/seguimiento")
    assert "Anote primero que la cita se atendió" in tab.text
    await tab.get(f"{PAGE}?sala=1")
    await doctor.press(f"citas/{folio}/atendida")
    path = f"citas/{folio}/seguimiento"
    await tab.get(f"{PAGE}/{path}")
    assert "Este lugar no tiene horarios libres" in tab.text
    moment = await doctor.free(14)
    await doctor.free(28, room=2)
    await tab.get(f"{PAGE}/{path}")
    assert "En 2 semanas" in tab.text
    assert tab.html.count('name="time" type="radio"') == 1
    assert "En 4 semanas: no hay horario libre cerca de esa fecha." in tab.text, (
        "another room is free in four weeks, this one isn't"
    )
    assert "En 8 semanas: se podrá reservar desde el" in tab.text
    refused = await doctor.press(path)
    assert (refused.status_code, "Elija un horario." in tab.text) == (422, True)
    refused = await doctor.press(path, time="mañana")
    assert refused.status_code == 422
    first, second = await twice(tab, f"{PAGE}/{path}", tab.form(f"{PAGE}/{path}", time=moment.isoformat()))
    assert first.headers["location"] == second.headers["location"]
    await tab.get(first.headers["location"])
    assert "Cita de seguimiento:" in tab.text
    booked = "SELECT count(*) FROM appointment WHERE status = 'booked' AND channel = 'desk'"
    assert await count(doctor.scene.db, booked) == 1
    await tab.get(f"{PAGE}/{path}")
    assert "Ya tiene una cita" in tab.text


async def test_a_follow_up_at_a_time_that_was_taken_meanwhile(doctor: Doctor) -> None:
    folio = await doctor.appointment(-30)
    await doctor.tab.get(f"{PAGE}?sala=1")
    await doctor.press(f"citas/{folio}/atendida")
    moment, other = await doctor.free(14), await doctor.free(7)
    path = f"citas/{folio}/seguimiento"
    await doctor.tab.get(f"{PAGE}/{path}")
    async with doctor.scene.db.transaction() as session:
        await session.execute(text("DELETE FROM seat WHERE start_at = :at"), {"at": moment})
    refused = await doctor.press(path, time=moment.isoformat())
    assert refused.status_code == 409
    assert other.isoformat() in doctor.tab.html, "the times that are left"
    assert await count(doctor.scene.db, "SELECT count(*) FROM appointment WHERE status = 'booked'") == 0


async def test_staff_of_another_unit_see_none_of_it(doctor: Doctor) -> None:
    folio = await doctor.appointment(-30)
    there = await steps.unit(doctor.scene)
    stranger = await steps.hire(doctor.scene, Role.RECEPTIONIST, there)
    theirs = await signed_in_browser(doctor.app, doctor.scene.db, staff_id=stranger.staff_id)
    answer = await theirs.get(f"{PAGE}?sala=1&unidad={doctor.scene.unit.clues}")
    assert answer.status_code == 404
    assert folio not in answer.text
    await theirs.get(f"{PAGE}?sala=1")
    assert there.name in theirs.text
    await doctor.tab.get(f"{PAGE}?sala=1")
    for path in (f"citas/{folio}/atendida", f"citas/{folio}/seguimiento"):
        form = doctor.tab.form(f"{PAGE}/citas/{folio}/atendida") | {"csrf": theirs.hidden("csrf"), "time": "x"}
        assert (await theirs.client.post(f"{PAGE}/{path}", data=form)).status_code == 404
    assert (await theirs.client.get(f"{PAGE}/citas/{folio}/seguimiento")).status_code == 404
    assert await doctor.status(folio) == "booked"
