"""Every POST with an effect takes an idempotency key, or is written down here with the reason why it needs none. With
the key of a request that was answered, each gives that answer; with the key of another request, it is refused.

Nothing is done here: the answers are stored as an earlier request would have left them.
"""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import delete

from app.api_document.examples import example_of
from app.api_document.vocabulary import ID
from app.identity import dependencies
from app.identity.service import unit_devices
from app.kernel import clock
from app.kernel.actor import Anonymous, Citizen, DeviceKind, Role, Staff
from app.kernel.idempotency import IdempotencyRow, fingerprint, owner_of
from app.main import create_app
from tests.house.routes import calls, declared, headers
from tests.notifications.pushing import text_of
from tests.requests import steps
from tests.requests.conftest import Scene

WITHOUT = """
    READING: a search, a check or a preview, with its words in the body; nothing is changed
    POST /api/v1/accesses/search
    POST /api/v1/certificates/check
    POST /api/v1/certificates/verify
    POST /api/v1/message-texts/{template_id}/preview
    POST /api/v1/schedules/{schedule_id}/preview
    POST /api/v1/shift-closures/preview
    POST /api/v1/work/search

    SIGN-IN: no one is known yet whose key it would be, and what proves them serves once
    POST /api/v1/devices/pair
    POST /api/v1/enrolments
    POST /api/v1/oauth/revoke
    POST /api/v1/oauth/token
    POST /api/v1/sign-in/codes
    POST /api/v1/sign-in/refresh
    POST /api/v1/sign-in/tokens
    POST /api/v1/sign-out
    POST /api/v1/staff/sign-in

    NAMED: what is sent has an id of its own, or is the same thing however often it is said
    POST /api/v1/desk/units/{unit_id}/offline-entries
    POST /api/v1/message-bounces
    POST /api/v1/message-reports
    POST /api/v1/push-subscriptions/renewals

    RENEWED: sent again, a lease lasts as long from then
    POST /api/v1/work/{folio}/heartbeat
"""
NEXT = """
    NEXT: the key stands for what was given, not for a request: it is the same whatever the body
    POST /api/v1/desk/counter/calls
    POST /api/v1/work/claim
"""


@pytest.fixture(scope="module")
def posts() -> list[APIRoute]:
    every = [one for one in create_app().routes if isinstance(one, APIRoute) and one.path.startswith("/api/")]
    return [one for one in every if "POST" in (one.methods or set())]


def test_a_post_takes_a_key_or_is_written_down_here(posts: list[APIRoute]) -> None:
    without = {f"POST {one.path}" for one in posts if "idempotency-key" not in headers(one.dependant)}
    assert without == declared(WITHOUT)


def test_who_takes_a_key_requires_it_and_names_the_refusal(posts: list[APIRoute]) -> None:
    taking = [one for one in posts if "idempotency-key" in headers(one.dependant)]
    assert len(taking) > 80
    undocumented = {f"POST {one.path}" for one in taking if "key-reused" not in str(one.responses.get(422))}
    assert undocumented == declared(NEXT)


KEY = "una-llave-de-prueba"
DAY = "2026-11-30"
POINT = ec.derive_private_key(1, ec.SECP256R1()).public_key()
PUSH_KEYS = {
    "p256dh": text_of(POINT.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)),
    "auth": text_of(b"sixteen bytes ok"),
}
BODIES: dict[str, dict[str, Any]] = {
    "/api/v1/schedules": {
        "unit_id": ID,
        "room": 1,
        "shift": "M",
        "service": "family-medicine",
        "weekdays": [1],
        "starts": "08:00",
        "ends": "12:00",
        "slot_minutes": 20,
        "capacity": 1,
        "valid_from": DAY,
    },
    "/api/v1/schedule-exceptions": {
        "unit_id": ID,
        "starts_at": "2026-11-30T08:00:00-06:00",
        "ends_at": "2026-11-30T12:00:00-06:00",
        "reason": "emergency",
    },
    "/api/v1/staff/desk-codes": {"curp": "XAXX900517MDFBBB01"},
    "/api/v1/me/contact-changes": {"email": "ana@ejemplo.mx"},
    "/api/v1/me/push-subscriptions": {"endpoint": "https://example.mx/aviso", "keys": PUSH_KEYS},
    "/api/v1/staff/withdrawals": {"curp": "XAXX900517MDFBBB01", "on_date": DAY, "weeks": 1},
}
"""What a route takes, where the smallest instance of its schema isn't it."""
SECRET = """
    SECRET: the answer is stored with its secret encrypted, or without it: see the tests of each
    POST /api/v1/devices
    POST /api/v1/devices/{device_id}/codes
    POST /api/v1/staff/desk-codes
    POST /api/v1/webhooks
    POST /api/v1/webhooks/{webhook_id}/secret
"""
ELSEWHERE = """
    ELSEWHERE: what there has to be first, or a form that is no JSON; shown by the tests of each
    POST /api/v1/appointments/{folio}/cancel
    POST /api/v1/appointments/{folio}/move
    POST /api/v1/appointments/{folio}/offer/accept
    POST /api/v1/draws/{draw_id}/registrations
    POST /api/v1/requests/{folio}/documents
    POST /api/v1/wait-offers/{offer_id}/accept
"""
FOR_CITIZENS = {
    dependencies._citizen_api,
    dependencies._low_citizen_api,
    dependencies._served_citizen_api,
    dependencies._low_person_api,
    dependencies._low_person_token,
}


