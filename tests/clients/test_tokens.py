"""Clients get tokens by a secret, use them for what their scopes name, and lose them at once."""

from datetime import timedelta

import httpx
import pytest
import time_machine
from sqlalchemy import text

from app.clients.problems import ClientIsRevoked, TooManyCredentials
from app.clients.rules import ApiScope
from app.clients.service import clients, tokens
from app.kernel import clock, ids
from app.kernel import db as kernel_db
from tests.clients.factories import ADMIN, GRANT, METRIC, REVOKE, TOKEN, basic, program, terms
from tests.conftest import Database


async def test_a_secret_is_exchanged_for_a_token(client: httpx.AsyncClient, db: Database) -> None:
    made = await program(client, ApiScope.METRICS, ApiScope.EXPORTS)
    assert made.secret.startswith("vts_")
    answer = await made.ask()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert said["access_token"].startswith("vta_")
    assert (said["token_type"], said["expires_in"], said["scope"]) == ("Bearer", 600, "exports.read metrics.read")
    whole = await client.get("/api/v1/exports", headers={"Authorization": f"Bearer {said['access_token']}"})
    assert len(whole.json()) > len((await client.get("/api/v1/exports")).json())
    in_form = {"client_id": str(made.id), "client_secret": made.secret}
    assert (await client.post(TOKEN, data=GRANT | in_form)).status_code == 200
    async with db.transaction() as session:
        stored = await session.scalar(
            text(
                "SELECT string_agg(row_to_json(x)::text, ' ') FROM (SELECT c, k, t FROM api_client c, api_credential k,"
                " api_token t) x"
            )
        )
        assert made.secret not in stored
        assert said["access_token"] not in stored
        rows = await session.execute(
            text("SELECT type, actor_kind, actor_id FROM event WHERE subject_id = :id ORDER BY id"), {"id": made.id}
        )
        events = [tuple(row) for row in rows]
    assert [one[:2] for one in events] == [
        ("client.added", "system"),
        ("client.credential-added", "system"),
        ("client.token-issued", "client"),
        ("client.token-issued", "client"),
    ]
    assert events[-1][2] == made.id


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "exports.read"}, 400, "invalid_scope"),
        ({"scope": "metrics.read all"}, 400, "invalid_scope"),
        ({"scope": '"'}, 400, "invalid_scope"),
        ({"client_secret": "vts_other"}, 400, "invalid_request"),
        ({"client_id": "other"}, 401, "invalid_client"),
    ],
)
async def test_refusals_have_the_words_of_the_standard(
    client: httpx.AsyncClient, db: Database, changed: dict[str, str], status: int, error: str
) -> None:
    made = await program(client)
    answer = await made.ask(**changed)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"].isascii()
    assert answer.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in answer.headers) == (status == 401)


async def test_bodies_that_are_no_form(client: httpx.AsyncClient, db: Database) -> None:
    made = await program(client)
    given = basic(made.id, made.secret)
    twice = "grant_type=client_credentials&grant_type=client_credentials"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for answer in (
        await client.post(TOKEN, json=GRANT, headers=given),
        await client.post(TOKEN, content=twice, headers=given | kind),
        await client.post(TOKEN, content="scope=" + "x" * 5_000, headers=given | kind),
        await client.post(TOKEN, content="&".join(f"a{one}=1" for one in range(200)), headers=given | kind),
    ):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_another_clients_secret_and_no_proof_are_refused_alike(client: httpx.AsyncClient, db: Database) -> None:
    one, other = await program(client), await program(client)
    answers = [
        await client.post(TOKEN, data=GRANT, headers=basic(one.id, other.secret)),
        await client.post(TOKEN, data=GRANT, headers=basic(ids.new_id(), one.secret)),
        await client.post(TOKEN, data=GRANT, headers=basic("nobody", one.secret)),
        await client.post(TOKEN, data=GRANT, headers={"Authorization": "Basic ???"}),
        await client.post(TOKEN, data=GRANT, headers={"Authorization": "Bearer x"}),
        await client.post(TOKEN, data=GRANT),
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}
    assert all(answer.headers["www-authenticate"].startswith("Basic ") for answer in answers)


async def test_guesses_count_however_the_client_is_spelled(client: httpx.AsyncClient, db: Database) -> None:
    made = await program(client)
    text = str(made.id)
    spellings = [
        text,
        text.upper(),
        f"{{{text}}}",
        f"urn:uuid:{text}",
        text.replace("-", ""),
        f"{text[:8]}--{text[8:]}",
    ]
    codes = []
    for number in range(24):
        guess = {"client_id": spellings[number % len(spellings)], "client_secret": "vts_wrong"}
        codes.append((await client.post(TOKEN, data=GRANT | guess)).status_code)
    assert (codes[0], codes[-1]) == (401, 429)


async def test_guesses_are_slowed(client: httpx.AsyncClient, db: Database) -> None:
    made = await program(client)
    for _ in range(21):
        answer = await client.post(TOKEN, data=GRANT, headers=basic(made.id, "vts_guess"))
        assert answer.status_code == 401
    slowed = await client.post(TOKEN, data=GRANT, headers=basic(made.id, "vts_guess"))
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) >= 1
    with time_machine.travel(clock.now() + timedelta(minutes=30)):
        assert (await made.ask()).status_code == 200


async def test_right_ones_are_never_slowed(client: httpx.AsyncClient, db: Database) -> None:
    made = await program(client)
    assert {(await made.ask()).status_code for _ in range(30)} == {200}


