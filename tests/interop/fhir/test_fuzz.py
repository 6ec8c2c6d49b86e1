"""What no one should send: every route answers with an outcome, and none fails."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from tests.interop.fhir.conftest import BASE, Scene

NASTY = (
    *(" ", "-1", "²", "٣", "1e400", "9" * 400, "\0", "\u200b", "<script>", "%s {0}", "../../etc/passwd", "|", "a|b|c"),
    *("0001-01-01", "9999-12-31T23:59:59-14:00", "ge2026-02-31", "Slot/x,Slot/y", 'W/"', "WzFd", "[]"),
)
PARAMETERS = ("_count", "_cursor", "date", "start", "end", "identifier", "schedule", "status", "_since", "name", "_id")
NUMBER = {"name": "appointment-reference", "valueReference": {"reference": 7}}
BODIES: list[Any] = [
    None,
    [],
    {},
    {"resourceType": "Parameters", "parameter": [None, 1, {"name": 1}, {"name": "appointment-reference"}]},
    {"resourceType": "Parameters", "parameter": [NUMBER]},
    {"resourceType": "Parameters", "parameter": [{"name": "start", "valueDateTime": "\0"}, {"name": "_count"}]},
    {"resourceType": "Appointment", "status": "booked", "slot": [{"reference": "Slot/\0"}], "participant": "x"},
    {"resourceType": "Appointment", "status": {}, "meta": [], "slot": [1], "start": [], "participant": [{"actor": 1}]},
    {"resourceType": "Appointment", "status": "cancelled", "cancelationReason": [], "meta": {"versionId": "9" * 400}},
    {"resourceType": "AppointmentResponse", "appointment": {"reference": "Appointment/x"}, "start": 1},
    [{"op": "replace", "path": "/status", "value": "cancelled"}, {"op": "test", "path": "", "value": 1}, 3],
]


async def test_every_route_answers_what_no_one_should_send(scene: Scene, app: FastAPI) -> None:
    booked = await scene.booked()
    routes = [one for one in app.routes if isinstance(one, APIRoute) and one.path.startswith(f"{BASE}/")]
    assert len(routes) > 25
    tried = 0
    for route in routes:
        for method in sorted(route.methods or ()):
            ids = [booked["id"], scene.proposal(1), *NASTY[:6]] if "{" in route.path else [""]
            for id_ in ids:
                path = route.path.replace("{id_}", id_ or "x").replace("{clues}", id_ or "x")
                for number, value in enumerate(NASTY):
                    body = json.dumps(BODIES[number % len(BODIES)]).encode() if method != "GET" else None
                    query = {PARAMETERS[(number + tried) % len(PARAMETERS)]: value}
                    if len(ids) > 1 and number % 6:
                        continue
                    headers = scene.headers() | {"Content-Type": "application/json", "If-Match": value.strip() or "*"}
                    safe = {name: text for name, text in headers.items() if text.isascii() and text.isprintable()}
                    answer = await scene.client.request(
                        method, path.replace("\0", "%00"), params=query, content=body, headers=safe
                    )
                    assert answer.status_code < 500, (method, path, query, body, answer.text)
                    if answer.status_code >= 400:
                        assert answer.json()["resourceType"] == "OperationOutcome", answer.text
                    tried += 1
    assert tried > 300


async def test_an_address_or_method_that_is_not_there_is_an_outcome(scene: Scene) -> None:
    answers = [
        await scene.client.get(f"{BASE}/Practitioner", headers={"Accept": "text/html, */*"}),
        await scene.client.delete(f"{BASE}/Appointment/x"),
    ]
    assert [(one.status_code, one.json()["resourceType"]) for one in answers] == [
        (404, "OperationOutcome"),
        (405, "OperationOutcome"),
    ]
