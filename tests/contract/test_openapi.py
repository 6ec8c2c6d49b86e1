"""Every operation of the API, called with what its schema allows and with what it doesn't: no fault of ours, no answer
that the document doesn't name, none of another shape than it says."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.identity.service import staff
from app.identity.tokens import CITIZEN, STAFF, issue_access_token
from app.kernel import db as kernel_db
from app.kernel.actor import Assurance, Role, System
from app.main import create_app
from tests.appointments import factories
from tests.conftest import clone, drop
from tests.portal import running

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
EXAMPLES = 4


@dataclass(frozen=True)
class Contract:
    """The API of a running portal, and who may call it."""

    address: str
    citizen: UUID
    supervisor: UUID

    def headers(self, kind: str) -> dict[str, str]:
        subject = self.citizen if kind == CITIZEN else self.supervisor
        return {"Authorization": f"Bearer {issue_access_token(kind, subject, assurance=Assurance.FULL)[0]}"}


async def _people(url: str) -> tuple[UUID, UUID]:
    kernel_db.configure(url)
    async with kernel_db.transaction() as session:
        unit = await factories.unit(session)
        ana = await factories.person(session, unit)
        await factories.seats(session, unit, count=8)
        boss = await staff.add_staff(
            session,
            System("test"),
            username="contract",
            full_name="Rosa Díaz",
            role=Role.SUPERVISOR,
            password="una frase bastante larga",
            unit_ids=None,
        )
    await kernel_db.disconnect()
    return ana.id, boss.staff_id


@pytest.fixture(scope="session")
def contract(worker_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contract]:
    url = clone(f"contract_{worker_name}")
    citizen, supervisor = asyncio.run(_people(url.render_as_string(hide_password=False)))
    with running(url, tmp_path_factory.mktemp("contract") / "log", jobs=False, ACCESS_TOKEN_MINUTES="60") as portal:
        yield Contract(portal.address, citizen, supervisor)
    drop(url)


@pytest.fixture(scope="session")
def api(contract: Contract) -> Any:
    return schemathesis.openapi.from_url(f"{contract.address}/api/v1/openapi.json")


def operations() -> list[tuple[str, str]]:
    paths = create_app().openapi()["paths"]
    return [(path, method) for path, methods in sorted(paths.items()) for method in methods]


@pytest.mark.parametrize("kind", [CITIZEN, STAFF])
@pytest.mark.parametrize(("path", "method"), operations())
def test_every_operation_keeps_its_word(contract: Contract, api: Any, path: str, method: str, kind: str) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=api[path][method.upper()].as_strategy())
    def calls(case: Any) -> None:
        case.call_and_validate(headers=contract.headers(kind), checks=CHECKS)

    calls()
