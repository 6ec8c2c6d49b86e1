"""Every operation of the API, called with what its schema allows and with what it does not, by everyone who may call
it and by one who may not: no fault of ours, no answer that the document does not name or of another shape than it says.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.engine import URL

from app.clients.rules import ApiScope
from app.identity.tokens import CITIZEN, STAFF, issue_access_token
from app.kernel import db as kernel_db
from app.kernel.actor import Assurance, Role
from app.main import create_app
from tests.appointments import factories
from tests.clients.factories import GRANT, TOKEN, basic, hire, program
from tests.conftest import Database, clone, drop
from tests.portal import running

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
ROLES = (Role.ADMIN, Role.OFFICER, Role.SUPERVISOR, Role.ANALYST)
CLIENT = "client"
EXAMPLES = 4
"""Of an operation by a kind of caller who may call it; two by each role of staff, one by who may not."""


@dataclass(frozen=True)
class Contract:
    """The API of a running portal, and who may call it: people by kind or role, and a client's credential."""

    address: str
    people: dict[str, UUID]
    client: tuple[UUID, str]

    def headers(self, kind: str) -> dict[str, str]:
        if kind == CLIENT:
            answer = httpx.post(self.address + TOKEN, data=GRANT, headers=basic(*self.client))
            token = answer.json()["access_token"]
        else:
            subject = CITIZEN if kind == CITIZEN else STAFF
            token = issue_access_token(subject, self.people[kind], assurance=Assurance.FULL)[0]
        return {"Authorization": f"Bearer {token}"}


async def _people(url: URL) -> tuple[dict[str, UUID], tuple[UUID, str]]:
    kernel_db.configure(url.render_as_string(hide_password=False))
    async with kernel_db.transaction() as session:
        unit = await factories.unit(session)
        ana = await factories.person(session, unit)
        await factories.seats(session, unit, count=8)
    staff = {role.value: await hire(Database(url), role) for role in ROLES}
    async with httpx.AsyncClient() as none:
        made = await program(none, *ApiScope, per_minute=300)
    await kernel_db.disconnect()
    return staff | {CITIZEN: ana.id}, (made.id, made.secret)


@pytest.fixture(scope="session")
def contract(worker_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contract]:
    url = clone(f"contract_{worker_name}")
    people, client = asyncio.run(_people(url))
    with running(url, tmp_path_factory.mktemp("contract") / "log", jobs=False, ACCESS_TOKEN_MINUTES="60") as portal:
        yield Contract(portal.address, people, client)
    drop(url)


@pytest.fixture(scope="session")
def api(contract: Contract) -> Any:
    return schemathesis.openapi.from_url(f"{contract.address}/api/v1/openapi.json")


def callers(security: list[dict[str, Any]]) -> dict[str, int]:
    """Who calls an operation, and how many examples of each."""
    schemes = {name for one in security for name in one}
    plan: dict[str, int] = {}
    if CITIZEN in schemes or not security:
        plan[CITIZEN] = EXAMPLES
    if STAFF in schemes:
        plan |= {role.value: 2 for role in ROLES}
    if CLIENT in schemes:
        plan[CLIENT] = EXAMPLES
    return plan | {next((one for one in (CITIZEN, Role.OFFICER.value, CLIENT) if one not in plan), CITIZEN): 1}


DOCUMENT = create_app().openapi()
OPERATIONS = [(path, method) for path, methods in sorted(DOCUMENT["paths"].items()) for method in methods]


def test_everyone_calls_something() -> None:
    plans = [callers(DOCUMENT["paths"][path][method]["security"]) for path, method in OPERATIONS]
    may = [{kind for kind, count in plan.items() if count > 1} for plan in plans]
    assert set().union(*may) == {CITIZEN, CLIENT, *(role.value for role in ROLES)}


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_operation_keeps_its_word(contract: Contract, api: Any, path: str, method: str) -> None:
    cases = api[path][method.upper()].as_strategy()
    for place, (kind, count) in enumerate(callers(DOCUMENT["paths"][path][method]["security"]).items()):
        call_with(cases, contract.headers(kind), count, place)


def call_with(cases: Any, headers: dict[str, str], count: int, place: int) -> None:
    @seed(place)
    @settings(max_examples=count, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def calls(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    calls()
