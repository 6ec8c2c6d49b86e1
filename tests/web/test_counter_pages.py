"""The counter's page: a shift in both languages, and what it shows to whom."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.kernel import clock
from app.kernel.actor import Role
from tests.appointments import factories as places
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import another_tab, count, signed_in_browser
from tests.web.counter import DENTAL, PAGE, Counter, counter_of, focused


@pytest.fixture
async def desk(app: FastAPI, scene: Scene) -> Counter:
    return await counter_of(app, scene)


async def test_a_shift(desk: Counter) -> None:
    first, second = await desk.arrive(), await desk.arrive()
    tab = desk.tab
    await desk.open()
    assert "Abrió: ya puede llamar." in tab.text
    assert "Dentista 2" in tab.text
    assert focused(tab) == "Llamar al siguiente"
    await desk.call()
    assert "Llamó al turno A-001." in tab.text
    assert "Un llamado; el último hace menos de un minuto" in tab.text
    assert focused(tab) == "La persona está aquí"
    assert "Faltan 2 llamados para poder cerrarlo" in tab.text
    assert "No respondió </kbd>" not in tab.html
    await desk.press(first, "otra-vez")
    assert "Falta un llamado para poder cerrarlo" in tab.text
    await desk.press(first, "otra-vez")
    assert "3 llamados" in tab.text
    await desk.press(first, "no-respondio")
    assert "Cerró el turno A-001: no respondió." in tab.text
    assert "no respondió a los llamados" in tab.text
    assert focused(tab) == "Llamar al siguiente"
    await desk.press(first, "devuelve")
    assert "Devolvió el turno A-001 a la fila" in tab.text
    await desk.call()
    await desk.press(first, "llego")
    assert "La persona del turno A-001 está aquí." in tab.text
    assert focused(tab) == "Terminar: se atendió"
    await desk.press(first, "pasa", service="window")
    assert "Pasó el turno A-001 a otra fila." in tab.text
    await desk.call()
    await desk.press(second, "aparta")
    assert "Apartados (1)" in tab.text
    await desk.press(second, "regreso-y-llama")
    assert "Llamó al turno A-002." in tab.text
    await desk.press(second, "llego")
    await desk.press(second, "termino")
    assert "Terminó con el turno A-002" in tab.text
    assert await desk.status(second) == "done"
    for button, said in (("pausar", "En pausa: no se le llamará"), ("reanudar", "Ya puede llamar otra vez.")):
        await desk.follow(await tab.send(f"{PAGE}/lugar/{button}"), tab)
        assert said in tab.text
    await desk.follow(await tab.send(f"{PAGE}/lugar/cerrar"), tab)
    assert "Cerró su lugar." in tab.text
    assert "Dónde va a atender" in tab.text


async def test_the_page_in_english(desk: Counter) -> None:
    ticket = await desk.arrive()
    await desk.tab.get(f"/en{PAGE}")
    assert "Where you will attend" in desk.tab.text
    sent = await desk.tab.send(f"/en{PAGE}/abrir", counter="1", service=[DENTAL])
    await desk.tab.get(sent.headers["location"])
    assert focused(desk.tab) == "Call the next one"
    sent = await desk.tab.send(f"/en{PAGE}/siguiente")
    await desk.tab.get(sent.headers["location"])
    assert f"You called ticket {ticket.number}." in desk.tab.text
    assert "One call; the last one less than a minute ago" in desk.tab.text


async def test_what_opens_beside_a_ticket_is_what_its_reader_may_see(desk: Counter) -> None:
    folio = await steps.complain(desk.scene)
    ana = desk.scene.ana
    ticket = await desk.arrive(person_id=ana.id)
    await desk.open()
    await desk.call()
    assert ana.full_name in desk.tab.text
    assert ana.curp in desk.tab.text
    assert folio not in desk.tab.html, "a receptionist doesn't see requests"
    assert f'href="/ventanilla/recepcion/personas/{ana.id}"' in desk.tab.html
    seen = "SELECT count(*) FROM personal_data_view WHERE person_id = :ana AND reader_id = :me"
    assert await count(desk.scene.db, seen, ana=ana.id, me=desk.rosa) == 1
    await desk.press(ticket, "aparta")
    officer = await desk.colleague(Role.OFFICER)
    await desk.open(officer, 2)
    await desk.press(ticket, "regreso-y-llama", officer)
    assert f'href="/ventanilla/solicitudes/{folio}"' in officer.html
    assert f'href="/ventanilla/personas/{ana.id}"' in officer.html


async def test_the_places_and_services_of_a_unit(desk: Counter) -> None:
    await desk.tab.get(PAGE)
    await desk.tab.send(f"{PAGE}/abrir")
    assert "Elija la ventanilla o el consultorio." in desk.tab.text
    refused = await desk.tab.send(f"{PAGE}/abrir", counter="4")
    assert refused.status_code == 422
    assert "este lugar no tiene un horario del que tomarlo" in desk.tab.text
    assert (await desk.tab.send(f"{PAGE}/abrir", counter="77")).status_code == 404
    await desk.tab.get(PAGE)
    sent = await desk.tab.send(f"{PAGE}/abrir", counter="1")
    await desk.follow(sent, desk.tab)
    assert "Ventanilla de trámites" in desk.tab.text, "what the place attends"


async def test_a_person_counts_as_absent_after_the_calls_of_the_unit(desk: Counter) -> None:
    ticket = await desk.arrive()
    await desk.open()
    await desk.call()
    refused = await desk.press(ticket, "no-respondio")
    assert refused.status_code == 409
    assert "Llame otra vez antes de cerrar el turno" in desk.tab.text
    assert "Llamados que faltan: 2." in desk.tab.text
    await steps.run(desk.scene, "UPDATE desk_queue SET calls = 1")
    await desk.tab.get(PAGE)
    assert f"/turnos/{ticket.id}/no-respondio" in desk.tab.html
    await desk.press(ticket, "no-respondio")
    assert await desk.status(ticket) == "left"


async def test_who_leaves_says_why_and_may_be_put_back_for_half_an_hour(desk: Counter) -> None:
    ticket = await desk.arrive()
    await desk.open()
    await desk.call()
    refused = await desk.press(ticket, "se-fue")
    assert (refused.status_code, "Elija por qué se fue." in desk.tab.text) == (422, True)
    await desk.press(ticket, "se-fue", because="redirected")
    assert "se le envió a otro lugar" in desk.tab.text
    late = another_tab(desk.tab)
    await late.get(PAGE)
    await steps.run(desk.scene, "UPDATE desk_ticket SET ended_at = ended_at - interval '31 minutes'")
    refused = await desk.press(ticket, "devuelve", late)
    assert refused.status_code == 409
    assert "Ya no se puede devolver ese turno a la fila" in late.text
    await desk.tab.get(PAGE)
    assert "Se fueron en la última media hora" not in desk.tab.text


async def test_a_ticket_is_passed_on_to_a_queue_that_the_unit_has(desk: Counter) -> None:
    ticket = await desk.arrive()
    await desk.open()
    await desk.call()
    await desk.press(ticket, "llego")
    await desk.arrive("window")
    refused = await desk.press(ticket, "pasa", service="")
    assert (refused.status_code, "Elija a qué fila pasa." in desk.tab.text) == (422, True)
    refused = await desk.press(ticket, "pasa", service="Nada de eso")
    assert refused.status_code == 422
    assert await desk.status(ticket) == "serving"


async def test_a_ticket_of_an_absent_doctor_is_for_any_room(desk: Counter) -> None:
    ticket = await desk.arrive()
    await steps.run(desk.scene, "UPDATE desk_ticket SET room = 4")
    await desk.open()
    assert "Esperan a un consultorio cerrado (1)" in desk.tab.text
    assert "Nadie espera para lo que atiende aquí." in desk.tab.text
    await desk.press(ticket, "cualquiera")
    assert "Cualquier consultorio puede llamar al turno A-001." in desk.tab.text
    await desk.press(ticket, "llama")
    assert await desk.status(ticket) == "called"


async def test_who_works_for_several_units_chooses_one(desk: Counter) -> None:
    there = await steps.unit(desk.scene, "UMF 9 Lejana")
    hired = await steps.hire(desk.scene, Role.RECEPTIONIST, desk.scene.unit, there)
    tab = await signed_in_browser(desk.app, desk.scene.db, staff_id=hired.staff_id)
    await tab.get(PAGE)
    assert f"{PAGE}?unidad={there.clues}" in tab.html
    await tab.get(f"{PAGE}?unidad={there.clues}")
    assert "UMF 9 Lejana" in tab.text
    assert "Esta unidad no tiene ventanillas ni consultorios registrados." in tab.text
    await tab.get(f"{PAGE}?unidad={desk.scene.unit.clues}")
    assert "Ventanilla 3" in tab.html
    everywhere = await desk.colleague(Role.ADMIN)
    async with desk.scene.db.transaction() as session:
        await session.execute(text("UPDATE staff SET all_units = true WHERE role = 'admin'"))
    await everywhere.get(f"{PAGE}?unidad=lejana")
    assert f"{PAGE}?unidad={there.clues}" in everywhere.html
    await everywhere.get(f"{PAGE}?unidad=ninguna de estas")
    assert "Ninguna unidad tiene esas palabras: «ninguna de estas»." in everywhere.text


async def test_a_message_is_said_as_long_as_it_is_so(desk: Counter) -> None:
    ticket = await desk.arrive()
    await desk.open()
    await desk.call()
    called = str(desk.tab.client.base_url.copy_with(path=PAGE))
    sent = await desk.tab.send(f"{PAGE}/turnos/{ticket.id}/otra-vez")
    address = sent.headers["location"]
    await desk.tab.get(address)
    assert "Llamó otra vez al turno A-001." in desk.tab.text
    await desk.press(ticket, "llego")
    await desk.tab.get(address)
    assert "Llamó otra vez" not in desk.tab.text, "Back shows the counter as it is now"
    for odd in ("hecho=otra-vez&turno=x&v=1", f"hecho=nada&turno={ticket.id}", "hecho=otra-vez"):
        assert (await desk.tab.get(f"{called}?{odd}")).status_code == 200


async def test_an_appointment_opens_beside_its_ticket(desk: Counter) -> None:
    unit = desk.scene.unit
    async with desk.scene.db.transaction() as session:
        start_at = places.tomorrow()
        await places.seats(session, unit, service=DENTAL, start_at=start_at)
        made = await places.booked(session, desk.scene.ana, places.place(unit, start_at, service=DENTAL))
    ticket = await desk.arrive(person_id=desk.scene.ana.id)
    async with desk.scene.db.transaction() as session:
        await session.execute(
            text("UPDATE desk_ticket SET appointment_folio = :folio, arrived_at = :at WHERE id = :id"),
            {"folio": made.folio, "at": clock.now() - timedelta(minutes=75), "id": ticket.id},
        )
    await desk.open()
    assert "1 h 15 min" in desk.tab.text
    await desk.call()
    assert made.folio in desk.tab.text
    assert "9:00 a.m." in desk.tab.text.replace("\xa0", " ")
