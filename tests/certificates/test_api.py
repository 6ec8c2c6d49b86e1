"""Certificates over HTTP: one's own as a file, anyone's to verify."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel.actor import Assurance, Role
from app.places.models import Unit
from app.registry.models import Person
from app.requests.models import Request
from tests.appointments import factories as people
from tests.certificates import factories
from tests.certificates.conftest import Configure, files_in
from tests.certificates.pdf_reader import PdfDocument
from tests.certificates.validation import validated
from tests.conftest import Database
from tests.requests.actors import hire

VERIFY = "/api/v1/certificates/verify"


def bearer(person: Person, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_access_token(CITIZEN, person.id, assurance=Assurance.FULL)[0]}"} | more


@pytest.fixture
async def request_of_ana(db: Database, ana: Person) -> Request:
    async with db.transaction() as session:
        return await factories.stored_request(session, ana)


def address(request: Request) -> str:
    return f"/api/v1/requests/{request.folio}/certificate"


async def test_the_file_is_signed_named_and_the_same_each_time(
    client: httpx.AsyncClient, ana: Person, request_of_ana: Request
) -> None:
    first = await client.get(address(request_of_ana), headers=bearer(ana))
    assert (first.status_code, first.headers["content-type"]) == (200, "application/pdf"), first.text
    assert validated(first.content).bottom_line
    assert first.headers["content-disposition"].startswith('attachment; filename="vigencia-K-')
    assert (first.headers["content-language"], first.headers["cache-control"]) == ("es", "no-store")
    second = await client.get(address(request_of_ana), headers=bearer(ana))
    assert (second.content, second.headers["etag"]) == (first.content, first.headers["etag"])
    same = {"If-None-Match": f'"other", {first.headers["etag"]}'}
    third = await client.get(address(request_of_ana), headers=bearer(ana, **same))
    assert (third.status_code, third.content) == (304, b"")


@pytest.mark.parametrize(
    ("query", "headers", "language"),
    [("", {}, "es"), ("?language=en", {}, "en"), ("", {"Accept-Language": "en"}, "en")],
)
async def test_in_the_language_asked_for(
    client: httpx.AsyncClient, ana: Person, request_of_ana: Request, query: str, headers: dict[str, str], language: str
) -> None:
    answer = await client.get(address(request_of_ana) + query, headers=bearer(ana, **headers))
    title = {"es": "Constancia de vigencia de derechos", "en": "Certificate of rights in force"}[language]
    assert title in PdfDocument(answer.content).text()
    assert answer.headers["content-language"] == language


async def test_another_language_is_refused(client: httpx.AsyncClient, ana: Person, request_of_ana: Request) -> None:
    answer = await client.get(address(request_of_ana) + "?language=fr", headers=bearer(ana))
    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "language")


async def test_another_person_s_is_not_there(
    client: httpx.AsyncClient, db: Database, request_of_ana: Request, files: Path
) -> None:
    async with db.transaction() as session:
        eva = await people.person(session)
    answer = await client.get(address(request_of_ana), headers=bearer(eva))
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    assert (await client.get(address(request_of_ana))).status_code == 401
    assert files_in(files) == []


async def test_an_officer_of_the_unit_may_print_it(
    client: httpx.AsyncClient, db: Database, ana: Person, request_of_ana: Request
) -> None:
    async with db.transaction() as session:
        unit = await session.get(Unit, ana.unit_id)
        elsewhere = await people.unit(session)
    assert unit is not None
    here, there = await hire(db, client, Role.OFFICER, unit), await hire(db, client, Role.OFFICER, elsewhere)
    assert (await client.get(address(request_of_ana), headers=here.headers)).status_code == 200
    assert (await client.get(address(request_of_ana), headers=there.headers)).status_code == 404


@pytest.mark.parametrize("changed", [{"outcome": "refused"}, {"result": {"rows": []}}])
async def test_without_a_certificate_it_says_so(
    client: httpx.AsyncClient, db: Database, ana: Person, changed: dict[str, Any]
) -> None:
    async with db.transaction() as session:
        request = await factories.stored_request(session, ana, **changed)
    answer = await client.get(address(request), headers=bearer(ana))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/no-certificate")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_without_a_key_it_says_when_to_come_back(
    client: httpx.AsyncClient, ana: Person, request_of_ana: Request, configure: Configure, tmp_path: Path
) -> None:
    configure(SIGNING_KEY=str(tmp_path / "nada.p12"))
    answer = await client.get(address(request_of_ana), headers=bearer(ana))
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/signing-unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_anyone_can_verify_with_folio_and_code(
    client: httpx.AsyncClient, db: Database, ana: Person, request_of_ana: Request
) -> None:
    answer = await client.get(address(request_of_ana), headers=bearer(ana))
    text = PdfDocument(answer.content).text()
    folio, code = text.split("Folio : ")[1].split()[0], text.split("Código : ")[1].split()[0]
    found = await client.post(VERIFY, json={"folio": folio, "code": code}, headers={"Accept-Language": "en"})
    assert found.status_code == 200, found.text
    shown = {one["label"]: one["value"] for one in found.json()["facts"]}
    assert (shown["Right to medical care"], shown["Covered until"]) == ("In force", "December 1, 2026")
    assert found.json() | {"status": "?", "facts": []} == {
        "facts": [],
        "status": "?",  # of the day of the test
        "folio": folio,
        "template": "vigencia",
        "title": "Certificate of rights in force",
        "holder": "Ana N. P.",
        "issued_on": "2026-11-25",
        "valid_until": "2026-12-25",
        "superseded_at": None,
        "annulled_at": None,
        "confirmed_at": None,
    }
    assert found.json()["status"] in {"valid", "expired"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"folio": "K-7K3M9-QXT2F-R", "code": "0000000000"}, 404),
        ({"folio": "no es un folio", "code": "0000000000"}, 404),
        ({"folio": "K-7K3M9-QXT2F-R"}, 422),
        ({"folio": "K" * 21, "code": "0"}, 422),
        ({"folio": "K-7K3M9-QXT2F-R", "code": "0", "name": "Ana"}, 422),
    ],
)
async def test_a_wrong_pair_is_a_problem(client: httpx.AsyncClient, body: dict[str, str], status: int) -> None:
    assert (await client.post(VERIFY, json=body)).status_code == status


async def test_verifying_too_often_has_to_wait(client: httpx.AsyncClient) -> None:
    body = {"folio": "K-7K3M9-QXT2F-R", "code": "0000000000"}
    statuses = [(await client.post(VERIFY, json=body)).status_code for _ in range(62)]
    assert statuses[:30] == [404] * 30
    assert 429 in statuses
