"""A walk through every route where staff see a person's data: what to send to each, in an order that works."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import text

from app.certificates.models import UnprintableCertificate
from app.kernel import clock, ids
from app.notifications.models import UnaddressedNotice
from app.registry.access_log import ViewContext
from app.registry.models import Person
from tests.appointments import factories as places
from tests.appointments.week import FRIDAY, at
from tests.certificates import factories as certificates
from tests.house import access_walk_desk
from tests.house.access_walk_assisted import assistance
from tests.house.access_walk_fhir import fhir
from tests.house.access_walk_open311 import open311
from tests.house.access_walk_waits import wait_list
from tests.house.access_walker import PAGES, Step, Walk
from tests.requests import actors, steps
from tests.requests.factories import asked, window

CASE = "/ventanilla/solicitudes/{folio:folio}"


async def walk(here: Walk) -> AsyncIterator[Step]:
    """Use each route in turn; the caller looks at what it recorded."""
    for part in (
        _appointments,
        fhir,
        wait_list,
        *access_walk_desk.PARTS,
        _lists,
        _case_api,
        _case_pages,
        _decisions,
        _person,
        open311,
        assistance,
    ):
        async for step in part(here):
            yield step


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
