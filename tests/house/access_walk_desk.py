"""The walk at the desk: closed times, tickets, reception, counters and rooms."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import time_machine
from sqlalchemy import text

from app.kernel import clock, ids
from app.places.models import Room
from app.registry.access_log import ViewContext
from tests.appointments import factories as places
from tests.appointments.week import FRIDAY, at
from tests.house.access_walk_shift import accepted, closed, corrected
from tests.house.access_walker import PAGES, Step, Walk

COUNTER, ROOM = f"{PAGES}/mostrador", f"{PAGES}/consultorio"
TICKET_ACTIONS: tuple[tuple[str, dict[str, Any] | None], ...] = (
    ("any-room", None),
    ("call", None),
    ("call-again", None),
    ("park", None),
    ("return", None),
    ("leave", {"because": "gave-up"}),
    ("undo-leave", None),
    ("call", None),
    ("serve", None),
    ("transfer", {"service": "family-medicine"}),
    ("call", None),
    ("serve", None),
    ("finish", None),
)


async def _affected(here: Walk) -> AsyncIterator[Step]:
    unit = here.scene.unit
    async with here.scene.db.transaction() as session:
        tomorrow = clock.today(unit.timezone) + timedelta(days=1)
        schedule, _count = await places.schedule(session, unit, room=2, valid_from=tomorrow, horizon_days=5)
        await places.booked(session, here.scene.ana, places.place(unit, at(FRIDAY, 9), room=2))
    span = {"starts_at": at(FRIDAY, 0).isoformat(), "ends_at": at(FRIDAY, 17).isoformat()}
    shut = await here.api("POST", "schedule-exceptions", span | {"unit_id": str(unit.id), "reason": "leave"})
    yield "POST /api/v1/schedule-exceptions", ViewContext.APPOINTMENT
    await here.api("GET", "schedule-exceptions/{id}/affected", id=shut.json()["id"])
    yield "GET /api/v1/schedule-exceptions/{exception_id}/affected", ViewContext.APPOINTMENT
    await here.api("GET", "affected-appointments", params={"unit": str(unit.id)})
    yield "GET /api/v1/affected-appointments", ViewContext.APPOINTMENT
    await here.api("DELETE", "schedule-exceptions/{id}", id=shut.json()["id"])
    async for step in closed(here, unit.id):
        yield step
    off = {"unit_id": str(unit.id), "on_date": FRIDAY.isoformat(), "name": "Aniversario"}
    day = await here.api("POST", "holidays", off)
    yield "POST /api/v1/holidays", ViewContext.APPOINTMENT
    await here.api("GET", "holidays/{id}/affected", id=day.json()["id"])
    yield "GET /api/v1/holidays/{holiday_id}/affected", ViewContext.APPOINTMENT
    await here.api("DELETE", "holidays/{id}", id=day.json()["id"])
    async for step in corrected(here, schedule.id):
        yield step
    await here.api("PATCH", "schedules/{id}", {"ends": "09:00"}, id=schedule.id)
    yield "PATCH /api/v1/schedules/{schedule_id}", ViewContext.APPOINTMENT
    await here.api("GET", "schedules/{id}/affected", id=schedule.id)
    yield "GET /api/v1/schedules/{schedule_id}/affected", ViewContext.APPOINTMENT
    await here.api("POST", "schedules/{id}/end", {"last_day": tomorrow.isoformat()}, id=schedule.id)
    yield "POST /api/v1/schedules/{schedule_id}/end", ViewContext.APPOINTMENT
    async for step in accepted(here):
        yield step


async def _desk(here: Walk) -> AsyncIterator[Step]:
    scene = here.scene
    unit = scene.unit
    async with scene.db.transaction() as session:
        session.add(Room(unit_id=unit.id, number=90, kind="window", name="Ventanilla 90"))
        session.add(Room(unit_id=unit.id, number=1, kind="dental", name="Consultorio 1"))
        await places.seats(session, unit, service="dental", start_at=at(FRIDAY, 10))
        made = await places.booked(session, scene.ana, places.place(unit, at(FRIDAY, 10), service="dental"))
        for room, minute in ((1, 58), (2, 59)):
            start_at = at(FRIDAY, 11, minute)
            await places.seats(session, unit, room=room, service="window", start_at=start_at)
            place = places.place(unit, start_at, room=room, service="window")
            absent = await places.booked(session, await places.person(session, unit), place)
            missed = text("UPDATE appointment SET status = 'missed' WHERE folio = :folio")
            await session.execute(missed, {"folio": absent.folio})
    tickets = f"desk/units/{unit.id}/tickets"
    seat = {"unit_id": str(unit.id), "counter": 90, "services": ["window", "family-medicine"]}
    await here.api("POST", "desk/counter", seat)
    given = await here.api("POST", tickets, {"service": "window", "person_id": str(scene.ana.id)})
    await here.api("GET", tickets)
    yield "GET /api/v1/desk/units/{unit_id}/tickets", ViewContext.DESK
    await here.api("GET", f"{tickets}/{{id}}", id=given.json()["id"])
    yield "GET /api/v1/desk/units/{unit_id}/tickets/{ticket_id}", ViewContext.DESK
    for action, body in TICKET_ACTIONS:
        await here.api("POST", f"{tickets}/{{id}}/{action}", body, id=given.json()["id"])
        yield f"POST /api/v1/desk/units/{{unit_id}}/tickets/{{ticket_id}}/{action}", ViewContext.DESK
    await here.api("GET", f"desk/units/{unit.id}/day-list", params={"on_date": FRIDAY.isoformat()})
    yield "GET /api/v1/desk/units/{unit_id}/day-list", ViewContext.DESK
    async for step in _offline(here, made.folio):
        yield step
    async for step in _offers(here):
        yield step
    await _stay_signed_in(here, clock.now())
    with time_machine.travel(at(FRIDAY, 12), tick=True):
        await here.api("POST", "desk/appointments/{folio}/missed", folio=made.folio)
        yield "POST /api/v1/desk/appointments/{folio}/missed", ViewContext.DESK
        await here.api("POST", "desk/appointments/{folio}/attended", folio=made.folio)
        yield "POST /api/v1/desk/appointments/{folio}/attended", ViewContext.DESK


async def _stay_signed_in(here: Walk, at: datetime) -> None:
    """As of an instant that is days ahead or back."""
    async with here.scene.db.transaction() as session:
        until = {"at": at, "until": at + timedelta(days=30), "id": here.reader.staff_id}
        await session.execute(
            text("UPDATE web_session SET seen_at = :at, expires_at = :until WHERE staff_id = :id"), until
        )


async def _offers(here: Walk) -> AsyncIterator[Step]:
    """Two people didn't come; she waits without an appointment."""
    unit = here.scene.unit
    offers, page = f"desk/units/{unit.id}/offers", f"{PAGES}/recepcion/ofertas"
    with time_machine.travel(at(FRIDAY, 12, 10), tick=True):
        given = await here.api(
            "POST", f"desk/units/{unit.id}/tickets", {"service": "window", "person_id": str(here.scene.ana.id)}
        )
        await here.api("GET", offers)
        yield "GET /api/v1/desk/units/{unit_id}/offers", ViewContext.DESK
        await here.api("POST", f"{offers}/{{id}}/decline", id=given.json()["id"])
        yield "POST /api/v1/desk/units/{unit_id}/offers/{ticket_id}/decline", ViewContext.DESK
        await _stay_signed_in(here, clock.now())
        await here.page.get(f"{PAGES}/recepcion?unidad={unit.clues}")
        await here.page.get(page)
        yield f"GET {page}", ViewContext.DESK
        await here.page.send(f"{page}/{given.json()['id']}/acepta", shown="x" * 32)
        yield f"POST {page}/{{ticket_id}}/{{answer}}", ViewContext.DESK
        await here.api("POST", f"{offers}/{{id}}/accept", id=given.json()["id"])
        yield "POST /api/v1/desk/units/{unit_id}/offers/{ticket_id}/accept", ViewContext.DESK
        await here.api(
            "POST", f"desk/units/{unit.id}/tickets/{{id}}/leave", {"because": "gave-up"}, id=given.json()["id"]
        )


