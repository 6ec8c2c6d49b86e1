"""A clinic, a family and a client that speaks FHIR."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import httpx
import pytest

from app.appointments.slot_codes import SlotPlace
from app.identity.tokens import CITIZEN, issue_access_token
from app.interop.fhir import identifiers
from app.kernel.actor import Assurance
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories
from tests.conftest import Database

BASE = "/fhir/r4"


@dataclass(frozen=True)
class Scene:
    """Ana and her child at a unit with free times; `other` is a stranger."""

    client: httpx.AsyncClient
    db: Database
    unit: Unit
    ana: Person
    child: Person
    other: Person
    times: list[datetime]

    def headers(self, who: Person | None = None, level: Assurance = Assurance.FULL) -> dict[str, str]:
        token, _seconds = issue_access_token(CITIZEN, (who or self.ana).id, assurance=level)
        return {"Authorization": f"Bearer {token}", "Accept": "application/fhir+json"}

    def slot(self, number: int = 0, room: int = 1) -> str:
        return identifiers.slot_id(SlotPlace(self.unit.id, room, self.times[number]))

    def proposal(self, number: int = 0, who: Person | None = None) -> str:
        place = SlotPlace(self.unit.id, 1, self.times[number])
        return identifiers.proposal_id(identifiers.Proposal(place, (who or self.ana).id))

    async def get(self, path: str, who: Person | None = None, **headers: str) -> httpx.Response:
        return await self.client.get(f"{BASE}/{path}", headers=self.headers(who) | headers)

    async def post(
        self, path: str, body: dict[str, Any], who: Person | None = None, /, **headers: str
    ) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(f"{BASE}/{path}", json=body, headers=self.headers(who) | sent)

    async def operate(self, name: str, id_: str, who: Person | None = None, /, **headers: str) -> httpx.Response:
        """Call `$hold` or `$book` for a proposed appointment."""
        reference = {"name": "appointment-reference", "valueReference": {"reference": f"Appointment/{id_}"}}
        body = {"resourceType": "Parameters", "parameter": [reference]}
        return await self.post(f"Appointment/${name}", body, who, **headers)

    async def booked(self, number: int = 0, who: Person | None = None) -> dict[str, Any]:
        """An appointment at one of the times."""
        answer = await self.operate("book", self.proposal(number, who), who if who is not self.child else None)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["entry"][0]["resource"]
        return found

    async def change(self, method: str, resource: dict[str, Any], **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        path = f"{BASE}/Appointment/{resource['id']}"
        return await self.client.request(method, path, json=resource, headers=self.headers() | sent)


@pytest.fixture
async def scene(db: Database, client: httpx.AsyncClient) -> Scene:
    async with db.transaction() as session:
        unit = await factories.unit(session)
        ana = await factories.person(session, unit)
        child = await factories.person(session, unit, insured=False)
        await factories.depend(session, ana, child)
        other = await factories.person(session, unit)
        await factories.schedule(session, unit, starts=time(9), ends=time(11), horizon_days=0)
        times = await factories.seats(session, unit, count=4)
    return Scene(client, db, unit, ana, child, other, times)


def matches(answer: httpx.Response) -> list[dict[str, Any]]:
    """The resources that a search found."""
    assert answer.status_code == 200, answer.text
    return [one["resource"] for one in answer.json().get("entry", []) if one["search"]["mode"] == "match"]


def outcome(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, issue code and slug of a refusal."""
    body = answer.json()
    assert body["resourceType"] == "OperationOutcome", answer.text
    issue = body["issue"][0]
    return answer.status_code, issue["code"], issue["details"]["coding"][0]["code"]
