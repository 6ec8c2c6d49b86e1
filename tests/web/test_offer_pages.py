"""Freed times at reception: who is offered which and why, in the pages."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text

from app.appointments.service import reschedule
from app.desk.service import arrivals
from app.desk.service.arrivals import NewTicket
from app.registry.models import Person
from tests.appointments import factories as places
from tests.conftest import Database
from tests.desk.factories import NINE, SERVICE, Clinic, at_nine, clinic, patient
from tests.web.browser import Browser, another_tab, count, signed_in_browser

PAGE = "/ventanilla/recepcion/ofertas"
OFFERS = "SELECT count(*) FROM desk_offer WHERE status = :status"


class Desk:
    """A receptionist's browser at nine; two people wait, and ten past nine was cancelled."""

    def __init__(self, db: Database, here: Clinic, page: Browser, waiting: list[tuple[Person, NewTicket]]) -> None:
        self.db, self.here, self.page, self.waiting = db, here, page, waiting

    async def answers(self, number: int, answer: str) -> None:
        sent = await self.page.send(
            f"{PAGE}/{self.waiting[number][1].id}/{answer}", via=f"{PAGE}/{self.waiting[number][1].id}/acepta"
        )
        if sent.status_code == 303:
            await self.page.get(sent.headers["location"])


@pytest.fixture
async def desk(app: FastAPI, db: Database) -> AsyncIterator[Desk]:
    with time_machine.travel(NINE - timedelta(days=1), tick=True):
        async with db.transaction() as session:
            here = await clinic(session)
            here.unit.name = "UMF 27 Centro"
            _who, made = await patient(session, here, minutes=10)
            await reschedule.cancel(session, here.desk, made.folio, "other", places.once())
    with at_nine():
        async with db.transaction() as session:
            waiting = []
            for name in ("Lucía", "Marta"):
                who = await places.person(session, here.unit)
                who.given_names = name
                given = await arrivals.take_number(session, here.desk, here.unit.id, SERVICE, person_id=who.id)
                waiting.append((who, given))
        yield Desk(db, here, await signed_in_browser(app, db, staff_id=here.desk.staff_id), waiting)


async def test_reception_leads_to_who_is_offered_what_and_why(desk: Desk) -> None:
    await desk.page.get("/ventanilla/recepcion")
    assert f'href="{PAGE}"' in desk.page.html
    await desk.page.get(PAGE)
    for part in ("consultorio 1: turno A-001", "Lucía", "Quien la tenía canceló su cita.", "Va en el lugar 1"):
        assert part in desk.page.text
    assert "A-002" not in desk.page.text
    assert await count(desk.db, OFFERS, status="open") == 1
    seen = "SELECT count(*) FROM personal_data_view WHERE person_id = :id"
    assert await count(desk.db, seen, id=desk.waiting[0][0].id) == 1
    assert await count(desk.db, seen, id=desk.waiting[1][0].id) == 0


async def test_who_declines_makes_room_for_the_next_who_accepts(desk: Desk) -> None:
    await desk.page.get(PAGE)
    await desk.answers(0, "no-quiere")
    assert "turno A-002" in desk.page.text
    assert ": turno A-001" not in desk.page.text
    await desk.answers(1, "acepta")
    assert "El turno A-002 tiene ahora el horario de las 9:10 a.m., consultorio 1." in desk.page.text
    assert "Ahora no hay horarios que ofrecer." in desk.page.text
    booked = "SELECT count(*) FROM appointment WHERE person_id = :id AND status = 'booked' AND channel = 'desk'"
    assert await count(desk.db, booked, id=desk.waiting[1][0].id) == 1


async def test_an_offer_that_was_answered_elsewhere_has_no_effect_twice(desk: Desk) -> None:
    await desk.page.get(PAGE)
    other = another_tab(desk.page)
    await other.get(PAGE)
    await desk.answers(0, "no-quiere")
    sent = await other.send(f"{PAGE}/{desk.waiting[0][1].id}/acepta")
    assert sent.status_code == 409
    assert "cambió" in other.text
    assert "turno A-002" in other.text, "the buttons are another person's now"
    assert "usted escribió" not in other.text
    assert "No se hizo nada. Esta página muestra cómo está todo ahora." in other.text
    assert await count(desk.db, OFFERS, status="accepted") == 0


async def test_a_ticket_that_is_offered_another_time_by_now_does_not_take_that_one_unseen(desk: Desk) -> None:
    await desk.page.get(PAGE)
    other = another_tab(desk.page)
    await other.get(PAGE)
    await desk.answers(0, "no-quiere")
    with time_machine.travel(NINE - timedelta(days=1), tick=True):
        async with desk.db.transaction() as session:
            _who, made = await patient(session, desk.here, minutes=12, room=2)
            await reschedule.cancel(session, desk.here.desk, made.folio, "other", places.once())
    await desk.page.get(PAGE)
    assert "turno A-001" in desk.page.text, "the first is offered the other one"
    sent = await other.send(f"{PAGE}/{desk.waiting[0][1].id}/acepta")
    assert sent.status_code == 409
    assert await count(desk.db, OFFERS, status="accepted") == 0


async def test_who_may_have_the_time_no_more_is_not_booked_and_the_next_is_offered_it(desk: Desk) -> None:
    await desk.page.get(PAGE)
    async with desk.db.transaction() as session:
        there = await clinic(session)
        moved = text("UPDATE person SET unit_id = :unit WHERE id = :id")
        await session.execute(moved, {"unit": there.unit.id, "id": desk.waiting[0][0].id})
    await desk.answers(0, "acepta")
    assert "No se hizo nada. Esta página muestra cómo está todo ahora." in desk.page.text
    assert "turno A-002" in desk.page.text
    assert await count(desk.db, OFFERS, status="lapsed") == 1
    assert await count(desk.db, OFFERS, status="open") == 1
