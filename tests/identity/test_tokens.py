"""Access tokens end soon; a refresh token works once, and one that was stolen ends its whole family."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import text

from app.identity.service.refresh import GRACE
from app.identity.service.refresh import refresh as trade
from app.identity.service.revocation import revoke_all_access
from app.identity.service.staff import STEP_SECONDS
from app.identity.settings import identity_settings
from app.identity.tokens import CITIZEN, STAFF, issue_access_token
from app.kernel import clock, crypto, ids
from app.kernel.actor import Anonymous, Assurance, Channel, Role
from tests.conftest import Database
from tests.identity.sign_in import bearer, come_in, create_person, keyed
from tests.identity.staff import code, enter, hire
from tests.waiting import until_a_session_waits


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/api/v1/sign-in/refresh", json={"refresh_token": token})


async def status(client: httpx.AsyncClient, token: str) -> int:
    return (await client.get("/api/v1/me", headers=bearer(token))).status_code


async def test_an_access_token_ends_and_its_refresh_gets_the_next(client: httpx.AsyncClient, db: Database) -> None:
    tokens = await come_in(client, db, (await create_person(db)).curp)
    later = clock.now() + timedelta(minutes=identity_settings().access_token_minutes, seconds=1)
    with time_machine.travel(later):
        assert await status(client, tokens["access_token"]) == 401
        fresh = (await refresh(client, tokens["refresh_token"])).json()
        assert await status(client, fresh["access_token"]) == 200


async def test_one_used_twice_ends_its_family(client: httpx.AsyncClient, db: Database) -> None:
    tokens = await come_in(client, db, (await create_person(db)).curp)
    second = (await refresh(client, tokens["refresh_token"])).json()["refresh_token"]
    with time_machine.travel(clock.now() + GRACE + timedelta(seconds=1)):
        assert (await refresh(client, tokens["refresh_token"])).status_code == 401
        assert (await refresh(client, second)).status_code == 401
    async with db.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM event WHERE type LIKE '%reused'")) == 1


async def test_what_ends_a_family_ends_the_token_that_is_being_made_at_that_moment(
    client: httpx.AsyncClient, db: Database
) -> None:
    ana = await create_person(db)
    tokens = await come_in(client, db, ana.curp)

    async def end() -> None:
        async with db.transaction() as session:
            await revoke_all_access(session, ana.id)

    async with db.transaction() as session:
        pair = await trade(session, Anonymous(Channel.API, "127.0.0.1"), tokens["refresh_token"])
        ending = asyncio.create_task(end())
        await until_a_session_waits(db)
    await ending
    assert (await refresh(client, pair.refresh_token)).status_code == 401
    assert await status(client, pair.access_token) == 401


async def test_the_same_one_within_seconds_gets_the_same_pair_also_at_once(
    client: httpx.AsyncClient, db: Database
) -> None:
    tokens = await come_in(client, db, (await create_person(db)).curp)
    now = clock.now()
    with time_machine.travel(now):
        answers = await asyncio.gather(*[refresh(client, tokens["refresh_token"]) for _ in range(4)])
    with time_machine.travel(now + GRACE - timedelta(seconds=2)):
        answers.append(await refresh(client, tokens["refresh_token"]))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len({answer.text for answer in answers}) == 1
    pair = answers[0].json()
    assert await status(client, pair["access_token"]) == 200
    assert (await refresh(client, pair["refresh_token"])).status_code == 200


@pytest.mark.parametrize("kind", [CITIZEN, STAFF])
async def test_a_family_ends_however_often_it_is_refreshed(client: httpx.AsyncClient, db: Database, kind: str) -> None:
    terms = identity_settings()
    if kind == CITIZEN:
        tokens = await come_in(client, db, (await create_person(db)).curp)
        life, step = timedelta(days=terms.refresh_family_days), timedelta(days=terms.refresh_token_days - 1)
    else:
        await hire(db)
        tokens = (await enter(client)).json()
        life, step = timedelta(hours=terms.staff_token_hours), timedelta(hours=5)
    began = clock.now()
    moment = began + step
    while moment < began + life - timedelta(minutes=3):
        with time_machine.travel(moment):
            answer = await refresh(client, tokens["refresh_token"])
            assert answer.status_code == 200
            tokens = answer.json()
        moment += step
    with time_machine.travel(began + life - timedelta(minutes=2)):
        tokens = (await refresh(client, tokens["refresh_token"])).json()
        assert tokens["expires_in"] <= 120
    with time_machine.travel(began + life + timedelta(seconds=1)):
        assert (await refresh(client, tokens["refresh_token"])).status_code == 401


async def test_staff_sign_out_and_their_tokens_end_at_once(client: httpx.AsyncClient, db: Database) -> None:
    await hire(db, role=Role.ADMIN)
    tokens = (await enter(client)).json()
    other = (await enter(client, otp=code(ahead=STEP_SECONDS))).json()
    where = "/api/v1/messages/dead-letters"
    assert (await client.get(where, headers=bearer(tokens["access_token"]))).status_code == 200
    assert (await client.post("/api/v1/sign-out", headers=bearer(tokens["access_token"]))).status_code == 204
    assert (await refresh(client, tokens["refresh_token"])).status_code == 401
    assert (await client.get(where, headers=bearer(tokens["access_token"]))).status_code == 401
    claimed = await client.post(
        "/api/v1/work/claim", json={}, headers=bearer(tokens["access_token"]) | {"Idempotency-Key": "a-key-of-8"}
    )
    assert claimed.status_code == 401
    assert (await client.get(where, headers=bearer(other["access_token"]))).status_code == 200


async def test_signing_out_ends_the_family(client: httpx.AsyncClient, db: Database) -> None:
    tokens = await come_in(client, db, (await create_person(db)).curp)
    assert (await client.post("/api/v1/sign-out", headers=bearer(tokens["access_token"]))).status_code == 204
    assert (await refresh(client, tokens["refresh_token"])).status_code == 401


async def test_a_refresh_token_is_stored_as_a_digest(client: httpx.AsyncClient, db: Database) -> None:
    tokens = await come_in(client, db, (await create_person(db)).curp)
    async with db.transaction() as session:
        stored = await session.scalar(text("SELECT digest FROM refresh_token"))
    assert tokens["refresh_token"].encode() not in bytes(stored)
    assert bytes(stored) == ids.digest(tokens["refresh_token"])


def forged(**changes: Any) -> str:
    """A token like ours but for one thing."""
    now = int(clock.now().timestamp())
    header: dict[str, Any] = {"alg": "HS256", "typ": "at+jwt"} | changes.pop("header", {})
    key = changes.pop("key", crypto.derive_key("access-token"))
    claims = {"sub": str(ids.new_id()), "knd": CITIZEN, "iat": now, "exp": now + 60} | changes
    return jwt.encode(header, claims, OctKey.import_key(key))


@pytest.mark.parametrize(
    "changes",
    [
        {"key": b"another key " * 4},
        {"header": {"typ": "JWT"}},
        {"exp": 1},
        {"sub": "not-an-id"},
        {"knd": "admin"},
    ],
)
async def test_what_is_not_ours_opens_nothing(client: httpx.AsyncClient, db: Database, changes: dict[str, Any]) -> None:
    assert await status(client, forged(**changes)) == 401
    assert await status(client, "nonsense") == 401
    # What makes it ours is only that: with nothing changed, the token is read (and its person isn't there).
    assert await status(client, forged()) == 404


async def test_a_citizen_s_token_is_not_for_staff_and_the_other_way(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db)
    citizen, _seconds = issue_access_token(CITIZEN, ana.id, assurance=Assurance.FULL)
    staff, _seconds = issue_access_token(STAFF, ana.id)
    given = await client.post("/api/v1/staff/desk-codes", json={"curp": ana.curp}, headers=keyed(citizen))
    # The token is good, so signing in again or refreshing it changes nothing: it is the caller who is another.
    assert (given.status_code, given.json()["type"]) == (403, "/problems/wrong-role")
    assert "personal" in given.json()["detail"]
    me = await client.get("/api/v1/me", headers=bearer(staff))
    assert (me.status_code, me.json()["type"]) == (403, "/problems/wrong-role")
    assert "www-authenticate" not in me.headers
