"""One-time codes: they prove a person once, for minutes, with few tries, and tell no one who exists."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy import text

from app.identity.service import codes
from app.identity.service.codes import issue_desk_code
from app.identity.settings import identity_settings
from app.kernel import clock
from app.kernel.actor import Role
from tests.appointments import factories
from tests.conftest import Database
from tests.identity.factories import slug
from tests.identity.sign_in import NSS, ask, bearer, challenge, come_in, create_person, prove, sent, wrong

UNKNOWN_PERSON = "XEXX010101HNEXXXA4"


async def value(db: Database, question: str) -> Any:
    async with db.transaction() as session:
        return await session.scalar(text(question))


async def test_a_code_lets_in_once(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db)
    challenge_id = await challenge(client, f" {ana.curp[:4].lower()}-{ana.curp[4:]} ")
    code = (await sent(db, challenge_id)).code
    answer = await prove(client, challenge_id, code)
    assert answer.status_code == 200
    me = await client.get("/api/v1/me", headers=bearer(answer.json()["access_token"]))
    assert me.json()["id"] == str(ana.id)
    assert slug(await prove(client, challenge_id, code)) == "wrong-code"


async def test_two_at_once_with_one_code_let_one_in(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db)
    challenge_id = await challenge(client, ana.curp)
    code = (await sent(db, challenge_id)).code
    answers = await asyncio.gather(*[prove(client, challenge_id, code) for _ in range(5)])
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422, 422]


async def test_those_who_wait_for_a_code_do_not_stop_the_one_who_has_it(
    client: httpx.AsyncClient, db: Database
) -> None:
    """They count their tries in a small pool; who is right must not need it while holding the code."""
    ana = await create_person(db)
    for _ in range(8):
        challenge_id = await challenge(client, ana.curp)
        code = (await sent(db, challenge_id)).code
        answers = await asyncio.gather(*[prove(client, challenge_id, code) for _ in range(10)])
        statuses = [answer.status_code for answer in answers]
        assert statuses.count(200) == 1
        assert set(statuses) <= {200, 422, 429}, "nobody waited in vain"


async def test_after_five_wrong_tries_the_right_code_is_worth_nothing(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db)
    challenge_id = await challenge(client, ana.curp)
    code = (await sent(db, challenge_id)).code
    for _ in range(codes.MAX_ATTEMPTS):
        assert slug(await prove(client, challenge_id, wrong(code))) == "wrong-code"
    assert slug(await prove(client, challenge_id, code)) == "wrong-code"


async def test_tries_at_once_are_all_counted(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db)
    challenge_id = await challenge(client, ana.curp)
    code = (await sent(db, challenge_id)).code
    await asyncio.gather(*[prove(client, challenge_id, wrong(code)) for _ in range(12)])
    assert await value(db, "SELECT attempts FROM sign_in_code") == codes.MAX_ATTEMPTS


async def test_a_code_ends_after_its_minutes(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db)
    challenge_id = await challenge(client, ana.curp)
    code = (await sent(db, challenge_id)).code
    with time_machine.travel(clock.now() + timedelta(minutes=identity_settings().code_minutes, seconds=1)):
        assert slug(await prove(client, challenge_id, code)) == "wrong-code"


async def test_no_one_gets_the_same_answer_and_the_same_traces(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db)
    known, unknown = await ask(client, ana.curp), await ask(client, UNKNOWN_PERSON)
    shapes = [(a.status_code, sorted(a.json()), a.json()["expires_in"]) for a in (known, unknown)]
    assert shapes[0] == shapes[1]
    assert await value(db, "SELECT count(DISTINCT curp) FROM sign_in_code WHERE ciphertext IS NOT NULL") == 2
    assert await value(db, "SELECT count(*) FROM event WHERE type = 'code.requested'") == 2
    leads_nowhere = str(unknown.json()["challenge_id"])
    right = (await sent(db, leads_nowhere)).code
    assert slug(await prove(client, leads_nowhere, right)) == "wrong-code"


async def test_a_desk_code_signs_in_who_asked_for_any_code(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db, has_account=False)
    async with db.transaction() as session:
        code = await issue_desk_code(session, factories.staff(Role.RECEPTIONIST), person_id=ana.id, curp=ana.curp)
    assert len(code) == 8
    challenge_id = await challenge(client, ana.curp)
    assert (await prove(client, challenge_id, code)).status_code == 200
    assert slug(await prove(client, challenge_id, code)) == "wrong-code"
    other = await challenge(client, UNKNOWN_PERSON)
    async with db.transaction() as session:
        code = await issue_desk_code(session, factories.staff(Role.RECEPTIONIST), person_id=ana.id, curp=ana.curp)
    assert slug(await prove(client, other, code)) == "wrong-code"


@pytest.mark.parametrize("changed", [None, "nss", "postal_code", "curp"])
async def test_the_first_time_needs_all_three_and_says_no_more(
    client: httpx.AsyncClient, db: Database, changed: str | None
) -> None:
    ana = await create_person(db, has_account=False)
    reported = {"curp": ana.curp, "nss": NSS, "postal_code": "06300", "email": "nueva@ejemplo.mx"}
    others = {"nss": "12345678911", "postal_code": "06301", "curp": "NUPB900517MDFXXN02"}
    if changed:
        reported[changed] = others[changed]
    answer = await client.post("/api/v1/enrolments", json=reported)
    if changed:
        assert (answer.status_code, slug(answer)) == (422, "first-time-mismatch")
        assert others[changed] not in answer.text
        assert await value(db, "SELECT count(*) FROM sign_in_code") == 0
        return
    assert answer.status_code == 202, answer.text
    challenge_id = str(answer.json()["challenge_id"])
    proved = await prove(client, challenge_id, (await sent(db, challenge_id)).code)
    assert proved.status_code == 200
    assert await value(db, "SELECT email FROM account") == "nueva@ejemplo.mx"
    assert await value(db, "SELECT email FROM sign_in_code") == "nueva@ejemplo.mx"


async def test_a_closed_account_can_not_sign_in(client: httpx.AsyncClient, db: Database) -> None:
    from app.identity.service.accounts import close_account

    ana = await create_person(db)
    tokens = await come_in(client, db, ana.curp)
    async with db.transaction() as session:
        await close_account(session, factories.citizen(ana))
    again = await client.post("/api/v1/sign-in/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert slug(again) == "token-expired"
    assert await value(db, "SELECT count(*) FROM account") == 0
