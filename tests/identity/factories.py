"""People who open accounts, made as they are made in use."""

from typing import Any

import httpx
from sqlalchemy import text

from app.registry.models import Person
from tests.conftest import Database
from tests.identity.sign_in import bearer, create_person, prove, sent


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]


CURP = "NUPA900517MDFXXN07"


MINE, THIEF, CLINIC = "yo@ejemplo.mx", "ladron@ejemplo.mx", "clinica@ejemplo.mx"


async def ask_to_open(client: httpx.AsyncClient, email: str = MINE, **more: Any) -> httpx.Response:
    asked = {"curp": CURP, "postal_code": "06300", "email": email, "given_names": "Ana"} | more
    return await client.post("/api/v1/enrolments", json=asked)


async def open_account(client: httpx.AsyncClient, db: Database, email: str = MINE, **more: Any) -> dict[str, Any]:
    answer = await ask_to_open(client, email, **more)
    assert answer.status_code == 202, answer.text
    asked = answer.json()["challenge_id"]
    proved = await prove(client, asked, (await sent(db, asked)).code)
    assert proved.status_code == 200, proved.text
    tokens: dict[str, Any] = proved.json()
    assert tokens["assurance"] == "low"
    return tokens


async def ask_for_a_number(client: httpx.AsyncClient, tokens: dict[str, Any]) -> dict[str, Any]:
    headers = bearer(tokens["access_token"]) | {"Idempotency-Key": "ask-for-a-number", "If-Match": "*"}
    body = {"service": "nss-assign", "answers": {"email": MINE}}
    begun = await client.post("/api/v1/requests", json=body, headers=headers)
    assert begun.status_code == 201, begun.text
    headers["Idempotency-Key"] = "submit-it"
    done = await client.post(f"/api/v1/requests/{begun.json()['folio']}/submit", headers=headers)
    assert done.status_code == 200, done.text
    request: dict[str, Any] = done.json()
    return request


async def rows(db: Database, statement: str) -> list[tuple[Any, ...]]:
    async with db.transaction() as session:
        return [tuple(row) for row in await session.execute(text(statement))]


async def registered(db: Database, **about: Any) -> Person:
    """The registry's person of the same CURP: known already, or brought by an import."""
    ana = await create_person(db, has_account=False)
    async with db.transaction() as session:
        person = await session.get_one(Person, ana.id)
        for name, value in about.items():
            setattr(person, name, value)
    return ana
