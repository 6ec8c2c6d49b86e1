"""Idempotency keys: a repeated POST has one effect and one response (draft-ietf-httpapi-idempotency-key-header).

The key is claimed and the response stored in the transaction of the effect: a concurrent duplicate waits on the unique
index and then gets the first response, byte for byte. A problem has no effect and isn't stored: the same key can be
used again.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Header, Request, Response
from sqlalchemy import LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.db import Base, Db, release_connection, savepoint
from app.kernel.db_errors import constraint_of
from app.kernel.problems import KeyReused, Unavailable

CONSTRAINT = "pk_idempotency_key"
CLAIM_TIMEOUT = timedelta(minutes=15)
"""Maximum duration of a request with a claimed key: the longest upload and its examination."""
POLL_SECONDS, MAX_POLLS = 0.25, 40
KEY_FIELD = "idempotency_key"
"""Hidden form field with the key of a page's form."""

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Any unique text, such as a UUID. Repeat the request with the same key and get the same answer.",
        examples=["0192f0c4-7a51-7b6e-9d3a-3f2d8a6b1c55"],
    ),
]


class IdempotencyRow(Base):
    """The response stored for a key of an owner."""

    __tablename__ = "idempotency_key"

    owner: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int] = mapped_column(SmallInteger)
    headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


KEY_INSERT = "INSERT INTO idempotency_key (owner, key, fingerprint, status, headers, body, created_at) "
KEY_SELECT = (
    "SELECT CAST(:key_owner AS text), CAST(:key_key AS text), CAST(:key_fingerprint AS bytea), "
    "CAST(:key_status AS smallint), CAST(:key_headers AS jsonb), CAST(:key_body AS bytea), "
    "CAST(:key_created_at AS timestamptz)"
)
_INSERT = text(KEY_INSERT + KEY_SELECT)
_FIND = text("SELECT fingerprint, status, headers, body FROM idempotency_key WHERE owner = :owner AND key = :key")
_DELETE_OLD = text("DELETE FROM idempotency_key WHERE created_at < :before")


_CLAIM = text(
    "INSERT INTO idempotency_key (owner, key, fingerprint, status, headers, body, created_at) VALUES"
    " (:owner, :key, :mark, 0, '{}', '', :now) ON CONFLICT (owner, key) DO UPDATE"
    " SET created_at = excluded.created_at, fingerprint = excluded.fingerprint"
    " WHERE idempotency_key.status = 0 AND idempotency_key.created_at < :dead RETURNING key"
)
_CLAIM_AGAIN = text(
    "UPDATE idempotency_key SET fingerprint = :mark, created_at = :now"
    " WHERE owner = :owner AND key = :key AND fingerprint = :first AND status <> 0 RETURNING key"
)
_STORE = text(
    "UPDATE idempotency_key SET status = :status, headers = CAST(:headers AS jsonb), body = :body"
    " WHERE owner = :owner AND key = :key"
)
_WAIT = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
_RELEASE = text("DELETE FROM idempotency_key WHERE owner = :owner AND key = :key AND status = 0")


class AlreadyAnswered(Exception):  # noqa: N818 # not an error: the response exists already
    """The request was answered before. `answer` is its response."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def owner_of(actor: Actor) -> str:
    """Return the owner of the actor's keys: different actors may use the same key."""
    return f"{actor.kind}:{actor.id or ''}"


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """Return the digest that identifies a request."""
    return hashlib.sha256(f"{method} {path}\n".encode() + body).digest()


async def request_fingerprint(request: Request) -> bytes:
    return fingerprint(request.method, request.url.path, await request.body())


def key_params(
    owner: str, key: str, fingerprint_: bytes, status: int, headers: Mapping[str, str], body: bytes
) -> dict[str, Any]:
    """Return the parameters of KEY_SELECT, for a hot statement that stores its response in the same round trip."""
    return {
        "key_owner": owner,
        "key_key": key,
        "key_fingerprint": fingerprint_,
        "key_status": status,
        "key_headers": json.dumps(dict(headers)),
        "key_body": body,
        "key_created_at": clock.now(),
    }


def stored_response(row: Any, fingerprint_: bytes) -> Response:
    """Return the response stored in a row of (fingerprint, status, headers, body).

    Raises:
        KeyReused: the key belongs to another request.
    """
    if bytes(row.fingerprint) != fingerprint_:
        raise KeyReused
    headers = row.headers if isinstance(row.headers, dict) else json.loads(row.headers)
    return Response(bytes(row.body), row.status, headers=headers | {"Idempotency-Replayed": "true"})


