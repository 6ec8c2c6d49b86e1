"""A walk through every route where staff see a person's data: what to send to each, in an order that works."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import time_machine
from fastapi import FastAPI
from sqlalchemy import text

from app.certificates.models import UnprintableCertificate
from app.kernel import clock, ids
from app.kernel.actor import Role
from app.notifications.models import UnaddressedNotice
from app.places.models import Room
from app.registry.access_log import ViewContext
from app.registry.models import Person
from tests.appointments import factories as places
from tests.appointments.week import FRIDAY, at
from tests.certificates import factories as certificates
from tests.house.access_walk_assisted import assistance
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import asked, window
from tests.web.browser import Browser, signed_in_browser

PAGES = "/ventanilla"
CASE = "/ventanilla/solicitudes/{folio:folio}"
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
    ("transfer", {"service": "window"}),
    ("call", None),
    ("serve", None),
    ("finish", None),
)
Step = tuple[str, ViewContext]
"""The route that was used, and how it shows data."""


@dataclass
class Walk:
    """An administrator of the scene's unit, with the API and with the pages."""

    scene: Scene
    reader: actors.Officer
    page: Browser

    async def api(self, method: str, path: str, body: dict[str, Any] | None = None, **about: Any) -> httpx.Response:
        """Use a route of the API; `about` fills its path."""
        headers = self.reader.keyed()
        answer = await self.scene.client.request(
            method, f"/api/v1/{path.format(**about)}", json=body, headers=headers, params=about.get("params")
        )
        assert answer.status_code < 500, answer.text
        return answer


async def start(app: FastAPI, scene: Scene) -> Walk:
    """The reader, signed in."""
    reader = await steps.hire(scene, Role.ADMIN)
    return Walk(scene, reader, await signed_in_browser(app, scene.db, staff_id=reader.staff_id))


async def walk(here: Walk) -> AsyncIterator[Step]:
    """Use each route in turn; the caller looks at what it recorded."""
    for part in (_appointments, _affected, _desk, _lists, _case_api, _case_pages, _decisions, _person, assistance):
        async for step in part(here):
            yield step


async def shown_by(here: Walk, path: str) -> str:
    """What a page or a route of the API shows at this address."""
    if path.startswith("/api/v1/"):
        return (await here.api("GET", path.removeprefix("/api/v1/"))).text
    return (await here.page.get(path)).text


async def _appointments(here: Walk) -> AsyncIterator[Step]:
    async with here.scene.db.transaction() as session:
        first, second = await places.seats(session, here.scene.unit, count=2, start_at=at(FRIDAY, 8))
    hold = {"unit_id": str(here.scene.unit.id), "service": "family-medicine", "room": 1, "start_at": first.isoformat()}
    stored = await here.api("POST", "holds", hold | {"person_id": str(here.scene.ana.id)})
    assert stored.status_code == 201, stored.text
    body = {"hold_id": stored.json()["id"], "person_id": str(here.scene.ana.id)}
    made = await here.api("POST", "appointments", body)
    assert made.status_code == 201, made.text
    yield "POST /api/v1/appointments", ViewContext.APPOINTMENT
    folio = made.json()["folio"]
    await here.api("GET", "appointments/{folio}", folio=folio)
    yield "GET /api/v1/appointments/{folio}", ViewContext.APPOINTMENT
    await here.api("POST", "appointments/{folio}/move", {"room": 1, "start_at": second.isoformat()}, folio=folio)
    yield "POST /api/v1/appointments/{folio}/move", ViewContext.APPOINTMENT
    await here.api("POST", "appointments/{folio}/cancel", {"reason": "other"}, folio=folio)
    yield "POST /api/v1/appointments/{folio}/cancel", ViewContext.APPOINTMENT


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
    off = {"unit_id": str(unit.id), "on_date": FRIDAY.isoformat(), "name": "Aniversario"}
    day = await here.api("POST", "holidays", off)
    yield "POST /api/v1/holidays", ViewContext.APPOINTMENT
    await here.api("GET", "holidays/{id}/affected", id=day.json()["id"])
    yield "GET /api/v1/holidays/{holiday_id}/affected", ViewContext.APPOINTMENT
    await here.api("DELETE", "holidays/{id}", id=day.json()["id"])
    await here.api("PATCH", "schedules/{id}", {"ends": "09:00"}, id=schedule.id)
    yield "PATCH /api/v1/schedules/{schedule_id}", ViewContext.APPOINTMENT
    await here.api("GET", "schedules/{id}/affected", id=schedule.id)
    yield "GET /api/v1/schedules/{schedule_id}/affected", ViewContext.APPOINTMENT
    await here.api("POST", "schedules/{id}/end", {"last_day": tomorrow.isoformat()}, id=schedule.id)
    yield "POST /api/v1/schedules/{schedule_id}/end", ViewContext.APPOINTMENT


