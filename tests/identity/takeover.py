"""A person who tries to get into another's account."""

from typing import Any

import httpx
from sqlalchemy import text

from app.identity.service.codes import issue_desk_code
from app.kernel.actor import Role
from app.registry.models import Person
from tests.appointments import factories
from tests.conftest import Database
from tests.identity.sign_in import NSS, bearer, prove, sent

THIEF = "ladron@ejemplo.mx"


async def first_time(client: httpx.AsyncClient, ana: Person, email: str = THIEF, **changes: Any) -> str:
    reported = {"curp": ana.curp, "nss": NSS, "postal_code": "06300", "email": email} | changes
    answer = await client.post("/api/v1/enrolments", json=reported)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["challenge_id"])


async def one(db: Database, question: str) -> tuple[Any, ...]:
    async with db.transaction() as session:
        return tuple((await session.execute(text(question))).one())


async def register(db: Database, ana: Person, **contact: str) -> None:
    async with db.transaction() as session:
        person = await session.get_one(Person, ana.id)
        for name, value in contact.items():
            setattr(person, name, value)


async def desk_code(db: Database, ana: Person) -> str:
    async with db.transaction() as session:
        return await issue_desk_code(session, factories.staff(Role.RECEPTIONIST), person_id=ana.id, curp=ana.curp)


async def come_in_low(client: httpx.AsyncClient, db: Database, ana: Person, email: str = THIEF) -> dict[str, Any]:
    asked = await first_time(client, ana, email)
    answer = await prove(client, asked, (await sent(db, asked)).code)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    assert tokens["assurance"] == "low"
    return tokens


async def me(client: httpx.AsyncClient, tokens: dict[str, Any]) -> int:
    return (await client.get("/api/v1/me", headers=bearer(tokens["access_token"]))).status_code