async def replay(session: Db, owner: str, key: str, fingerprint_: bytes) -> Response | None:
    """Return the response stored for this key; None if the key is new."""
    row = (await session.execute(_FIND, {"owner": owner, "key": key})).one_or_none()
    return None if row is None else stored_response(row, fingerprint_)


async def store_response(session: AsyncSession, owner: str, key: str, fingerprint_: bytes, answer: Response) -> None:
    """Store the response for the key, in the caller's transaction."""
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
    parameters = key_params(owner, key, fingerprint_, answer.status_code, headers, bytes(answer.body))
    await session.execute(_INSERT, parameters)


async def run_once(
    session: AsyncSession, actor: Actor, key: str, fingerprint_: bytes, make: Callable[[], Awaitable[Response]]
) -> Response:
    """Call `make` once for this key: a duplicate gets the first response and has no effect."""
    owner = owner_of(actor)
    first = await replay(session, owner, key, fingerprint_)
    if first is not None:
        return first
    try:
        async with savepoint(session):
            answer = await make()
            await store_response(session, owner, key, fingerprint_, answer)
    except IntegrityError as error:
        if constraint_of(error) != CONSTRAINT:
            raise
        duplicate = await replay(session, owner, key, fingerprint_)
        if duplicate is None:
            raise
        return duplicate
    return answer


async def wait_for_duplicate(session: AsyncSession, key: object) -> None:
    """Wait until no other request with this key is in progress. Called before other locks are taken: of two submissions
    of a form one waits here, and neither blocks the other."""
    if isinstance(key, str) and key:
        await session.execute(_WAIT, {"key": key})


async def claim_key(session: AsyncSession, owner: str, key: str, fingerprint_: bytes) -> Any | None:
    """Claim a key before the effect. Return the row (fingerprint, status, headers, body) of the first request with this
    key, after waiting for it; None if the caller now owns the key.

    An effect may commit midway (`db.release_connection`): its key is then claimed without a response. Another request
    waits for that response, and takes the key over once the claim has timed out.

    Raises:
        Unavailable: the first request takes too long.
    """
    names = {"owner": owner, "key": key}
    for _ in range(MAX_POLLS):
        asked = names | {"mark": fingerprint_, "now": clock.now(), "dead": clock.now() - CLAIM_TIMEOUT}
        if (await session.execute(_CLAIM, asked)).one_or_none() is not None:
            return None
        first = await find_response(session, owner, key)
        if first is not None and first.status:
            return first
        async with release_connection(session):
            await asyncio.sleep(POLL_SECONDS)
    raise Unavailable


async def reclaim_key(session: AsyncSession, owner: str, key: str, first: bytes, fingerprint_: bytes) -> bool:
    """Claim the key of a request that was answered but not completed, for another request; return whether the caller
    now owns it. The first response stays until another is stored; to undo the claim, reclaim the key for `first`."""
    asked = {"owner": owner, "key": key, "first": first, "mark": fingerprint_, "now": clock.now()}
    return (await session.execute(_CLAIM_AGAIN, asked)).one_or_none() is not None


async def find_response(session: AsyncSession, owner: str, key: str) -> Any | None:
    """Return the row (fingerprint, status, headers, body) of a key; None if it is new."""
    return (await session.execute(_FIND, {"owner": owner, "key": key})).one_or_none()


async def set_response(
    session: AsyncSession, owner: str, key: str, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    """Store the response of a claimed key."""
    stored = {"owner": owner, "key": key, "status": status, "headers": json.dumps(dict(headers)), "body": body}
    await session.execute(_STORE, stored)


async def release_key(session: AsyncSession, owner: str, key: str) -> None:
    """Release a claimed key: the request had no effect and can be repeated."""
    await session.execute(_RELEASE, {"owner": owner, "key": key})


async def delete_old_keys(session: AsyncSession, hours: int) -> int:
    """Delete keys older than `hours`; return how many."""
    result = await session.execute(_DELETE_OLD, {"before": clock.now() - timedelta(hours=hours)})
    return int(result.rowcount)  # type: ignore[attr-defined] # a DELETE has a cursor result