async def _desk(here: Walk) -> AsyncIterator[Step]:
    scene = here.scene
    unit = scene.unit
    async with scene.db.transaction() as session:
        session.add(Room(unit_id=unit.id, number=90, kind="window", name="Ventanilla 90"))
        await places.seats(session, unit, service="dental", start_at=at(FRIDAY, 10))
        made = await places.booked(session, scene.ana, places.place(unit, at(FRIDAY, 10), service="dental"))
    tickets = f"desk/units/{unit.id}/tickets"
    await here.api("POST", "desk/counter", {"unit_id": str(unit.id), "counter": 90, "services": ["window"]})
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
    with time_machine.travel(at(FRIDAY, 12), tick=True):
        await here.api("POST", "desk/appointments/{folio}/missed", folio=made.folio)
        yield "POST /api/v1/desk/appointments/{folio}/missed", ViewContext.DESK
        await here.api("POST", "desk/appointments/{folio}/attended", folio=made.folio)
        yield "POST /api/v1/desk/appointments/{folio}/attended", ViewContext.DESK


async def _lists(here: Walk) -> AsyncIterator[Step]:
    ana, unit = here.scene.ana, here.scene.unit
    folio = await steps.complain(here.scene)
    await here.api("GET", "work")
    yield "GET /api/v1/work", ViewContext.LIST
    await here.api("POST", "work/search", {"q": folio})
    yield "POST /api/v1/work/search", ViewContext.SEARCH
    verdict = {"action": "approve", "reasons": ["answered"], "message": "Ya."}
    await here.api("POST", "work/bulk", verdict | {"folios": [folio]})
    yield "POST /api/v1/work/bulk", ViewContext.LIST
    queue = f"{PAGES}/cola"
    await here.page.get(queue)
    yield f"GET {queue}", ViewContext.LIST
    await here.page.send(f"{queue}/siguiente", shown="x" * 32)
    yield f"POST {queue}/siguiente", ViewContext.LIST
    await here.page.send(f"{queue}/asignar", via=f"{queue}/varias", folio=folio)
    yield f"POST {queue}/asignar", ViewContext.LIST
    await here.page.send(f"{queue}/varias", folio=folio, reason="answered", message="Ya.")
    yield f"POST {queue}/varias", ViewContext.LIST
    await here.page.send(f"{queue}/varias/decidir", shown="x" * 32)
    yield f"POST {queue}/varias/decidir", ViewContext.LIST
    await here.page.get(f"{PAGES}/buscar")
    sent = await here.page.send(f"{PAGES}/buscar", q=ana.curp)
    await here.page.get(sent.headers["location"])
    yield f"GET {PAGES}/buscar", ViewContext.SEARCH
    async with here.scene.db.transaction() as session:
        common = {"person_id": ana.id, "unit_id": unit.id}
        session.add(
            UnprintableCertificate(
                request_id=ids.new_id(),
                request_folio=folio,
                template="weeks",
                letters="ʔ",
                reported_at=clock.now(),
                **common,
            )
        )
        notice = {"kind": "appointment.moved", "folio": folio, "reason": "no-contact", "subject": "x", "body": "x"}
        session.add(
            UnaddressedNotice(
                id=ids.new_id(),
                event_id=ids.new_id(),
                subject_id=ids.new_id(),
                created_at=clock.now(),
                **notice,
                **common,
            )
        )
        message = (
            "INSERT INTO message (id, event_id, kind, subject_id, person_id, channel, recipient, language, subject,"
            " body, status, attempts, last_error, created_at)"
            " VALUES (:id, :id, 'appointment.booked', :id, :person, 'email',"
            " 'x@ejemplo.mx', 'es', 'x', 'x', 'dead-letter', 6, 'x', now())"
        )
        await session.execute(text(message), {"id": ids.new_id(), "person": ana.id})
    await here.api("GET", "messages/dead-letters")
    yield "GET /api/v1/messages/dead-letters", ViewContext.MESSAGE
    await here.api("GET", "unaddressed-notices")
    yield "GET /api/v1/unaddressed-notices", ViewContext.NOTICE
    for path, context in (
        ("constancias", ViewContext.CERTIFICATE),
        ("avisos", ViewContext.MESSAGE),
        ("por-avisar", ViewContext.NOTICE),
    ):
        await here.page.get(f"{PAGES}/{path}")
        yield f"GET {PAGES}/{path}", context