async def _offline(here: Walk, folio: str) -> AsyncIterator[Step]:
    offline = f"desk/units/{here.scene.unit.id}/offline-entries"
    now = clock.now().isoformat()
    entry = {"id": str(ids.new_id()), "kind": "attended", "at": now, "folio": folio}
    await here.api("POST", offline, {"device_id": str(ids.new_id()), "device_now": now, "entries": [entry]})
    await here.api("GET", offline)
    yield "GET /api/v1/desk/units/{unit_id}/offline-entries", ViewContext.DESK
    await here.page.get(f"{PAGES}/agenda?unidad={here.scene.unit.id}&dia={FRIDAY.isoformat()}")
    yield f"GET {PAGES}/agenda", ViewContext.DESK
    await here.page.send(f"{PAGES}/agenda/anotar", do=f"attended {folio} -")
    yield f"POST {PAGES}/agenda/anotar", ViewContext.DESK


async def _reception(here: Walk) -> AsyncIterator[Step]:
    """The pages of a unit's reception, as the reader's who works at every one."""
    ana, unit = here.scene.ana, here.scene.unit
    async with here.scene.db.transaction() as session:
        (await places.person(session, unit)).first_surname = ana.first_surname
        await places.seats(session, unit, service="preventive", start_at=at(FRIDAY, 11))
        made = await places.booked(session, ana, places.place(unit, at(FRIDAY, 11), service="preventive"))
    desk = f"{PAGES}/recepcion"
    await here.page.get(f"{desk}?unidad={unit.clues}")
    await here.page.get(desk)
    sent = await here.page.send(desk, q=ana.first_surname)
    await here.page.get(sent.headers["location"])
    yield f"GET {desk}", ViewContext.SEARCH
    await here.page.get(f"{desk}/personas/{ana.id}")
    yield f"GET {desk}/personas/{{person_id}}", ViewContext.DESK
    await here.page.get(f"{desk}/indicaciones/{made.folio}")
    yield f"GET {desk}/indicaciones/{{folio:folio}}", ViewContext.DESK
    await here.page.get(f"{desk}/personas/{ana.id}")
    await here.page.send(f"{desk}/llegadas", via=f"{desk}/turnos", folio=made.folio)
    yield f"POST {desk}/llegadas", ViewContext.DESK
    given = await here.page.send(f"{desk}/turnos", para="")
    yield f"POST {desk}/turnos", ViewContext.DESK
    given = await here.page.send(f"{desk}/turnos", para="window")
    await here.page.get(given.headers["location"])
    yield f"GET {desk}/turno/{{ticket_id}}", ViewContext.DESK
    async for step in _identified(here, desk):
        yield step


