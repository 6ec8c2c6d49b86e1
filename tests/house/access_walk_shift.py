"""The part of the walk through what shows personal data that a supervisor does: shifts closed, schedules corrected."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import text

from app.registry.access_log import ViewContext
from tests.appointments import factories as places
from tests.appointments.week import FRIDAY, THURSDAY, at

if TYPE_CHECKING:
    from tests.house.access_walker import Step, Walk

SCHEDULES = "/ventanilla/jefatura/agendas"
CLOSURES = "/ventanilla/jefatura/cierres"


async def closed(here: Walk, unit_id: UUID) -> AsyncIterator[Step]:
    """Friday, where she has an appointment."""
    at_unit = f"?unidad={unit_id}"
    await here.page.get(CLOSURES + at_unit)
    fields = {"room": "", "shift": "M", "first": FRIDAY.isoformat(), "last": FRIDAY.isoformat(), "reason": "leave"}
    await here.page.send(f"{CLOSURES}/vista{at_unit}", **fields)
    yield f"POST {CLOSURES}/vista", ViewContext.APPOINTMENT
    await here.page.send(CLOSURES + at_unit, **fields | {"shown": "x" * 32})
    yield f"POST {CLOSURES}", ViewContext.APPOINTMENT
    span = {"unit_id": str(unit_id), "reason": "leave", "first": FRIDAY.isoformat(), "last": FRIDAY.isoformat()}
    await here.api("POST", "shift-closures/preview", span)
    yield "POST /api/v1/shift-closures/preview", ViewContext.APPOINTMENT
    absence = await here.api("POST", "shift-closures", span)
    yield "POST /api/v1/shift-closures", ViewContext.APPOINTMENT
    (hit,) = (await here.api("GET", "shift-closures/{id}/people", id=absence.json()["id"])).json()
    yield "GET /api/v1/shift-closures/{closure_id}/people", ViewContext.APPOINTMENT
    await here.api("GET", "appointments/{folio}/offer", folio=hit["folio"])
    yield "GET /api/v1/appointments/{folio}/offer", ViewContext.APPOINTMENT
    one, person = f"{CLOSURES}/{absence.json()['id']}", f"{CLOSURES}/{absence.json()['id']}/{hit['folio']}"
    await here.page.get(one)
    yield f"GET {CLOSURES}/{{closure_id}}", ViewContext.APPOINTMENT
    await here.page.get(person)
    yield f"GET {CLOSURES}/{{closure_id}}/{{folio:folio}}", ViewContext.APPOINTMENT
    await here.page.send(person, answer="no-answer", shown="x" * 32)
    yield f"POST {CLOSURES}/{{closure_id}}/{{folio:folio}}", ViewContext.APPOINTMENT
    await here.api("DELETE", "schedule-exceptions/{id}", id=absence.json()["id"])


async def corrected(here: Walk, schedule_id: UUID) -> AsyncIterator[Step]:
    """Its preview, and a change that isn't what the preview showed."""
    pattern = {"starts": "08:00", "ends": "09:00", "slot_minutes": "30", "capacity": "1", "version": "1"}
    pattern |= {"service": "family-medicine", "shift": "M", "valid_to": "", "weekdays": "5"}
    await here.page.get(f"{SCHEDULES}/{schedule_id}")
    await here.page.send(f"{SCHEDULES}/{schedule_id}/vista", **pattern)
    yield f"POST {SCHEDULES}/{{schedule_id}}/vista", ViewContext.APPOINTMENT
    await here.page.send(f"{SCHEDULES}/{schedule_id}", **pattern | {"shown": "x" * 32})
    yield f"POST {SCHEDULES}/{{schedule_id}}", ViewContext.APPOINTMENT
    await here.api("POST", "schedules/{id}/preview", {"ends": "09:00"}, id=schedule_id)
    yield "POST /api/v1/schedules/{schedule_id}/preview", ViewContext.APPOINTMENT
    await here.api("POST", "schedules/{id}/corrections", {"ends": "09:00"}, id=schedule_id)
    yield "POST /api/v1/schedules/{schedule_id}/corrections", ViewContext.APPOINTMENT
    await here.api("PATCH", "schedules/{id}", {"ends": "10:00"}, id=schedule_id)


async def accepted(here: Walk) -> AsyncIterator[Step]:
    """Thursday is closed, and hers goes to Friday at once."""
    async with here.scene.db.transaction() as session:
        first, _second = await places.seats(session, here.scene.unit, room=4, count=2, start_at=at(THURSDAY, 12))
        await places.room_of(session, here.scene.unit, 4)
        await places.seats(session, here.scene.unit, room=4, start_at=at(FRIDAY, 12))
        await session.execute(text("UPDATE appointment SET status = 'cancelled' WHERE status = 'booked'"))
        await session.execute(text("DELETE FROM active_appointment"))
        made = await places.booked(session, here.scene.ana, places.place(here.scene.unit, first, room=4))
    day = THURSDAY.isoformat()
    span = {"unit_id": str(here.scene.unit.id), "room": 4, "reason": "leave", "first": day, "last": day}
    await here.api("POST", "shift-closures", span)
    taken = await here.api("POST", "appointments/{folio}/offer/accept", folio=made.folio)
    assert taken.status_code == 200, taken.text
    yield "POST /api/v1/appointments/{folio}/offer/accept", ViewContext.APPOINTMENT