async def _pension(here: Walk) -> tuple[str, str]:
    """One of Ana that waits for an officer, and a document of it."""
    async with here.scene.db.transaction() as session:
        ana = await session.get_one(Person, here.scene.ana.id)
        ana.birth_on = steps.ago(366 * 70)
        await session.execute(text("DELETE FROM affiliation WHERE person_id = :ana"), {"ana": ana.id})
        for starts_on, ends_on in steps.LEAVES:
            await places.affiliate(session, ana, starts_on=starts_on, ends_on=ends_on)
    folio = await asked(here.scene, here.scene.citizen)
    return folio, (await here.scene.citizen.get(folio))["documents"][0]["id"]


async def _folio_of(here: Walk, service: str) -> str:
    """The first request of a service."""
    first = text("SELECT folio FROM request WHERE service = :service ORDER BY id LIMIT 1")
    async with here.scene.db.transaction() as session:
        return str((await session.execute(first, {"service": service})).scalar_one())


async def _case_api(here: Walk) -> AsyncIterator[Step]:
    folio, document = await _pension(here)
    there: dict[str, Any] = {"folio": folio, "document": document}
    await here.api("GET", "requests/{folio}", **there)
    yield "GET /api/v1/requests/{folio}", ViewContext.CASE
    await here.api("GET", "requests/{folio}/documents/{document}", **there)
    yield "GET /api/v1/requests/{folio}/documents/{document_id}", ViewContext.DOCUMENT
    await here.api("POST", "work/{folio}/claim", **there)
    yield "POST /api/v1/work/{folio}/claim", ViewContext.CASE
    await here.api("POST", "work/{folio}/documents/{document}", {"accept": True}, **there)
    yield "POST /api/v1/work/{folio}/documents/{document_id}", ViewContext.DOCUMENT
    async with here.scene.db.transaction() as session:
        approved = await certificates.stored_request(session, here.scene.ana)
    await here.api("GET", "requests/{folio}/certificate", folio=approved.folio)
    yield "GET /api/v1/requests/{folio}/certificate", ViewContext.CERTIFICATE
    await here.page.client.get(f"{PAGES}/solicitudes/{approved.folio}/constancia")
    yield f"GET {CASE}/constancia", ViewContext.CERTIFICATE


