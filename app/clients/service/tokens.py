"""Access tokens of clients: issued for minutes, and looked up with every call, so that they can end at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.clients.events import ClientTokenIssued
from app.clients.models import ApiToken, ClientAssertion
from app.clients.rules import GRANT_TYPE, parse_scopes
from app.clients.service.proofs import OAuthRefusal, prove, read_proof, refused_client
from app.clients.settings import client_settings
from app.clients.statements import ADD_TOKEN, CLIENT_BY_TOKEN
from app.identity.tokens import CLIENT_TOKEN_PREFIX
from app.kernel import clock, ids
from app.kernel.actor import Anonymous, Client
from app.kernel.db import Db
from app.kernel.events import record

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """An access token, its life in seconds and its scopes."""

    token: str
    seconds: int
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Call:
    """A call by a client: how many it may make a minute, how many this one makes it, and when counting begins again."""

    client: Client
    quota: int
    count: int
    reset_seconds: int


async def issue_token(
    session: AsyncSession, actor: Anonymous, authorization: str, form: Mapping[str, str]
) -> IssuedToken:
    """An access token for a client that proves itself, with the scopes it asks for; with all of its own when it names
    none.

    Raises:
        OAuthRefusal. TooManyRequests.
    """
    proof = await prove(session, actor, read_proof(authorization, form))
    grant = form.get("grant_type")
    if grant is None:
        raise OAuthRefusal("invalid_request", "grant_type is missing.")
    if grant != GRANT_TYPE:
        raise OAuthRefusal("unsupported_grant_type", f"The grant type is {GRANT_TYPE}.")
    asked = parse_scopes(form["scope"]) if "scope" in form else proof.scopes
    if asked is None or not asked <= proof.scopes:
        raise OAuthRefusal("invalid_scope", "A scope is unknown, or is none of the client's.")
    token, minutes, now = CLIENT_TOKEN_PREFIX + ids.new_secret(), client_settings().client_token_minutes, clock.now()
    given = {
        "digest": ids.digest(token),
        "credential_id": proof.credential_id,
        "scopes": sorted(asked),
        "now": now,
        "expires_at": now + timedelta(minutes=minutes),
    }
    if (await session.execute(ADD_TOKEN, given)).one_or_none() is None:
        raise refused_client()
    client = Client(proof.client_id, asked, None)
    issued = ClientTokenIssued(subject_id=proof.client_id, credential_id=proof.credential_id, scopes=sorted(asked))
    await record(session, client, issued)
    return IssuedToken(token, minutes * 60, asked)


async def revoke_token(session: AsyncSession, actor: Anonymous, authorization: str, form: Mapping[str, str]) -> None:
    """End an access token of the client that proves itself (RFC 7009). Of another's or none, nothing.

    Raises:
        OAuthRefusal. TooManyRequests.
    """
    proof = await prove(session, actor, read_proof(authorization, form))
    if "token" not in form:
        raise OAuthRefusal("invalid_request", "token is missing.")
    own = ApiToken.client_id == proof.client_id
    await session.execute(delete(ApiToken).where(own, ApiToken.digest == ids.digest(form["token"])))


async def client_by_token(db: Db, token: str) -> Call | None:
    """The client whose access token this is, with this call counted; None when it is no one's any more."""
    now = clock.now()
    minute = now.replace(second=0, microsecond=0)
    given = {"digest": ids.digest(token), "now": now, "minute": minute}
    found = (await db.execute(CLIENT_BY_TOKEN, given)).one_or_none()
    if found is None:
        return None
    units = None if found.unit_ids is None else frozenset(found.unit_ids)
    client = Client(found.id, frozenset(found.scopes), units)
    return Call(client, found.per_minute, found.window_count, max(1, int((minute + MINUTE - now).total_seconds())))


async def end_tokens(
    session: AsyncSession, *, client_id: UUID | None = None, credential_id: UUID | None = None
) -> None:
    """Delete the access tokens of a client or a credential."""
    chosen = ApiToken.client_id == client_id if client_id else ApiToken.credential_id == credential_id
    await session.execute(delete(ApiToken).where(chosen))


async def delete_expired(session: AsyncSession, now: datetime) -> None:
    """Delete tokens that have expired, and ids of assertions that no one would take any more."""
    await session.execute(delete(ApiToken).where(ApiToken.expires_at < now))
    await session.execute(delete(ClientAssertion).where(ClientAssertion.expires_at < now))
