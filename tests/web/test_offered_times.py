"""The citizen's page of an appointment that the clinic can't attend: accept in one step, choose another, or cancel."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.appointments.labels import asked_until
from app.appointments.schemas import AppointmentOut
from app.appointments.service import closures, shift_closures
from app.appointments.service.closures import Closed
from app.appointments.service.shift_closures import ShiftSpan
from app.kernel import clock
from app.kernel.actor import System
from app.web.labels import affected_words
from tests.appointments import factories as places
from tests.requests.conftest import Scene
from tests.web.browser import Browser, another_tab, signed_in_browser


@pytest.fixture
async def browser(app: FastAPI, scene: Scene) -> Browser:
    return await signed_in_browser(app, scene.db, person_id=scene.ana.id)


async def closed_on_her(scene: Scene, *, later: int = 3) -> tuple[AppointmentOut, Closed]:
    """Her appointment of the day after tomorrow, closed; `later` free times the day after it."""
    async with scene.db.transaction() as session:
        await places.room_of(session, scene.unit)
        day = places.tomorrow() + timedelta(days=1)
        await places.seats(session, scene.unit, start_at=day)
        if later:
            await places.seats(session, scene.unit, start_at=day + timedelta(days=1), count=later)
        made = await places.booked(session, scene.ana, places.place(scene.unit, day))
        on = clock.local_day(made.start_at, scene.unit.timezone)
        span = ShiftSpan(scene.unit.id, 1, None, on, on, "leave")
        return made, await shift_closures.close_shift(session, System("test"), span)


async def answer(browser: Browser, made: AppointmentOut, time: str) -> int:
    """Send the form, and go where it leads."""
    sent = await browser.send(f"/citas/{made.folio}/oferta", time=time)
    if sent.status_code == 303:
        await browser.get(sent.headers["location"])
    return sent.status_code


async def test_accepted_in_one_step_and_said_to_another_tab(scene: Scene, browser: Browser) -> None:
    made, _closed = await closed_on_her(scene)
    await browser.get(f"/citas/{made.folio}")
    for words in ("Su médico no atenderá a esa hora", "Elija su nuevo horario", "Guardado para usted."):
        assert words in browser.text
    other = another_tab(browser)
    await other.get(f"/citas/{made.folio}")
    await answer(browser, made, "held")
    assert "Cita movida a otro horario" in browser.text
    assert "Elija su nuevo horario" not in browser.text
    await answer(other, made, "held")
    assert "Esto ya estaba hecho" in other.text


async def test_another_time_than_was_taken_in_the_other_tab_is_not_said_to_be_done(
    scene: Scene, browser: Browser
) -> None:
    made, closed = await closed_on_her(scene)
    held = closed.offers[0].placement.seat
    assert held is not None
    await browser.get(f"/citas/{made.folio}")
    other = another_tab(browser)
    await other.get(f"/citas/{made.folio}")
    await answer(browser, made, "held")
    later = f"1@{(held.start_at + timedelta(minutes=15)).isoformat()}"
    assert await answer(other, made, later) == 409
    assert "Esto ya estaba hecho" not in other.text
    assert "Esto cambió mientras tenía abierta la página" in other.text


async def test_another_of_the_times_named_and_in_english(scene: Scene, browser: Browser) -> None:
    made, closed = await closed_on_her(scene)
    held = closed.offers[0].placement.seat
    assert held is not None
    await browser.get(f"/en/citas/{made.folio}")
    assert "Choose your new time" in browser.text
    assert "Held for you" in browser.text
    other = held.start_at + timedelta(minutes=15)
    assert await answer(browser, made, f"1@{other.isoformat()}") == 303
    async with scene.db.transaction() as session:
        row = (await session.execute(text("SELECT start_at, affected FROM appointment"))).one()
        states = await session.execute(text("SELECT count(*) FROM seat WHERE state = 'held'"))
    assert (row.start_at, row.affected, states.scalar()) == (other, None, 0)


async def test_an_offer_that_was_withdrawn_meanwhile_says_so(scene: Scene, browser: Browser) -> None:
    made, closed = await closed_on_her(scene)
    await browser.get(f"/citas/{made.folio}")
    async with scene.db.transaction() as session:
        await closures.reopen(session, System("test"), closed.id)
    await answer(browser, made, "held")
    assert "Su médico no atenderá" not in browser.text
    assert "La clínica sí atenderá" in browser.text


async def test_without_a_free_time_there_is_none_to_choose_and_nothing_chosen_is_asked_for(
    scene: Scene, browser: Browser
) -> None:
    made, _closed = await closed_on_her(scene, later=0)
    await browser.get(f"/citas/{made.folio}")
    assert "Elija su nuevo horario" not in browser.text
    assert "Buscar otro horario" in browser.text
    assert "Cancelar la cita" in browser.text


@pytest.mark.parametrize("chosen", ["", "9", "9@never"])
async def test_what_is_no_choice_is_asked_for_again(scene: Scene, browser: Browser, chosen: str) -> None:
    made, _closed = await closed_on_her(scene)
    await browser.get(f"/citas/{made.folio}")
    assert await answer(browser, made, chosen) == 422
    assert "Elija un horario." in browser.text


async def test_the_page_has_the_deadline_of_the_mail_and_of_staff_and_no_calendar(
    scene: Scene, browser: Browser
) -> None:
    made, _closed = await closed_on_her(scene)
    async with scene.db.transaction() as session:
        reply_by = (await session.execute(text("SELECT reply_by FROM rebooking_offer"))).scalar_one()
    await browser.get(f"/citas/{made.folio}")
    assert asked_until(reply_by, scene.unit.timezone) in browser.text
    assert "Agregar a mi calendario" not in browser.text, "it won't take place"


def test_only_family_medicine_has_a_doctor_of_ones_own() -> None:
    assert affected_words("leave", "family-medicine") == "Su médico no atenderá a esa hora."
    for service in ("window", "dental", "preventive"):
        assert affected_words("leave", service) == "Quien atiende no estará a esa hora."