async def _decisions(here: Walk) -> AsyncIterator[Step]:
    there: dict[str, Any] = {"folio": await _folio_of(here, "pension")}
    start_at, _other = await window(here.scene, room=9)
    visit = {"unit_id": str(here.scene.unit.id), "room": 9, "start_at": start_at, "message": "x"}
    booked = await here.api("POST", "work/{folio}/visit", visit, **there)
    assert booked.status_code == 201, booked.text
    await here.api("GET", "work/stopped?kind=visit")
    yield "GET /api/v1/work/stopped", ViewContext.LIST
    await here.page.get(f"{PAGES}/en-espera?de=visita")
    yield f"GET {PAGES}/en-espera", ViewContext.LIST
    came = await here.api("POST", "work/{folio}/attended", {"other_day": True}, **there)
    assert came.status_code == 200, came.text
    yield "POST /api/v1/work/{folio}/attended", ViewContext.CASE
    complaint = await steps.complain(here.scene, story="La farmacia cierra a mediodía.", about="suggestion")
    await here.api("POST", "work/{folio}/claim", folio=complaint)
    more = await here.api("POST", "work/{folio}/ask", {"body": "¿Cuándo?"}, folio=complaint)
    assert more.status_code == 200, more.text
    yield "POST /api/v1/work/{folio}/ask", ViewContext.CASE
    another = await _folio_of(here, "complaint")
    await here.api("POST", "work/{folio}/claim", folio=another)
    verdict = {"action": "approve", "reasons": ["answered"], "message": "Ya."}
    done = await here.api("POST", "work/{folio}/decide", verdict, folio=another)
    assert done.status_code == 200, done.text
    yield "POST /api/v1/work/{folio}/decide", ViewContext.CASE
    correction = (await here.scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
    await here.api("POST", "work/{folio}/claim", folio=correction)
    await here.api("POST", "work/{folio}/decide", verdict | {"reasons": ["documents-agree"]}, folio=correction)
    undone = await here.api("POST", "work/{folio}/undo", folio=correction)
    assert undone.status_code == 200, undone.text
    yield "POST /api/v1/work/{folio}/undo", ViewContext.CASE


async def _case_pages(here: Walk) -> AsyncIterator[Step]:
    folio = await _folio_of(here, "pension")
    document = (await here.scene.citizen.get(folio))["documents"][0]["id"]
    case = f"{PAGES}/solicitudes/{folio}"
    await here.api("POST", "work/{folio}/release", folio=folio)  # who has it already is led back to it
    await here.page.get(case)
    yield f"GET {CASE}", ViewContext.CASE
    await here.page.send(f"{case}/tomar", shown="x" * 32)
    yield f"POST {CASE}/tomar", ViewContext.CASE
    await here.api("POST", "work/{folio}/claim", folio=folio)
    await here.page.get(case)
    actions = (
        "soltar",
        "asignar",
        "enviar",
        "enviar/buscar",
        "pedir",
        "mensaje",
        "leido",
        "vino",
        "sigo",
        "deshacer",
    )
    for action in (*actions, "decidir"):
        answer = await here.page.send(f"{case}/{action}", via=f"{case}/decidir", shown="x" * 32)
        yield f"POST {CASE}/{action}", ViewContext.CASE
    await here.page.get(answer.headers["x-answer-page"])
    yield f"GET {PAGES}/respuesta/{{number}}", ViewContext.CASE
    await here.page.send(f"{case}/decidir/confirmar", via=f"{case}/decidir", shown="x" * 32)
    yield f"POST {CASE}/decidir/confirmar", ViewContext.CASE
    await here.page.get(f"{case}/cita")
    yield f"GET {CASE}/cita", ViewContext.CASE
    await here.page.send(f"{case}/cita")
    yield f"POST {CASE}/cita", ViewContext.CASE
    there = f"{case}/documentos/{document}"
    await here.page.get(there)
    yield f"GET {CASE}/documentos/{{document_id}}", ViewContext.DOCUMENT
    await here.page.send(f"{there}/juzgar", large="yes", accept="no", shown="x" * 32)
    yield f"POST {CASE}/documentos/{{document_id}}/juzgar", ViewContext.DOCUMENT
    await here.page.client.get(f"{there}/archivo")
    yield f"GET {CASE}/documentos/{{document_id}}/archivo", ViewContext.DOCUMENT


async def _person(here: Walk) -> AsyncIterator[Step]:
    ana = here.scene.ana
    await here.page.get(f"{PAGES}/personas/{ana.id}")
    yield f"GET {PAGES}/personas/{{person_id}}", ViewContext.PERSON
    await here.page.get(f"{PAGES}/codigo")
    await here.page.send(f"{PAGES}/codigo", curp=ana.curp)
    yield f"POST {PAGES}/codigo", ViewContext.DESK_CODE
    await here.api("POST", "staff/desk-codes", {"curp": ana.curp})
    yield "POST /api/v1/staff/desk-codes", ViewContext.DESK_CODE
    await here.api("POST", "accesses/search", {"who": ana.curp})
    yield "POST /api/v1/accesses/search", ViewContext.ACCESS_LOG
    await here.page.get(f"{PAGES}/accesos?persona={ana.id}")
    yield f"GET {PAGES}/accesos", ViewContext.ACCESS_LOG
