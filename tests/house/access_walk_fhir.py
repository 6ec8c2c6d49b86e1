"""The part of the walk over FHIR: by the API's own token, and with an assistance where the route is a person's."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from app.appointments.slot_codes import SlotPlace
from app.interop.fhir.identifiers import Proposal, proposal_id, slot_id
from app.registry.access_log import ViewContext
from tests.appointments import factories as places
from tests.appointments.week import THURSDAY, at
from tests.house.access_walker import Step, Walk

BASE = "/fhir/r4"


async def fhir(here: Walk) -> AsyncIterator[Step]:
    ana, unit, client = here.scene.ana, here.scene.unit, here.scene.client
    async with here.scene.db.transaction() as session:
        times = await places.seats(session, unit, count=3, start_at=at(THURSDAY, 8))
    made = await here.api("POST", "assistances", {"person_id": str(ana.id), "channel": "desk"})
    assistance = f"assistances/{made.json()['id']}"
    await here.api("POST", f"{assistance}/identity", {"how": "document", "document": "passport"})
    named = {"Assistance-Id": made.json()["id"]}
    slots = [SlotPlace(unit.id, 1, one) for one in times]
    yield "POST /api/v1/assistances", ViewContext.ASSISTANCE

    async def send(method: str, path: str, body: Any = None, **headers: str) -> Any:
        keyed = {name: value for name, value in here.reader.keyed().items() if name != "If-Match"}
        sent = keyed | named | {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await client.request(method, f"{BASE}/{path}", json=body, headers=sent)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def operate(name: str) -> Any:
        reference = {"reference": f"Appointment/{proposal_id(Proposal(slots[0], ana.id))}"}
        parameter = [{"name": "appointment-reference", "valueReference": reference}]
        done = await send("POST", f"Appointment/${name}", {"resourceType": "Parameters", "parameter": parameter})
        return done["entry"][0]["resource"]

    window = f"start={times[0]:%Y-%m-%d}&end={times[0] + timedelta(days=2):%Y-%m-%d}"
    await send("GET", f"Appointment/$find?{window}")
    yield f"GET {BASE}/Appointment/$find", ViewContext.APPOINTMENT
    sides = [{"name": name, "valueDateTime": value} for name, value in (p.split("=") for p in window.split("&"))]
    await send("POST", "Appointment/$find", {"resourceType": "Parameters", "parameter": sides})
    yield f"POST {BASE}/Appointment/$find", ViewContext.APPOINTMENT
    await operate("hold")
    yield f"POST {BASE}/Appointment/$hold", ViewContext.APPOINTMENT
    booked = await operate("book")
    yield f"POST {BASE}/Appointment/$book", ViewContext.APPOINTMENT
    one = f"Appointment/{booked['id']}"
    await send("GET", one)
    yield f"GET {BASE}/Appointment/{{id_}}", ViewContext.APPOINTMENT
    moved = await send("PUT", one, booked | {"slot": [{"reference": f"Slot/{slot_id(slots[1])}"}]})
    yield f"PUT {BASE}/Appointment/{{id_}}", ViewContext.APPOINTMENT
    for kind in ("Patient", "Appointment", "AppointmentResponse"):
        context = ViewContext.PERSON if kind == "Patient" else ViewContext.APPOINTMENT
        await send("GET", kind)
        yield f"GET {BASE}/{kind}", context
        form = here.reader.headers | named
        assert (await client.post(f"{BASE}/{kind}/_search", data={"_count": "5"}, headers=form)).status_code == 200
        yield f"POST {BASE}/{kind}/_search", context
    await send("GET", f"Patient/{ana.id}")
    yield f"GET {BASE}/Patient/{{id_}}", ViewContext.PERSON
    said = {"resourceType": "AppointmentResponse", "participantStatus": "accepted", "appointment": {"reference": one}}
    await send("POST", "AppointmentResponse", said)
    yield f"POST {BASE}/AppointmentResponse", ViewContext.APPOINTMENT
    await send("GET", f"AppointmentResponse/{booked['id']}")
    yield f"GET {BASE}/AppointmentResponse/{{id_}}", ViewContext.APPOINTMENT
    await send("PATCH", one, {"status": "cancelled"}, If_Match=f'W/"{moved["meta"]["versionId"]}"')
    yield f"PATCH {BASE}/Appointment/{{id_}}", ViewContext.APPOINTMENT
    again = {"resourceType": "Appointment", "status": "booked", "slot": [{"reference": f"Slot/{slot_id(slots[2])}"}]}
    cancelled = (await send("POST", "Appointment", again))["id"]
    yield f"POST {BASE}/Appointment", ViewContext.APPOINTMENT
    await send("PATCH", f"Appointment/{cancelled}", {"status": "cancelled"}, If_Match="*")
    yield f"PATCH {BASE}/Appointment/{{id_}}", ViewContext.APPOINTMENT
    await here.api("POST", f"{assistance}/end")
