"""The counter with two tabs, buttons pressed twice, other people and other units: each acts once, and says what
happened."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.kernel.actor import Role
from app.places.models import Room
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.waiting import until_a_session_waits
from tests.web.browser import another_tab, count, signed_in_browser, twice, unsigned
from tests.web.counter import DENTAL, PAGE, Counter, counter_of, focused


@pytest.fixture
async def desk(app: FastAPI, scene: Scene) -> Counter:
    return await counter_of(app, scene)


async def test_a_place_that_is_taken_says_by_whom(desk: Counter) -> None:
    await desk.open()
    other = await desk.colleague()
    await other.get(PAGE)
    assert "Ventanilla 1 – " in other.html
    refused = await other.send(f"{PAGE}/abrir", counter="1", service=[DENTAL])
    assert refused.status_code == 409
    assert "Esa ventanilla está ocupada" in other.text
    assert "atiende en Ventanilla 1 desde" in other.text
    assert 'value="1" selected' in other.html, "what was chosen is still there"


async def test_a_second_counter_in_another_tab_is_explained(desk: Counter) -> None:
    tab, other = desk.tab, another_tab(desk.tab)
    await other.get(PAGE)
    await desk.open()
    refused = await other.send(f"{PAGE}/abrir", counter="2", service=[DENTAL])
    assert refused.status_code == 409
    assert f"Usted tiene abierto Ventanilla 1 ({desk.scene.unit.name}) desde" in other.text
    await tab.send(f"{PAGE}/lugar/cerrar")
    await tab.get(PAGE)
    await other.get(PAGE)
    same: dict[str, Any] = {"counter": "2", "service": [DENTAL]}
    await tab.send(f"{PAGE}/abrir", **same)
    again = await other.send(f"{PAGE}/abrir", **same)
    assert unsigned(again.headers["location"]) == f"{PAGE}?aviso=ya"
    assert await count(desk.scene.db, "SELECT count(*) FROM counter_session WHERE status = 'open'") == 1


async def test_the_next_one_pressed_twice_is_one_call(desk: Counter) -> None:
    await desk.arrive()
    await desk.arrive()
    await desk.open()
    form = desk.tab.form(f"{PAGE}/siguiente")
    answers = await twice(desk.tab, f"{PAGE}/siguiente", form)
    assert len({one.headers["location"] for one in answers}) == 1
    later = await desk.tab.client.post(f"{PAGE}/siguiente", data=form)
    assert later.headers["location"] == answers[0].headers["location"], "an answer lost on the way is given again"
    assert await count(desk.scene.db, "SELECT count(*) FROM desk_ticket WHERE status = 'called'") == 1


async def test_the_next_one_from_another_tab_says_that_there_is_one(desk: Counter) -> None:
    await desk.arrive()
    await desk.arrive()
    await desk.open()
    other = another_tab(desk.tab)
    await other.get(PAGE)
    await desk.call()
    refused = await other.send(f"{PAGE}/siguiente")
    assert refused.status_code == 409
    assert "Esta ventanilla tiene un turno sin terminar" in other.text
    assert "A-001" in other.text
    assert await count(desk.scene.db, "SELECT count(*) FROM desk_ticket WHERE status = 'called'") == 1


async def test_a_call_of_another_program_at_the_same_moment_is_the_one_there_is(desk: Counter) -> None:
    first, second = await desk.arrive(), await desk.arrive()
    await desk.open()
    async with desk.scene.db.transaction() as session:
        take = "UPDATE desk_ticket SET status = 'called', calls = 1, called_at = now(), counter = 1 WHERE id = :id"
        await session.execute(text(take), {"id": second.id})
        pressed = asyncio.create_task(desk.tab.send(f"{PAGE}/siguiente"))
        await until_a_session_waits(desk.scene.db)
    refused = await pressed
    assert (refused.status_code, "Esta ventanilla tiene un turno sin terminar" in desk.tab.text) == (409, True)
    assert (await desk.status(first), await desk.status(second)) == ("waiting", "called")


async def test_nobody_waits_and_a_pause_calls_nobody(desk: Counter) -> None:
    await desk.open()
    other = another_tab(desk.tab)
    await other.get(PAGE)
    refused = await desk.call()
    assert (refused.status_code, "Nadie espera" in desk.tab.text) == (409, True)
    await desk.tab.get(PAGE)
    await desk.tab.send(f"{PAGE}/lugar/pausar")
    refused = await other.send(f"{PAGE}/siguiente")
    assert refused.status_code == 409
    assert "no está abierta a su nombre" in other.text
    assert "Reanudar" in other.text


async def test_a_button_of_another_tab_changes_nothing_and_says_so(desk: Counter) -> None:
    ticket = await desk.arrive()
    await desk.open()
    await desk.call()
    same, late = another_tab(desk.tab), another_tab(desk.tab)
    for tab in (same, late):
        await tab.get(PAGE)
    await desk.press(ticket, "llego")
    await desk.press(ticket, "llego", same)
    assert "Esto ya estaba hecho. No se hizo nada otra vez" in same.text
    assert focused(same) == "Terminar: se atendió"
    refused = await desk.press(ticket, "aparta", late)
    assert refused.status_code == 409
    assert "Esto cambió mientras tenía abierta la página" in late.text
    assert "El turno A-001 está así ahora: en atención. Lo tiene ventanilla 1." in late.text
    assert await desk.status(ticket) == "serving"


async def test_a_ticket_button_pressed_twice_acts_once(desk: Counter) -> None:
    ticket = await desk.arrive()
    await desk.open()
    await desk.call()
    path = f"{PAGE}/turnos/{ticket.id}/otra-vez"
    first, second = await twice(desk.tab, path, desk.tab.form(path))
    assert first.headers["location"] == second.headers["location"]
    assert await count(desk.scene.db, "SELECT calls FROM desk_ticket WHERE id = :id", id=ticket.id) == 2


async def test_a_counter_with_a_ticket_is_not_left(desk: Counter) -> None:
    await desk.arrive()
    await desk.open()
    other = another_tab(desk.tab)
    await other.get(PAGE)
    await desk.call()
    refused = await other.send(f"{PAGE}/lugar/cerrar")
    assert refused.status_code == 409
    assert "Esta ventanilla tiene un turno sin terminar" in other.text


async def test_another_unit_has_its_own_tickets(desk: Counter) -> None:
    ticket = await desk.arrive()
    await desk.open()
    there = await steps.unit(desk.scene)
    async with desk.scene.db.transaction() as session:
        session.add(Room(unit_id=there.id, number=1, kind="window", name="Ventanilla 1"))
    hired = await steps.hire(desk.scene, Role.RECEPTIONIST, there)
    theirs = await signed_in_browser(desk.app, desk.scene.db, staff_id=hired.staff_id)
    await desk.open(theirs)
    assert ticket.number not in theirs.text
    path = f"{PAGE}/turnos/{ticket.id}/aparta"
    fields = desk.tab.form(path) | {"csrf": theirs.hidden("csrf")}
    assert (await theirs.client.post(path, data=fields)).status_code == 404
    await theirs.send(f"{PAGE}/lugar/cerrar")
    await theirs.get(PAGE)
    elsewhere: dict[str, Any] = {"unit": str(desk.scene.unit.id), "counter": "2", "service": [DENTAL]}
    assert (await theirs.send(f"{PAGE}/abrir", **elsewhere)).status_code == 409, "not the unit that the page showed"
    assert await count(desk.scene.db, "SELECT count(*) FROM counter_session WHERE status = 'open'") == 1
    assert await desk.status(ticket) == "waiting"


@pytest.mark.parametrize("path", [PAGE, "/ventanilla/consultorio"])
async def test_an_analyst_attends_nobody(desk: Counter, path: str) -> None:
    analyst = await desk.colleague(Role.ANALYST)
    analyst.client.headers["accept"] = "text/html"
    refused = await analyst.get(path)
    assert (refused.status_code, "Su puesto no incluye esta tarea" in analyst.text) == (403, True)
    assert "Mostrador" not in analyst.html


async def test_a_session_that_ended_leads_back_to_the_counter_and_does_nothing(desk: Counter) -> None:
    ticket = await desk.arrive()
    await desk.open()
    await desk.call()
    async with desk.scene.db.transaction() as session:
        await session.execute(text("UPDATE web_session SET seen_at = seen_at - interval '1 day'"))
    path = f"{PAGE}/turnos/{ticket.id}/llego"
    answer = await desk.tab.client.post(path, data=desk.tab.form(path), headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert "/ventanilla/entrar?next=/ventanilla/mostrador" in answer.headers["location"]
    assert await desk.status(ticket) == "called"


async def test_who_moved_to_another_unit_can_still_close(desk: Counter) -> None:
    ticket = await desk.arrive(person_id=desk.scene.ana.id)
    await desk.open()
    there = await steps.unit(desk.scene)
    async with desk.scene.db.transaction() as session:
        await session.execute(
            text("UPDATE staff_unit SET unit_id = :there WHERE staff_id = :me"), {"there": there.id, "me": desk.rosa}
        )
    await desk.tab.get(PAGE)
    assert ticket.number not in desk.tab.text
    await desk.follow(await desk.tab.send(f"{PAGE}/lugar/cerrar"), desk.tab)
    assert "Cerró su lugar." in desk.tab.text
