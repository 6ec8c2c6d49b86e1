"""The page on which a supervisor sets the terms of the unit's queues."""

from fastapi import FastAPI

from app.desk.models import DeskQueue
from app.kernel.actor import Role
from tests.desk.factories import SERVICE, clinic, walk_in
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser

PAGE = "/ventanilla/jefatura/filas"
TERMS = {
    "tolerance": "15",
    "walk_in_offset": "0",
    "protected": "20",
    "appointment_target": "30",
    "walk_in_target": "90",
    "grace": "45",
    "calls": "2",
}


async def test_terms_are_changed_once_and_what_is_wrong_is_said_at_its_field(app: FastAPI, scene: Scene) -> None:
    async with scene.db.transaction() as session:
        here = await clinic(session)
        await walk_in(session, here)
    boss = await steps.hire(scene, Role.SUPERVISOR, here.unit)
    page = await signed_in_browser(app, scene.db, staff_id=boss.staff_id)
    shown = await page.get(PAGE)
    assert "Fila A · Medicina familiar" in shown.text
    address = f"{PAGE}/{here.unit.id}"
    wrong = await page.send(f"{address}/{SERVICE}", **(TERMS | {"grace": "601", "calls": "dos"}))
    assert "Escriba un número de 0 a 600." in wrong.text
    assert "Escriba un número de 1 a 10." in wrong.text
    assert 'value="601"' in wrong.text
    done = await page.send(f"{address}/{SERVICE}", **TERMS)
    assert "Se guardaron los cambios." in (await page.get(done.headers["location"])).text
    async with scene.db.transaction() as session:
        queue = await session.get_one(DeskQueue, (here.unit.id, SERVICE))
        assert {name: str(getattr(queue, name)) for name in TERMS} == TERMS


async def test_two_tabs_a_receptionist_and_another_unit(app: FastAPI, scene: Scene) -> None:
    async with scene.db.transaction() as session:
        here = await clinic(session)
        await walk_in(session, here)
    boss = await steps.hire(scene, Role.SUPERVISOR, here.unit)
    page = await signed_in_browser(app, scene.db, staff_id=boss.staff_id)
    address = f"{PAGE}/{here.unit.id}"
    other_tab = Browser(page.client)
    await page.get(address)
    await other_tab.get(address)
    await page.send(f"{address}/{SERVICE}", **TERMS)
    stale = await other_tab.send(f"{address}/{SERVICE}", **(TERMS | {"calls": "5"}))
    assert stale.status_code == 409
    assert 'value="5"' in stale.text
    for role, unit, status in ((Role.RECEPTIONIST, here.unit, 403), (Role.SUPERVISOR, scene.unit, 404)):
        other = await steps.hire(scene, role, unit)
        assert (
            await (await signed_in_browser(app, scene.db, staff_id=other.staff_id)).get(address)
        ).status_code == status
