"""People with real-looking CURPs, files that open, and a citizen and an officer who speak to the API."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncSession
from stdnum.mx.curp import calc_check_digit

from app.identity.service import staff
from app.identity.tokens import CITIZEN, STAFF, issue_access_token
from app.kernel import ids
from app.kernel.actor import Assurance, Role, System
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories
from tests.conftest import Database

CLABE = "032180000118359719"
NAME: dict[str, Any] = {"field": "name", "second_surname": "Muñoz"}
"""A correction that anyone of these tests may ask for."""
_serial = iter(range(1, 10_000))
CONSONANTS = "BCDFGHJKLMNPQRSTVWXYZ"


def curp(birth_on: date, sex: str = "M") -> str:
    """A valid CURP that no one else of the test run has."""
    number = next(_serial)
    letters = "".join(CONSONANTS[number // len(CONSONANTS) ** place % len(CONSONANTS)] for place in range(3))
    head = f"XAXX{birth_on:%y%m%d}{sex}DF{letters}{'0' if birth_on.year < 2000 else 'A'}"
    return head + str(calc_check_digit(head + "0"))


def sex() -> dict[str, Any]:
    """A correction of another datum, with the new CURP that it needs; for someone born when these people are."""
    return {"field": "sex", "sex": "X", "curp": curp(date(1990, 5, 17), "X")}


async def person(
    session: AsyncSession,
    unit: Unit | None,
    *,
    birth_on: date = date(1990, 5, 17),
    insured: bool = True,
    nss: bool = True,
    **more: Any,
) -> Person:
    """Someone with a valid CURP."""
    made = await factories.person(session, unit, birth_on=birth_on, insured=insured)
    made.curp = curp(birth_on)
    if not nss:
        made.nss = None
    for name, value in more.items():
        setattr(made, name, value)
    await session.flush()
    return made


def picture(colour: str = "white", *, size: int = 40, kind: str = "PNG") -> bytes:
    """A small picture that opens."""
    out = BytesIO()
    Image.new("RGB", (size, size), colour).save(out, kind)
    return out.getvalue()


@dataclass
class Citizen:
    """Someone who uses the API."""

    client: httpx.AsyncClient
    person_id: UUID

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {issue_access_token(CITIZEN, self.person_id, assurance=Assurance.FULL)[0]}"}

    def keyed(self, key: str | None = None) -> dict[str, str]:
        return self.headers | {"Idempotency-Key": key or str(ids.new_id())}

    async def start(self, service: str, *, person_id: UUID | None = None, **answers: Any) -> httpx.Response:
        body: dict[str, Any] = {"service": service, "answers": answers}
        if person_id is not None:
            body["person_id"] = str(person_id)
        return await self.client.post("/api/v1/requests", json=body, headers=self.keyed())

    async def get(self, folio: str) -> dict[str, Any]:
        answer = await self.client.get(f"/api/v1/requests/{folio}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def save(self, folio: str, **answers: Any) -> httpx.Response:
        headers = self.headers | {"If-Match": "*"}
        return await self.client.patch(f"/api/v1/requests/{folio}", json={"answers": answers}, headers=headers)

    async def attach(self, folio: str, kind: str, data: bytes | None = None, name: str = "foto.png") -> httpx.Response:
        return await self.client.post(
            f"/api/v1/requests/{folio}/documents",
            data={"kind": kind},
            files={"file": (name, data if data is not None else picture())},
            headers=self.keyed(),
        )

    async def submit(self, folio: str, *, key: str | None = None, version: str = "*") -> httpx.Response:
        headers = self.keyed(key) | {"If-Match": version}
        return await self.client.post(f"/api/v1/requests/{folio}/submit", headers=headers)

    async def post(self, folio: str, verb: str, **body: Any) -> httpx.Response:
        headers = self.keyed() | {"If-Match": "*"}
        return await self.client.post(f"/api/v1/requests/{folio}/{verb}", json=body, headers=headers)

    async def submit_request(self, service: str, *, person_id: UUID | None = None, **answers: Any) -> dict[str, Any]:
        """Start, attach all that is needed, submit; the request as it is then."""
        started = await self.start(service, person_id=person_id, **answers)
        assert started.status_code in (200, 201), started.text
        request: dict[str, Any] = started.json()
        if request["kind"] == "draft":
            for document in request["required_documents"]:
                if document["required"]:
                    attached = await self.attach(request["folio"], document["kind"])
                    assert attached.status_code == 201, attached.text
            submitted = await self.submit(request["folio"])
            assert submitted.status_code == 200, submitted.text
            request = submitted.json()
        return request


@dataclass
class Officer:
    """A member of staff who uses the API."""

    client: httpx.AsyncClient
    staff_id: UUID

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {issue_access_token(STAFF, self.staff_id)[0]}"}

    def keyed(self, key: str | None = None) -> dict[str, str]:
        return self.headers | {"Idempotency-Key": key or str(ids.new_id()), "If-Match": "*"}

    async def post(self, path: str, body: dict[str, Any] | None = None, *, key: str | None = None) -> httpx.Response:
        return await self.client.post(f"/api/v1/work/{path}", json=body or {}, headers=self.keyed(key))

    async def claim(self, folio: str) -> dict[str, Any]:
        answer = await self.post(f"{folio}/claim")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def decide(self, folio: str, action: str, *reasons: str, message: str = "Ya lo vimos.") -> httpx.Response:
        return await self.post(f"{folio}/decide", {"action": action, "reasons": list(reasons), "message": message})


async def hire(db: Database, client: httpx.AsyncClient, role: Role, *units: Unit) -> Officer:
    """A member of staff of these units; of every one when none is named."""
    async with db.transaction() as session:
        made = await staff.add_staff(
            session,
            System("test"),
            username=f"{role.value}-{ids.new_id()}",
            full_name="Rosa Díaz",
            role=role,
            password="una frase bastante larga",
            unit_ids=[unit.id for unit in units] or None,
        )
    return Officer(client, made.staff_id)
