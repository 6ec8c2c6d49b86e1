"""What programs reach: every route of theirs names a scope, and every other one refuses them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote_plus

import httpx
import time_machine
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.clients.dependencies import SCOPED, Scoped
from app.clients.rules import SCOPES, ApiScope, Wrong, parse_basic, parse_scopes, scopes_for, wrong_with_scopes
from app.identity import dependencies
from app.kernel import ids
from app.kernel.actor import Role
from app.main import create_app
from app.web import browser
from tests.clients.factories import basic, program
from tests.conftest import Database
from tests.desk.factories import NINE, at_nine, clinic, open_all, patient, walk_in
from tests.house.routes import calls

OPEN_TO_ALL = {dependencies.anonymous_of, browser._anonymous_web, browser._browser_session}
FILL = {"folio": "C-00000-00000-0", "number": "1", "version": "1", "day": "2026-01-05", "name": "a-b"}
DECLARED = {
    "/api/v1/metrics/{metric}": "metrics.read",
    "/api/v1/savings": "metrics.read",
    "/api/v1/exports": "exports.read",
    "/api/v1/exports/{table}": "exports.read",
    "/api/v1/desk/units/{unit_id}/day-list": "appointments.read",
    "/api/v1/desk/units/{unit_id}/tickets": "desk.tickets",
    "/api/v1/desk/units/{unit_id}/tickets/{ticket_id}": "desk.tickets",
    "/api/v1/desk/units/{unit_id}/queues": "desk.tickets",
}

ALSO_FOR_PEOPLE = {"/fhir/r4/Appointment", "/fhir/r4/Appointment/_search"}
"""Of a person, theirs; of a client with the scope, a unit's day: see `tests/interop/fhir/test_search.py`."""


def scoped_routes() -> Iterator[tuple[APIRoute, Scoped]]:
    for route in create_app().routes:
        if isinstance(route, APIRoute):
            yield from ((route, call) for call in calls(route.dependant) if isinstance(call, Scoped))


def test_each_route_for_programs_names_its_scope_and_only_reads() -> None:
    found = list(scoped_routes())
    assert {route.path: call.scope.value for route, call in found} == DECLARED
    assert {method for route, _call in found for method in route.methods or ()} == {"GET"}
    assert {call for _route, call in found} == set(SCOPED)
    document = create_app().openapi()["paths"]
    for route, call in found:
        assert {"client": [call.scope.value]} in document[route.path]["get"]["security"], route.path


async def test_every_other_route_refuses_a_program(client: httpx.AsyncClient, app: FastAPI, db: Database) -> None:
    """A client with every scope, and every page without one."""
    made = await program(client, *ApiScope, per_minute=300)
    headers = await made.bearer()
    let_in, walked = [], 0
    for route in app.routes:
        if not isinstance(route, APIRoute) or route.path in {*DECLARED, *ALSO_FOR_PEOPLE}:
            continue
        asked = set(calls(route.dependant))
        if (OPEN_TO_ALL & asked and not _asks_for_someone(asked)) or not asked:
            continue
        path = re.sub(r"\{(\w+)(:\w+)?\}", lambda found: FILL.get(found[1], str(ids.new_id())), route.path)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            answer = await client.request(method, path, headers=headers | {"Idempotency-Key": str(ids.new_id())})
            walked += 1
            is_refused = (
                answer.status_code == 403 if path.startswith("/api/") else answer.status_code in (303, 401, 403)
            )
            if not is_refused:
                let_in.append((method, path, answer.status_code))
    assert walked > 200
    assert let_in == []


def _asks_for_someone(asked: set[object]) -> bool:
    return bool(
        asked
        & {
            browser._citizen_web,
            browser._low_citizen_web,
            browser._staff_web,
            dependencies._staff_api,
            dependencies._staff_token,
        }
    )


