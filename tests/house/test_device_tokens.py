"""The token of a kiosk or board opens the routes that ask for a device, those open to all, and nothing else."""

import re
from collections.abc import Iterator

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.clients.dependencies import SCOPED
from app.identity import dependencies
from app.identity.tokens import CITIZEN, STAFF, issue_access_token
from app.kernel import ids
from app.kernel.actor import DeviceKind
from app.web import browser, watching
from tests.conftest import Database
from tests.desk.device_factories import paired
from tests.desk.factories import clinic
from tests.house.routes import calls

FOR_DEVICES = {dependencies._device_api, dependencies._kiosk_api, browser._kiosk_web}
FOR_PEOPLE = {
    dependencies._citizen_api,
    dependencies._low_citizen_api,
    dependencies._low_person_api,
    dependencies._low_person_token,
    dependencies._person_api,
    dependencies._staff_api,
    dependencies._staff_token,
    browser._citizen_web,
    browser._low_citizen_web,
    browser._staff_web,
    *SCOPED,
    watching.watching_citizen,
    watching.watching_staff,
}
FILL = {"folio": "C-00000-00000-0", "number": "1", "version": "1", "day": "2026-01-05", "name": "a-b"}


def routes_for_people(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Each route for citizens or staff, with its parameters filled."""
    for route in app.routes:
        if isinstance(route, APIRoute) and FOR_PEOPLE & set(calls(route.dependant)):
            path = re.sub(r"\{(\w+)(:\w+)?\}", lambda found: FILL.get(found[1], str(ids.new_id())), route.path)
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield method, path


async def test_every_route_for_people_refuses_a_device(db: Database, app: FastAPI, client: httpx.AsyncClient) -> None:
    let_in, walked = [], 0
    for kind in DeviceKind:
        async with db.transaction() as session:
            _device, token = await paired(session, await clinic(session), kind)
        assert (await client.get("/api/v1/devices/current", headers={"Authorization": f"Bearer {token}"})).is_success
        client.cookies = {browser.unit_device_cookie_name(): token, browser.cookie_name(): token}
        for method, path in routes_for_people(app):
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(ids.new_id())}
            answer = await client.request(method, path, headers=headers)
            is_sign_in = answer.status_code == 303 and re.search("/(entrar|identidad)", answer.headers["location"])
            walked += 1
            # A program isn't asked to refresh what no refresh makes right.
            is_refused = (
                answer.status_code == 403
                if path.startswith("/api/")
                else is_sign_in or answer.status_code in {401, 403}
            )
            if not is_refused:
                let_in.append((kind.value, method, path, answer.status_code))
    assert walked > 200
    assert let_in == []


async def test_a_route_for_devices_refuses_people(client: httpx.AsyncClient) -> None:
    for kind in (CITIZEN, STAFF):
        token = issue_access_token(kind, ids.new_id())[0]
        answer = await client.get("/api/v1/kiosk/services", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/wrong-role")


def test_a_route_for_devices_is_for_no_one_else(app: FastAPI) -> None:
    asked = [set(calls(route.dependant)) for route in app.routes if isinstance(route, APIRoute)]
    assert [one for one in asked if one & FOR_DEVICES and one & FOR_PEOPLE] == []
