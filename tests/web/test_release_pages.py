"""The pages of the fair release: a supervisor chooses waves and sees what is released when; people see when the next
seats are."""

from datetime import date, datetime, time, timedelta
from typing import Any

from fastapi import FastAPI
from sqlalchemy import select

from app.appointments.models import Schedule
from app.appointments.service import draw_registrations, releases
from app.kernel import clock
from app.kernel.actor import Role
from tests.appointments import factories as places
from tests.appointments.releasing import HALVES, open_draw, opened
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser

HOME = "/ventanilla/jefatura"
WAVES = {
    "release": "waves",
    "waves-0-days": "1", "waves-0-at": "6:00 p.m.", "waves-0-share": "40",
    "waves-1-days": "14", "waves-1-at": "07:00", "waves-1-share": "60",
}  # fmt: skip
PATTERN = {
    "service": "family-medicine", "shift": "M", "weekdays": ["1", "2", "3", "4", "5", "6", "7"], "starts": "08:00",
    "ends": "14:00", "slot_minutes": "15", "capacity": "1",
}  # fmt: skip


async def supervisor(app: FastAPI, scene: Scene) -> Browser:
    boss = await steps.hire(scene, Role.SUPERVISOR, scene.unit)
    return await signed_in_browser(app, scene.db, staff_id=boss.staff_id)


async def test_a_schedule_gets_waves_as_its_preview_shows(app: FastAPI, scene: Scene) -> None:
    boss = await supervisor(app, scene)
    async with scene.db.transaction() as session:
        await places.room_of(session, scene.unit, 77)
    new = f"{HOME}/agendas/nueva?unidad={scene.unit.id}"
    await boss.get(new)
    assert "Cómo salen los horarios" in boss.text
    first = (clock.today(scene.unit.timezone) + timedelta(days=1)).isoformat()
    typed: dict[str, Any] = {"room": "77", "valid_from": first} | PATTERN | WAVES
    wrong = await boss.send(f"{HOME}/agendas/nueva/vista?unidad={scene.unit.id}", **(typed | {"waves-1-share": "50"}))
    assert wrong.status_code == 422
    assert "Los porcentajes de las tandas deben sumar 100." in boss.text
    await boss.send(
        f"{HOME}/agendas/nueva/vista?unidad={scene.unit.id}", **(typed | {"waves-1-share": "x", "waves-1-at": "25:00"})
    )
    assert boss.html.index('href="#waves-1-at"') < boss.html.index('href="#waves-1-share"'), "as the fields are"
    await boss.send(f"{HOME}/agendas/nueva/vista?unidad={scene.unit.id}", **typed)
    for words in ("por tandas", "Qué sale cuándo", "7:00", "6:00 p.m.", "horarios"):
        assert words in boss.text
    assert (await boss.send(new, **typed)).status_code == 303
    async with scene.db.transaction() as session:
        made = await session.scalar(select(Schedule).where(Schedule.room == 77, Schedule.unit_id == scene.unit.id))
    assert made is not None
    assert made.release == {
        "waves": [{"days": 14, "at": "07:00", "share": 60}, {"days": 1, "at": "18:00", "share": 40}]
    }
    await boss.get(f"{HOME}/agendas?unidad={scene.unit.id}")
    assert "por tandas" in boss.text
    await boss.get(f"{HOME}/agendas/{made.id}")
    assert 'value="60"' in boss.html


async def test_a_preview_names_published_releases_that_move(app: FastAPI, scene: Scene) -> None:
    boss = await supervisor(app, scene)
    async with scene.db.transaction() as session:
        await places.room_of(session, scene.unit)
        made = await opened(session, scene.unit, HALVES, horizon_days=14, slot_minutes=60, ends=time(20))
    here = f"{HOME}/agendas/{made.id}"
    later = WAVES | {"waves-1-days": "7", "waves-0-share": "50", "waves-1-share": "50", "waves-0-at": "12:00"}
    typed: dict[str, Any] = PATTERN | {"slot_minutes": "60", "ends": "20:00", "version": "1"} | later
    await boss.get(here)
    await boss.send(f"{here}/vista", **typed)
    assert "Cambia la hora de horarios que ya se anunciaron" in boss.text
    assert "Ahora:" in boss.text
    await boss.send(f"{here}/vista", **(typed | {"valid_to": clock.today(scene.unit.timezone).isoformat()}))
    assert "Los próximos días que se abren" not in boss.text, "none opens any more"


