"""Closing the account, changing clinic and a closed room: what is pending is shown first, and can be ended there."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from app.appointments.schemas import AppointmentOut
from app.appointments.service import closures, draw_registrations, wait_entries
from app.appointments.service.wait_entries import Asked
from app.appointments.wait_list import Wish
from app.identity.models import Account
from app.kernel import clock
from app.kernel.actor import System
from app.registry.models import Coverage
from tests.appointments import factories as places
from tests.appointments.releasing import open_draw
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, another_tab, signed_in_browser, unsigned


async def booked(scene: Scene, hour: int = 15) -> AppointmentOut:
    """An appointment of hers tomorrow."""
    async with scene.db.transaction() as session:
        (start,) = await places.seats(session, scene.unit, start_at=places.tomorrow(hour))
        return await places.booked(session, scene.ana, places.place(scene.unit, start))


@pytest.fixture
async def browser(app: FastAPI, scene: Scene) -> Browser:
    async with scene.db.transaction() as session:
        session.add(
            Account(
                person_id=scene.ana.id, curp=scene.ana.curp, email="a@ejemplo.mx", language="es", created_at=clock.now()
            )
        )
    return await signed_in_browser(app, scene.db, person_id=scene.ana.id)


async def account(scene: Scene) -> Account | None:
    async with scene.db.transaction() as session:
        found: Account | None = await session.scalar(select(Account).where(Account.person_id == scene.ana.id))
        return found


async def test_what_is_open_is_shown_first_and_ends_with_the_account(scene: Scene, browser: Browser) -> None:
    made, folio = await booked(scene), await steps.complain(scene)
    await browser.get("/mi/borrar")
    assert made.folio in browser.html
    assert folio in browser.html
    answer = await browser.send("/mi/borrar", cancel=made.folio, withdraw=folio)
    assert (answer.status_code, unsigned(answer.headers["location"])) == (303, "/mi/borrar/hecho?hecho=cuenta")
    await browser.get(answer.headers["location"])
    assert "Su cuenta está cerrada" in browser.text
    assert await account(scene) is None
    assert (await steps.row(scene, folio)).outcome == "withdrawn"
    async with scene.db.transaction() as session:
        assert await session.scalar(text("SELECT status FROM appointment")) == "cancelled"


async def test_waits_and_draws_that_end_with_it_are_named_before(scene: Scene, browser: Browser) -> None:
    await browser.get("/mi/borrar")
    assert "Termina con su cuenta" not in browser.text
    async with scene.db.transaction() as session:
        asked = Asked(scene.ana.id, scene.unit.id, "family-medicine")
        await wait_entries.add(session, places.citizen(scene.ana), asked, Wish(notice=timedelta(hours=2)))
        draw = await open_draw(session, scene.unit, clock.today(scene.unit.timezone) + timedelta(days=3))
        await draw_registrations.register(session, places.citizen(scene.ana), draw.id, scene.ana.id)
    assert (await browser.send("/mi/borrar")).status_code == 409
    await browser.get("/mi/borrar")
    assert "Termina con su cuenta" in browser.text
    assert "Lista de espera: Medicina familiar" in browser.text
    assert "Sorteo: Medicina familiar" in browser.text


async def test_what_is_not_ticked_stands(scene: Scene, browser: Browser) -> None:
    await booked(scene)
    folio = await steps.complain(scene)
    await browser.get("/mi/borrar")
    await browser.send("/mi/borrar")
    assert await account(scene) is None
    assert (await steps.row(scene, folio)).kind != "final"
    async with scene.db.transaction() as session:
        assert await session.scalar(text("SELECT status FROM appointment")) == "booked"


async def test_what_came_since_the_page_was_shown_is_shown_first(scene: Scene, browser: Browser) -> None:
    await browser.get("/mi/borrar")
    made = await booked(scene)
    answer = await browser.send("/mi/borrar")
    assert answer.status_code == 409
    assert made.folio in browser.html
    assert "Esto cambió mientras tenía abierta la página" in browser.text
    assert await account(scene) is not None


async def test_what_can_t_be_cancelled_any_more_leaves_the_account_as_it_was(scene: Scene, browser: Browser) -> None:
    made, folio = await booked(scene), await steps.complain(scene)
    async with scene.db.transaction() as session:
        soon = clock.now() + timedelta(minutes=50)
        await session.execute(text("UPDATE appointment SET start_at = :soon"), {"soon": soon})
    await browser.get("/mi/borrar")
    answer = await browser.send("/mi/borrar", cancel=made.folio, withdraw=folio)
    assert answer.status_code == 409
    assert f'value="{made.folio}" checked' in browser.html
    assert await account(scene) is not None
    assert (await steps.row(scene, folio)).kind != "final"


async def test_a_closed_room_marks_the_page_and_says_why(scene: Scene, browser: Browser) -> None:
    made = await booked(scene)
    span: dict[str, Any] = {"starts_at": made.start_at, "ends_at": made.start_at + timedelta(hours=1)}
    async with scene.db.transaction() as session:
        await closures.close(
            session, System("t"), unit_id=scene.unit.id, room=None, shift=None, reason="maintenance", **span
        )
    await browser.get("/mi")
    assert "La clínica no atenderá a esa hora" in browser.text
    await browser.get(f"/citas/{made.folio}")
    assert "está en mantenimiento" in browser.text
    assert "muévala a otro horario o cancélela" in browser.text
    assert "La clínica avisó que no atenderá a esa hora" in browser.text


async def test_changing_clinic_shows_the_appointment_left_behind(scene: Scene, browser: Browser) -> None:
    made = await booked(scene)
    other = await steps.unit(scene, "UMF 30 Nueva")
    async with scene.db.transaction() as session:
        session.add(Coverage(postal_code="06700", unit_id=other.id))
    draft = (await scene.citizen.start("clinic-change", postal_code="06700", unit_id=str(other.id), shift="M")).json()
    await browser.get(f"/tramites/{draft['folio']}/revisar")
    assert "Tiene citas en la clínica que deja." in browser.text
    assert f"/citas/{made.folio}/cancelar" in browser.html
    await steps.change(
        scene, draft["folio"], kind="final", outcome="approved", status="approved", submitted_at=clock.now()
    )
    early = another_tab(browser)
    await early.get(f"/citas/{made.folio}")
    assert "Mover a otro horario" in early.text
    await steps.run(scene, f"UPDATE person SET unit_id = '{other.id}' WHERE id = '{scene.ana.id}'")
    await browser.get(f"/tramites/{draft['folio']}")
    assert "Tiene citas en su clínica anterior." in browser.text
    assert f"/citas/{made.folio}/cancelar" in browser.html
    await browser.get("/mi")
    assert "En su clínica anterior" in browser.text
    await browser.get(f"/citas/{made.folio}")
    assert "cancele esta cita y pida otra en la suya" in browser.text
    assert "Mover a otro horario" not in browser.text
    await browser.get(f"/citas/{made.folio}/cancelar")
    assert "Mover a otro horario" not in browser.text
    assert (await early.send(f"/citas/{made.folio}/mover")).status_code == 409
    assert "cancele esta cita y pida otra en la suya" in early.text
    await browser.get(f"/citas/{made.folio}/cancelar")
    await browser.send(f"/citas/{made.folio}/cancelar", reason="other")
    await browser.get(f"/tramites/{draft['folio']}")
    assert "clínica anterior" not in browser.text