async def test_a_token_expires(client: httpx.AsyncClient, db: Database) -> None:
    headers = await (await program(client)).bearer()
    with time_machine.travel(clock.now() + timedelta(minutes=9)):
        assert (await client.get(METRIC, headers=headers)).status_code != 401
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        answer = await client.get(METRIC, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/token-expired")
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    async with kernel_db.transaction() as session:
        await tokens.delete_expired(session, clock.now() + timedelta(minutes=11))
    async with db.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM api_token")) == 0


@pytest.mark.parametrize("table", ["api_client", "api_credential"])
async def test_a_token_that_was_being_issued_while_its_client_was_revoked_is_none(
    client: httpx.AsyncClient, db: Database, table: str
) -> None:
    """Revoking deletes the tokens that it sees; one that another transaction adds at that moment stays."""
    made = await program(client)
    bearer = await made.bearer()
    assert (await client.get(METRIC, headers=bearer)).status_code == 200
    async with db.transaction() as session:
        await session.execute(text(f"UPDATE {table} SET revoked_at = now()"))  # its name is above
    assert (await client.get(METRIC, headers=bearer)).status_code == 401


async def test_a_token_is_revoked_by_its_client_alone(client: httpx.AsyncClient, db: Database) -> None:
    one, other = await program(client), await program(client)
    headers = await one.bearer()
    token = headers["Authorization"].partition(" ")[2]
    assert (await client.post(REVOKE, data={"token": token})).status_code == 401
    assert (await client.post(REVOKE, headers=basic(one.id, one.secret))).status_code == 400
    assert (await client.post(REVOKE, data={"token": token}, headers=basic(other.id, other.secret))).status_code == 200
    assert (await client.get("/api/v1/exports", headers=headers)).status_code == 403, "another's token goes on"
    assert (await client.post(REVOKE, data={"token": token}, headers=basic(one.id, one.secret))).status_code == 200
    assert (await client.get("/api/v1/exports", headers=headers)).status_code == 401
    assert (await client.post(REVOKE, data={"token": token}, headers=basic(one.id, one.secret))).status_code == 200


async def test_rotation_without_a_pause(client: httpx.AsyncClient, db: Database) -> None:
    made = await program(client)
    old = await made.bearer()
    async with kernel_db.transaction() as session:
        newer = await clients.add_secret(session, ADMIN, made.id)
        with pytest.raises(TooManyCredentials):
            await clients.add_secret(session, ADMIN, made.id)
    assert (await made.ask()).status_code == 200, "both are valid"
    answer = await client.post(TOKEN, data=GRANT, headers=basic(made.id, newer.secret))
    new = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    async with kernel_db.transaction() as session:
        await clients.revoke_credential(session, ADMIN, made.id, made.credential_id)
        await clients.revoke_credential(session, ADMIN, made.id, made.credential_id)
    assert (await made.ask()).status_code == 401
    assert (await client.get("/api/v1/exports", headers=old)).status_code == 401, "with the tokens it had"
    assert (await client.get("/api/v1/exports", headers=new)).status_code == 403


async def test_a_revoked_client_is_out_at_once(client: httpx.AsyncClient, db: Database) -> None:
    made = await program(client)
    headers = await made.bearer()
    async with kernel_db.transaction() as session:
        await clients.revoke_client(session, ADMIN, made.id)
    assert (await client.get(METRIC, headers=headers)).status_code == 401
    assert (await made.ask()).status_code == 401
    async with kernel_db.transaction() as session:
        with pytest.raises(ClientIsRevoked):
            await clients.add_secret(session, ADMIN, made.id)


async def test_a_clients_end_and_fewer_scopes_hold_for_tokens_it_has(client: httpx.AsyncClient, db: Database) -> None:
    made = await program(client, ApiScope.METRICS, ApiScope.EXPORTS)
    headers = await made.bearer()
    assert (await client.get("/api/v1/exports", headers=headers)).status_code == 200
    async with kernel_db.transaction() as session:
        await clients.change_client(session, ADMIN, made.id, terms(ApiScope.METRICS))
    refused = await client.get("/api/v1/exports", headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/scope-missing")
    assert refused.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="exports.read"'
    async with kernel_db.transaction() as session:
        await session.execute(text("UPDATE api_client SET expires_at = now() - interval '1 second'"))
    assert (await client.get("/api/v1/exports", headers=headers)).status_code == 401
    assert (await made.ask()).status_code == 401


async def test_each_client_has_a_quota(client: httpx.AsyncClient, db: Database) -> None:
    one, other = await program(client, per_minute=3), await program(client, per_minute=3)
    with time_machine.travel(clock.now().replace(second=20, microsecond=0), tick=False):
        headers, others = await one.bearer(), await other.bearer()
        answers = [await client.get("/api/v1/exports", headers=headers) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [403, 403, 403, 429]
        assert answers[0].headers["ratelimit-policy"] == '"client";q=3;w=60'
        assert answers[0].headers["ratelimit"] == '"client";r=2;t=40'
        assert answers[3].headers["ratelimit"] == '"client";r=0;t=40'
        assert answers[3].headers["retry-after"] == "40"
        assert (await client.get("/api/v1/exports", headers=others)).status_code == 403
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert (await client.get("/api/v1/exports", headers=headers)).status_code == 403
    assert '"client"' not in (await client.get("/api/v1/exports")).headers.get("ratelimit", "")


async def test_the_metadata_says_where_and_how(client: httpx.AsyncClient, db: Database) -> None:
    said = (await client.get("/.well-known/oauth-authorization-server")).json()
    assert said["token_endpoint"] == said["issuer"] + TOKEN
    assert said["revocation_endpoint"] == said["issuer"] + REVOKE
    assert said["grant_types_supported"] == ["client_credentials"]
    assert said["response_types_supported"] == []
    assert set(said["scopes_supported"]) == set(ApiScope)
    assert "private_key_jwt" in said["token_endpoint_auth_methods_supported"]
    assert not {"none", "HS256"} & set(said["token_endpoint_auth_signing_alg_values_supported"])