async def _identified(here: Walk, desk: str) -> AsyncIterator[Step]:
    """A ticket of someone unknown becomes hers."""
    ana, tickets = here.scene.ana, f"desk/units/{here.scene.unit.id}/tickets"
    unknown = (await here.api("POST", tickets, {"service": "preventive"})).json()["id"]
    page, route = f"{desk}/turno/{unknown}/persona", f"{desk}/turno/{{ticket_id}}/persona"
    await here.page.get(page)
    sent = await here.page.send(page, q=ana.first_surname)
    await here.page.get(sent.headers["location"])
    yield f"GET {route}", ViewContext.SEARCH
    await here.page.get(f"{page}/{ana.id}")
    yield f"GET {route}/{{person_id}}", ViewContext.DESK
    await here.page.send(f"{page}/{ana.id}", shown="x" * 32)
    yield f"POST {route}/{{person_id}}", ViewContext.DESK
    await here.api("POST", f"{tickets}/{{id}}/identify", {"person_id": str(ana.id)}, id=unknown)
    yield "POST /api/v1/desk/units/{unit_id}/tickets/{ticket_id}/identify", ViewContext.DESK
    page, route = f"{desk}/turno/{unknown}/correccion", f"{desk}/turno/{{ticket_id}}/correccion"
    await here.page.get(page)
    sent = await here.page.send(page, q=ana.first_surname)
    await here.page.get(sent.headers["location"])
    yield f"GET {route}", ViewContext.SEARCH
    await here.page.get(f"{page}/{ana.id}")
    yield f"GET {route}/{{person_id}}", ViewContext.DESK
    await here.page.send(f"{page}/{ana.id}", shown="x" * 32)
    yield f"POST {route}/{{person_id}}", ViewContext.DESK
    await here.page.get(page)
    await here.page.send(f"{page}/nadie", shown="x" * 32)
    yield f"POST {route}/nadie", ViewContext.DESK
    corrected = {"person_id": None, "because": "unsure"}
    await here.api("POST", f"{tickets}/{{id}}/correct-person", corrected, id=unknown)
    await here.api("POST", f"{tickets}/{{id}}/correct-person", corrected | {"person_id": str(ana.id)}, id=unknown)
    yield "POST /api/v1/desk/units/{unit_id}/tickets/{ticket_id}/correct-person", ViewContext.DESK
    await here.api("POST", f"{tickets}/{{id}}/leave", {"because": "gave-up"}, id=unknown)


