"""How a client proves itself at the token endpoint: a secret, or an assertion that it signed (RFC 6749, 2.3; RFC 7523).

Guesses are counted as those of sign-in are. A wrong client, a wrong secret, a revoked one: the answer is the same.
"""

import hmac
import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import JWKRegistry
from sqlalchemy.ext.asyncio import AsyncSession

from app.clients.events import ClientRefused
from app.clients.rules import (
    ASSERTION_TYPE,
    SKEW_SECONDS,
    Assertion,
    algorithms_of,
    checked_claims,
    parse_basic,
)
from app.clients.statements import USABLE_CREDENTIALS, USE_ASSERTION
from app.identity.service import attempts
from app.identity.service.attempts import Policies
from app.kernel import clock, ids
from app.kernel.actor import Anonymous
from app.kernel.db import separate_tx
from app.kernel.events import record
from app.kernel.rate_limit_rules import Policy
from app.kernel.settings import get_settings

TOKEN_PATH, REVOCATION_PATH = "/api/v1/oauth/token", "/api/v1/oauth/revoke"  # addresses
MAX_PARAMETER = 4_000
CLIENTS = Policies(
    pair=Policy("client-pair", free=20, first_wait=2, longest_wait=900, leak=60),
    source=Policy("client-source", free=120, first_wait=1, longest_wait=300, leak=30, most=10_000),
    account=Policy("client-account", free=20, first_wait=0, longest_wait=0, leak=300),
)
NO_SECRET = bytes(32)
UNREADABLE = (JoseError, ValueError, TypeError, KeyError, RecursionError)
"""What readers of what anyone sends raise; the last, of what is nested too deeply."""


class OAuthRefusal(Exception):  # noqa: N818 # RFC 6749 calls it an error response
    """A refusal in the words of RFC 6749, 5.2."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


def refused_client() -> OAuthRefusal:
    """Whatever was wrong with the credential."""
    return OAuthRefusal("invalid_client", "The client is unknown, or its credential is not valid.")


@dataclass(frozen=True, slots=True)
class Proof:
    """Which client proved itself, by which credential, and the scopes that it has."""

    client_id: UUID
    credential_id: UUID
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent to prove a client: a secret or an assertion."""

    client_id: str
    secret: str | None = None
    assertion: str | None = None


def issuer() -> str:
    """Our identifier as an authorization server (RFC 8414)."""
    return get_settings().base_url


def audiences() -> tuple[str, ...]:
    """Whom an assertion may be for: us, by our identifier or the address of the token endpoint."""
    return issuer(), issuer() + TOKEN_PATH


def read_proof(authorization: str, form: Mapping[str, str]) -> Sent:
    """What a request sends to prove its client: one way, not two.

    Raises:
        OAuthRefusal.
    """
    ways = [bool(authorization), "client_secret" in form, "client_assertion" in form or "client_assertion_type" in form]
    if sum(ways) > 1:
        raise OAuthRefusal("invalid_request", "The client is authenticated in more than one way.")
    if ways[0]:
        basic = parse_basic(authorization)
        if basic is None or form.get("client_id", basic[0]) != basic[0]:
            raise refused_client()
        return Sent(basic[0], secret=basic[1])
    if ways[1]:
        return Sent(form.get("client_id", ""), secret=form["client_secret"])
    if ways[2]:
        if form.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in form:
            raise OAuthRefusal("invalid_request", f"client_assertion needs client_assertion_type {ASSERTION_TYPE}.")
        named = _subject_of(form["client_assertion"])
        if form.get("client_id", named) != named:
            raise refused_client()
        return Sent(named, assertion=form["client_assertion"])
    raise refused_client()


async def prove(session: AsyncSession, actor: Anonymous, sent: Sent) -> Proof:
    """The client that this proves.

    Raises:
        OAuthRefusal. TooManyRequests: this source failed too often, for this client or for many.
    """
    client_id = _id_of(sent.client_id)
    attempt = await attempts.count_attempt(CLIENTS, actor, f"client {client_id}")
    if client_id is None:
        raise refused_client()
    given = {"client_id": client_id, "now": clock.now()}
    rows = (await session.execute(USABLE_CREDENTIALS, given)).all()
    found = _by_secret(rows, sent.secret) if sent.secret is not None else None
    if sent.assertion is not None:
        found = await _by_assertion(session, rows, client_id, sent.assertion)
    if found is None:
        if rows:
            async with separate_tx() as separate:
                await record(separate, actor, ClientRefused(subject_id=client_id))
        raise refused_client()
    await attempts.clear_failures(attempt)
    return Proof(client_id, found.id, frozenset(found.scopes))


def _id_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _by_secret(rows: Sequence[Any], secret: str) -> Any:
    """The credential of this secret. As many comparisons, whichever it is."""
    sent = ids.digest(secret)
    secrets = [row for row in rows if row.kind == "secret"]
    matches = [hmac.compare_digest(row.digest, sent) for row in secrets] or [hmac.compare_digest(NO_SECRET, sent)]
    return next((row for row, is_right in zip(secrets, matches, strict=False) if is_right), None)


async def _by_assertion(session: AsyncSession, rows: Sequence[Any], client_id: UUID, assertion: str) -> Any:
    """The credential whose key signed it, the first time that it is sent."""
    for row in rows:
        claims = verified_claims(assertion, row.jwk) if row.kind == "key" else None
        if claims is None:
            continue
        now = clock.now().timestamp()
        found = checked_claims(claims, str(client_id), audiences(), now)
        return row if found is not None and await _use(session, client_id, found) else None
    return None


async def _use(session: AsyncSession, client_id: UUID, assertion: Assertion) -> bool:
    """Note the id of an assertion; False when it was used before. Of two at once, the second waits for the first."""
    given = {
        "client_id": client_id,
        "digest": ids.digest(assertion.jti),
        "expires_at": datetime.fromtimestamp(assertion.expires + SKEW_SECONDS, UTC),
    }
    return (await session.execute(USE_ASSERTION, given)).one_or_none() is not None


def verified_claims(assertion: str, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The claims of an assertion that this public key signed; None for any other.

    The key says which algorithms there are: a header that names another (`none`, an HMAC with the public key as its
    secret) is refused.
    """
    names = list(algorithms_of(key))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # `EdDSA` is what clients write, beside the newer `Ed25519`
        try:
            header = jws.extract_compact(assertion.encode()).headers()
            if header.get("alg") not in names or header.get("kid", key["kid"]) != key["kid"]:
                return None
            return jwt.decode(assertion, JWKRegistry.import_key(dict(key)), algorithms=names).claims
        except UNREADABLE:
            return None


def _subject_of(assertion: str) -> str:
    """Of which client an assertion says to be; nothing of it is verified."""
    try:
        return str(json.loads(jws.extract_compact(assertion.encode()).payload)["sub"])
    except UNREADABLE:
        return ""
