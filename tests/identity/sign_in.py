"""Coming in over HTTP, with the code read where the messenger reads it."""

from uuid import UUID

import httpx

from app.identity.models import Account
from app.identity.service.code_delivery import CodeToSend, find_code_to_send
from app.kernel import clock, ids
from app.registry.models import Person
from tests.appointments import factories
from tests.conftest import Database

NSS = "12345678903"


async def create_person(db: Database, *, email: str | None = "ana@ejemplo.mx", has_account: bool = True) -> Person:
    """A person of the registry; with an account when they have signed in before."""
    async with db.transaction() as session:
        unit = await factories.unit(session)
        ana = await factories.person(session, unit)
        ana.curp, ana.nss, ana.postal_code = "NUPA900517MDFXXN07", NSS, "06300"
        if has_account:
            session.add(
                Account(
                    person_id=ana.id,
                    curp=ana.curp,
                    email=email,
                    language="es",
                    created_at=clock.now(),
                    assurance="full",
                )
            )
    return ana


async def ask(client: httpx.AsyncClient, curp: str) -> httpx.Response:
    return await client.post("/api/v1/sign-in/codes", json={"curp": curp})


async def challenge(client: httpx.AsyncClient, curp: str) -> str:
    answer = await ask(client, curp)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["challenge_id"])


async def sent(db: Database, challenge_id: str) -> CodeToSend:
    async with db.transaction() as session:
        found = await find_code_to_send(session, UUID(challenge_id))
    assert found is not None
    return found


async def prove(client: httpx.AsyncClient, challenge_id: str, code: str) -> httpx.Response:
    return await client.post("/api/v1/sign-in/tokens", json={"challenge_id": challenge_id, "code": code})


def wrong(code: str) -> str:
    """Another code of the same length."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


async def come_in(client: httpx.AsyncClient, db: Database, curp: str) -> dict[str, str]:
    challenge_id = await challenge(client, curp)
    answer = await prove(client, challenge_id, (await sent(db, challenge_id)).code)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, str] = answer.json()
    return tokens


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def keyed(token: str) -> dict[str, str]:
    """With an idempotency key of its own."""
    return bearer(token) | {"Idempotency-Key": str(ids.new_id())}