async def _desk_pages(here: Walk) -> AsyncIterator[Step]:
    """At the counter of `_desk`, with the ticket of `_reception`; and the list with her appointment, attended."""
    ana, unit, page = here.scene.ana, here.scene.unit, here.page
    waiting = await here.api("GET", f"desk/units/{unit.id}/tickets", params={"service": "window"})
    (given,) = (one["id"] for one in waiting.json() if one["person_id"] == str(ana.id))
    await here.api("POST", "desk/counter/calls")
    await page.get(COUNTER)
    yield f"GET {COUNTER}", ViewContext.DESK
    offered = f"{COUNTER}/turnos/{given}/otra-vez"
    for path, route in (
        ("abrir", "abrir"),
        ("lugar/pausar", "lugar/{button}"),
        ("siguiente", "siguiente"),
        (f"turnos/{given}/otra-vez", "turnos/{ticket_id}/{button}"),
    ):
        await page.send(f"{COUNTER}/{path}", via=offered, shown="x" * 32)
        yield f"POST {COUNTER}/{route}", ViewContext.DESK
    async with here.scene.db.transaction() as session:
        of_hers = text("SELECT folio FROM appointment WHERE person_id = :ana AND service = 'dental'")
        folio = await session.scalar(of_hers, {"ana": ana.id})
    day = f"{ROOM}?sala=1&dia={FRIDAY}"
    await page.get(day)
    yield f"GET {ROOM}", ViewContext.DESK
    for path, route in (
        ("abrir", "abrir"),
        (f"citas/{folio}/no-vino", "citas/{folio:folio}/{button}"),
        (f"turnos/{given}/otra-vez", "turnos/{ticket_id}/{button}"),
        (f"citas/{folio}/seguimiento", "citas/{folio:folio}/seguimiento"),
    ):
        await page.send(f"{ROOM}/{path}", page=day, shown="x" * 32)
        yield f"POST {ROOM}/{route}", ViewContext.DESK
    await page.get(f"{ROOM}/citas/{folio}/seguimiento")
    yield f"GET {ROOM}/citas/{{folio:folio}}/seguimiento", ViewContext.DESK


PARTS = (_affected, _desk, _reception, _desk_pages)