@dataclass
class Call:
    """A POST, as the document describes it, by someone who may make it; and the answer it got."""

    url: str
    sent: bytes
    status: int
    answer: bytes

    @classmethod
    def of(cls, route: APIRoute, document: dict[str, Any], folio: str) -> "Call":
        operation, url = document["paths"][route.path]["post"], route.path
        for one in (one for one in operation["parameters"] if one["in"] == "path"):
            is_folio = one["name"] == "folio" and "/requests/" in url
            value = folio if is_folio else example_of(document, one["schema"], one["name"], is_sent=True)
            url = url.replace(f"{{{one['name']}}}", str(value))
        body, status = operation.get("requestBody", {}), route.status_code or 200
        sent = _example(document, body, route.path)
        return cls(url, sent, status, _example(document, operation["responses"][str(status)]))


def _example(document: dict[str, Any], body: dict[str, Any], path: str = "") -> bytes:
    """The document's example of a body."""
    content = body.get("content", {}).get("application/json")
    if content is None:
        return b""
    value = BODIES.get(path) or example_of(document, content["schema"], is_sent=bool(path))
    return json.dumps(value).encode()


async def test_a_key_answers_again_what_it_answered_and_nothing_else(
    app: FastAPI, scene: Scene, posts: list[APIRoute]
) -> None:
    document, others, tried = app.openapi(), declared(WITHOUT) | declared(NEXT) | declared(ELSEWHERE), 0
    folio = (await scene.citizen.start("complaint")).json()["folio"]
    callers = await _callers(scene)
    for route in posts:
        if (name := f"POST {route.path}") in others:
            continue
        call, asked = Call.of(route, document, folio), set(calls(route.dependant))
        is_kiosk, is_citizen = dependencies._kiosk_api in asked, bool(FOR_CITIZENS & asked)
        owner, bearer = callers["device" if is_kiosk else "citizen" if is_citizen else "staff"]
        await _stored(scene, owner, call)
        about = bearer | {"Idempotency-Key": KEY, "If-Match": "*", "Content-Type": "application/json"}
        if name not in declared(SECRET):
            again = await scene.client.post(call.url, content=call.sent, headers=about)
            assert (again.status_code, again.content) == (call.status, call.answer), f"{name}: {again.text}"
            assert again.headers["Idempotency-Replayed"] == "true", name
        refused = await scene.client.post(call.url, content=call.sent + b" ", headers=about)
        assert (refused.status_code, refused.json().get("type")) == (422, "/problems/key-reused"), (name, refused.text)
        tried += 1
    assert tried > 70


async def _callers(scene: Scene) -> dict[str, tuple[str, dict[str, str]]]:
    """Someone of each kind: the owner of their keys, and how they call."""
    admin = await steps.hire(scene, Role.ADMIN)
    async with scene.db.transaction() as session:
        by = Staff(admin.staff_id, Role.ADMIN, frozenset({scene.unit.id}))
        made = await unit_devices.add_device(session, by, scene.unit.id, DeviceKind.KIOSK, "Entrada")
        device, token = await unit_devices.pair_device(session, Anonymous(), made.code)
    return {
        "citizen": (owner_of(Citizen(scene.ana.id)), scene.citizen.headers),
        "staff": (owner_of(by), admin.headers),
        "device": (owner_of(device), {"Authorization": f"Bearer {token}"}),
    }


async def _stored(scene: Scene, owner: str, call: Call) -> None:
    """The answer to this request, as it stays behind."""
    async with scene.db.transaction() as session:
        await session.execute(delete(IdempotencyRow))
        session.add(
            IdempotencyRow(
                owner=owner,
                key=KEY,
                fingerprint=fingerprint("POST", call.url, call.sent),
                status=call.status,
                headers={"content-type": "application/json"} if call.answer else {},
                body=call.answer,
                created_at=clock.now(),
            )
        )