async def test_a_scope_isnt_widened_by_asking(client: httpx.AsyncClient, db: Database) -> None:
    made = await program(client, ApiScope.METRICS, ApiScope.EXPORTS)
    assert (await made.ask(scope="metrics.read desk.tickets")).json()["error"] == "invalid_scope"
    headers = await made.bearer(scope="metrics.read")
    refused = await client.get("/api/v1/exports", headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/scope-missing")


async def test_metrics_of_its_units_alone(client: httpx.AsyncClient, db: Database) -> None:
    async with db.transaction() as session:
        here, other = await clinic(session), await clinic(session)
    made = await program(client, ApiScope.METRICS, units=frozenset({here.unit.id}))
    headers = await made.bearer()
    for path in ("/api/v1/metrics/completion", "/api/v1/savings"):
        for params in ({}, {"unit": str(other.unit.id)}, {"group_by": "service"}):
            answer = await client.get(path, headers=headers, params=params)
            assert (answer.status_code, answer.json()["type"]) == (403, "/problems/outside-units"), (path, params)
    answer = await client.get("/api/v1/metrics/completion", headers=headers, params={"unit": str(here.unit.id)})
    assert answer.status_code == 200
    assert "private" in answer.headers["cache-control"]


async def test_appointments_without_whose_they_are(client: httpx.AsyncClient, db: Database) -> None:
    with time_machine.travel(NINE - timedelta(days=1), tick=True):
        async with db.transaction() as session:
            here, other = await clinic(session), await clinic(session)
            person_id = (await patient(session, here))[0].id
    units = frozenset({here.unit.id})
    blind = await program(client, ApiScope.APPOINTMENTS, units=units)
    seeing = await program(client, ApiScope.APPOINTMENTS, ApiScope.APPOINTMENT_PEOPLE, units=units)
    path = f"/api/v1/desk/units/{here.unit.id}/day-list"
    with at_nine():
        lines = await client.get(path, headers=await blind.bearer())
        assert [(one["person_id"], one["full_name"]) for one in lines.json()] == [(None, None)]
        assert await views(db) == []
        lines = await client.get(path, headers=await seeing.bearer())
        assert [one["person_id"] for one in lines.json()] == [str(person_id)]
        assert await views(db) == [(person_id, "client", seeing.id, "client", here.unit.id)]
        for elsewhere in (other.unit.id, ids.new_id()):
            answer = await client.get(f"/api/v1/desk/units/{elsewhere}/day-list", headers=await seeing.bearer())
            assert answer.status_code == 404


async def views(db: Database) -> list[tuple[object, ...]]:
    async with db.transaction() as session:
        rows = await session.execute(
            text("SELECT person_id, reader_kind, reader_id, role, unit_id FROM personal_data_view")
        )
        return [tuple(row) for row in rows]


async def test_tickets_for_call_systems(client: httpx.AsyncClient, db: Database) -> None:
    with at_nine():
        async with db.transaction() as session:
            here = await clinic(session)
            await open_all(session, here)
            ticket = await walk_in(session, here)
        made = await program(client, ApiScope.TICKETS, units=frozenset({here.unit.id}))
        headers, base = await made.bearer(), f"/api/v1/desk/units/{here.unit.id}"
        (found,) = (await client.get(f"{base}/tickets", headers=headers)).json()
        assert (found["id"], found["full_name"]) == (str(ticket.id), None)
        one = await client.get(f"{base}/tickets/{ticket.id}", headers=headers)
        assert one.json()["number"] == found["number"]
        assert len((await client.get(f"{base}/queues", headers=headers)).json()) == 1
        assert (await client.get(f"/api/v1/desk/units/{ids.new_id()}/tickets", headers=headers)).status_code == 404
        assert (await client.post(f"{base}/tickets", headers=headers, json={})).status_code == 403


def test_which_scopes_go_together() -> None:
    assert wrong_with_scopes([], has_units=False) is Wrong.NONE
    assert wrong_with_scopes(["all"], has_units=False) is Wrong.UNKNOWN
    assert wrong_with_scopes([ApiScope.APPOINTMENT_PEOPLE], has_units=True) is Wrong.NEEDS_ANOTHER
    assert wrong_with_scopes([ApiScope.EXPORTS], has_units=True) is Wrong.WHOLE_AGENCY
    assert wrong_with_scopes(list(ApiScope), has_units=False) is None
    assert set(SCOPES) == set(ApiScope)
    assert scopes_for(Role.ANALYST) == [ApiScope.METRICS, ApiScope.EXPORTS]
    assert scopes_for(Role.OFFICER) == []


@given(st.text(min_size=1).filter(lambda one: max(one) < "\ud800" or max(one) > "\udfff"), st.text())
def test_any_id_and_secret_travel_by_basic(client_id: str, secret: str) -> None:
    sent = basic(quote_plus(client_id), quote_plus(secret))["Authorization"]
    assert parse_basic(sent) == (client_id, secret)


@given(st.text())
def test_any_header_and_scope_is_read_or_refused(written: str) -> None:
    assert parse_basic(written) is None or written.lower().startswith("basic ")
    scopes = parse_scopes(written)
    assert scopes is None or " ".join(sorted(scopes)).split() == sorted(scopes)
