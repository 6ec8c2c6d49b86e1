"""The pages of draws: register from the page of days, see what became of it, verify it, and answer what is offered."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import select, text

from app.appointments.models import Schedule
from app.appointments.release_models import DrawRegistration
from app.appointments.service import draws, schedules, wait_offers
from app.kernel import clock
from app.kernel.actor import System
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories
from tests.appointments.releasing import CLOSES, OPENS, PLAN, PUBLIC, open_draw, opened
from tests.conftest import Database
from tests.web.assisted import helping
from tests.web.browser import Browser, signed_in_browser, twice


@pytest.fixture
def at() -> Iterator[Any]:
    with time_machine.travel(OPENS + timedelta(seconds=5), tick=True) as traveller:
        yield traveller


async def work(db: Database, unit: Unit) -> None:
    async with db.transaction() as session:
        await draws.work_draws(session, unit.id)
        await wait_offers.look(session, unit.id)


async def drawn_by(db: Database) -> tuple[str, str]:
    """The draw and the code of the registration."""
    async with db.transaction() as session:
        one = (await session.scalars(select(DrawRegistration))).one()
    return str(one.draw_id), one.code


async def clinic(db: Database) -> tuple[Unit, Person]:
    async with db.transaction() as session:
        unit = await factories.unit(session)
        await opened(session, unit, PLAN, weekdays=[2], slot_minutes=120)
        ana = await factories.person(session, unit)
    await work(db, unit)
    return unit, ana


async def registered(app: FastAPI, db: Database, unit: Unit, ana: Person) -> tuple[Browser, str]:
    visit = await signed_in_browser(app, db, person_id=ana.id)
    (draw,) = (await visit.client.get(f"/api/v1/units/{unit.id}/draws?service=family-medicine")).json()
    page = f"/citas/sorteos/{draw['id']}"
    await visit.get(page)
    assert "3 horarios · 0 personas registradas" in visit.text
    first, again = await twice(visit, page, visit.form(page, person=str(ana.id)))
    assert first.status_code == again.status_code == 303
    return visit, first.headers["location"].partition("?")[0]


async def test_register_be_drawn_and_accept(app: FastAPI, db: Database, at: Any) -> None:
    unit, ana = await clinic(db)
    visit, mine = await registered(app, db, unit, ana)
    await visit.get(mine)
    for words in ("Con registro", "Código con el que se sortea", "1 persona registrada", "Cancelar mi registro"):
        assert words in visit.text
    assert "Mis sorteos" in (await visit.get("/mi/avisos")).text
    await visit.get("/citas/quien")
    await visit.get("/citas/motivo")
    await visit.send("/citas/motivo", service="family-medicine")
    await visit.get("/citas/clinica")
    await visit.send("/citas/clinica", unit=str(unit.id))
    await visit.get("/citas/dia")
    assert "Días que se sortean" in visit.text
    assert "Con registro Ver el registro" in visit.text
    assert "Regístrese antes de" not in visit.text
    at.move_to(CLOSES + timedelta(seconds=5))
    await work(db, unit)
    visit = await signed_in_browser(app, db, person_id=ana.id)
    await visit.get(mine)
    assert "Hay un horario para usted" in visit.text
    entry = mine.replace("/citas/registros/", "/citas/avisos/")
    await visit.get(entry)
    assert "En el sorteo le tocó este horario" in visit.text
    assert "Salir de la lista de espera" not in visit.text
    booked = await visit.send(entry, action="accept")
    assert booked.headers["location"].startswith("/citas/C-")
    await visit.get(mine)
    assert "Aceptó su horario" in visit.text
    assert "Cancelar mi registro" not in visit.text


async def test_the_public_page_proves_the_draw_and_names_no_one(app: FastAPI, db: Database, at: Any) -> None:
    unit, ana = await clinic(db)
    await registered(app, db, unit, ana)
    draw_id, code = await drawn_by(db)
    anyone = await signed_in_browser(app, db)
    proof = f"/api/v1/draws/{draw_id}"
    before = (await anyone.get(proof)).json()
    assert (before["seed"], before["registrations"]) == (None, [])
    at.move_to(CLOSES + timedelta(seconds=5))
    await work(db, unit)
    drawn = (await anyone.get(proof)).json()
    assert drawn["registrations"] == [{"code": code, "position": 1}]
    assert str(ana.id) not in str(drawn)
    await anyone.get(f"/sorteos/{draw_id}")
    for words in (drawn["seed"], before["seed_digest"], code):
        assert words in anyone.text
    assert ana.given_names not in anyone.text


async def test_who_cancels_takes_no_part_and_late_is_said(app: FastAPI, db: Database, at: Any) -> None:
    unit, ana = await clinic(db)
    visit, mine = await registered(app, db, unit, ana)
    await visit.get(mine)
    stale = visit.form(mine)
    assert (await visit.send(mine)).status_code == 303
    await visit.get(mine)
    assert "Lo canceló" in visit.text
    assert (await visit.client.post(mine, data=stale)).status_code == 303, "the same again says that it is done"
    page = f"/citas/sorteos/{(await drawn_by(db))[0]}"
    at.move_to(CLOSES - timedelta(minutes=1))
    visit = await signed_in_browser(app, db, person_id=ana.id)
    await visit.get(page)
    form = visit.form(page, person=str(ana.id))
    at.move_to(CLOSES + timedelta(seconds=5))
    late = await visit.client.post(page, data=form)
    assert late.status_code == 409
    assert "El registro de este sorteo está cerrado" in late.text


async def test_whom_no_seat_was_left_for_reads_it_on_the_page(app: FastAPI, db: Database, at: Any) -> None:
    unit, ana = await clinic(db)
    visit, mine = await registered(app, db, unit, ana)
    async with db.transaction() as session:
        await session.execute(text("UPDATE seat SET closed_by = gen_random_uuid(), state = 'closed'"))
    for moment in (CLOSES, PUBLIC):
        at.move_to(moment + timedelta(seconds=5))
        await work(db, unit)
    await work(db, unit)
    visit = await signed_in_browser(app, db, person_id=ana.id)
    await visit.get(mine)
    assert "No alcanzó horario" in visit.text


async def test_the_next_of_a_family_is_chosen_and_who_is_registered_is_led_there(
    app: FastAPI, db: Database, at: Any
) -> None:
    unit, ana = await clinic(db)
    async with db.transaction() as session:
        luis = await factories.person(session, unit, insured=False)
        await factories.depend(session, ana, luis)
    visit = await signed_in_browser(app, db, person_id=ana.id)
    (draw,) = (await visit.client.get(f"/api/v1/units/{unit.id}/draws?service=family-medicine")).json()
    page = f"/citas/sorteos/{draw['id']}"
    await visit.get(page)
    mine = (await visit.send(page, person=str(ana.id))).headers["location"].partition("?")[0]
    assert "hora del centro" in (await visit.get(page)).text
    assert "checked" not in visit.html
    assert (await visit.send(page)).status_code == 422, "whom it is for is chosen, also of one who is left"
    await visit.get(page)
    again = await visit.send(page, person=str(ana.id))
    assert again.status_code == 409
    assert again.text.count(f'href="{mine}"') == 2, "with the refusal, and in the list"
    await visit.get("/mi")
    assert "Mi lista de espera y mis sorteos" in visit.text


async def test_who_may_not_register_reads_it_before_any_form(app: FastAPI, db: Database, at: Any) -> None:
    unit, _ana = await clinic(db)
    async with db.transaction() as session:
        eva = await factories.person(session, await factories.unit(session))
    visit = await signed_in_browser(app, db, person_id=eva.id)
    (draw,) = (await visit.client.get(f"/api/v1/units/{unit.id}/draws?service=family-medicine")).json()
    page = f"/citas/sorteos/{draw['id']}"
    assert (await visit.get(page)).status_code == 200
    assert "Esa no es la clínica que le toca" in visit.text
    assert f'action="{page}"' not in visit.html


async def test_staff_read_that_no_message_reaches_the_person(
    app: FastAPI, db: Database, client: httpx.AsyncClient
) -> None:
    here = await helping(app, db, client)
    async with db.transaction() as session:
        await session.execute(text("UPDATE person SET email = NULL, phone = NULL"))
        day = clock.local_day(here.clinic.times[0], here.clinic.unit.timezone)
        page = f"/citas/sorteos/{(await open_draw(session, here.clinic.unit, day)).id}"
    await here.by_questions()
    await here.tab.get(here.home + page)
    for words in ("no le llega ningún mensaje", "Registrar a la persona en el sorteo", "Personas por avisar"):
        assert words in here.tab.text
    for words in ("le mandamos un mensaje", "Registrarme"):
        assert words not in here.tab.text
    made = await here.tab.send(here.home + page)
    await here.tab.get(made.headers["location"])
    mine = made.headers["location"].partition("?")[0]
    assert "Cancelar el registro de la persona" in here.tab.text
    assert "no le llega ningún mensaje" in here.tab.text
    await here.tab.get(here.home)
    assert f'href="{mine}"' in here.tab.html


async def test_who_can_not_be_offered_a_seat_reads_so(app: FastAPI, db: Database, at: Any) -> None:
    unit, ana = await clinic(db)
    visit, mine = await registered(app, db, unit, ana)
    async with db.transaction() as session:
        await factories.room_of(session, unit, 2)
        soon = factories.tomorrow()
        await factories.seats(session, unit, room=2, start_at=soon, count=2)
        luz = await factories.person(session, unit)
        for number, one in enumerate((ana, luz)):
            await factories.booked(session, one, factories.place(unit, soon + timedelta(minutes=15 * number), room=2))
    await visit.get(mine)
    assert "es antes que todos los horarios que este sorteo puede dar" in visit.text
    draw_id, _code = await drawn_by(db)
    page = f"/citas/sorteos/{draw_id}"
    other = await signed_in_browser(app, db, person_id=luz.id)
    await other.get(page)
    assert "Su cita es antes que todos los horarios de este sorteo" in other.text
    assert f'action="{page}"' not in other.html
    await other.get(f"/en{page}")
    assert "Your appointment is before every time of this draw" in other.text


async def test_a_draw_whose_schedule_ended_promises_nothing(app: FastAPI, db: Database, at: Any) -> None:
    unit, ana = await clinic(db)
    visit, mine = await registered(app, db, unit, ana)
    draw_id, _code = await drawn_by(db)
    async with db.transaction() as session:
        schedule = (await session.scalars(select(Schedule).where(Schedule.unit_id == unit.id))).one()
        today = clock.today(unit.timezone)
        await schedules.end_schedule(session, System("test"), schedule.id, today, version=1, horizon_days=12)
    await work(db, unit)
    await visit.get(mine)
    assert "ya no queda ningún horario de este sorteo, que terminó" in visit.text
    await visit.get(f"/sorteos/{draw_id}")
    assert "cambió la agenda de ese día y el sorteo terminó" in visit.text
    for page in (mine, f"/sorteos/{draw_id}", f"/citas/sorteos/{draw_id}"):
        await visit.get(page)
        for promise in ("hay horario para", "Lo que quede pasa a todos", "Si llega su turno"):
            assert promise not in visit.text, page
