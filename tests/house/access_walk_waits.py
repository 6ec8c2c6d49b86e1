"""The part of the walk on which staff put a person on the wait list, and answer an offer for them."""

from collections.abc import AsyncIterator

from sqlalchemy import select

from app.appointments.service import reschedule, wait_offers
from app.appointments.wait_models import WaitOffer
from app.registry.access_log import ViewContext
from tests.appointments import factories as places
from tests.appointments.releasing import open_draw
from tests.appointments.week import FRIDAY, at
from tests.house.access_walker import Step, Walk

WISH = {"notice_hours": 2}


async def wait_list(here: Walk) -> AsyncIterator[Step]:
    unit = here.scene.unit
    async with here.scene.db.transaction() as session:
        (start_at,) = await places.seats(session, unit, start_at=at(FRIDAY, 11), room=7)
        other = await places.person(session, unit)
        booked = await places.booked(session, other, places.place(unit, start_at, room=7))
    body = {"unit_id": str(unit.id), "service": "family-medicine", "person_id": str(here.scene.ana.id)}
    made = await here.api("POST", "wait-list", body | WISH)
    assert made.status_code == 201, made.text
    yield "POST /api/v1/wait-list", ViewContext.APPOINTMENT
    entry = made.json()["id"]
    await here.api("GET", "wait-list/{entry}", entry=entry)
    yield "GET /api/v1/wait-list/{entry_id}", ViewContext.APPOINTMENT
    await here.api("PUT", "wait-list/{entry}", WISH, entry=entry)
    yield "PUT /api/v1/wait-list/{entry_id}", ViewContext.APPOINTMENT
    await here.api("POST", "wait-list/{entry}/resume", entry=entry)
    yield "POST /api/v1/wait-list/{entry_id}/resume", ViewContext.APPOINTMENT
    async with here.scene.db.transaction() as session:
        await reschedule.cancel(session, places.citizen(other), booked.folio, "other", places.once())
        await wait_offers.look(session, unit.id)
        offer = (await session.scalars(select(WaitOffer.id))).one()
    accepted = await here.api("POST", "wait-offers/{offer}/accept", offer=offer)
    assert accepted.status_code == 201, accepted.text
    yield "POST /api/v1/wait-offers/{offer_id}/accept", ViewContext.APPOINTMENT
    await here.api("POST", "appointments/{folio}/cancel", {"reason": "other"}, folio=accepted.json()["folio"])
    async with here.scene.db.transaction() as session:
        draw = await open_draw(session, unit, FRIDAY)
    body = {"person_id": str(here.scene.ana.id)}
    made = await here.api("POST", "draws/{draw}/registrations", body, draw=draw.id)
    assert made.status_code == 201, made.text
    yield "POST /api/v1/draws/{draw_id}/registrations", ViewContext.APPOINTMENT
    await here.api("GET", "draw-registrations/{one}", one=made.json()["id"])
    yield "GET /api/v1/draw-registrations/{registration_id}", ViewContext.APPOINTMENT
