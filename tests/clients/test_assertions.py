"""Clients prove themselves by assertions that they signed; whatever an attacker changes about one is refused."""

import asyncio
import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import text

from app.clients.rules import ASSERTION_TYPE
from app.clients.service import clients
from app.kernel import db as kernel_db
from app.kernel import ids
from app.kernel.problems import Invalid, NotFound
from tests.clients.factories import ADMIN, GRANT, ISSUER, METRIC, TOKEN, claims, program, register, signed
from tests.conftest import Database

RSA_KEY = RSAKey.generate_key(2048)
EC_KEY = ECKey.generate_key("P-256")
ED_KEY = OKPKey.generate_key("Ed25519")
SMALL_KEY = {"kty": "RSA", "e": "AQAB", "n": urlsafe_b64encode(b"\xff" * 128).decode().rstrip("=")}


@pytest.mark.parametrize(("key", "algorithm"), [(RSA_KEY, "RS256"), (EC_KEY, "ES256"), (ED_KEY, "Ed25519")])
async def test_a_signed_assertion_proves_the_client_once(
    client: httpx.AsyncClient, db: Database, key: Any, algorithm: str
) -> None:
    made = await program(client)
    await register(made.id, key)
    form = signed(key, algorithm, claims(made.id))
    answer = await client.post(TOKEN, data=form)
    assert answer.status_code == 200, answer.text
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await client.get(METRIC, headers=bearer)).status_code not in (401, 403)
    again = await client.post(TOKEN, data=form)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client"), "replayed"
    assert (await client.post(TOKEN, data=signed(key, algorithm, claims(made.id, aud=[ISSUER])))).status_code == 200


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
async def test_the_older_name_of_ed25519_is_taken_too(client: httpx.AsyncClient, db: Database) -> None:
    made = await program(client)
    await register(made.id, ED_KEY)
    assert (await client.post(TOKEN, data=signed(ED_KEY, "EdDSA", claims(made.id)))).status_code == 200


async def test_of_many_at_once_one_gets_a_token(client: httpx.AsyncClient, db: Database) -> None:
    made = await program(client)
    await register(made.id, EC_KEY)
    form = signed(EC_KEY, "ES256", claims(made.id))
    answers = await asyncio.gather(*[client.post(TOKEN, data=form) for _ in range(6)])
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401, 401]


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://other.example/token"},
        {"aud": [ISSUER, "https://other.example"]},
        {"aud": None},
        {"iss": "other"},
        {"exp": -1},
        {"exp": 3_600},
        {"exp": None},
        {"exp": True},
        {"nbf": 600},
        {"nbf": "soon"},
        {"iat": 600},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 201},
        {"jti": "a\x00b"},
        {"exp": 10**400},
        {"nbf": 10**400},
        {"iat": 1e300},
    ],
    ids=lambda changed: str(changed)[:30],
)
async def test_claims_that_are_wrong(client: httpx.AsyncClient, db: Database, changed: dict[str, Any]) -> None:
    made = await program(client)
    await register(made.id, EC_KEY)
    given = claims(made.id)
    for name, value in changed.items():
        is_offset = name in {"exp", "nbf", "iat"} and isinstance(value, int) and not isinstance(value, bool)
        given[name] = given["iat"] + value if is_offset else value
    form = signed(EC_KEY, "ES256", {name: value for name, value in given.items() if value is not None})
    assert (await client.post(TOKEN, data=form)).status_code == 401
    assert (await client.post(TOKEN, data=signed(EC_KEY, "ES256", claims(made.id)))).status_code == 200


def forged(given: dict[str, Any], algorithm: str = "none", secret: bytes | None = None) -> dict[str, str]:
    """An assertion without a signature, or with an HMAC."""

    def part(value: bytes) -> str:
        return urlsafe_b64encode(value).decode().rstrip("=")

    signing = f"{part(json.dumps({'alg': algorithm}).encode())}.{part(json.dumps(given).encode())}"
    mac = part(hmac.digest(secret, signing.encode(), "sha256")) if secret is not None else ""
    return GRANT | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": f"{signing}.{mac}"}


