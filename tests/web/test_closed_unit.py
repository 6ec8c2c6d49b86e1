"""A clinic out of operation: its people are offered what they can still have, and aren't sent to a closed door."""

from datetime import time

import pytest
from fastapi import FastAPI

from app.appointments.models import Schedule
from app.kernel import clock, ids
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories
from tests.conftest import Database
from tests.web.browser import Browser, signed_in_browser


@pytest.fixture
async def closed(db: Database) -> tuple[Person, Unit]:
    """Someone of a clinic that closed, which gave all services; and another clinic with a window."""
    async with db.transaction() as session:
        own = await factories.unit(session, name="UMF 1 Cerrada")
        other = await factories.unit(session, name="UMF 2 Abierta")
        for unit, services in ((own, ("family-medicine", "window")), (other, ("family-medicine", "window"))):
            for room in (1, 301):
                await factories.room_of(session, unit, room)
            for service in services:
                session.add(Schedule(**pattern(unit, service)))
        own.is_operating = False
        return await factories.person(session, own), other


def pattern(unit: Unit, service: str) -> dict[str, object]:
    return {
        "id": ids.new_id(),
        "unit_id": unit.id,
        "room": 1 if service == "family-medicine" else 301,
        "shift": "M",
        "service": service,
        "weekdays": [1, 2, 3, 4, 5],
        "starts": time(8),
        "ends": time(10),
        "slot_minutes": 30,
        "capacity": 1,
        "valid_from": clock.today(unit.timezone),
    }


async def chosen(app: FastAPI, db: Database, person: Person, service: str) -> Browser:
    browser = await signed_in_browser(app, db, person_id=person.id)
    await browser.get("/citas/quien")
    await browser.get("/citas/motivo")
    await browser.send("/citas/motivo", service=service)
    return browser


async def test_what_any_clinic_gives_is_had_at_another(app: FastAPI, db: Database, closed: tuple[Person, Unit]) -> None:
    person, other = closed
    browser = await chosen(app, db, person, "window")
    await browser.get("/citas/clinica")
    assert "Su clínica está fuera de operación. Para este servicio puede ir a otra." in browser.text
    assert "La clínica más cercana UMF 2 Abierta" in browser.text
    sent = await browser.send("/citas/clinica", unit=str(other.id))
    assert (sent.status_code, sent.headers["location"]) == (303, "/citas/dia")


async def test_what_only_ones_own_gives_is_refused_with_what_can_be_done(
    app: FastAPI, db: Database, closed: tuple[Person, Unit]
) -> None:
    browser = await chosen(app, db, closed[0], "family-medicine")
    assert "Esa clínica está fuera de operación" in browser.text
    assert "pida el cambio de clínica" in browser.text


async def test_where_no_other_gives_it_it_is_refused(app: FastAPI, db: Database, closed: tuple[Person, Unit]) -> None:
    async with db.transaction() as session:
        (await session.get_one(Unit, closed[1].id)).is_operating = False
    browser = await chosen(app, db, closed[0], "window")
    assert "Esa clínica está fuera de operación" in browser.text