async def test_previews_name_the_draws_that_lose_seats(app: FastAPI, scene: Scene) -> None:
    boss = await supervisor(app, scene)
    day = clock.today(scene.unit.timezone) + timedelta(days=3)
    async with scene.db.transaction() as session:
        await places.room_of(session, scene.unit)
        made = await opened(session, scene.unit, None, horizon_days=14, slot_minutes=60, starts=time(9))
        draw = await open_draw(session, scene.unit, day)
        ana = await places.person(session, scene.unit)
        await draw_registrations.register(session, places.citizen(ana), draw.id, ana.id)
    typed: dict[str, Any] = PATTERN | {"release": "at-once", "slot_minutes": "60", "starts": "09:00", "version": "1"}
    here = f"{HOME}/agendas/{made.id}"
    await boss.get(here)
    await boss.send(f"{here}/vista", **(typed | {"valid_to": (day - timedelta(days=1)).isoformat()}))
    for words in ("Sorteos que pierden horarios", "tenía 5 horarios por dar y quedan 0", "1 persona con registro"):
        assert words in boss.text
    closing = f"{HOME}/cierres"
    await boss.get(f"{closing}?unidad={scene.unit.id}")
    span = {"room": "1", "shift": "", "first": day.isoformat(), "last": day.isoformat(), "reason": "leave"}
    await boss.send(f"{closing}/vista?unidad={scene.unit.id}", **span)
    for words in ("Sorteos que pierden horarios", "tenía 5 horarios por dar y quedan 0", "Mientras esté cerrado"):
        assert words in boss.text


async def test_the_page_of_days_says_when_the_next_seats_are_released(app: FastAPI, scene: Scene) -> None:
    async with scene.db.transaction() as session:
        unit = await places.unit(session)
        await opened(session, unit, HALVES, horizon_days=14)
        ana = await places.person(session, unit)
    visit = await signed_in_browser(app, scene.db, person_id=ana.id)
    await visit.get("/citas/quien")
    await visit.get("/citas/motivo")
    await visit.send("/citas/motivo", service="family-medicine")
    await visit.get("/citas/clinica")
    await visit.send("/citas/clinica", unit=str(unit.id))
    shown = await visit.get("/citas/dia")
    assert shown.status_code == 200, visit.text
    assert "Próximos horarios que salen" in visit.text
    found = await scene.client.get(f"/api/v1/units/{unit.id}/releases", params={"service": "family-medicine"})
    (soonest, *_rest) = found.json()
    assert datetime.fromisoformat(soonest["at"]) > clock.now()
    assert date.fromisoformat(soonest["first_day"]) > clock.today(unit.timezone)
    assert (await scene.client.get("/reparto")).status_code == 200


async def test_the_supervisor_sees_the_waves_and_no_one_else_does(app: FastAPI, scene: Scene) -> None:
    async with scene.db.transaction() as session:
        await places.room_of(session, scene.unit)
        await opened(session, scene.unit, HALVES, horizon_days=14, starts=datetime.min.time().replace(hour=9))
        await releases.note_waves(session, scene.unit.id)
        await open_draw(session, scene.unit, clock.today(scene.unit.timezone) + timedelta(days=3))
    boss = await supervisor(app, scene)
    await boss.get(f"{HOME}/reparto?unidad={scene.unit.id}")
    assert "En la primera hora" in boss.text
    assert "Consultorio 1, matutino" in boss.text
    other = await signed_in_browser(
        app, scene.db, staff_id=(await steps.hire(scene, Role.SUPERVISOR, await steps.unit(scene))).staff_id
    )
    assert (await other.get(f"{HOME}/reparto?unidad={scene.unit.id}")).status_code == 403