async def test_algorithms_of_attackers(client: httpx.AsyncClient, db: Database) -> None:
    """`none`, an HMAC with the public key as its secret, and another algorithm of the same family."""
    made = await program(client)
    await register(made.id, RSA_KEY)
    pem = RSA_KEY.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    forms = [forged(claims(made.id)), forged(claims(made.id), "None")]
    secrets = (pem, pem.strip(), json.dumps(RSA_KEY.as_dict(private=False)).encode())
    forms += [forged(claims(made.id), "HS256", secret) for secret in secrets]
    forms.append(signed(RSA_KEY, "PS256", claims(made.id)))
    forms.append(signed(RSA_KEY, "RS512", claims(made.id)))
    forms.append(signed(EC_KEY, "ES256", claims(made.id)))
    for form in forms:
        assert (await client.post(TOKEN, data=form)).status_code == 401, form
    assert (await client.post(TOKEN, data=signed(RSA_KEY, "RS256", claims(made.id)))).status_code == 200


async def test_another_clients_key_and_a_revoked_one(client: httpx.AsyncClient, db: Database) -> None:
    one, other = await program(client), await program(client)
    credential = await register(one.id, EC_KEY)
    await register(other.id, ED_KEY)
    assert (await client.post(TOKEN, data=signed(ED_KEY, "Ed25519", claims(one.id)))).status_code == 401
    named = {"client_id": str(other.id)}
    assert (await client.post(TOKEN, data=signed(EC_KEY, "ES256", claims(one.id)) | named)).status_code == 401
    async with kernel_db.transaction() as session:
        with pytest.raises(NotFound):
            await clients.revoke_credential(session, ADMIN, other.id, credential)
        await clients.revoke_credential(session, ADMIN, one.id, credential)
    assert (await client.post(TOKEN, data=signed(EC_KEY, "ES256", claims(one.id)))).status_code == 401


async def test_an_assertion_of_another_kind_or_none(client: httpx.AsyncClient, db: Database) -> None:
    form = signed(EC_KEY, "ES256", claims(ids.new_id()))
    assert (await client.post(TOKEN, data=form | {"client_assertion_type": "other"})).status_code == 400
    for broken in ("x", "a.b.c", form["client_assertion"] + "x", ""):
        answer = await client.post(TOKEN, data=form | {"client_assertion": broken})
        assert answer.status_code in (400, 401), broken
    for payload in (b"[" * 2_900, b'{"sub": "\\ud800"}', b'{"sub": ' + b"[" * 2_800):
        body = urlsafe_b64encode(payload).decode().rstrip("=")
        deep = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": f"eyJhbGciOiJFUzI1NiJ9.{body}.AA"}
        answer = await client.post(TOKEN, data=GRANT | deep)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), payload[:20]
    both = {"client_secret": "vts_x"}
    assert (await client.post(TOKEN, data=form | both)).json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    "jwk",
    [
        EC_KEY.as_dict(private=True),
        SMALL_KEY,
        ECKey.generate_key("P-384").as_dict(private=False),
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "RSA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"keys": []},
        {},
        {"kty": "EC", "crv": "P-256", "x": json.loads("[" * 500 + "]" * 500), "y": "AA"},
    ],
    ids=["private", "small", "another-curve", "symmetric", "half", "short", "set", "empty", "nested"],
)
async def test_keys_that_are_refused(db: Database, jwk: dict[str, Any], client: httpx.AsyncClient) -> None:
    made = await program(client)
    async with kernel_db.transaction() as session:
        with pytest.raises(Invalid):
            await clients.add_key(session, ADMIN, made.id, jwk)


async def test_a_set_of_one_is_a_key_and_only_its_public_members_are_stored(
    client: httpx.AsyncClient, db: Database
) -> None:
    made = await program(client)
    public = EC_KEY.as_dict(private=False) | {"kid": "mine", "use": "sig", "x5c": ["leaf"]}
    async with kernel_db.transaction() as session:
        await clients.add_key(session, ADMIN, made.id, {"keys": [public]})
    async with db.transaction() as session:
        stored = await session.scalar(text("SELECT jwk FROM api_credential WHERE kind = 'key'"))
    assert set(stored) == {"kty", "crv", "x", "y", "kid"}
    for kid, status in (("other", 401), ("mine", 200)):
        token = jwt.encode({"alg": "ES256", "kid": kid}, claims(made.id), EC_KEY)
        form = GRANT | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": token}
        assert (await client.post(TOKEN, data=form)).status_code == status
