"""Clients that other people's generators make of the document do a citizen's work, unmodified: they pass the strict
type checks of their languages, and what they did is stored."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.engine import URL

from app.appointments.models import Appointment
from app.certificates.models import Certificate
from app.documents.models import Document
from app.identity.models import Account
from app.identity.service.codes import issue_desk_code
from app.kernel import clock, ids
from app.kernel import db as kernel_db
from app.kernel.actor import Role, Staff
from app.requests.models import Request
from tests.appointments import factories
from tests.conftest import clone, drop
from tests.contract.generated import Workshop
from tests.portal import Portal, running
from tests.requests import actors
from tests.savings import factories as savings

SPAN_MINUTES = -365 * 24 * 60
CLIENTS = ("openapi_fetch.js", "hey_api.js", "citizen.py")


@dataclass(frozen=True)
class Person:
    """Who uses a program, and the code that they were given at the desk."""

    id: UUID
    curp: str
    code: str


async def people(url: URL, count: int) -> list[Person]:
    """Citizens of a clinic with free times, and a metric of two pages."""
    kernel_db.configure(url.render_as_string(hide_password=False))
    async with kernel_db.transaction() as session:
        unit = await factories.unit(session)
        await factories.seats(session, unit, count=20, capacity=2)
        officer = Staff(ids.new_id(), Role.OFFICER, frozenset({unit.id}))
        made = []
        for _ in range(count):
            one = await actors.person(session, unit)
            session.add(
                Account(
                    person_id=one.id, curp=one.curp, email="ana@ejemplo.mx", language="es", created_at=clock.now(),
                    assurance="full",
                )
            )  # fmt: skip
            code = await issue_desk_code(session, officer, person_id=one.id, curp=one.curp)
            made.append(Person(one.id, one.curp, code))
        done = [
            step
            for number, service in enumerate(["weeks"] * 12 + ["vigencia"] * 12)
            for step in savings.request(ids.new_id(), service=service, minutes=SPAN_MINUTES + number / 10)
        ]
        await savings.baseline(session, savings.parameters(spread=0.2))
        await savings.happen(session, *done)
        await savings.release(session)
    await kernel_db.disconnect()
    return made


async def stored_of(url: URL, user: Person) -> dict[str, Any]:
    """What the database has of the user, in the words of the programs."""
    kernel_db.configure(url.render_as_string(hide_password=False))
    async with kernel_db.transaction() as session:
        appointment = (await session.scalars(select(Appointment).where(Appointment.person_id == user.id))).one()
        requests = (await session.scalars(select(Request).where(Request.person_id == user.id))).all()
        by_service = {one.service: one for one in requests}
        documents = (await session.scalars(select(Document).where(Document.person_id == user.id))).all()
        certificate = (await session.scalars(select(Certificate).where(Certificate.person_id == user.id))).one()
    await kernel_db.disconnect()
    correction = by_service["data-correct"]
    assert (appointment.status, appointment.version) == ("booked", 2)
    assert correction.submitted_at is not None
    assert {one.kind for one in documents} == {"identification", "birth-certificate"}
    assert {one.subject_id for one in documents} == {correction.id}
    assert certificate.request_id == by_service["vigencia"].id
    return {
        "appointment": appointment.folio,
        "start_at": appointment.start_at,
        "request": correction.folio,
        "certificate": certificate.sha256.hex(),
    }


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    made = Workshop(tmp_path_factory.mktemp("clients"))
    made.prepare()
    return made


@pytest.fixture(scope="module")
def users(clients_url: URL) -> dict[str, Person]:
    return dict(zip(CLIENTS, asyncio.run(people(clients_url, len(CLIENTS))), strict=True))


@pytest.fixture(scope="module")
def clients_url(worker_name: str) -> Iterator[URL]:
    url = clone(f"clients_{worker_name}")
    yield url
    drop(url)


@pytest.fixture(scope="module")
def portal(clients_url: URL, users: dict[str, Person], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with running(clients_url, tmp_path_factory.mktemp("portal") / "log", jobs=False) as started:
        yield started


def test_generators_and_type_checkers_have_nothing_to_say(workshop: Workshop) -> None:
    assert workshop.printed["tsc"] == workshop.printed["mypy"] == ""
    assert workshop.printed["openapi-python-client"] == "Generating portal\n", "every operation and every answer"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_generated_client_does_a_citizens_work(
    workshop: Workshop, portal: Portal, users: dict[str, Person], clients_url: URL, client: str
) -> None:
    user = users[client]
    given = {"PORTAL": portal.address, "CURP": user.curp, "CODE": user.code}
    run = workshop.node if client.endswith(".js") else workshop.python
    done = json.loads(run(client, environment=given))
    done["start_at"] = datetime.fromisoformat(done["start_at"])
    assert done == asyncio.run(stored_of(clients_url, user)) | {"metric": [12, 12]}
